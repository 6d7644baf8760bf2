// Where statements end: SQL text cut at the semicolons that stand outside quotes and comments.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kalamdb::client {

// The statements of `text`, trimmed, without their semicolons; pieces that hold only blanks and
// comments are left out. An unterminated quote or comment lasts to the end of the text.
std::vector<std::string> SplitStatements(std::string_view text);

struct TextEnd {
  bool terminated = false;  // the last thing besides blanks and comments is a semicolon
  bool blank = true;        // nothing but blanks and comments
};
// How a text that is being typed ends. A semicolon inside an open quote or comment terminates
// nothing.
TextEnd EndOf(std::string_view text);

}  // namespace kalamdb::client
