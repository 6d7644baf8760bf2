// Which table a name means, who may touch it, and what an output column is called.
#include "query/binder.h"
#include "types/convert.h"

namespace kalamdb::query {
namespace {

bool IsVirtualNamespace(std::string_view ns) {
  return ns == "system" || ns == "information_schema" || ns == "pg_catalog" || ns == "datafusion";
}

Status Denied(Role role, std::string_view table, std::string_view reason) {
  return PermissionDenied(fmt::format("Access denied: Role '{}' cannot access table '{}'. {}",
                                      RoleTitle(role), table, reason));
}

bool SharedAllows(AccessLevel level, Role role, bool write) {
  switch (level) {
    case AccessLevel::kPublic:
      return !write || role >= Role::kService;
    case AccessLevel::kPrivate:
    case AccessLevel::kRestricted:
      return role >= Role::kService;
    case AccessLevel::kDba:
      return role >= Role::kDba;
  }
  return false;
}

void AppendList(const std::vector<sql::ExprPtr>& args, std::string* out) {
  for (size_t i = 0; i < args.size(); ++i) {
    if (i > 0) *out += ", ";
    *out += args[i] ? DefaultColumnName(*args[i]) : "DEFAULT";
  }
}

std::string LiteralName(const sql::Expr& ast) {
  const Datum& d = ast.value.datum();
  if (d.null) return "NULL";
  std::string text;
  AppendText(&text, d);
  if (IsInteger(d.kind)) return "Int64(" + text + ")";
  if (IsFloating(d.kind)) return "Float64(" + (ast.text.empty() ? text : ast.text) + ")";
  if (d.kind == TypeKind::kBoolean) return "Boolean(" + text + ")";
  return "Utf8(\"" + text + "\")";
}

std::string OperatorName(const sql::Expr& ast) {
  const std::string& op = ast.name;
  auto arg = [&](size_t i) { return DefaultColumnName(*ast.args[i]); };
  if (op == "in" || op == "not in") {
    std::string out = arg(0) + (op == "in" ? " IN (" : " NOT IN (");
    for (size_t i = 1; i < ast.args.size(); ++i) out += (i > 1 ? ", " : "") + arg(i);
    return out + ")";
  }
  if (op == "between" && ast.args.size() == 3)
    return arg(0) + " BETWEEN " + arg(1) + " AND " + arg(2);
  std::string word = op;
  for (char& c : word) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
  if (ast.args.size() == 1) {
    if (word.starts_with("IS ")) return arg(0) + " " + word;
    return word == "NOT" ? "NOT " + arg(0) : word + arg(0);
  }
  std::string out;
  for (size_t i = 0; i < ast.args.size(); ++i) out += (i > 0 ? " " + word + " " : "") + arg(i);
  return out;
}

constexpr size_t kMaxColumnNameBytes = 256;

}  // namespace

std::string DefaultColumnName(const sql::Expr& ast) {
  std::string name;
  switch (ast.kind) {
    case sql::ExprKind::kLiteral:
      name = LiteralName(ast);
      break;
    case sql::ExprKind::kParam:
      name = fmt::format("${}", ast.number);
      break;
    case sql::ExprKind::kColumn:
      return ast.path.empty() ? "" : ast.path.back();
    case sql::ExprKind::kStar:
      return "*";
    case sql::ExprKind::kCall:
      name = ast.name + "(";
      if (ast.distinct) name += "DISTINCT ";
      if (ast.star) {
        name += "*";
      } else {
        AppendList(ast.args, &name);
      }
      name += ")";
      break;
    case sql::ExprKind::kOperator:
      name = OperatorName(ast);
      break;
    case sql::ExprKind::kCase:
      name = "case";
      break;
    case sql::ExprKind::kCast:
      return ast.args.empty() ? "cast" : DefaultColumnName(*ast.args[0]);
    case sql::ExprKind::kSubquery:
      if (ast.sublink == sql::SubLink::kExists) return "exists";
      if (ast.sublink == sql::SubLink::kScalar && ast.subquery && !ast.subquery->items.empty()) {
        const sql::SelectItem& item = ast.subquery->items[0];
        return item.alias.empty() ? DefaultColumnName(*item.expr) : item.alias;
      }
      return "subquery";
    case sql::ExprKind::kArray:
      return "array";
    case sql::ExprKind::kRow:
      return "row";
    case sql::ExprKind::kInterval:
      return "interval";
    case sql::ExprKind::kExtract:
      return "extract";
    case sql::ExprKind::kIndex:
      return ast.args.empty() ? "array" : DefaultColumnName(*ast.args[0]);
  }
  if (name.size() > kMaxColumnNameBytes) {
    size_t cut = kMaxColumnNameBytes;
    while (cut > 0 && (static_cast<unsigned char>(name[cut]) & 0xC0) == 0x80) --cut;
    name.resize(cut);
  }
  return name;
}

Result<TableLookup> FindSource(const Sources& sources, std::string_view schema,
                               std::string_view table, std::string_view default_ns) {
  std::string_view ns = schema.empty() ? default_ns : schema;
  TableLookup found;
  if (sources.virtual_tables != nullptr) {
    found.virtual_table = sources.virtual_tables->Find(ns, table);
    if (found.virtual_table != nullptr) return found;
  }
  if (!IsVirtualNamespace(ns)) {
    Result<catalog::TablePtr> stored = sources.catalog->FindTable(ns, table);
    if (stored.ok()) {
      found.table = stored.Take();
      return found;
    }
    if (stored.code() != ErrorCode::kTableNotFound) return stored.status();
  }
  return Status(ErrorCode::kTableNotFound, fmt::format("{}.{}", ns, table));
}

Status CheckRead(const TableLookup& table, Role role) {
  if (table.virtual_table != nullptr) {
    const VirtualTable& source = *table.virtual_table;
    bool allowed = source.admin_only() ? IsAdmin(role) : role > Role::kAnonymous;
    if (allowed) return Status::Ok();
    return Denied(role, fmt::format("{}.{}", source.ns(), source.name()),
                  "System tables require 'dba' or 'system' role.");
  }
  const catalog::TableInfo& info = *table.table;
  switch (info.kind) {
    case TableKind::kShared:
      if (SharedAllows(info.options.access_level, role, false)) return Status::Ok();
      return Denied(role, info.qualified(),
                    fmt::format("Shared table access denied (access_level={})",
                                AccessLevelTitle(info.options.access_level)));
    case TableKind::kUser:
      if (role > Role::kAnonymous) return Status::Ok();
      return Denied(role, info.qualified(), "User tables require user/service or admin role");
    case TableKind::kStream:
      return Status::Ok();  // own events only; nobody's for the anonymous
    case TableKind::kSystem:
      break;
  }
  if (IsAdmin(role)) return Status::Ok();
  return Denied(role, info.qualified(), "System tables require 'dba' or 'system' role.");
}

Status CheckWrite(const catalog::TableInfo& table, Role role) {
  switch (table.kind) {
    case TableKind::kShared:
      if (SharedAllows(table.options.access_level, role, true)) return Status::Ok();
      return Denied(role, table.qualified(),
                    fmt::format("Shared table write denied (access_level={})",
                                AccessLevelTitle(table.options.access_level)));
    case TableKind::kUser:
    case TableKind::kStream:
      if (role > Role::kAnonymous) return Status::Ok();
      return Denied(role, table.qualified(),
                    "User table write denied due to insufficient privileges.");
    case TableKind::kSystem:
      break;
  }
  return Denied(role, table.qualified(), "System tables require 'dba' or 'system' role.");
}

bool ReadsSecret(const expr::Expr& e, const Schema& schema) {
  if (e.node() == expr::Node::kColumn || e.node() == expr::Node::kExcluded) {
    const std::string& name = schema.column(e.index()).name;
    return name == "credentials" || name == "password_hash";
  }
  return std::any_of(e.args().begin(), e.args().end(),
                     [&](const expr::ExprPtr& arg) { return ReadsSecret(*arg, schema); });
}

}  // namespace kalamdb::query
