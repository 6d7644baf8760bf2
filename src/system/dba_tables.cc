#include "system/dba_tables.h"

#include <mutex>

namespace kalamdb::system {

namespace {

constexpr uint32_t kStatsFlushRows = 10000;

Column MakeColumn(const char* name, TypeKind type, bool nullable = false) {
  Column column;
  column.name = name;
  column.type = DataType::Of(type);
  column.nullable = nullable;
  return column;
}

Column MakeKey(const char* name) {
  Column column = MakeColumn(name, TypeKind::kText);
  column.primary_key = true;
  return column;
}

std::vector<Column> NotificationColumns() {
  std::vector<Column> columns = {MakeKey("id"),
                                 MakeColumn("user_id", TypeKind::kText),
                                 MakeColumn("title", TypeKind::kText),
                                 MakeColumn("body", TypeKind::kText, true),
                                 MakeColumn("is_read", TypeKind::kBoolean),
                                 MakeColumn("created_at", TypeKind::kTimestamp),
                                 MakeColumn("updated_at", TypeKind::kTimestamp)};
  columns[4].default_value.kind = ColumnDefault::Kind::kLiteral;
  columns[4].default_value.literal = Datum::Bool(false);
  return columns;
}

std::vector<Column> StatsColumns() {
  return {MakeKey("id"),
          MakeColumn("node_id", TypeKind::kText),
          MakeColumn("metric_name", TypeKind::kText),
          MakeColumn("metric_value", TypeKind::kDouble),
          MakeColumn("metric_unit", TypeKind::kText, true),
          MakeColumn("sampled_at", TypeKind::kTimestamp)};
}

Status Commit(shard::CommandExecutor* executor, catalog::MetaChange change) {
  shard::Command command;
  command.meta = std::move(change);
  return executor->Execute(std::move(command)).status;
}

Status Ensure(catalog::Catalog* catalog, shard::CommandExecutor* executor, int64_t now_millis,
              std::string_view name, std::vector<Column> columns,
              const catalog::TableOptions& options) {
  const std::lock_guard lock(catalog->ddl_lock());
  catalog::TablePtr made;
  Result<catalog::TablePtr> found = catalog->FindTable(kDbaNamespace, name);
  if (found.ok()) {
    if ((*found)->options.access_level == options.access_level) return {};
    catalog::TableOptions restored = (*found)->options;
    restored.access_level = options.access_level;
    KDB_ASSIGN_OR_RETURN(
        catalog::MetaChange change,
        catalog->PrepareAlterTable(*found, (*found)->schema, restored, now_millis, &made));
    return Commit(executor, std::move(change));
  }
  if (found.code() != ErrorCode::kTableNotFound) return found.status();
  catalog::TableInfo table;
  table.ns = std::string(kDbaNamespace);
  table.name = std::string(name);
  table.kind = TableKind::kShared;
  table.options = options;
  table.created_millis = now_millis;
  KDB_ASSIGN_OR_RETURN(catalog::MetaChange change,
                       catalog->PrepareCreateTable(std::move(table), std::move(columns), &made));
  return Commit(executor, std::move(change));
}

}  // namespace

Status EnsureDbaTables(catalog::Catalog* catalog, shard::CommandExecutor* executor,
                       int64_t now_millis) {
  catalog::TableOptions notifications;
  notifications.access_level = AccessLevel::kPublic;
  KDB_RETURN_IF_ERROR(Ensure(catalog, executor, now_millis, kNotificationsTable,
                             NotificationColumns(), notifications));
  catalog::TableOptions stats;
  stats.access_level = AccessLevel::kDba;
  stats.flush_rows = kStatsFlushRows;
  return Ensure(catalog, executor, now_millis, kStatsTable, StatsColumns(), stats);
}

}  // namespace kalamdb::system
