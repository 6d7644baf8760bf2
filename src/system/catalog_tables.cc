// What the catalog knows: system.namespaces, schemas, storages, tables, columns and describe.
#include <fmt/format.h>

#include "system/table_families.h"

namespace kalamdb::system {

namespace {

using catalog::TableInfo;

constexpr ColumnSpec kNamespaces[] = {{"namespace_id", T, kKey},
                                      {"name", T},
                                      {"created_at", Ts},
                                      {"options", J, kNullable},
                                      {"table_count", I}};

Status FillNamespaces(const ScanContext& context, RowWriter& rows) {
  catalog::Catalog* catalog = context.sources.catalog;
  if (catalog == nullptr) return {};
  KDB_ASSIGN_OR_RETURN(const std::vector<catalog::NamespaceInfo> all, catalog->ListNamespaces());
  for (const catalog::NamespaceInfo& ns : all) {
    KDB_ASSIGN_OR_RETURN(const size_t tables, catalog->CountTables(ns.name));
    if (!rows.Text(ns.name)
             .Text(ns.name)
             .Millis(ns.created_millis)
             .TextOrNull(ns.options_json)
             .Number(static_cast<int64_t>(tables))
             .Emit()) {
      break;
    }
  }
  return {};
}

// The stored tables, then the persisted ones of this room as tables of kind SYSTEM. They are as old
// as the namespace `default`: both came with the data directory.
Status ForEachCatalogTable(const ScanContext& context,
                           const std::function<bool(const TableInfo&)>& visit) {
  catalog::Catalog* catalog = context.sources.catalog;
  if (catalog == nullptr) return {};
  bool more = true;
  KDB_RETURN_IF_ERROR(
      catalog->ForEachTable("", [&](const TableInfo& table) { return more = visit(table); }));
  if (!more) return {};
  KDB_ASSIGN_OR_RETURN(const std::optional<catalog::NamespaceInfo> first,
                       catalog->FindNamespace("default"));
  ForEachTableSpec([&](const TableSpec& spec) {
    if (!spec.persisted) return true;
    TableInfo table;
    table.ns = std::string(spec.ns);
    table.name = std::string(spec.name);
    table.kind = TableKind::kSystem;
    table.created_millis = first ? first->created_millis : 0;
    table.schema = SchemaOf(spec);
    table.versions = {table.schema};
    table.version_millis = {table.created_millis};
    return visit(table);
  });
  return {};
}

int64_t VersionMillis(const TableInfo& table, size_t version) {
  return version <= table.version_millis.size() ? table.version_millis[version - 1]
                                                : table.created_millis;
}

bool HasStorage(const TableInfo& table) {
  return table.kind == TableKind::kUser || table.kind == TableKind::kShared;
}

constexpr ColumnSpec kSchemas[] = {{"table_id", T, kKey},
                                   {"table_name", T},
                                   {"namespace_id", T},
                                   {"table_type", T},
                                   {"created_at", Ts},
                                   {"schema_version", I},
                                   {"columns", J},
                                   {"table_comment", T, kNullable},
                                   {"updated_at", Ts},
                                   {"options", J, kNullable},
                                   {"access_level", T, kNullable},
                                   {"is_latest", Flag},
                                   {"storage_id", T, kNullable},
                                   {"use_user_storage", Flag, kNullable}};

bool EmitSchema(const TableInfo& table, size_t version, RowWriter& rows) {
  rows.Owned(fmt::format("{}:{}", table.ns, table.name))
      .Text(table.name)
      .Text(table.ns)
      .Text(TableKindName(table.kind))
      .Millis(table.created_millis)
      .Number(static_cast<int64_t>(version))
      .Owned(catalog::ColumnsJson(*table.versions[version - 1]))
      .Null()
      .Millis(VersionMillis(table, version))
      .Owned(catalog::OptionsJson(table));
  if (table.kind == TableKind::kShared) {
    rows.Text(AccessLevelName(table.options.access_level));
  } else {
    rows.Null();
  }
  rows.Bool(version == table.versions.size());
  rows.Text(HasStorage(table) ? std::string_view(table.options.storage_id) : "local");
  if (table.kind == TableKind::kUser) {
    rows.Bool(table.options.use_user_storage);
  } else {
    rows.Null();
  }
  return rows.Emit();
}

Status FillSchemas(const ScanContext& context, RowWriter& rows) {
  return ForEachCatalogTable(context, [&](const TableInfo& table) {
    for (size_t version = 1; version <= table.versions.size(); ++version) {
      if (!EmitSchema(table, version, rows)) return false;
    }
    return true;
  });
}

constexpr ColumnSpec kTables[] = {
    {"namespace_id", T},          {"table_name", T},  {"table_type", T},
    {"storage_id", T, kNullable}, {"version", B},     {"options", T, kNullable},
    {"comment", T, kNullable},    {"updated_at", Ts}, {"created_at", Ts}};

Status FillTables(const ScanContext& context, RowWriter& rows) {
  return ForEachCatalogTable(context, [&](const TableInfo& table) {
    rows.Text(table.ns).Text(table.name).Text(TableKindName(table.kind));
    if (HasStorage(table)) {
      rows.Text(table.options.storage_id);
    } else {
      rows.Null();
    }
    return rows.Number(static_cast<int64_t>(table.versions.size()))
        .Owned(catalog::OptionsJson(table))
        .Null()
        .Millis(VersionMillis(table, table.versions.size()))
        .Millis(table.created_millis)
        .Emit();
  });
}

constexpr ColumnSpec kColumns[] = {{"namespace_id", T},   {"table_name", T},
                                   {"version", B},        {"column_id", B},
                                   {"column_name", T},    {"comment", T, kNullable},
                                   {"data_type", T},      {"default_value", T, kNullable},
                                   {"ordinal", B},        {"nullable", Flag},
                                   {"primary_key", Flag}, {"primary_key_pos", B, kNullable}};

bool EmitColumn(const TableInfo& table, size_t ordinal, RowWriter& rows) {
  const Column& column = table.schema->column(ordinal);
  rows.Text(table.ns)
      .Text(table.name)
      .Number(static_cast<int64_t>(table.versions.size()))
      .Number(column.id)
      .Text(column.name)
      .TextOrNull(column.comment)
      .Owned(SqlTypeName(column.type));
  if (std::optional<std::string> text = catalog::DefaultText(column)) {
    rows.Owned(std::move(*text));
  } else {
    rows.Null();
  }
  rows.Number(static_cast<int64_t>(ordinal) + 1).Bool(column.nullable).Bool(column.primary_key);
  if (column.primary_key) {
    rows.Number(1);
  } else {
    rows.Null();
  }
  return rows.Emit();
}

Status FillColumns(const ScanContext& context, RowWriter& rows) {
  return ForEachCatalogTable(context, [&](const TableInfo& table) {
    for (size_t i = 0; i < table.schema->size(); ++i) {
      if (!EmitColumn(table, i, rows)) return false;
    }
    return true;
  });
}

constexpr ColumnSpec kStorages[] = {{"storage_id", T, kKey},
                                    {"storage_name", T},
                                    {"description", T, kNullable},
                                    {"storage_type", T},
                                    {"base_directory", T},
                                    {"credentials", J, kNullable},
                                    {"config_json", J, kNullable},
                                    {"shared_tables_template", T},
                                    {"user_tables_template", T},
                                    {"created_at", Ts},
                                    {"updated_at", Ts}};

Status FillStorages(const ScanContext& context, RowWriter& rows) {
  if (context.sources.catalog == nullptr) return {};
  KDB_ASSIGN_OR_RETURN(const std::vector<catalog::StorageInfo> all,
                       context.sources.catalog->ListStorages());
  for (const catalog::StorageInfo& storage : all) {
    if (!rows.Text(storage.id)
             .Text(storage.name)
             .TextOrNull(storage.description)
             .Text(storage.type)
             .Text(storage.base_directory)
             .TextOrNull(storage.credentials_json)
             .TextOrNull(storage.config_json)
             .Text(storage.shared_template)
             .Text(storage.user_template)
             .Millis(storage.created_millis)
             .Millis(storage.updated_millis)
             .Emit()) {
      break;
    }
  }
  return {};
}

// The shape of what DESCRIBE TABLE answers.
constexpr ColumnSpec kDescribe[] = {{"column_name", T},
                                    {"ordinal_position", I},
                                    {"column_id", B},
                                    {"data_type", T},
                                    {"is_nullable", Flag},
                                    {"is_primary_key", Flag},
                                    {"column_default", T, kNullable},
                                    {"column_comment", T, kNullable},
                                    {"schema_version", I}};

constexpr TableSpec kSpecs[] = {{"system", "namespaces", true, kNamespaces, FillNamespaces},
                                {"system", "schemas", true, kSchemas, FillSchemas},
                                {"system", "storages", true, kStorages, FillStorages},
                                {"system", "tables", false, kTables, FillTables},
                                {"system", "columns", false, kColumns, FillColumns},
                                {"system", "describe", false, kDescribe, nullptr}};

}  // namespace

std::span<const TableSpec> CatalogTables() { return kSpecs; }

}  // namespace kalamdb::system
