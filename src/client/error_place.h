// Where in a statement an error lies, shown to people.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace kalamdb::client {

struct ErrorPlace {
  size_t line;    // from 1
  size_t column;  // in characters, from 1
};

// Reads the beginning of an error's details: "line 2, column 8", whatever follows.
std::optional<ErrorPlace> ErrorPlaceIn(std::string_view details);

// Two lines, the second a caret under the place:
//   LINE 2: FORM app.notes
//           ^
// A line that `width` columns cannot hold is cut on both sides. No line end behind the caret; empty
// when `sql` has no such line.
std::string ShowErrorPlace(std::string_view sql, ErrorPlace place, size_t width);

}  // namespace kalamdb::client
