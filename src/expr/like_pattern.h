// A LIKE pattern taken apart once: pieces between the % signs, found from left to right. Private to
// src/expr.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace kalamdb::expr {

class LikePattern {
 public:
  // `escape`: one character, or empty for none. Errors: kExecution, when it is longer or the
  // pattern ends in it.
  static Result<LikePattern> Compile(std::string_view pattern, std::string_view escape);
  [[nodiscard]] bool Matches(std::string_view text) const;

 private:
  // `skip` characters of any kind, then these bytes.
  struct Item {
    size_t skip = 0;
    std::string bytes;
  };
  // What stands between two % signs.
  struct Piece {
    std::vector<Item> items;
    size_t chars = 0;
    [[nodiscard]] bool plain() const { return items.size() == 1 && items[0].skip == 0; }
  };
  // The end of the match that begins at `at`, npos when there is none.
  static size_t MatchAt(const Piece& piece, std::string_view text, size_t at);

  std::vector<Piece> pieces_;
  bool open_start_ = false;  // begins with %
  bool open_end_ = false;    // ends with %
};

}  // namespace kalamdb::expr
