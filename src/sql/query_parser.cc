#include "sql/query_parser.h"

#include <fmt/format.h>

#include "sql/bridge.h"
#include "sql/pg_parse.h"
#include "sql/rewrite.h"

namespace kalamdb::sql {

Status UnsupportedStatement(std::string_view statement) {
  constexpr size_t kMaxBytes = 256;
  size_t end = statement.size();
  if (end > kMaxBytes) {
    for (end = kMaxBytes; (statement[end] & 0xc0) == 0x80;) --end;
  }
  return InvalidSql(fmt::format("Unsupported statement type: {}{}", statement.substr(0, end),
                                end < statement.size() ? "..." : ""));
}

Result<ParsedQuery> ParseQuery(std::string_view text, Tokens tokens) {
  PgText prepared;
  if (Status bad = prepared.Prepare(text, tokens); !bad.ok()) return bad;
  Result<StatementVariant> body = Status(ErrorCode::kInternal, "not parsed");
  const Status ran = RunWithStackFor(prepared.depth(), [&] {
    Result<PgTree> tree = PgTree::Parse(prepared);
    body = tree.ok() ? Bridge(prepared).Statement(tree->bytes())
                     : Result<StatementVariant>(tree.status());
  });
  if (!ran.ok()) return ran;
  if (!body.ok()) return body.status();
  return ParsedQuery{std::move(*body), prepared.max_param()};
}

Result<ExprPtr> ParseExpressionTokens(std::string_view text, Tokens tokens) {
  PgText prepared;
  if (Status bad = prepared.PrepareExpression(text, tokens); !bad.ok()) return bad;
  Result<ExprPtr> expression = Status(ErrorCode::kInternal, "not parsed");
  const Status ran = RunWithStackFor(prepared.depth(), [&] {
    Result<PgTree> tree = PgTree::Parse(prepared);
    expression =
        tree.ok() ? Bridge(prepared).Expression(tree->bytes()) : Result<ExprPtr>(tree.status());
  });
  if (!ran.ok()) return ran;
  return expression;
}

}  // namespace kalamdb::sql
