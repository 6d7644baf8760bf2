// Who is connected: system.live and system.sessions. A session is a WebSocket connection that has
// live queries: requests over HTTP leave nothing behind, and there is no bridge to PostgreSQL. Nor
// are there transactions that outlive a request.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <vector>

#include "system/table_families.h"

namespace kalamdb::system {

namespace {

constexpr ColumnSpec kLive[] = {
    {"live_id", T, kKey}, {"connection_id", T}, {"subscription_id", T}, {"namespace_id", T},
    {"table_name", T},    {"user_id", T},       {"query", T},           {"options", J, kNullable},
    {"status", T},        {"created_at", Ts},   {"last_update", Ts},    {"changes", B},
    {"node_id", B},       {"last_ping_at", Ts}};

Status FillLive(const ScanContext& context, RowWriter& rows) {
  if (!context.sources.live) return {};
  return context.sources.live([&](const LiveRow& row) {
    return rows.Owned(fmt::format("{}-{}-{}", row.user, row.connection_id, row.subscription_id))
        .Text(row.connection_id)
        .Text(row.subscription_id)
        .Text(row.ns)
        .Text(row.table)
        .Text(row.user)
        .Text(row.query)
        .TextOrNull(row.options_json)
        .Text(row.status)
        .Millis(row.created_millis)
        .Millis(row.last_update_millis)
        .Number(row.changes)
        .Number(context.sources.node_id)
        .Millis(row.last_ping_millis)
        .Emit();
  });
}

constexpr ColumnSpec kSessions[] = {{"session_id", T},
                                    {"backend_pid", B, kNullable},
                                    {"current_schema", T, kNullable},
                                    {"state", T},
                                    {"transaction_id", T, kNullable},
                                    {"transaction_state", T, kNullable},
                                    {"transaction_has_writes", Flag},
                                    {"client_addr", T, kNullable},
                                    {"transport", T},
                                    {"opened_at", Ts},
                                    {"last_seen_at", Ts},
                                    {"last_method", T, kNullable}};

struct SessionRow {
  std::string id;
  int64_t opened_millis = 0;
  int64_t seen_millis = 0;
};

// Newest sign of life first.
Status FillSessions(const ScanContext& context, RowWriter& rows) {
  if (!context.sources.live) return {};
  std::map<std::string, SessionRow> by_id;
  KDB_RETURN_IF_ERROR(context.sources.live([&](const LiveRow& row) {
    const auto [it, fresh] = by_id.try_emplace(row.connection_id);
    SessionRow& session = it->second;
    if (fresh) {
      session.id = row.connection_id;
      session.opened_millis = row.created_millis;
    }
    session.opened_millis = std::min(session.opened_millis, row.created_millis);
    session.seen_millis = std::max({session.seen_millis, row.created_millis, row.last_ping_millis});
    return true;
  }));
  std::vector<const SessionRow*> sessions;
  sessions.reserve(by_id.size());
  for (const auto& [id, session] : by_id) sessions.push_back(&session);
  std::stable_sort(sessions.begin(), sessions.end(), [](const SessionRow* a, const SessionRow* b) {
    return a->seen_millis > b->seen_millis;
  });
  for (const SessionRow* session : sessions) {
    const bool more = rows.Text(session->id)
                          .Null()
                          .Null()
                          .Text("idle")
                          .Null()
                          .Null()
                          .Bool(false)
                          .Null()
                          .Text("websocket")
                          .Millis(session->opened_millis)
                          .Millis(session->seen_millis)
                          .Text("subscribe")
                          .Emit();
    if (!more) break;
  }
  return {};
}

constexpr ColumnSpec kTransactions[] = {{"transaction_id", T},
                                        {"owner_id", T},
                                        {"origin", T},
                                        {"state", T},
                                        {"age_ms", B},
                                        {"idle_ms", B},
                                        {"write_count", B},
                                        {"write_bytes", B},
                                        {"touched_tables_count", B},
                                        {"snapshot_commit_seq", B}};

constexpr TableSpec kSpecs[] = {{"system", "live", false, kLive, FillLive},
                                {"system", "sessions", false, kSessions, FillSessions},
                                {"system", "transactions", false, kTransactions, nullptr}};

}  // namespace

std::span<const TableSpec> SessionTables() { return kSpecs; }

}  // namespace kalamdb::system
