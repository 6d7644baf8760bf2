// See clone_ast.h. Every member of every node of sql/ast.h is copied here.
#include "query/clone_ast.h"

namespace kalamdb::query {
namespace {

using namespace sql;  // NOLINT: the whole file is about these types

ExprPtr Clone(const ExprPtr& e) { return e == nullptr ? nullptr : CloneExpr(*e); }
SelectPtr Clone(const SelectPtr& s) { return s == nullptr ? nullptr : CloneSelect(*s); }

std::vector<ExprPtr> Clone(const std::vector<ExprPtr>& list) {
  std::vector<ExprPtr> copy;
  copy.reserve(list.size());
  for (const ExprPtr& e : list) copy.push_back(Clone(e));
  return copy;
}

std::vector<OrderItem> Clone(const std::vector<OrderItem>& list) {
  std::vector<OrderItem> copy;
  copy.reserve(list.size());
  for (const OrderItem& item : list) {
    OrderItem to;
    to.expr = Clone(item.expr);
    to.descending = item.descending;
    to.nulls = item.nulls;
    copy.push_back(std::move(to));
  }
  return copy;
}

FrameBound Clone(const FrameBound& bound) {
  FrameBound copy;
  copy.kind = bound.kind;
  copy.offset = Clone(bound.offset);
  return copy;
}

Window Clone(const Window& w) {
  Window copy;
  copy.name = w.name;
  copy.refname = w.refname;
  copy.partition_by = Clone(w.partition_by);
  copy.order_by = Clone(w.order_by);
  copy.has_frame = w.has_frame;
  copy.mode = w.mode;
  copy.start = Clone(w.start);
  copy.end = Clone(w.end);
  copy.exclude = w.exclude;
  return copy;
}

TableRefPtr Clone(const TableRefPtr& from) {
  if (from == nullptr) return nullptr;
  auto copy = std::make_unique<TableRef>();
  copy->kind = from->kind;
  copy->schema = from->schema;
  copy->table = from->table;
  copy->alias = from->alias;
  copy->column_aliases = from->column_aliases;
  copy->lateral = from->lateral;
  copy->subquery = Clone(from->subquery);
  copy->function = Clone(from->function);
  copy->with_ordinality = from->with_ordinality;
  copy->join = from->join;
  copy->natural = from->natural;
  copy->left = Clone(from->left);
  copy->right = Clone(from->right);
  copy->on = Clone(from->on);
  copy->using_columns = from->using_columns;
  copy->location = from->location;
  return copy;
}

}  // namespace

sql::ExprPtr CloneExpr(const sql::Expr& e) {
  auto copy = std::make_unique<sql::Expr>();
  copy->kind = e.kind;
  copy->name = e.name;
  copy->text = e.text;
  copy->value = e.value;
  copy->number = e.number;
  copy->path = e.path;
  copy->args = Clone(e.args);
  copy->distinct = e.distinct;
  copy->star = e.star;
  copy->order_by = Clone(e.order_by);
  copy->within_group = e.within_group;
  copy->filter = Clone(e.filter);
  if (e.over != nullptr) copy->over = std::make_unique<sql::Window>(Clone(*e.over));
  copy->operand = Clone(e.operand);
  copy->else_ = Clone(e.else_);
  copy->type = e.type;
  copy->array_depth = e.array_depth;
  copy->is_try = e.is_try;
  copy->sublink = e.sublink;
  copy->subquery = Clone(e.subquery);
  copy->except = e.except;
  copy->location = e.location;
  return copy;
}

sql::SelectPtr CloneSelect(const sql::Select& s) {
  auto copy = std::make_unique<sql::Select>();
  for (const sql::CommonTable& with : s.with) {
    sql::CommonTable to;
    to.name = with.name;
    to.column_aliases = with.column_aliases;
    to.query = Clone(with.query);
    copy->with.push_back(std::move(to));
  }
  copy->recursive = s.recursive;
  copy->set_op = s.set_op;
  copy->set_all = s.set_all;
  copy->left = Clone(s.left);
  copy->right = Clone(s.right);
  for (const std::vector<sql::ExprPtr>& row : s.values) copy->values.push_back(Clone(row));
  copy->distinct = s.distinct;
  copy->distinct_on = Clone(s.distinct_on);
  for (const sql::SelectItem& item : s.items) {
    copy->items.push_back({Clone(item.expr), item.alias});
  }
  for (const sql::TableRefPtr& from : s.from) copy->from.push_back(Clone(from));
  copy->where = Clone(s.where);
  for (const sql::GroupItem& item : s.group_by) {
    sql::GroupItem to;
    to.kind = item.kind;
    to.expr = Clone(item.expr);
    for (const std::vector<sql::ExprPtr>& set : item.sets) to.sets.push_back(Clone(set));
    copy->group_by.push_back(std::move(to));
  }
  copy->having = Clone(s.having);
  for (const sql::Window& window : s.windows) copy->windows.push_back(Clone(window));
  copy->order_by = Clone(s.order_by);
  copy->limit = Clone(s.limit);
  copy->offset = Clone(s.offset);
  copy->with_ties = s.with_ties;
  copy->for_update = s.for_update;
  return copy;
}

}  // namespace kalamdb::query
