// Queries and DML: tokens through libpg_query to our trees.
#pragma once

#include <string_view>

#include "base/status.h"
#include "sql/lexer.h"
#include "sql/statement.h"

namespace kalamdb::sql {

// "Unsupported statement type: <statement>", long ones cut.
Status UnsupportedStatement(std::string_view statement);

struct ParsedQuery {
  StatementVariant body;
  int max_param = 0;
};
// SELECT, INSERT, UPDATE or DELETE; anything else that the grammar knows is an
// UnsupportedStatement.
Result<ParsedQuery> ParseQuery(std::string_view text, Tokens tokens);
Result<ExprPtr> ParseExpressionTokens(std::string_view text, Tokens tokens);

// subscribe.cc: SELECT * | columns FROM table [WHERE predicate] and nothing more; the table's name
// goes to `name`.
Result<SelectPtr> ParseSubscriptionQuery(std::string_view text, Tokens tokens, bool qualified_only,
                                         TableName* name);

}  // namespace kalamdb::sql
