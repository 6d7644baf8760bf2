// Statements of earlier, kept for the person who typed them.
//
// The file (mode 0600) holds one entry after the other, oldest first:
//   <base64 of the statement, RFC 4648>\n
//   ---ENTRY---\n
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace kalamdb::cli {

// False for what may hold a secret, for \history and \quit, and for what is too long to keep.
bool MayBeRemembered(std::string_view text);

// The entries of a file's text, oldest first, at most the newest `limit`. Whatever is no entry is
// left out.
std::vector<std::string> ReadHistory(std::string_view file, size_t limit);
// One entry as the file holds it.
std::string HistoryRecord(std::string_view text);

// Several shells may keep the same file: what one adds is never lost by another. Entries of other
// shells are seen at the next start.
class History {
 public:
  // Reads `path`; a missing or unreadable file is an empty history. `limit` 0 keeps nothing.
  History(std::string path, size_t limit);

  // Oldest first.
  [[nodiscard]] const std::vector<std::string>& entries() const { return entries_; }

  // Appends a statement, unless it is the newest already or may not be remembered.
  Status Add(std::string_view text);
  // Makes an entry the newest; its older copies go.
  Status MoveToEnd(size_t index);

 private:
  std::string path_;
  size_t limit_;
  std::vector<std::string> entries_;
  size_t records_ = 0;  // in the file, as far as this shell knows
};

}  // namespace kalamdb::cli
