// KalamDB's own statements: one function for each kind, the cursor standing behind the words that
// told the kind. All errors are complete messages, kInvalidSql unless noted.
#pragma once

#include "base/status.h"
#include "sql/statement.h"
#include "sql/token_cursor.h"

namespace kalamdb::sql {

// --- create_table.cc
// `prefix`: the type word before TABLE, if any. Errors start "Invalid CREATE TABLE statement: ".
Result<StatementVariant> ParseCreateTable(TokenCursor cursor, std::optional<TableKind> prefix);

// --- alter_table.cc
Result<StatementVariant> ParseAlterTable(TokenCursor cursor);
Result<StatementVariant> ParseDropTable(TokenCursor cursor);

// --- namespace_statements.cc
Result<StatementVariant> ParseCreateNamespace(TokenCursor cursor);
Result<StatementVariant> ParseDropNamespace(TokenCursor cursor);
Result<StatementVariant> ParseAlterNamespace(TokenCursor cursor);
Result<StatementVariant> ParseUseNamespace(TokenCursor cursor);

// --- user_statements.cc
Result<StatementVariant> ParseCreateUser(TokenCursor cursor);
Result<StatementVariant> ParseAlterUser(TokenCursor cursor);
Result<StatementVariant> ParseDropUser(TokenCursor cursor);

// --- show_statements.cc
Result<StatementVariant> ParseShow(TokenCursor cursor);
Result<StatementVariant> ParseDescribeTable(TokenCursor cursor);
Result<StatementVariant> ParseDescribeQueryEngine(TokenCursor cursor);

// --- session_statements.cc
Result<StatementVariant> ParseBegin(TokenCursor cursor);
// COMMIT and ROLLBACK.
Result<StatementVariant> ParseEndOfTransaction(TokenCursor cursor, StatementVariant end);
Result<StatementVariant> ParseSet(TokenCursor cursor);
Result<StatementVariant> ParseKillJob(TokenCursor cursor);
Result<StatementVariant> ParseKillLiveQuery(TokenCursor cursor);

// --- subscribe.cc
Result<StatementVariant> ParseSubscribeTo(TokenCursor cursor);

}  // namespace kalamdb::sql
