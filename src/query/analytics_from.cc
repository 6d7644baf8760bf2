// FROM: tables become calls of kdb_scan, joins and derived tables stay what they are. What one
// table can decide by itself is taken out of WHERE and ON and evaluated while the table is scanned.
#include <utility>

#include "query/analytics_sql.h"

namespace kalamdb::query {
namespace {

constexpr size_t kMaxScans = 1000;

bool IsCredentialColumn(std::string_view name) {
  return name == "credentials" || name == "password_hash";
}

void SplitAnd(const sql::Expr& e, std::vector<const sql::Expr*>* out) {
  if (e.kind == sql::ExprKind::kOperator && e.name == "and") {
    for (const sql::ExprPtr& arg : e.args) SplitAnd(*arg, out);
    return;
  }
  out->push_back(&e);
}

// One of the columns, by its unqualified name.
Result<const ScopeColumn*> JoinColumn(const std::vector<ScopeColumn>& columns,
                                      std::string_view name, std::string_view side) {
  const ScopeColumn* found = nullptr;
  for (const ScopeColumn& column : columns) {
    if (!SameName(column.name, name)) continue;
    if (found != nullptr) {
      return InvalidSql(
          fmt::format("common column name \"{}\" appears more than once in {} table", name, side));
    }
    found = &column;
  }
  if (found == nullptr) {
    return Status(ErrorCode::kColumnNotFound,
                  fmt::format("column \"{}\" specified in USING clause does not exist in {} table",
                              name, side));
  }
  return found;
}

// Whether an expression of a table function names columns: it then runs once for each row before
// it.
bool NamesColumns(const sql::Expr& e) {
  if (e.kind == sql::ExprKind::kColumn || e.kind == sql::ExprKind::kSubquery) return true;
  for (const sql::ExprPtr& arg : e.args) {
    if (arg != nullptr && NamesColumns(*arg)) return true;
  }
  return (e.operand != nullptr && NamesColumns(*e.operand)) ||
         (e.else_ != nullptr && NamesColumns(*e.else_));
}

}  // namespace

std::string SqlWriter::UniqueName(std::string_view wanted) {
  std::string base(wanted.empty() ? "t" : wanted);
  for (char& c : base) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  std::string name = base;
  for (int n = 1; !used_names_.insert(name).second; ++n) name = fmt::format("{}_{}", base, n);
  return name;
}

Status SqlWriter::WriteFrom(const sql::Select& select, Scope* scope, std::string* sql) {
  for (size_t i = 0; i < select.from.size(); ++i) {
    KDB_ASSIGN_OR_RETURN(FromItem item, WriteTableRef(*select.from[i], *scope));
    KDB_RETURN_IF_ERROR(AddRelations(item, scope));
    *sql += (i > 0 ? ", " : " FROM ") + item.sql;
  }
  return Status::Ok();
}

Status SqlWriter::AddRelations(const FromItem& item, Scope* scope) {
  for (Relation* added : item.relations) {
    for (const Relation* there : scope->relations) {
      const bool two_tables = !added->aliased && !there->aliased && !added->table.empty() &&
                              !there->table.empty() && added->ns != there->ns;
      if (added->alias == there->alias && !added->alias.empty() && !two_tables) {
        return InvalidSql(fmt::format("table name \"{}\" specified more than once", added->alias));
      }
    }
    scope->relations.push_back(added);
  }
  scope->star.insert(scope->star.end(), item.star.begin(), item.star.end());
  return Status::Ok();
}

Result<SqlWriter::FromItem> SqlWriter::WriteTableRef(const sql::TableRef& table,
                                                     const Scope& visible) {
  switch (table.kind) {
    case sql::TableRef::Kind::kTable:
      return WriteTable(table, visible);
    case sql::TableRef::Kind::kSubquery:
    case sql::TableRef::Kind::kValues:
      return WriteDerived(table, visible);
    case sql::TableRef::Kind::kFunction:
      return WriteTableFunction(table, visible);
    case sql::TableRef::Kind::kJoin:
      return WriteJoin(table, visible);
  }
  return InternalError("unknown kind of FROM item");
}

// `relation.columns[i].sql` are bare quoted names on entry.
Result<SqlWriter::FromItem> SqlWriter::AddRelation(Relation relation, const sql::TableRef& table,
                                                   std::string sql) {
  const std::string alias = QuoteIdentifier(UniqueName(relation.alias));
  for (ScopeColumn& column : relation.columns) column.sql = alias + "." + column.sql;
  relation.renamed = !table.column_aliases.empty();
  KDB_RETURN_IF_ERROR(RenameColumns(table.column_aliases, relation.alias, &relation.columns));
  FromItem item;
  item.sql = std::move(sql) + " AS " + alias;
  item.star = relation.columns;
  relations_.push_back(std::move(relation));
  item.relations.push_back(&relations_.back());
  return item;
}

Result<SqlWriter::FromItem> SqlWriter::WriteTable(const sql::TableRef& table,
                                                  const Scope& visible) {
  Relation relation;
  relation.aliased = !table.alias.empty();
  relation.alias = relation.aliased ? table.alias : table.table;
  if (table.schema.empty()) {
    if (const CommonTableInfo* common = visible.FindCommonTable(table.table); common != nullptr) {
      relation.columns = common->columns;
      relation.table = table.table;
      return AddRelation(std::move(relation), table, common->sql);
    }
  }
  if (statement_.scans.size() >= kMaxScans) return InvalidSql("Query names too many tables");
  ScanSource source;
  KDB_ASSIGN_OR_RETURN(
      source.lookup,
      FindSource(sources_, table.schema, table.table, options_.default_ns).At(table.location));
  const Schema& schema = source.schema();
  const bool stored = source.lookup.table != nullptr;
  relation.ns = stored ? source.lookup.table->ns : std::string(source.lookup.virtual_table->ns());
  relation.table = table.table;
  relation.scan = static_cast<int>(statement_.scans.size());
  for (const Column& c : schema.columns()) {
    ScopeColumn column;
    column.name = c.name;
    column.sql = QuoteIdentifier(c.name);
    column.type = c.type;
    column.primary_key = c.primary_key;
    column.not_null = !c.nullable;
    column.masked = IsCredentialColumn(c.name);
    column.scan = relation.scan;
    if (stored && c.primary_key) column.order = OrderRole::kKey;
    if (stored && !schema.primary_key() && c.name == kSeqColumn) {
      column.order = OrderRole::kSeqWithoutKey;
    }
    relation.columns.push_back(std::move(column));
  }
  statement_.scans.push_back(std::move(source));
  std::string sql = fmt::format("kdb_scan({})", relation.scan);
  return AddRelation(std::move(relation), table, std::move(sql));
}

Result<SqlWriter::FromItem> SqlWriter::WriteDerived(const sql::TableRef& table,
                                                    const Scope& visible) {
  // Without LATERAL a derived table sees what surrounds the query, not its neighbours.
  const Scope* outer = &visible;
  Scope surroundings;
  if (!table.lateral) {
    surroundings.parent = visible.parent;
    surroundings.level = visible.level;
    outer = &surroundings;
  }
  KDB_ASSIGN_OR_RETURN(Query query, WriteQuery(*table.subquery, outer));
  Relation relation;
  relation.alias = table.alias;
  relation.aliased = true;
  relation.columns = std::move(query.columns);
  return AddRelation(std::move(relation), table,
                     (table.lateral ? "LATERAL (" : "(") + query.sql + ")");
}

Result<SqlWriter::FromItem> SqlWriter::WriteTableFunction(const sql::TableRef& table,
                                                          const Scope& visible) {
  const sql::Expr& call = *table.function;
  const expr::FunctionInfo* function =
      call.kind == sql::ExprKind::kCall ? expr::FindFunction(call.name) : nullptr;
  if (function == nullptr) return InvalidSql(fmt::format("Invalid function '{}'.", call.name));
  if (function->kind != expr::FunctionKind::kTable || function->duckdb.empty()) {
    return NotImplemented(fmt::format("Function '{}' cannot be used in FROM", call.name));
  }
  KDB_RETURN_IF_ERROR(CheckArguments(call, *function));
  KDB_ASSIGN_OR_RETURN(Args args, WriteArgs(call.args, visible));
  std::vector<std::string> texts;
  for (const Fragment& arg : args) texts.push_back(arg.sql);
  KDB_ASSIGN_OR_RETURN(std::string sql, ExpandTemplate(call.name, function->duckdb, texts));
  Relation relation;
  relation.aliased = !table.alias.empty();
  relation.alias = relation.aliased ? table.alias : call.name;
  // One column, called like the function or its alias.
  std::vector<std::string> names{relation.alias};
  if (table.with_ordinality) names.emplace_back("ordinality");
  for (const std::string& name : names) {
    ScopeColumn column;
    column.name = name;
    column.sql = QuoteIdentifier(name);
    relation.columns.push_back(std::move(column));
  }
  if (NamesColumns(call)) {
    if (table.with_ordinality) {
      return NotImplemented("WITH ORDINALITY of a function of columns is not supported");
    }
    const bool list = function->duckdb.starts_with("unnest");
    sql = fmt::format("LATERAL (SELECT {} AS {})", list ? sql : "unnest(" + sql + ")",
                      relation.columns[0].sql);
    return AddRelation(std::move(relation), table, std::move(sql));
  }
  if (table.with_ordinality) sql += " WITH ORDINALITY";
  KDB_ASSIGN_OR_RETURN(FromItem item, AddRelation(relation, table, std::move(sql)));
  item.sql += "(";
  for (size_t i = 0; i < relation.columns.size(); ++i) {
    item.sql += (i > 0 ? ", " : "") + relation.columns[i].sql;
  }
  item.sql += ")";
  return item;
}

Result<SqlWriter::FromItem> SqlWriter::WriteJoin(const sql::TableRef& table, const Scope& visible) {
  if (++depth_ > expr::kMaxDepth) return InvalidSql("Query is nested too deeply");
  KDB_ASSIGN_OR_RETURN(FromItem left, WriteTableRef(*table.left, visible));
  // The right side may look at the left one when it is lateral.
  Scope beside = visible;
  KDB_RETURN_IF_ERROR(AddRelations(left, &beside));
  KDB_ASSIGN_OR_RETURN(FromItem right, WriteTableRef(*table.right, beside));
  --depth_;

  const sql::JoinKind kind = table.join;
  std::vector<std::string> names = table.using_columns;
  if (table.natural) {
    for (const ScopeColumn& column : left.star) {
      const bool common =
          std::any_of(right.star.begin(), right.star.end(),
                      [&](const ScopeColumn& r) { return SameName(r.name, column.name); });
      // Our own columns differ in every row: nobody means them.
      const bool system = column.name == kSeqColumn || column.name == kDeletedColumn;
      if (common && !system) names.push_back(column.name);
    }
  }
  FromItem joined;
  std::string on;
  if (!names.empty()) {
    KDB_ASSIGN_OR_RETURN(on, WriteUsing(names, kind, left, right, &joined.star));
  } else {
    joined.star = left.star;
    joined.star.insert(joined.star.end(), right.star.begin(), right.star.end());
  }
  if (table.on != nullptr) {
    Scope scope;
    scope.parent = visible.parent;
    scope.level = visible.level;
    KDB_RETURN_IF_ERROR(AddRelations(left, &scope));
    KDB_RETURN_IF_ERROR(AddRelations(right, &scope));
    // Rows that an outer join keeps anyway must not be dropped early.
    std::vector<Relation*> candidates;
    auto add = [&](const FromItem& side) {
      for (Relation* relation : side.relations) {
        if (!relation->nullable) candidates.push_back(relation);
      }
    };
    if (kind == sql::JoinKind::kInner || kind == sql::JoinKind::kRight) add(left);
    if (kind == sql::JoinKind::kInner || kind == sql::JoinKind::kLeft) add(right);
    if (scope.level != nullptr) scope.level->in_where = true;
    KDB_ASSIGN_OR_RETURN(on, WriteCondition(*table.on, scope, candidates));
    if (scope.level != nullptr) scope.level->in_where = false;
  }
  std::string_view word = "JOIN";
  switch (kind) {
    case sql::JoinKind::kInner:
      break;
    case sql::JoinKind::kLeft:
      word = "LEFT JOIN";
      break;
    case sql::JoinKind::kRight:
      word = "RIGHT JOIN";
      break;
    case sql::JoinKind::kFull:
      word = "FULL JOIN";
      break;
    case sql::JoinKind::kCross:
      word = "CROSS JOIN";
      break;
  }
  joined.sql = fmt::format("({} {} {}", left.sql, word, right.sql);
  if (kind != sql::JoinKind::kCross) joined.sql += " ON " + (on.empty() ? "TRUE" : on);
  joined.sql += ")";
  const bool left_optional = kind == sql::JoinKind::kRight || kind == sql::JoinKind::kFull;
  const bool right_optional = kind == sql::JoinKind::kLeft || kind == sql::JoinKind::kFull;
  for (Relation* relation : left.relations) relation->nullable |= left_optional;
  for (Relation* relation : right.relations) relation->nullable |= right_optional;
  joined.relations = std::move(left.relations);
  joined.relations.insert(joined.relations.end(), right.relations.begin(), right.relations.end());
  return joined;
}

// USING (a, b): each name once in front, from the side that has a value.
Result<std::string> SqlWriter::WriteUsing(const std::vector<std::string>& names, sql::JoinKind kind,
                                          const FromItem& left, const FromItem& right,
                                          std::vector<ScopeColumn>* star) {
  std::string on;
  for (const std::string& name : names) {
    KDB_ASSIGN_OR_RETURN(const ScopeColumn* l, JoinColumn(left.star, name, "left"));
    KDB_ASSIGN_OR_RETURN(const ScopeColumn* r, JoinColumn(right.star, name, "right"));
    if (!on.empty()) on += " AND ";
    on += fmt::format("({} = {})", l->sql, r->sql);
    ScopeColumn merged = kind == sql::JoinKind::kRight ? *r : *l;
    merged.masked = l->masked || r->masked;
    if (kind == sql::JoinKind::kFull) {
      merged.sql = fmt::format("coalesce({}, {})", l->sql, r->sql);
      merged.scan = -1;
    }
    star->push_back(std::move(merged));
  }
  auto add_rest = [&](const std::vector<ScopeColumn>& side) {
    for (const ScopeColumn& column : side) {
      const bool merged = std::any_of(names.begin(), names.end(), [&](const std::string& name) {
        return SameName(column.name, name);
      });
      if (!merged) star->push_back(column);
    }
  };
  add_rest(left.star);
  add_rest(right.star);
  return on;
}

Result<std::string> SqlWriter::WriteCondition(const sql::Expr& condition, const Scope& scope,
                                              const std::vector<Relation*>& candidates) {
  std::vector<const sql::Expr*> conjuncts;
  SplitAnd(condition, &conjuncts);
  std::string sql;
  for (const sql::Expr* conjunct : conjuncts) {
    if (PushDown(*conjunct, scope, candidates)) continue;
    KDB_ASSIGN_OR_RETURN(Fragment written, WriteExpr(*conjunct, scope));
    if (!sql.empty()) sql += " AND ";
    sql += written.sql;
  }
  return sql;
}

bool SqlWriter::PushDown(const sql::Expr& conjunct, const Scope& scope,
                         const std::vector<Relation*>& candidates) {
  int scan = -1;
  if (!SingleScan(conjunct, scope, &scan) || scan < 0) return false;
  const Relation* target = nullptr;
  for (const Relation* relation : candidates) {
    if (relation->scan == scan) target = relation;
  }
  if (target == nullptr || target->renamed) return false;
  ScanSource& source = statement_.scans[static_cast<size_t>(scan)];
  bool mentions_deleted = false;
  BindScope bind;
  bind.schema = &source.schema();
  bind.ns = target->ns;
  bind.table = target->table;
  if (target->aliased) bind.alias = target->alias;
  bind.params = options_.params;
  bind.mentions_deleted = &mentions_deleted;
  // What the row engine does not take is left to DuckDB, which also reports what is wrong with it.
  Result<expr::ExprPtr> bound = BindExpr(conjunct, bind);
  if (!bound.ok() || (*bound)->type().kind != TypeKind::kBoolean) return false;
  expr::ExprPtr predicate = bound.Take();
  if (source.spec.predicate != nullptr) {
    Result<expr::ExprPtr> both = expr::MakeCall("and", {source.spec.predicate, predicate});
    if (!both.ok()) return false;
    predicate = both.Take();
  }
  source.spec.predicate = std::move(predicate);
  source.spec.include_deleted |= mentions_deleted;
  return true;
}

bool SqlWriter::SingleScan(const sql::Expr& e, const Scope& scope, int* scan) {
  if (e.kind == sql::ExprKind::kSubquery || e.kind == sql::ExprKind::kStar || e.over != nullptr ||
      e.filter != nullptr || e.within_group || !e.order_by.empty()) {
    return false;
  }
  if (e.kind == sql::ExprKind::kColumn) {
    Result<ResolvedColumn> resolved = ResolveColumn(scope, e.path);
    if (!resolved.ok() || !resolved->local || resolved->column.scan < 0) return false;
    if (*scan >= 0 && *scan != resolved->column.scan) return false;
    *scan = resolved->column.scan;
    return true;
  }
  for (const sql::ExprPtr& arg : e.args) {
    if (arg == nullptr || !SingleScan(*arg, scope, scan)) return false;
  }
  if (e.operand != nullptr && !SingleScan(*e.operand, scope, scan)) return false;
  return e.else_ == nullptr || SingleScan(*e.else_, scope, scan);
}

}  // namespace kalamdb::query
