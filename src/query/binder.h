// Names of one table become ordinals, syntax becomes bound expressions.
#pragma once

#include <span>
#include <string>

#include "expr/expr.h"
#include "query/context.h"
#include "sql/ast.h"

namespace kalamdb::query {

// What names an expression may use.
struct BindScope {
  const Schema* schema = nullptr;   // null: no columns allowed
  std::string_view ns, table;       // for qualified names: column, table.column, ns.table.column, kalam.ns.table.column
  std::string_view alias;           // replaces the table name when given
  bool allow_excluded = false;      // EXCLUDED.c
  std::span<const Value> params;    // their kinds give placeholders their types
  // Set when an expression names _deleted: tombstones are then not hidden.
  bool* mentions_deleted = nullptr;
};

// Errors: kColumnNotFound `No field named x. Valid fields are t.a, t.b.`, kInvalidSql, kParameterBinding; kNeedsAnalytics for what
// only the analytical engine has (subqueries, windows, aggregates here, some functions).
Result<expr::ExprPtr> BindExpr(const sql::Expr& ast, const BindScope& scope);
// The name of an output column without alias: the column's name, else the expression's text ("count(*)").
std::string DefaultColumnName(const sql::Expr& ast);

// `ns` of an unqualified name: system tables and views live in `system`.
struct TableLookup {
  catalog::TablePtr table;                        // one of the two is set
  std::shared_ptr<const VirtualTable> virtual_table;
};
// Names are lower case. kTableNotFound: "Table not found: ns.t".
Result<TableLookup> FindSource(const Sources& sources, std::string_view schema, std::string_view table,
                               std::string_view default_ns);
// Read access of a role. kPermissionDenied: "Access denied: Role 'User' cannot access table 'ns.t'. ...".
Status CheckRead(const TableLookup& table, Role role);
Status CheckWrite(const catalog::TableInfo& table, Role role);
// Whether an expression reads a credentials or password_hash column: results of it are masked for others than dba and system.
bool ReadsSecret(const expr::Expr& e, const Schema& schema);

}  // namespace kalamdb::query
