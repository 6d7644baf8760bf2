// From text to statements.
//
//   SplitBatch      one request text -> statement texts (quotes, comments, $$ quotes respected)
//   ParseStatement  one text -> Statement: EXECUTE AS USER wrapper, classification by leading words
//   with the
//                   caller's role (admin-only statements are refused here, before anything runs),
//                   KalamDB's own statements by a parser of ours, queries and DML by libpg_query
//                   after token-level rewriting
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/status.h"
#include "sql/statement.h"

namespace kalamdb::sql {

inline constexpr size_t kMaxSqlBytes = 1048576;

// Parts of `text`. Errors: kBatchParse (unterminated quote or comment), kEmptySql.
Result<std::vector<std::string_view>> SplitBatch(std::string_view text);

// Errors: kInvalidSql, kPermissionDenied ("Admin privileges (DBA or System role) required for
// ..."), kInvalidInput (EXECUTE AS USER wrapper). Syntax errors have a position; those of planning
// get theirs from the locations in the tree.
Result<Statement> ParseStatement(std::string_view text, Role role);

// What a live subscription may be: SELECT * | columns FROM ns.table [WHERE ...]. kInvalidSql
// otherwise.
Result<SelectPtr> ParseSubscription(std::string_view text);

// A scalar expression alone, for tests and stored filters.
Result<ExprPtr> ParseExpression(std::string_view text);

}  // namespace kalamdb::sql
