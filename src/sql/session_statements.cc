// Transactions, SET, KILL.
#include <fmt/format.h>

#include "sql/own_statements.h"

namespace kalamdb::sql {

namespace {

// Transaction modes are accepted for the sake of clients; there is one isolation level.
bool AcceptTransactionMode(TokenCursor* cursor) {
  if (cursor->AcceptAll({"ISOLATION", "LEVEL"})) {
    return cursor->Accept("SERIALIZABLE") || cursor->AcceptAll({"REPEATABLE", "READ"}) ||
           cursor->AcceptAll({"READ", "COMMITTED"}) || cursor->AcceptAll({"READ", "UNCOMMITTED"});
  }
  return cursor->AcceptAll({"READ", "ONLY"}) || cursor->AcceptAll({"READ", "WRITE"}) ||
         cursor->AcceptAll({"NOT", "DEFERRABLE"}) || cursor->Accept("DEFERRABLE");
}

}  // namespace

Result<StatementVariant> ParseBegin(TokenCursor cursor) {
  if (!cursor.Accept("WORK")) cursor.Accept("TRANSACTION");
  for (bool first = true; !cursor.AtEnd(); first = false) {
    if (!first) cursor.AcceptSymbol(',');
    if (!AcceptTransactionMode(&cursor)) return cursor.Expected("a transaction mode");
  }
  return StatementVariant(Begin{});
}

Result<StatementVariant> ParseEndOfTransaction(TokenCursor cursor, StatementVariant end) {
  if (!cursor.Accept("WORK")) cursor.Accept("TRANSACTION");
  cursor.AcceptAll({"AND", "NO", "CHAIN"});
  if (Status bad = cursor.ExpectEnd(); !bad.ok()) return bad;
  return end;
}

Result<StatementVariant> ParseSet(TokenCursor cursor) {
  SetOption set;
  if (!cursor.Accept("SESSION")) cursor.Accept("LOCAL");
  if (cursor.AcceptAll({"TIME", "ZONE"})) {
    set.name = "timezone";
  } else {
    do {
      Result<std::string> part = cursor.Name("a setting");
      if (!part.ok()) return part.status();
      if (!set.name.empty()) set.name += '.';
      set.name += *part;
    } while (cursor.AcceptSymbol('.'));
    if (!cursor.AcceptSymbol('=') && !cursor.Accept("TO")) return cursor.Expected("TO");
  }
  if (cursor.AtEnd()) return cursor.Expected("a value");
  const bool one = cursor.Peek(1).kind == TokenKind::kEnd;
  std::optional<std::string> text = one ? cursor.String() : std::nullopt;
  set.value = text ? std::move(*text) : std::string(cursor.Rest());
  return StatementVariant(std::move(set));
}

Result<StatementVariant> ParseKillJob(TokenCursor cursor) {
  std::optional<std::string> id = cursor.BareOrQuoted();
  if (!id || id->empty()) return InvalidSql("KILL JOB requires a job_id");
  if (Status bad = cursor.ExpectEnd(); !bad.ok()) return bad;
  if (!BadIdReason(*id).empty()) return InvalidSql("KILL JOB requires a job_id");
  return StatementVariant(KillJob{std::move(*id)});
}

Result<StatementVariant> ParseKillLiveQuery(TokenCursor cursor) {
  std::optional<std::string> id = cursor.BareOrQuoted();
  if (!id) return cursor.Expected("a live query id");
  if (Status bad = cursor.ExpectEnd(); !bad.ok()) return bad;
  // User ids may hold dashes themselves: only that there are three parts can be told here.
  size_t dashes = 0;
  for (size_t i = 1; i + 1 < id->size(); ++i) dashes += (*id)[i] == '-';
  if (dashes < 2) {
    return InvalidSql(
        fmt::format("Invalid live_query_id format: {}. Expected: "
                    "{{user_id}}-{{connection_id}}-{{subscription_id}}",
                    *id));
  }
  return StatementVariant(KillLiveQuery{std::move(*id)});
}

}  // namespace kalamdb::sql
