// information_schema: the standard's views over the catalog. Every role may read them; a role sees
// the tables that it may read.
#include <fmt/format.h>

#include "expr/functions.h"
#include "system/table_families.h"

namespace kalamdb::system {

namespace {

using catalog::TableInfo;

constexpr std::string_view kCatalog = "kalam";
constexpr std::string_view kNs = "information_schema";

bool MaySee(const TableInfo& table, Role role) {
  if (table.kind != TableKind::kShared) return true;
  switch (table.options.access_level) {
    case AccessLevel::kPublic:
      return true;
    case AccessLevel::kPrivate:
    case AccessLevel::kRestricted:
      return role >= Role::kService;
    case AccessLevel::kDba:
      return IsAdmin(role);
  }
  return false;
}

bool MaySee(const TableSpec& spec, Role role) { return spec.ns != "system" || IsAdmin(role); }

// A table of either kind, as these views need it.
struct Listed {
  std::string_view ns, name;
  bool view;
  const Schema* schema;
};

Status ForEachVisible(const ScanContext& context, bool with_columns,
                      const std::function<bool(const Listed&)>& visit) {
  bool more = true;
  if (context.sources.catalog != nullptr) {
    KDB_RETURN_IF_ERROR(context.sources.catalog->ForEachTable("", [&](const TableInfo& table) {
      if (!MaySee(table, context.role)) return true;
      return more = visit({table.ns, table.name, false, table.schema.get()});
    }));
  }
  if (!more) return {};
  ForEachTableSpec([&](const TableSpec& spec) {
    if (!MaySee(spec, context.role)) return true;
    const SchemaPtr schema = with_columns ? SchemaOf(spec) : nullptr;
    return visit({spec.ns, spec.name, !spec.persisted, schema.get()});
  });
  return {};
}

constexpr ColumnSpec kTables[] = {
    {"table_catalog", T}, {"table_schema", T}, {"table_name", T}, {"table_type", T}};

Status FillTables(const ScanContext& context, RowWriter& rows) {
  return ForEachVisible(context, false, [&](const Listed& table) {
    return rows.Text(kCatalog)
        .Text(table.ns)
        .Text(table.name)
        .Text(table.view ? "VIEW" : "BASE TABLE")
        .Emit();
  });
}

constexpr ColumnSpec kColumns[] = {{"table_catalog", T},
                                   {"table_schema", T},
                                   {"table_name", T},
                                   {"column_name", T},
                                   {"ordinal_position", I},
                                   {"column_default", T, kNullable},
                                   {"is_nullable", T},
                                   {"data_type", T},
                                   {"character_maximum_length", I, kNullable},
                                   {"character_octet_length", I, kNullable},
                                   {"numeric_precision", I, kNullable},
                                   {"numeric_precision_radix", I, kNullable},
                                   {"numeric_scale", I, kNullable},
                                   {"datetime_precision", I, kNullable},
                                   {"interval_type", T, kNullable}};

// numeric_precision, its radix and numeric_scale as PostgreSQL gives them.
void AddNumeric(const DataType& type, RowWriter& rows) {
  int bits = 0;
  switch (type.kind) {
    case TypeKind::kDecimal:
      rows.Number(type.precision).Number(10).Number(type.scale);
      return;
    case TypeKind::kSmallInt:
      bits = 16;
      break;
    case TypeKind::kInt:
      bits = 32;
      break;
    case TypeKind::kBigInt:
      bits = 64;
      break;
    case TypeKind::kFloat:
      bits = 24;
      break;
    case TypeKind::kDouble:
      bits = 53;
      break;
    default:
      rows.Null().Null().Null();
      return;
  }
  rows.Number(bits).Number(2);
  if (IsInteger(type.kind)) {
    rows.Number(0);
  } else {
    rows.Null();
  }
}

bool EmitColumn(const Listed& table, size_t ordinal, RowWriter& rows) {
  const Column& column = table.schema->column(ordinal);
  rows.Text(kCatalog)
      .Text(table.ns)
      .Text(table.name)
      .Text(column.name)
      .Number(static_cast<int64_t>(ordinal) + 1);
  if (std::optional<std::string> text = catalog::DefaultText(column)) {
    rows.Owned(std::move(*text));
  } else {
    rows.Null();
  }
  rows.Text(column.nullable ? "YES" : "NO").Owned(SqlTypeName(column.type)).Null().Null();
  AddNumeric(column.type, rows);
  if (IsDateTimeKind(column.type.kind) || column.type.kind == TypeKind::kTime) {
    rows.Number(6);
  } else {
    rows.Null();
  }
  return rows.Null().Emit();
}

Status FillColumns(const ScanContext& context, RowWriter& rows) {
  return ForEachVisible(context, true, [&](const Listed& table) {
    for (size_t i = 0; i < table.schema->size(); ++i) {
      if (!EmitColumn(table, i, rows)) return false;
    }
    return true;
  });
}

constexpr ColumnSpec kViews[] = {
    {"table_catalog", T}, {"table_schema", T}, {"table_name", T}, {"definition", T, kNullable}};

Status FillViews(const ScanContext& context, RowWriter& rows) {
  return ForEachVisible(context, false, [&](const Listed& table) {
    if (!table.view) return true;
    return rows.Text(kCatalog).Text(table.ns).Text(table.name).Null().Emit();
  });
}

constexpr ColumnSpec kSchemata[] = {{"catalog_name", T},
                                    {"schema_name", T},
                                    {"schema_owner", T, kNullable},
                                    {"default_character_set_catalog", T, kNullable},
                                    {"default_character_set_schema", T, kNullable},
                                    {"default_character_set_name", T, kNullable},
                                    {"sql_path", T, kNullable}};

Status FillSchemata(const ScanContext& context, RowWriter& rows) {
  const auto emit = [&](std::string_view name) {
    return rows.Text(kCatalog).Text(name).Null().Null().Null().Null().Null().Emit();
  };
  if (context.sources.catalog != nullptr) {
    KDB_ASSIGN_OR_RETURN(const std::vector<catalog::NamespaceInfo> all,
                         context.sources.catalog->ListNamespaces());
    for (const catalog::NamespaceInfo& ns : all) {
      if (!emit(ns.name)) return {};
    }
  }
  if (emit(kNs) && IsAdmin(context.role)) emit("system");
  return {};
}

constexpr ColumnSpec kDfSettings[] = {
    {"name", T}, {"value", T, kNullable}, {"description", T, kNullable}};

Status FillDfSettings(const ScanContext& context, RowWriter& rows) {
  if (context.sources.config == nullptr) return {};
  const DatafusionSection& c = context.sources.config->datafusion;
  const struct {
    std::string_view name;
    uint64_t value;
    std::string_view description;
  } settings[] = {
      {"datafusion.runtime.memory_limit", c.memory_limit, "Bytes before a query spills"},
      {"datafusion.execution.target_partitions", c.query_parallelism, "Threads of one query"}};
  for (const auto& s : settings) {
    if (!rows.Text(s.name).Owned(std::to_string(s.value)).Text(s.description).Emit()) break;
  }
  return {};
}

constexpr ColumnSpec kRoutines[] = {
    {"specific_catalog", T},       {"specific_schema", T},
    {"specific_name", T},          {"routine_catalog", T},
    {"routine_schema", T},         {"routine_name", T},
    {"routine_type", T},           {"is_deterministic", Flag, kNullable},
    {"data_type", T, kNullable},   {"function_type", T},
    {"description", T, kNullable}, {"syntax_example", T, kNullable}};

std::string_view FunctionType(expr::FunctionKind kind) {
  switch (kind) {
    case expr::FunctionKind::kScalar:
      return "SCALAR";
    case expr::FunctionKind::kAggregate:
      return "AGGREGATE";
    case expr::FunctionKind::kWindow:
      return "WINDOW";
    case expr::FunctionKind::kTable:
      return "TABLE";
  }
  return "SCALAR";
}

Status FillRoutines(const ScanContext& /*context*/, RowWriter& rows) {
  for (const expr::FunctionInfo& f : expr::AllFunctions()) {
    if (!rows.Text(kCatalog)
             .Text(kNs)
             .Text(f.name)
             .Text(kCatalog)
             .Text(kNs)
             .Text(f.name)
             .Text("FUNCTION")
             .Null()
             .Null()
             .Text(FunctionType(f.kind))
             .Null()
             .Null()
             .Emit()) {
      break;
    }
  }
  return {};
}

// The table of functions counts arguments but does not name them: there is nothing to list.
constexpr ColumnSpec kParameters[] = {{"specific_catalog", T}, {"specific_schema", T},
                                      {"specific_name", T},    {"ordinal_position", I},
                                      {"parameter_mode", T},   {"parameter_name", T, kNullable},
                                      {"data_type", T},        {"parameter_default", T, kNullable},
                                      {"is_variadic", Flag},   {"rid", I}};

constexpr TableSpec kSpecs[] = {{kNs, "tables", false, kTables, FillTables},
                                {kNs, "columns", false, kColumns, FillColumns},
                                {kNs, "views", false, kViews, FillViews},
                                {kNs, "schemata", false, kSchemata, FillSchemata},
                                {kNs, "df_settings", false, kDfSettings, FillDfSettings},
                                {kNs, "routines", false, kRoutines, FillRoutines},
                                {kNs, "parameters", false, kParameters, nullptr}};

}  // namespace

std::span<const TableSpec> InformationSchemaTables() { return kSpecs; }

}  // namespace kalamdb::system
