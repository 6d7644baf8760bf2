#include "engine/show_statements.h"

#include <fmt/format.h>

#include "base/id_source.h"
#include "base/json_text.h"
#include "engine/ddl.h"
#include "query/binder.h"
#include "sql/names.h"

namespace kalamdb::engine {

namespace {

using RowFilter = std::function<bool(std::span<const Datum>)>;

std::vector<query::ResultColumn> ColumnsOf(const Schema& schema) {
  std::vector<query::ResultColumn> out;
  for (const Column& c : schema.columns()) {
    query::ResultColumn r;
    r.name = c.name;
    r.type = c.type;
    r.primary_key = c.primary_key;
    r.not_null = !c.nullable;
    r.masked = c.name == "credentials" || c.name == "password_hash";
    out.push_back(std::move(r));
  }
  return out;
}

// The rows of a system table that `filter` lets through, whatever the caller's role: the statement
// decides who may ask.
Status EmitVirtual(const EngineDeps& deps, std::string_view ns, std::string_view name,
                   const RowFilter& filter, RowResultWriter& rows) {
  const auto table = deps.sources.virtual_tables->Find(ns, name);
  if (table == nullptr)
    return InternalError(fmt::format("system table {}.{} is missing", ns, name));
  KDB_RETURN_IF_ERROR(rows.Begin(ColumnsOf(*table->schema())));
  Status stopped;
  KDB_RETURN_IF_ERROR(table->Scan("system", Role::kSystem, [&](std::span<const Datum> cells) {
    if (filter && !filter(cells)) return true;
    stopped = rows.Row(cells);
    return stopped.ok();
  }));
  return stopped;
}

size_t OrdinalOf(const EngineDeps& deps, std::string_view ns, std::string_view table,
                 std::string_view column) {
  const auto t = deps.sources.virtual_tables->Find(ns, table);
  return t == nullptr ? 0 : t->schema()->Find(column).value_or(0);
}

Result<catalog::TablePtr> FindStored(const EngineDeps& deps, const Scope& scope,
                                     const sql::TableName& name) {
  const std::string_view ns =
      name.schema.empty() ? std::string_view(scope.ns) : std::string_view(name.schema);
  auto found = deps.sources.catalog->FindTable(ns, name.table);
  if (found.code() == ErrorCode::kTableNotFound) {
    return NotFound(fmt::format("Table '{}' not found in namespace '{}'", name.table, ns));
  }
  return found;
}

}  // namespace

Status ShowNamespaces(const EngineDeps& deps, RowResultWriter& rows) {
  return EmitVirtual(deps, "system", "namespaces", nullptr, rows);
}

Status ShowTables(const EngineDeps& deps, const sql::ShowTables& s, RowResultWriter& rows) {
  const size_t ns = OrdinalOf(deps, "system", "schemas", "namespace_id");
  const size_t latest = OrdinalOf(deps, "system", "schemas", "is_latest");
  return EmitVirtual(
      deps, "system", "schemas",
      [&](std::span<const Datum> cells) {
        return !cells[latest].null && cells[latest].b && (!s.ns || cells[ns].text() == *s.ns);
      },
      rows);
}

Status ShowStorages(const EngineDeps& deps, const Scope& scope, RowResultWriter& rows) {
  const size_t config = OrdinalOf(deps, "system", "storages", "config_json");
  const auto table = deps.sources.virtual_tables->Find("system", "storages");
  if (table == nullptr) return InternalError("system table system.storages is missing");
  KDB_RETURN_IF_ERROR(rows.Begin(ColumnsOf(*table->schema())));
  Status stopped;
  KDB_RETURN_IF_ERROR(table->Scan("system", Role::kSystem, [&](std::span<const Datum> cells) {
    std::vector<Datum> shown(cells.begin(), cells.end());
    // A configuration may hold secrets under any name: others than admins do not see it.
    if (!IsAdmin(scope.role) && !shown[config].null) shown[config] = Datum::Text("***");
    stopped = rows.Row(shown);
    return stopped.ok();
  }));
  return stopped;
}

Status ShowManifest(const EngineDeps& deps, const Scope& scope, RowResultWriter& rows) {
  const size_t owner = OrdinalOf(deps, "system", "manifest", "scope");
  const size_t ns = OrdinalOf(deps, "system", "manifest", "namespace_id");
  const size_t name = OrdinalOf(deps, "system", "manifest", "table_name");
  return EmitVirtual(
      deps, "system", "manifest",
      [&](std::span<const Datum> cells) {
        if (IsAdmin(scope.role)) return true;
        auto table = deps.sources.catalog->FindTable(cells[ns].text(), cells[name].text());
        if (!table.ok()) return false;
        if ((*table)->owned()) return cells[owner].text() == scope.user;
        return query::CheckRead({*table, nullptr}, scope.role).ok();
      },
      rows);
}

Status ShowStats(const EngineDeps& deps, const Scope& scope, const sql::ShowStats& s,
                 RowResultWriter& rows) {
  KDB_ASSIGN_OR_RETURN(const catalog::TablePtr table, FindStored(deps, scope, s.name));
  static constexpr HandmadeColumn kColumns[] = {
      {"table_name", TypeKind::kText},       {"namespace", TypeKind::kText},
      {"schema_version", TypeKind::kText},   {"logical_rows", TypeKind::kText},
      {"flushed_segments", TypeKind::kText}, {"active_streams", TypeKind::kText},
      {"memory_bytes", TypeKind::kText}};
  KDB_RETURN_IF_ERROR(rows.Begin(HandmadeColumns(kColumns)));
  const std::string version = std::to_string(table->schema->version());
  const std::string bytes = std::to_string(table->schema->memory_bytes());
  // Counting rows would read the whole table: unknown is said as NULL.
  const Datum cells[] = {Datum::Text(table->name), Datum::Text(table->ns),
                         Datum::Text(version),     Datum::Null(TypeKind::kText),
                         Datum::Text("0"),         Datum::Null(TypeKind::kText),
                         Datum::Text(bytes)};
  return rows.Row(cells);
}

Status ShowAll(const EngineDeps& deps, RowResultWriter& rows) {
  const size_t name = OrdinalOf(deps, "system", "settings", "name");
  const size_t value = OrdinalOf(deps, "system", "settings", "value");
  static constexpr HandmadeColumn kColumns[] = {{"name", TypeKind::kText},
                                                {"value", TypeKind::kText}};
  KDB_RETURN_IF_ERROR(rows.Begin(HandmadeColumns(kColumns)));
  const auto table = deps.sources.virtual_tables->Find("system", "settings");
  if (table == nullptr) return InternalError("system table system.settings is missing");
  Status stopped;
  KDB_RETURN_IF_ERROR(table->Scan("system", Role::kSystem, [&](std::span<const Datum> cells) {
    const Datum shown[] = {cells[name], cells[value]};
    stopped = rows.Row(shown);
    return stopped.ok();
  }));
  return stopped;
}

Status ShowColumns(const EngineDeps& deps, const Scope& scope, const sql::ShowColumns& s,
                   RowResultWriter& rows) {
  const std::string_view ns =
      s.name.schema.empty() ? std::string_view(scope.ns) : std::string_view(s.name.schema);
  KDB_RETURN_IF_ERROR(query::FindSource(deps.sources, ns, s.name.table, scope.ns).status());
  static constexpr HandmadeColumn kColumns[] = {
      {"table_catalog", TypeKind::kText}, {"table_schema", TypeKind::kText},
      {"table_name", TypeKind::kText},    {"column_name", TypeKind::kText},
      {"data_type", TypeKind::kText},     {"is_nullable", TypeKind::kText}};
  size_t ordinals[std::size(kColumns)];
  for (size_t i = 0; i < std::size(kColumns); ++i) {
    ordinals[i] = OrdinalOf(deps, "information_schema", "columns", kColumns[i].name);
  }
  KDB_RETURN_IF_ERROR(rows.Begin(HandmadeColumns(kColumns)));
  const auto table = deps.sources.virtual_tables->Find("information_schema", "columns");
  if (table == nullptr) return InternalError("information_schema.columns is missing");
  Status stopped;
  KDB_RETURN_IF_ERROR(table->Scan("system", Role::kSystem, [&](std::span<const Datum> cells) {
    if (cells[ordinals[1]].text() != ns || cells[ordinals[2]].text() != s.name.table) return true;
    Datum shown[std::size(kColumns)];
    for (size_t i = 0; i < std::size(kColumns); ++i) shown[i] = cells[ordinals[i]];
    stopped = rows.Row(shown);
    return stopped.ok();
  }));
  return stopped;
}

Status DescribeTable(const EngineDeps& deps, const Scope& scope, const sql::DescribeTable& s,
                     RowResultWriter& rows) {
  const std::string_view ns =
      s.name.schema.empty() ? std::string_view(scope.ns) : std::string_view(s.name.schema);
  SchemaPtr schema;
  if (sql::IsSystemNamespace(ns)) {
    const auto table = deps.sources.virtual_tables->Find(ns, s.name.table);
    if (table == nullptr) {
      return NotFound(fmt::format("Table '{}' not found in namespace '{}'", s.name.table, ns));
    }
    schema = table->schema();
  } else {
    KDB_ASSIGN_OR_RETURN(const catalog::TablePtr table, FindStored(deps, scope, s.name));
    schema = table->schema;
  }
  static constexpr HandmadeColumn kColumns[] = {{"column_name", TypeKind::kText, false, true},
                                                {"ordinal_position", TypeKind::kInt, false, true},
                                                {"column_id", TypeKind::kBigInt, false, true},
                                                {"data_type", TypeKind::kText, false, true},
                                                {"is_nullable", TypeKind::kBoolean, false, true},
                                                {"is_primary_key", TypeKind::kBoolean, false, true},
                                                {"column_default", TypeKind::kText},
                                                {"column_comment", TypeKind::kText},
                                                {"schema_version", TypeKind::kInt, false, true}};
  KDB_RETURN_IF_ERROR(rows.Begin(HandmadeColumns(kColumns)));
  for (size_t i = 0; i < schema->size(); ++i) {
    const Column& c = schema->column(i);
    const std::string type = SqlTypeName(c.type);
    const std::optional<std::string> default_text = catalog::DefaultText(c);
    const Datum cells[] = {
        Datum::Text(c.name),
        Datum::Int(TypeKind::kInt, static_cast<int64_t>(i) + 1),
        Datum::BigInt(c.id),
        Datum::Text(type),
        Datum::Bool(c.nullable),
        Datum::Bool(c.primary_key),
        default_text ? Datum::Text(*default_text) : Datum::Null(TypeKind::kText),
        c.comment.empty() ? Datum::Null(TypeKind::kText) : Datum::Text(c.comment),
        Datum::Int(TypeKind::kInt, schema->version())};
    KDB_RETURN_IF_ERROR(rows.Row(cells));
  }
  return {};
}

Status DescribeQueryEngine(const EngineDeps& deps, const Scope& scope,
                           const sql::DescribeQueryEngine& s, RowResultWriter& rows) {
  KDB_ASSIGN_OR_RETURN(const query::TableLookup found,
                       query::FindSource(deps.sources, s.name.schema, s.name.table, scope.ns));
  const Schema& schema = found.table ? *found.table->schema : *found.virtual_table->schema();
  static constexpr HandmadeColumn kColumns[] = {{"column_name", TypeKind::kText},
                                                {"data_type", TypeKind::kText},
                                                {"is_nullable", TypeKind::kText}};
  KDB_RETURN_IF_ERROR(rows.Begin(HandmadeColumns(kColumns)));
  for (const Column& c : schema.columns()) {
    const std::string type = SqlTypeName(c.type);
    const Datum cells[] = {Datum::Text(c.name), Datum::Text(type),
                           Datum::Text(c.nullable ? "YES" : "NO")};
    KDB_RETURN_IF_ERROR(rows.Row(cells));
  }
  return {};
}

Status SubscribeTo(const EngineDeps& deps, const Scope& scope, const sql::SubscribeTo& s,
                   RowResultWriter& rows) {
  const std::string ns = s.name.schema.empty() ? scope.ns : s.name.schema;
  std::string url;
  if (deps.config->server.public_origin.empty()) {
    url = fmt::format("ws://{}:{}/v1/ws", deps.config->server.host, deps.config->server.port);
  } else {
    // http://host -> ws://host, https://host -> wss://host
    url = "ws" + deps.config->server.public_origin.substr(4) + "/v1/ws";
  }
  std::string subscription = "{\"id\":";
  AppendJsonString(&subscription, fmt::format("sub-{}-{}-{}", ns, s.name.table, RandomHex32()));
  subscription += ",\"sql\":";
  AppendJsonString(&subscription, s.query);
  if (!s.options_json.empty()) subscription += ",\"options\":" + s.options_json;
  subscription += '}';
  static constexpr HandmadeColumn kColumns[] = {{"status", TypeKind::kText},
                                                {"ws_url", TypeKind::kText},
                                                {"subscription", TypeKind::kJson},
                                                {"message", TypeKind::kText}};
  KDB_RETURN_IF_ERROR(rows.Begin(HandmadeColumns(kColumns)));
  // The one cell of the wire that is an object and not a string.
  const Datum cells[] = {
      Datum::Text("active"), Datum::Text(url), Datum::Bytes(TypeKind::kList, subscription),
      Datum::Text("WebSocket subscription created. Connect to ws_url to receive updates.")};
  KDB_RETURN_IF_ERROR(rows.Row(cells));
  RecordAudit(deps, MakeAuditEntry(scope, "SUBSCRIBE", ns + "." + s.name.table), "SUBSCRIBE");
  return {};
}

}  // namespace kalamdb::engine
