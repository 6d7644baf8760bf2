#include <fmt/format.h>

#include "engine/ddl.h"
#include "sql/names.h"

namespace kalamdb::engine {

namespace {

std::string_view NamespaceOf(const sql::TableName& name, const Scope& scope) {
  return name.schema.empty() ? std::string_view(scope.ns) : std::string_view(name.schema);
}

Status CheckNotSystem(std::string_view ns, std::string_view table, std::string_view verb) {
  if (!sql::IsSystemNamespace(ns)) return {};
  return InvalidOperation(fmt::format(
      "Cannot {} system table '{}.{}'. System tables are managed internally.", verb, ns, table));
}

Status CheckNotAnonymous(const Scope& scope) {
  if (scope.role != Role::kAnonymous) return {};
  return Unauthorized(
      "Anonymous users can only SELECT from public tables. Please authenticate to perform write operations.");
}

Status CheckColumnNames(const sql::CreateTable& s) {
  for (const sql::ColumnSpec& c : s.columns) {
    if (std::string reason = sql::BadColumnNameReason(c.name); !reason.empty()) {
      return InvalidOperation(std::move(reason));
    }
  }
  return {};
}

std::string CreatedMessage(TableKind kind, std::string_view ns, std::string_view table) {
  return fmt::format("CREATE TABLE via Raft consensus: {} table {}.{} created successfully", TableKindName(kind), ns,
                     table);
}

}  // namespace

Result<std::string> CreateTable(const EngineDeps& deps, const Scope& scope, const sql::CreateTable& s) {
  KDB_RETURN_IF_ERROR(CheckNotAnonymous(scope));
  const std::string ns(NamespaceOf(s.name, scope));
  const std::string& name = s.name.table;
  TableKind kind = s.kind;
  std::optional<AccessLevel> level = s.access_level;
  if (kind == TableKind::kShared && !IsAdmin(scope.role) && ns == scope.user) {
    // A user's own namespace holds the user's own tables.
    kind = TableKind::kUser;
    level.reset();
  }
  if (kind == TableKind::kShared && scope.role < Role::kService) {
    return Unauthorized("Insufficient privileges to create shared tables");
  }
  if (level == AccessLevel::kDba && !IsAdmin(scope.role)) {
    return Unauthorized("Insufficient privileges to create shared tables with ACCESS_LEVEL DBA");
  }
  KDB_RETURN_IF_ERROR(CheckNotSystem(ns, name, "create"));
  if (std::string reason = sql::BadTableNameReason(name); !reason.empty()) {
    return InvalidOperation(std::move(reason));
  }

  catalog::Catalog& catalog = *deps.sources.catalog;
  std::lock_guard lock(catalog.ddl_lock());
  KDB_ASSIGN_OR_RETURN(const auto found_ns, catalog.FindNamespace(ns));
  if (!found_ns) {
    return NotFound(fmt::format("Namespace '{}' does not exist. Create it first with CREATE NAMESPACE {}", ns, ns));
  }
  bool has_key = false;
  for (const sql::ColumnSpec& c : s.columns) has_key |= c.primary_key;
  if (!has_key && kind == TableKind::kUser) return InvalidOperation("User tables require a PRIMARY KEY column");
  if (!has_key && kind == TableKind::kShared) return InvalidOperation("Shared tables require a PRIMARY KEY column");
  if (auto existing = catalog.FindTable(ns, name); existing.ok()) {
    if (s.if_not_exists) return CreatedMessage((*existing)->kind, ns, name);
    return AlreadyExists(fmt::format("Table {}.{} already exists", ns, name));
  } else if (existing.code() != ErrorCode::kTableNotFound) {
    return existing.status();
  }
  KDB_ASSIGN_OR_RETURN(const auto storage, catalog.FindStorage(s.storage_id));
  if (!storage) return NotFound(fmt::format("Storage '{}' does not exist", s.storage_id));
  KDB_RETURN_IF_ERROR(CheckColumnNames(s));

  catalog::TableInfo table;
  table.ns = ns;
  table.name = name;
  table.kind = kind;
  table.created_millis = deps.clock->WallMillis();
  table.options.storage_id = s.storage_id;
  table.options.use_user_storage = s.use_user_storage;
  table.options.flush_rows = s.flush_policy.rows;
  table.options.flush_interval_seconds = s.flush_policy.interval_seconds;
  table.options.compression = s.compression;
  table.options.access_level = level.value_or(AccessLevel::kPrivate);
  table.options.ttl_seconds = s.ttl_seconds.value_or(0);
  table.options.eviction_strategy = s.eviction_strategy;
  table.options.max_stream_size_bytes = s.max_stream_size_bytes;

  std::vector<Column> columns;
  columns.reserve(s.columns.size());
  for (const sql::ColumnSpec& c : s.columns) {
    Column column;
    column.name = c.name;
    column.type = c.type;
    column.nullable = !c.not_null && !c.primary_key;
    column.primary_key = c.primary_key;
    column.default_value = c.default_value;
    columns.push_back(std::move(column));
  }
  catalog::TablePtr created;
  KDB_ASSIGN_OR_RETURN(catalog::MetaChange change,
                       catalog.PrepareCreateTable(std::move(table), std::move(columns), &created));
  deps.audit->AddTo(&change, MakeAuditEntry(scope, "CREATE_TABLE", ns + "." + name,
                                   fmt::format("Type: {}", TableKindName(kind))));
  KDB_RETURN_IF_ERROR(CommitMeta(deps, std::move(change)));
  std::string message = CreatedMessage(kind, ns, name);
  if (!s.without_effect.empty()) {
    message += fmt::format(" (without effect: {})", fmt::join(s.without_effect, ", "));
  }
  return message;
}

Result<std::string> AlterTable(const EngineDeps& deps, const Scope& scope, const sql::AlterTable& s) {
  KDB_RETURN_IF_ERROR(CheckNotAnonymous(scope));
  const std::string ns(NamespaceOf(s.name, scope));
  KDB_RETURN_IF_ERROR(CheckNotSystem(ns, s.name.table, "alter"));
  catalog::Catalog& catalog = *deps.sources.catalog;
  std::lock_guard lock(catalog.ddl_lock());
  auto found = catalog.FindTable(ns, s.name.table);
  if (found.code() == ErrorCode::kTableNotFound) {
    return NotFound(fmt::format("Table '{}' not found in namespace '{}'", s.name.table, ns));
  }
  KDB_RETURN_IF_ERROR(found.status());
  const catalog::TablePtr table = *found;
  if (table->kind == TableKind::kShared &&
      (scope.role < Role::kService || (table->options.access_level == AccessLevel::kDba && !IsAdmin(scope.role)))) {
    return Unauthorized("Insufficient privileges to alter table");
  }
  if (s.op != sql::AlterTable::Op::kSetAccessLevel) {
    return NotImplemented("ALTER TABLE other than SET ACCESS LEVEL and SET TBLPROPERTIES is not supported yet");
  }
  if (table->kind != TableKind::kShared) return InvalidOperation("ACCESS LEVEL can only be set on SHARED tables");
  if (s.access_level == AccessLevel::kDba && !IsAdmin(scope.role)) {
    return Unauthorized("Insufficient privileges to alter table");
  }
  const std::string op = fmt::format("SET ACCESS LEVEL {}", AccessLevelTitle(s.access_level));
  if (table->options.access_level == s.access_level) {
    return fmt::format("Table {}.{} unchanged: {} (version {} - no changes needed)", ns, table->name, op,
                       table->schema->version());
  }
  catalog::TableOptions options = table->options;
  options.access_level = s.access_level;
  catalog::TablePtr altered;
  auto schema = std::make_shared<const Schema>(table->schema->version() + 1, table->schema->columns());
  KDB_ASSIGN_OR_RETURN(
      catalog::MetaChange change,
      catalog.PrepareAlterTable(table, std::move(schema), options, deps.clock->WallMillis(), &altered));
  const uint32_t version = altered->schema->version();
  deps.audit->AddTo(&change, MakeAuditEntry(scope, "ALTER_TABLE", ns + "." + table->name,
                                   fmt::format("Operation: {}, New Version: {}", op, version)));
  KDB_RETURN_IF_ERROR(CommitMeta(deps, std::move(change)));
  return fmt::format("Table {}.{} altered successfully: {} (version {})", ns, table->name, op, version);
}

Result<std::string> DropTable(const EngineDeps& deps, const Scope& scope, const sql::DropTable& s) {
  const std::string ns(NamespaceOf(s.name, scope));
  KDB_RETURN_IF_ERROR(CheckNotSystem(ns, s.name.table, "drop"));
  if (!IsAdmin(scope.role)) return Unauthorized("Insufficient privileges to drop this table");
  catalog::Catalog& catalog = *deps.sources.catalog;
  std::lock_guard lock(catalog.ddl_lock());
  auto found = catalog.FindTable(ns, s.name.table);
  if (found.code() == ErrorCode::kTableNotFound) {
    if (s.if_exists) return fmt::format("Table {}.{} does not exist (skipped)", ns, s.name.table);
    return NotFound(fmt::format("Table '{}' not found in namespace '{}'", s.name.table, ns));
  }
  KDB_RETURN_IF_ERROR(found.status());
  KDB_ASSIGN_OR_RETURN(catalog::MetaChange change, catalog.PrepareDropTable(*found));
  deps.audit->AddTo(&change, MakeAuditEntry(scope, "DROP_TABLE", ns + "." + s.name.table,
                                   fmt::format("Type: {}", TableKindName((*found)->kind))));
  KDB_RETURN_IF_ERROR(CommitMeta(deps, std::move(change)));
  return fmt::format("Table {}.{} dropped successfully", ns, s.name.table);
}

}  // namespace kalamdb::engine
