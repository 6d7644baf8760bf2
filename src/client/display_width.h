// How many columns of a terminal a text takes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace kalamdb::client {

// Columns of UTF-8 text: 2 for East Asian wide characters and emoji, 0 for combining marks. A byte
// that is no UTF-8 counts 1.
size_t DisplayWidth(std::string_view text);

// The character at the front of `text`, which is not empty.
struct Character {
  size_t bytes;  // 1 for a byte that is no UTF-8
  size_t width;
  bool valid;  // UTF-8 and no control character
};
Character FirstCharacter(std::string_view text);

// `text` if it fits into `width` columns, else its beginning and "..." (without the dots where
// width is below 4).
std::string FitToWidth(std::string_view text, size_t width);

// Control characters as escapes (\n, \t, \x1b): a cell stays on its line, and data cannot drive the
// terminal.
std::string EscapeControls(std::string_view text);

}  // namespace kalamdb::client
