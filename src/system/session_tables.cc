// Who is connected: system.live, and the sessions and transactions of the PostgreSQL bridge that
// this build does not have.
#include <fmt/format.h>

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
                                {"system", "sessions", false, kSessions, nullptr},
                                {"system", "transactions", false, kTransactions, nullptr}};

}  // namespace

std::span<const TableSpec> SessionTables() { return kSpecs; }

}  // namespace kalamdb::system
