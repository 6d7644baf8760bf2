// SELECT, VALUES, set operations, FROM.
#include <fmt/format.h>

#include "sql/bridge.h"
#include "sql/pg_fields.h"

namespace kalamdb::sql {

SelectPtr Bridge::ToSubquery(PgNode node) {
  if (node.tag != pg::kSelectStmt) {
    Unsupported("a data-changing statement inside a query");
    return nullptr;
  }
  return ToSelect(PgMessage(node.bytes));
}

void Bridge::WithTables(std::string_view clause, Select* select) {
  const PgMessage with(clause);
  select->recursive = with.Bool(pg::WithClause::kRecursive);
  for (auto e = with.Repeated(pg::WithClause::kTables); e.Next() && !failed();) {
    const PgMessage m(e.node().bytes);
    if (m.Has(pg::CommonTableExpr::kSearch)) Unsupported("SEARCH in WITH");
    if (m.Has(pg::CommonTableExpr::kCycle)) Unsupported("CYCLE in WITH");
    CommonTable table;
    table.name = Name(m.Bytes(pg::CommonTableExpr::kName));
    table.column_aliases = Names(m.Repeated(pg::CommonTableExpr::kColumns));
    table.query = ToSubquery(m.Node(pg::CommonTableExpr::kQuery));
    select->with.push_back(std::move(table));
  }
}

SelectPtr Bridge::ToSelect(const PgMessage& m, bool insert_source) {
  using S = pg::SelectStmt;
  if (failed()) return nullptr;
  auto select = std::make_unique<Select>();
  if (m.Has(S::kWith)) WithTables(m.Bytes(S::kWith), select.get());
  switch (m.Int(S::kOp)) {
    case S::kUnion:
      select->set_op = SetOp::kUnion;
      break;
    case S::kIntersect:
      select->set_op = SetOp::kIntersect;
      break;
    case S::kExcept:
      select->set_op = SetOp::kExcept;
      break;
    default:
      break;
  }
  if (select->set_op != SetOp::kNone) {
    select->set_all = m.Bool(S::kAll);
    select->left = ToSelect(PgMessage(m.Bytes(S::kLeft)));
    select->right = ToSelect(PgMessage(m.Bytes(S::kRight)));
  } else {
    SelectBody(m, insert_source, select.get());
  }
  select->order_by = ToOrder(m.Repeated(S::kSort));
  if (m.Has(S::kOffset)) select->offset = ToExpr(m.Node(S::kOffset));
  if (m.Has(S::kLimit)) {
    select->limit = ToExpr(m.Node(S::kLimit));
    // LIMIT ALL is a NULL constant in the tree.
    if (select->limit && select->limit->kind == ExprKind::kLiteral && select->limit->value.null()) {
      select->limit = nullptr;
    }
  }
  select->with_ties = m.Int(S::kLimitOption) == S::kWithTies;
  select->for_update = m.Has(S::kLocking);
  return select;
}

void Bridge::SelectBody(const PgMessage& m, bool insert_source, Select* select) {
  using S = pg::SelectStmt;
  if (m.Has(S::kInto)) Unsupported("SELECT INTO");
  if (m.Bool(S::kGroupDistinct)) Unsupported("GROUP BY DISTINCT");
  for (auto rows = m.Repeated(S::kValues); rows.Next() && !failed();) {
    std::vector<ExprPtr> row;
    const PgMessage list(rows.node().bytes);
    for (auto e = list.Repeated(pg::kValue); e.Next() && !failed();) {
      const PgNode value = e.node();
      if (insert_source && value.tag == pg::kSetToDefault) {
        row.push_back(nullptr);
      } else {
        row.push_back(ToExpr(value));
      }
    }
    select->values.push_back(std::move(row));
  }
  for (auto e = m.Repeated(S::kDistinct); e.Next() && !failed();) {
    // Plain DISTINCT is a list of one empty node.
    if (const PgNode on = e.node()) {
      select->distinct_on.push_back(ToExpr(on));
    } else {
      select->distinct = true;
    }
  }
  select->items = ToItems(m.Repeated(S::kTargets));
  for (auto e = m.Repeated(S::kFrom); e.Next() && !failed();) {
    select->from.push_back(ToTable(e.node()));
  }
  if (m.Has(S::kWhere)) select->where = ToExpr(m.Node(S::kWhere));
  for (auto e = m.Repeated(S::kGroup); e.Next() && !failed();) {
    select->group_by.push_back(ToGroupItem(e.node()));
  }
  if (m.Has(S::kHaving)) select->having = ToExpr(m.Node(S::kHaving));
  for (auto e = m.Repeated(S::kWindows); e.Next() && !failed();) {
    select->windows.push_back(std::move(*ToWindow(PgMessage(e.node().bytes), false)));
  }
}

std::vector<SelectItem> Bridge::ToItems(PgMessage::Elements targets) {
  std::vector<SelectItem> items;
  while (targets.Next() && !failed()) {
    const PgMessage target(targets.node().bytes);
    SelectItem item;
    item.expr = ToExpr(target.Node(pg::ResTarget::kValue));
    item.alias = AliasName(target.Bytes(pg::ResTarget::kName));
    items.push_back(std::move(item));
  }
  return items;
}

std::vector<OrderItem> Bridge::ToOrder(PgMessage::Elements elements) {
  std::vector<OrderItem> order;
  while (elements.Next() && !failed()) {
    const PgMessage sort(elements.node().bytes);
    OrderItem item;
    item.expr = ToExpr(sort.Node(pg::SortBy::kNode));
    const int64_t direction = sort.Int(pg::SortBy::kDirection);
    if (direction == pg::SortBy::kUsing) Unsupported("ORDER BY ... USING");
    item.descending = direction == pg::SortBy::kDescending;
    switch (sort.Int(pg::SortBy::kNulls)) {
      case pg::SortBy::kNullsFirst:
        item.nulls = OrderItem::Nulls::kFirst;
        break;
      case pg::SortBy::kNullsLast:
        item.nulls = OrderItem::Nulls::kLast;
        break;
      default:
        break;
    }
    order.push_back(std::move(item));
  }
  return order;
}

// The expressions of one element of ROLLUP, CUBE or GROUPING SETS: (a, b), a or ().
std::vector<ExprPtr> Bridge::GroupingElements(PgNode node) {
  const PgMessage m(node.bytes);
  if (node.tag == pg::kRowExpr) return ToExprs(m.Repeated(pg::RowExpr::kArgs));
  std::vector<ExprPtr> list;
  if (node.tag == pg::kGroupingSet) {
    if (m.Int(pg::GroupingSet::kKind) != pg::GroupingSet::kEmpty)
      Unsupported("nested grouping sets");
  } else {
    list.push_back(ToExpr(node));
  }
  return list;
}

GroupItem Bridge::ToGroupItem(PgNode node) {
  using G = pg::GroupingSet;
  GroupItem item;
  if (node.tag != pg::kGroupingSet) {
    item.expr = ToExpr(node);
    return item;
  }
  const PgMessage m(node.bytes);
  switch (m.Int(G::kKind)) {
    case G::kRollup:
      item.kind = GroupItem::Kind::kRollup;
      break;
    case G::kCube:
      item.kind = GroupItem::Kind::kCube;
      break;
    case G::kSets:
      item.kind = GroupItem::Kind::kSets;
      break;
    case G::kEmpty:  // GROUP BY (): one group of everything
      item.kind = GroupItem::Kind::kSets;
      item.sets.emplace_back();
      return item;
    default:
      Unsupported("this kind of grouping set");
      return item;
  }
  for (auto e = m.Repeated(G::kContent); e.Next() && !failed();) {
    item.sets.push_back(GroupingElements(e.node()));
  }
  return item;
}

void Bridge::TakeAlias(std::string_view alias, TableRef* table) {
  if (alias.empty()) return;
  const PgMessage m(alias);
  table->alias = Name(m.Bytes(pg::Alias::kName));
  table->column_aliases = Names(m.Repeated(pg::Alias::kColumns));
}

TableRefPtr Bridge::ToTable(PgNode node) {
  const PgMessage m(node.bytes);
  auto table = std::make_unique<TableRef>();
  switch (node.tag) {
    case pg::kRangeVar: {
      const std::string catalog = Name(m.Bytes(pg::RangeVar::kCatalog));
      if (!catalog.empty() && catalog != "kalam") {
        Refuse(fmt::format("Unknown catalog '{}'", catalog), Location(m, pg::RangeVar::kLocation));
      }
      if (!m.Bool(pg::RangeVar::kInherits)) Unsupported("ONLY");
      table->schema = Name(m.Bytes(pg::RangeVar::kSchema));
      table->table = Name(m.Bytes(pg::RangeVar::kTable));
      table->location = Location(m, pg::RangeVar::kLocation);
      TakeAlias(m.Bytes(pg::RangeVar::kAlias), table.get());
      return table;
    }
    case pg::kRangeSubselect: {
      table->lateral = m.Bool(pg::RangeSubselect::kLateral);
      table->subquery = ToSubquery(m.Node(pg::RangeSubselect::kSubquery));
      const bool values = table->subquery != nullptr && !table->subquery->values.empty();
      table->kind = values ? TableRef::Kind::kValues : TableRef::Kind::kSubquery;
      TakeAlias(m.Bytes(pg::RangeSubselect::kAlias), table.get());
      return table;
    }
    case pg::kJoinExpr:
      return ToJoin(m);
    case pg::kRangeFunction:
      return ToTableFunction(m);
    case pg::kRangeTableSample:
      Unsupported("TABLESAMPLE");
      return table;
    default:
      Unsupported(fmt::format("a FROM item of kind {}", node.tag));
      return table;
  }
}

TableRefPtr Bridge::ToJoin(const PgMessage& m) {
  using J = pg::JoinExpr;
  auto table = std::make_unique<TableRef>();
  table->kind = TableRef::Kind::kJoin;
  table->natural = m.Bool(J::kNatural);
  table->left = ToTable(m.Node(J::kLeft));
  if (failed()) return table;
  table->right = ToTable(m.Node(J::kRight));
  if (m.Has(J::kOn)) table->on = ToExpr(m.Node(J::kOn));
  table->using_columns = Names(m.Repeated(J::kUsing));
  if (m.Has(J::kUsingAlias) || m.Has(J::kAlias)) Unsupported("an alias of a join");
  switch (m.Int(J::kType)) {
    case J::kInner: {
      const bool conditional = table->natural || table->on || !table->using_columns.empty();
      table->join = conditional ? JoinKind::kInner : JoinKind::kCross;
      break;
    }
    case J::kLeftOuter:
      table->join = JoinKind::kLeft;
      break;
    case J::kRightOuter:
      table->join = JoinKind::kRight;
      break;
    case J::kFull:
      table->join = JoinKind::kFull;
      break;
    default:
      Unsupported("this kind of join");
  }
  return table;
}

TableRefPtr Bridge::ToTableFunction(const PgMessage& m) {
  using R = pg::RangeFunction;
  auto table = std::make_unique<TableRef>();
  table->kind = TableRef::Kind::kFunction;
  table->lateral = m.Bool(R::kLateral);
  table->with_ordinality = m.Bool(R::kOrdinality);
  if (m.Has(R::kColumnDefs)) Unsupported("column definitions of a table function");
  if (m.Count(R::kFunctions) != 1) {
    Unsupported("ROWS FROM with several functions");
    return table;
  }
  // A list of the call and its column definitions.
  const PgMessage item(m.Node(R::kFunctions).bytes);
  const PgNode call = item.Node(pg::kValue);
  if (call.tag != pg::kFuncCall) {
    Unsupported("a FROM item that is no table, query or function");
    return table;
  }
  table->function = ToCall(PgMessage(call.bytes));
  TakeAlias(m.Bytes(R::kAlias), table.get());
  return table;
}

}  // namespace kalamdb::sql
