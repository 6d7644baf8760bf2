// A statement that is being typed, as rows of a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "cli/highlight.h"

namespace kalamdb::cli {

struct Prompt {
  // What stands before the first row, and what stands there on narrow terminals.
  std::string text;
  std::string short_text;
  // Before every further line of the statement.
  std::string continuation;
  // Of the first character of `text`.
  TextStyle mark = TextStyle::kPlain;
};

struct EditText {
  const Prompt* prompt;
  std::string_view text;
  size_t cursor = 0;      // bytes
  std::string_view hint;  // behind the text, dim
};

// Rows of the screen without line ends, and where the cursor is in them.
struct ScreenRows {
  std::vector<std::string> rows;
  size_t cursor_row = 0;
  size_t cursor_column = 0;
};

// Wraps at `width` columns. When there are more than `height` rows, those around the cursor: from
// *top on, which is moved as little as needed and kept from call to call.
ScreenRows LayOut(const EditText& edit, size_t width, size_t height, bool color, size_t* top);

// Names in columns, at most `height` rows; the last tells how many more there are.
std::vector<std::string> ListRows(const std::vector<std::string>& names, size_t width,
                                  size_t height);

// Rows on a terminal that are drawn again and again in the same place. What is above is never
// touched. Everything is escape sequences that xterm and its kin share.
class ScreenBlock {
 public:
  // The bytes that replace what was drawn.
  std::string Draw(const ScreenRows& rows);
  // The bytes that take the block away; the next one begins where it began.
  std::string Erase();
  // The bytes that put the cursor below the block, which stays; the next one begins there.
  std::string Leave();

 private:
  size_t rows_ = 0;
  size_t cursor_row_ = 0;
};

}  // namespace kalamdb::cli
