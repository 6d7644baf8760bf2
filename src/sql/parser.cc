// The entry points: text in, statements out. Exceptions of memory allocation end here.
#include "sql/parser.h"

#include <exception>

#include "sql/classify.h"
#include "sql/execute_as.h"
#include "sql/lexer.h"
#include "sql/query_parser.h"

namespace kalamdb::sql {

namespace {

Status OutOfMemory() { return {ErrorCode::kUnavailable, "out of memory while parsing"}; }

// The tokens of one statement, its closing semicolons taken off.
Status LexStatement(std::string_view text, std::vector<Token>* tokens) {
  if (Status bad = CheckSqlText(text); !bad.ok()) return bad;
  if (Status bad = Lex(text, tokens); !bad.ok()) return bad;
  while (!tokens->empty() && tokens->back().symbol == ';') tokens->pop_back();
  return Status::Ok();
}

Result<Statement> Parse(std::string_view text, Role role) {
  std::vector<Token> tokens;
  if (Status bad = LexStatement(text, &tokens); !bad.ok()) {
    if (bad.code() == ErrorCode::kBatchParse && IsOpenExecuteAs(text, tokens)) {
      return Status(ErrorCode::kInvalidInput, "EXECUTE AS USER username quote was not closed");
    }
    return bad;
  }
  Result<std::optional<ExecuteAs>> wrapper = ParseExecuteAs(text, tokens);
  if (!wrapper.ok()) return wrapper.status();
  Tokens inner = tokens;
  Statement statement;
  if (wrapper->has_value()) {
    inner = (*wrapper)->inner;
    statement.execute_as = std::move((*wrapper)->user);
  }
  // The actor's role counts, not the target's.
  Result<ClassifiedStatement> parsed = ClassifyAndParse(text, inner, role);
  if (!parsed.ok()) return parsed.status();
  statement.body = std::move(parsed->body);
  statement.max_param = parsed->max_param;
  statement.text = text.substr(tokens.front().offset, tokens.back().end() - tokens.front().offset);
  return statement;
}

}  // namespace

Result<Statement> ParseStatement(std::string_view text, Role role) {
  try {
    return Parse(text, role);
  } catch (const std::exception&) {
    return OutOfMemory();
  }
}

Result<SelectPtr> ParseSubscription(std::string_view text) {
  try {
    std::vector<Token> tokens;
    if (Status bad = LexStatement(text, &tokens); !bad.ok()) {
      if (bad.code() == ErrorCode::kBatchParse) return InvalidSql("Unterminated quote or comment");
      return bad;
    }
    TableName name;
    return ParseSubscriptionQuery(text, tokens, true, &name);
  } catch (const std::exception&) {
    return OutOfMemory();
  }
}

Result<ExprPtr> ParseExpression(std::string_view text) {
  try {
    std::vector<Token> tokens;
    if (Status bad = CheckSqlText(text); !bad.ok()) return bad;
    if (Status bad = Lex(text, &tokens); !bad.ok()) return InvalidSql(std::string(bad.message()));
    return ParseExpressionTokens(text, tokens);
  } catch (const std::exception&) {
    return OutOfMemory();
  }
}

}  // namespace kalamdb::sql
