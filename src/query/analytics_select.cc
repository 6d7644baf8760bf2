// Queries: WITH, SELECT, VALUES, set operations and what stands behind them.
#include <utility>

#include "query/analytics_sql.h"

namespace kalamdb::query {
namespace {

// Deepest nesting of queries and expressions together.
constexpr int kMaxQueryDepth = 512;

bool IsWholeNumber(const sql::Expr& e) {
  return e.kind == sql::ExprKind::kLiteral && !e.value.null() && IsInteger(e.value.datum().kind);
}

std::string Direction(const sql::OrderItem& item) {
  using Nulls = sql::OrderItem::Nulls;
  const bool first =
      item.nulls == Nulls::kFirst || (item.nulls == Nulls::kDefault && item.descending);
  return fmt::format(" {} NULLS {}", item.descending ? "DESC" : "ASC", first ? "FIRST" : "LAST");
}

// The one output of that name, as a position from 1; 0 when there is none or several.
size_t OutputPosition(const sql::Expr& e, const std::vector<ScopeColumn>& columns) {
  if (e.kind != sql::ExprKind::kColumn || e.path.size() != 1) return 0;
  size_t position = 0;
  for (size_t i = 0; i < columns.size(); ++i) {
    if (!SameName(columns[i].name, e.path[0])) continue;
    if (position != 0) return 0;
    position = i + 1;
  }
  return position;
}

// Outputs of one name have to be one expression to be ordered by.
Status CheckOneOutput(const sql::Expr& e, const std::vector<ScopeColumn>& outputs) {
  if (e.kind != sql::ExprKind::kColumn || e.path.size() != 1) return Status::Ok();
  const ScopeColumn* first = nullptr;
  for (const ScopeColumn& output : outputs) {
    if (!SameName(output.name, e.path[0])) continue;
    if (first != nullptr && first->sql != output.sql) {
      return InvalidSql(fmt::format("ORDER BY \"{}\" is ambiguous", e.path[0]));
    }
    first = &output;
  }
  return Status::Ok();
}

Result<size_t> Ordinal(const sql::Expr& e, size_t outputs, std::string_view clause) {
  const int64_t n = e.value.datum().i;
  if (n < 1 || static_cast<uint64_t>(n) > outputs) {
    return InvalidSql(fmt::format("{} position {} is not in select list", clause, n));
  }
  return static_cast<size_t>(n);
}

}  // namespace

Result<AnalyticalStatement> SqlWriter::Write(const sql::Select& select) {
  KDB_ASSIGN_OR_RETURN(Query query, WriteQuery(select, nullptr, true));
  statement_.sql = std::move(query.sql);
  for (ScopeColumn& column : query.columns) {
    statement_.columns.push_back(
        {std::move(column.name), column.type, column.primary_key, column.not_null, column.masked});
  }
  for (ScanSource& scan : statement_.scans) {
    if (scan.lookup.table == nullptr) continue;
    scan.spec.table = scan.lookup.table;
    scan.spec.path = ChooseAccessPath(*scan.lookup.table, scan.spec.predicate);
  }
  return std::move(statement_);
}

Result<SqlWriter::Query> SqlWriter::WriteQuery(const sql::Select& select, const Scope* outer,
                                               bool top) {
  if (++depth_ > kMaxQueryDepth) return InvalidSql("Query is nested too deeply");
  Scope scope;
  scope.parent = outer;
  scope.level = outer != nullptr ? outer->level : nullptr;
  std::string with;
  KDB_RETURN_IF_ERROR(WriteCommonTables(select, &scope, &with));
  KDB_ASSIGN_OR_RETURN(Query query, WriteBody(select, scope, top));
  query.sql = with + query.sql;
  --depth_;
  return query;
}

Status SqlWriter::WriteCommonTables(const sql::Select& select, Scope* scope, std::string* sql) {
  for (const sql::CommonTable& table : select.with) {
    const std::string name = QuoteIdentifier(UniqueName(table.name));
    if (scope->common_tables.contains(table.name)) {
      return InvalidSql(fmt::format("WITH query name \"{}\" specified more than once", table.name));
    }
    Query query;
    if (select.recursive && table.query->set_op == sql::SetOp::kUnion) {
      KDB_ASSIGN_OR_RETURN(query, WriteRecursive(table, name, scope));
    } else {
      KDB_ASSIGN_OR_RETURN(query, WriteQuery(*table.query, scope));
      CommonTableInfo info{name, query.columns};
      KDB_RETURN_IF_ERROR(RenameColumns(table.column_aliases, table.name, &info.columns));
      scope->common_tables.emplace(table.name, std::move(info));
    }
    *sql += sql->empty() ? (select.recursive ? "WITH RECURSIVE " : "WITH ") : ", ";
    *sql += name + "(";
    for (size_t i = 0; i < query.columns.size(); ++i) {
      *sql += (i > 0 ? ", " : "") + query.columns[i].sql;
    }
    *sql += ") AS (" + query.sql + ")";
  }
  if (!sql->empty()) sql->push_back(' ');
  return Status::Ok();
}

Status SqlWriter::RenameColumns(const std::vector<std::string>& names, std::string_view relation,
                                std::vector<ScopeColumn>* columns) {
  if (names.size() > columns->size()) {
    return InvalidSql(fmt::format("\"{}\" has {} columns available but {} columns specified",
                                  relation, columns->size(), names.size()));
  }
  for (size_t i = 0; i < names.size(); ++i) (*columns)[i].name = names[i];
  return Status::Ok();
}

// The first side gives the columns that the second may already use.
Result<SqlWriter::Query> SqlWriter::WriteRecursive(const sql::CommonTable& table,
                                                   const std::string& name, Scope* scope) {
  const sql::Select& body = *table.query;
  if (!body.order_by.empty() || body.limit != nullptr || body.offset != nullptr ||
      !body.with.empty()) {
    return NotImplemented(
        "WITH, ORDER BY, LIMIT and OFFSET in a recursive query are not supported");
  }
  KDB_ASSIGN_OR_RETURN(Query first, WriteQuery(*body.left, scope));
  for (ScopeColumn& column : first.columns) {
    column.primary_key = column.not_null = false;
    column.order = OrderRole::kNone;
  }
  CommonTableInfo info{name, first.columns};
  KDB_RETURN_IF_ERROR(RenameColumns(table.column_aliases, table.name, &info.columns));
  scope->common_tables.emplace(table.name, std::move(info));
  KDB_ASSIGN_OR_RETURN(Query second, WriteQuery(*body.right, scope));
  if (second.columns.size() != first.columns.size()) {
    return InvalidSql("each UNION query must have the same number of columns");
  }
  first.sql = fmt::format("({}) UNION{} ({})", first.sql, body.set_all ? " ALL" : "", second.sql);
  return first;
}

Result<SqlWriter::Query> SqlWriter::WriteBody(const sql::Select& select, const Scope& outer,
                                              bool top) {
  if (select.with_ties) return NotImplemented("FETCH FIRST ... WITH TIES is not supported");
  if (select.limit != nullptr || select.offset != nullptr) statement_.has_limit = true;
  if (select.set_op == sql::SetOp::kNone && select.values.empty()) {
    return WriteSelect(select, outer, top);
  }
  Query query;
  if (select.set_op != sql::SetOp::kNone) {
    KDB_ASSIGN_OR_RETURN(query, WriteSetOperation(select, outer));
  } else {
    KDB_ASSIGN_OR_RETURN(query, WriteValues(select, outer));
  }
  KDB_RETURN_IF_ERROR(WriteOrderBy(select.order_by, nullptr, query.columns, &query.sql));
  KDB_RETURN_IF_ERROR(WriteLimit(select, outer, &query.sql));
  return query;
}

Result<SqlWriter::Query> SqlWriter::WriteSetOperation(const sql::Select& select,
                                                      const Scope& outer) {
  std::string_view word = "UNION";
  if (select.set_op == sql::SetOp::kIntersect) word = "INTERSECT";
  if (select.set_op == sql::SetOp::kExcept) word = "EXCEPT";
  KDB_ASSIGN_OR_RETURN(Query left, WriteQuery(*select.left, &outer));
  KDB_ASSIGN_OR_RETURN(Query right, WriteQuery(*select.right, &outer));
  if (left.columns.size() != right.columns.size()) {
    return InvalidSql(fmt::format("each {} query must have the same number of columns", word));
  }
  for (size_t i = 0; i < left.columns.size(); ++i) {
    ScopeColumn& column = left.columns[i];
    column.primary_key = column.not_null = false;
    column.order = OrderRole::kNone;
    column.masked = column.masked || right.columns[i].masked;
    if (column.type != right.columns[i].type) column.type.reset();
  }
  left.sql = fmt::format("({}) {}{} ({})", left.sql, word, select.set_all ? " ALL" : "", right.sql);
  return left;
}

Result<SqlWriter::Query> SqlWriter::WriteValues(const sql::Select& select, const Scope& outer) {
  Query query;
  const size_t width = select.values[0].size();
  for (size_t i = 0; i < width; ++i) {
    ScopeColumn column;
    column.name = fmt::format("column{}", i + 1);
    column.sql = QuoteIdentifier(column.name);
    query.columns.push_back(std::move(column));
  }
  query.sql = "SELECT * FROM (VALUES ";
  for (size_t r = 0; r < select.values.size(); ++r) {
    const auto& row = select.values[r];
    if (row.size() != width) return InvalidSql("VALUES lists must all be the same length");
    query.sql += r > 0 ? ", (" : "(";
    for (size_t i = 0; i < width; ++i) {
      if (row[i] == nullptr) return InvalidSql("DEFAULT is not allowed in this context");
      KDB_ASSIGN_OR_RETURN(Fragment value, WriteExpr(*row[i], outer));
      ScopeColumn& column = query.columns[i];
      if (r == 0) {
        column.type = value.type;
      } else if (column.type != value.type) {
        column.type.reset();
      }
      column.masked = column.masked || value.masked;
      query.sql += (i > 0 ? ", " : "") + value.sql;
    }
    query.sql += ")";
  }
  query.sql += ") AS " + QuoteIdentifier(UniqueName("values")) + "(";
  for (size_t i = 0; i < width; ++i) query.sql += (i > 0 ? ", " : "") + query.columns[i].sql;
  query.sql += ")";
  return query;
}

Result<SqlWriter::Query> SqlWriter::WriteSelect(const sql::Select& select, const Scope& outer,
                                                bool top) {
  LevelState level;
  Scope scope;
  scope.parent = &outer;
  scope.level = &level;
  std::string from;
  KDB_RETURN_IF_ERROR(WriteFrom(select, &scope, &from));
  std::string where;
  if (select.where != nullptr) {
    level.in_where = true;
    std::vector<Relation*> candidates;
    for (Relation* relation : scope.relations) {
      if (!relation->nullable) candidates.push_back(relation);
    }
    KDB_ASSIGN_OR_RETURN(where, WriteCondition(*select.where, scope, candidates));
    level.in_where = false;
  }

  Query query;
  std::vector<Fragment> items;
  level.in_select_list = true;
  KDB_RETURN_IF_ERROR(WriteItems(select, scope, &items, &query.columns));
  level.in_select_list = false;
  NameOutputs(&query.columns);
  // ORDER BY and HAVING may use outputs by name; what they then mean is the expression.
  std::vector<ScopeColumn> outputs = query.columns;
  for (size_t i = 0; i < outputs.size(); ++i) outputs[i].sql = items[i].sql;

  query.sql = "SELECT ";
  if (!select.distinct_on.empty()) {
    level.outputs = &outputs;
    query.sql += "DISTINCT ON (";
    for (size_t i = 0; i < select.distinct_on.size(); ++i) {
      const sql::Expr& on = *select.distinct_on[i];
      std::string text;
      if (IsWholeNumber(on)) {
        KDB_ASSIGN_OR_RETURN(size_t ordinal, Ordinal(on, items.size(), "SELECT DISTINCT ON"));
        text = items[ordinal - 1].sql;
      } else {
        KDB_ASSIGN_OR_RETURN(Fragment written, WriteExpr(on, scope));
        text = std::move(written.sql);
      }
      query.sql += (i > 0 ? ", " : "") + text;
    }
    query.sql += ") ";
    level.outputs = nullptr;
  } else if (select.distinct) {
    query.sql += "DISTINCT ";
  }
  for (size_t i = 0; i < items.size(); ++i) {
    query.sql += (i > 0 ? ", " : "") + items[i].sql + " AS " + query.columns[i].sql;
  }
  query.sql += from;
  if (!where.empty()) query.sql += " WHERE " + where;
  KDB_RETURN_IF_ERROR(WriteGroupBy(select, scope, items, query.columns, &query.sql));
  level.outputs = &outputs;
  if (select.having != nullptr) {
    KDB_ASSIGN_OR_RETURN(Fragment having, WriteExpr(*select.having, scope));
    query.sql += " HAVING " + having.sql;
  }
  for (size_t i = 0; i < select.windows.size(); ++i) {
    const sql::Window& window = select.windows[i];
    KDB_ASSIGN_OR_RETURN(std::string body, WriteWindow(window, scope));
    query.sql += i > 0 ? ", " : " WINDOW ";
    query.sql += QuoteIdentifier(window.name) + " AS (" + body + ")";
  }
  KDB_RETURN_IF_ERROR(WriteOrderBy(select.order_by, &scope, query.columns, &query.sql));
  const bool grouped = level.aggregates || !select.group_by.empty() || select.having != nullptr;
  if (top && !ordered_ && !grouped && select.distinct_on.empty()) {
    AppendDefaultOrder(query.columns, &query.sql);
  }
  KDB_RETURN_IF_ERROR(WriteLimit(select, outer, &query.sql));
  return query;
}

// A result that nobody ordered comes by the key of the first stored table that shows it, else by
// `_seq` of one without key.
void SqlWriter::AppendDefaultOrder(const std::vector<ScopeColumn>& columns, std::string* sql) {
  size_t position = 0;
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].order == OrderRole::kKey) {
      position = i + 1;
      break;
    }
    if (columns[i].order == OrderRole::kSeqWithoutKey && position == 0) position = i + 1;
  }
  if (position != 0) *sql += fmt::format(" ORDER BY {} ASC NULLS LAST", position);
}

Status SqlWriter::WriteItems(const sql::Select& select, Scope& scope, std::vector<Fragment>* items,
                             std::vector<ScopeColumn>* columns) {
  for (const sql::SelectItem& item : select.items) {
    if (item.expr->kind == sql::ExprKind::kStar) {
      KDB_RETURN_IF_ERROR(ExpandStar(*item.expr, scope, items, columns));
      continue;
    }
    KDB_ASSIGN_OR_RETURN(Fragment written, WriteExpr(*item.expr, scope));
    ScopeColumn column;
    if (written.column) column = *written.column;
    column.scan = -1;
    column.name = item.alias.empty() ? DefaultColumnName(*item.expr) : item.alias;
    column.type = written.type;
    column.masked = written.masked;
    columns->push_back(std::move(column));
    items->push_back(std::move(written));
  }
  if (items->empty()) return InvalidSql("SELECT without columns");
  return Status::Ok();
}

Status SqlWriter::ExpandStar(const sql::Expr& star, const Scope& scope,
                             std::vector<Fragment>* items, std::vector<ScopeColumn>* columns) {
  const std::vector<ScopeColumn>* all = &scope.star;
  if (!star.path.empty()) {
    KDB_ASSIGN_OR_RETURN(const Relation* relation,
                         ResolveRelation(scope, star.path).At(star.location));
    all = &relation->columns;
  } else if (scope.relations.empty()) {
    return InvalidSql("SELECT * with no tables specified is not valid");
  }
  for (const std::string& name : star.except) {
    if (std::none_of(all->begin(), all->end(),
                     [&](const ScopeColumn& c) { return SameName(c.name, name); })) {
      return Status(ErrorCode::kColumnNotFound, fmt::format("No field named {}.", name))
          .At(star.location);
    }
  }
  for (const ScopeColumn& column : *all) {
    const bool left_out =
        std::any_of(star.except.begin(), star.except.end(),
                    [&](const std::string& name) { return SameName(column.name, name); });
    if (left_out) continue;
    Fragment item;
    item.sql = column.sql;
    item.type = column.type;
    item.masked = column.masked;
    item.column = column;
    items->push_back(std::move(item));
    columns->push_back(column);
    columns->back().scan = -1;
  }
  return Status::Ok();
}

void SqlWriter::NameOutputs(std::vector<ScopeColumn>* columns) {
  std::set<std::string> used;
  for (ScopeColumn& column : *columns) {
    std::string name = column.name.empty() ? "column" : column.name;
    // DuckDB folds ASCII only when it compares names.
    auto fold = [](std::string_view text) {
      std::string folded(text);
      for (char& c : folded) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
      return folded;
    };
    std::string candidate = name;
    for (int n = 1; !used.insert(fold(candidate)).second; ++n)
      candidate = fmt::format("{}_{}", name, n);
    column.sql = QuoteIdentifier(candidate);
  }
}

Status SqlWriter::WriteGroupBy(const sql::Select& select, Scope& scope,
                               const std::vector<Fragment>& items,
                               const std::vector<ScopeColumn>& columns, std::string* sql) {
  if (select.group_by.empty()) return Status::Ok();
  // An input column of the name goes before an output, a position stands for the output.
  auto output_of = [&](const sql::Expr& e) -> Result<size_t> {
    if (IsWholeNumber(e)) return Ordinal(e, items.size(), "GROUP BY");
    const size_t position = OutputPosition(e, columns);
    if (position != 0) {
      Result<ResolvedColumn> input = ResolveColumn(scope, e.path);
      if (input.ok() && input->local) return size_t{0};
    }
    return position;
  };
  for (size_t i = 0; i < select.group_by.size(); ++i) {
    const sql::GroupItem& group = select.group_by[i];
    *sql += i > 0 ? ", " : " GROUP BY ";
    if (group.kind == sql::GroupItem::Kind::kExpr) {
      KDB_ASSIGN_OR_RETURN(size_t position, output_of(*group.expr));
      if (position != 0) {
        *sql += std::to_string(position);
        continue;
      }
      KDB_ASSIGN_OR_RETURN(Fragment written, WriteExpr(*group.expr, scope));
      *sql += written.sql;
      continue;
    }
    *sql += group.kind == sql::GroupItem::Kind::kRollup ? "ROLLUP ("
            : group.kind == sql::GroupItem::Kind::kCube ? "CUBE ("
                                                        : "GROUPING SETS (";
    for (size_t s = 0; s < group.sets.size(); ++s) {
      *sql += s > 0 ? ", (" : "(";
      for (size_t k = 0; k < group.sets[s].size(); ++k) {
        KDB_ASSIGN_OR_RETURN(size_t position, output_of(*group.sets[s][k]));
        std::string text;
        if (position != 0) {
          text = items[position - 1].sql;
        } else {
          KDB_ASSIGN_OR_RETURN(Fragment written, WriteExpr(*group.sets[s][k], scope));
          text = std::move(written.sql);
        }
        *sql += (k > 0 ? ", " : "") + text;
      }
      *sql += ")";
    }
    *sql += ")";
  }
  return Status::Ok();
}

Status SqlWriter::WriteOrderBy(const std::vector<sql::OrderItem>& order, Scope* scope,
                               const std::vector<ScopeColumn>& columns, std::string* sql) {
  for (size_t i = 0; i < order.size(); ++i) {
    const sql::OrderItem& item = order[i];
    ordered_ = true;
    *sql += i > 0 ? ", " : " ORDER BY ";
    size_t position = OutputPosition(*item.expr, columns);
    if (IsWholeNumber(*item.expr)) {
      KDB_ASSIGN_OR_RETURN(position, Ordinal(*item.expr, columns.size(), "ORDER BY"));
    } else if (item.expr->kind == sql::ExprKind::kLiteral) {
      return InvalidSql("non-integer constant in ORDER BY");
    }
    KDB_RETURN_IF_ERROR(CheckOneOutput(
        *item.expr, scope != nullptr && scope->level != nullptr && scope->level->outputs != nullptr
                        ? *scope->level->outputs
                        : columns));
    if (position != 0) {
      *sql += std::to_string(position);
    } else if (scope == nullptr) {
      if (item.expr->kind == sql::ExprKind::kColumn) {
        return Status(ErrorCode::kColumnNotFound,
                      fmt::format("No field named {}.", fmt::join(item.expr->path, ".")))
            .At(item.expr->location);
      }
      return InvalidSql("ORDER BY of a set operation names output columns or positions");
    } else {
      KDB_ASSIGN_OR_RETURN(Fragment written, WriteExpr(*item.expr, *scope));
      *sql += written.sql;
    }
    *sql += Direction(item);
  }
  return Status::Ok();
}

Result<std::string> SqlWriter::WriteOrderList(const std::vector<sql::OrderItem>& order,
                                              const Scope& scope) {
  std::string sql;
  for (size_t i = 0; i < order.size(); ++i) {
    KDB_ASSIGN_OR_RETURN(Fragment written, WriteExpr(*order[i].expr, scope));
    sql += i > 0 ? ", " : "ORDER BY ";
    sql += written.sql + Direction(order[i]);
  }
  return sql;
}

Status SqlWriter::WriteLimit(const sql::Select& select, const Scope& scope, std::string* sql) {
  for (const auto& [word, expr] :
       {std::pair{" LIMIT ", &select.limit}, {" OFFSET ", &select.offset}}) {
    if (*expr == nullptr) continue;
    // No columns here: only what surrounds the query.
    KDB_ASSIGN_OR_RETURN(Fragment count, WriteExpr(**expr, scope));
    *sql += word + (count.text_value ? Cast(count, DataType::Of(TypeKind::kBigInt), false).sql
                                     : count.sql);
  }
  return Status::Ok();
}

}  // namespace kalamdb::query
