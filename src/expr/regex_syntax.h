// From the notations of SQL to POSIX extended regular expressions. Private to src/expr.
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"

namespace kalamdb::expr {

// "invalid regular expression: ...".
Status BadRegex(std::string_view why);
// PostgreSQL's own notation. Sets `ignore_case` when the pattern asks for it.
Result<std::string> TranslateAdvanced(std::string_view pattern, bool* ignore_case);
// SQL's: % and _, alternation, repetition and brackets; matches the whole text.
Result<std::string> TranslateSimilar(std::string_view pattern, std::string_view escape);

}  // namespace kalamdb::expr
