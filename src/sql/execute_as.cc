#include "sql/execute_as.h"

#include <fmt/format.h>

#include "base/ids.h"
#include "sql/token_cursor.h"

namespace kalamdb::sql {

namespace {

Status Malformed(std::string_view problem) {
  return {ErrorCode::kInvalidInput, fmt::format("EXECUTE AS USER {}", problem)};
}

}  // namespace

bool IsOpenExecuteAs(std::string_view text, Tokens tokens) {
  TokenCursor cursor(text, tokens);
  return cursor.AcceptAll({"EXECUTE", "AS", "USER"}) && cursor.AtEnd();
}

Result<std::optional<ExecuteAs>> ParseExecuteAs(std::string_view text, Tokens tokens) {
  TokenCursor cursor(text, tokens);
  if (!cursor.AcceptAll({"EXECUTE", "AS", "USER"})) return std::optional<ExecuteAs>();
  ExecuteAs wrapper;
  std::optional<std::string> user = cursor.BareOrQuoted();
  if (!user || user->empty()) return Malformed("username cannot be empty");
  if (const std::string_view reason = BadIdReason(*user); !reason.empty()) {
    return Malformed(fmt::format("username {}", reason));
  }
  wrapper.user = std::move(*user);
  if (!cursor.IsSymbol('(')) return Malformed("must wrap SQL in parentheses");
  const size_t open = cursor.position();
  if (!cursor.SkipParentheses()) return Malformed("missing closing ')'");
  const size_t close = cursor.position() - 1;
  if (!cursor.AtEnd()) return Malformed("must contain exactly one wrapped SQL statement");
  wrapper.inner = tokens.subspan(open + 1, close - open - 1);
  if (wrapper.inner.empty()) return Malformed("requires a non-empty inner SQL statement");
  for (const Token& token : wrapper.inner) {
    if (token.symbol == ';') return Malformed("can only wrap a single SQL statement");
  }
  TokenCursor inner(text, wrapper.inner);
  if (inner.AcceptAll({"EXECUTE", "AS", "USER"})) {
    return InvalidSql("EXECUTE AS USER cannot be nested");
  }
  return std::optional<ExecuteAs>(std::move(wrapper));
}

}  // namespace kalamdb::sql
