// What may stand at the cursor.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "cli/name_catalog.h"

namespace kalamdb::cli {

inline constexpr size_t kMaxCandidates = 100;

struct Completion {
  // The word at the cursor, which a candidate replaces: text[begin, cursor).
  size_t begin = 0;
  // Best first, at most kMaxCandidates, each once. Keywords are in the case of the word.
  std::vector<std::string> candidates;
};

// Nothing inside strings, comments and numbers, nor in texts above 64 KiB.
Completion Complete(std::string_view text, size_t cursor, const NameCatalog& names);

// What the first candidate adds to the word at the end of `text`; empty when there is no word yet
// or the candidate does not go on with it.
std::string HintFor(std::string_view text, const NameCatalog& names);

// The longest beginning that all candidates share, without regard to case.
std::string CommonPrefix(const std::vector<std::string>& candidates);

}  // namespace kalamdb::cli
