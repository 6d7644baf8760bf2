// EXECUTE AS USER id ( statement )
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "sql/lexer.h"

namespace kalamdb::sql {

struct ExecuteAs {
  std::string user;
  Tokens inner;
};

// Nothing when the statement has no such wrapper. Errors are kInvalidInput.
Result<std::optional<ExecuteAs>> ParseExecuteAs(std::string_view text, Tokens tokens);
// Whether the tokens are the beginning of a wrapper up to a user id that has not been closed.
bool IsOpenExecuteAs(std::string_view text, Tokens tokens);

}  // namespace kalamdb::sql
