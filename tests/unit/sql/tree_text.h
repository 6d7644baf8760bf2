// Trees as short text, so that tests state what they expect in one line: (= (->> doc 'k') 'v').
#pragma once

#include <fmt/format.h>

#include <string>

#include "sql/ast.h"
#include "sql/parser.h"

namespace kalamdb::sql {

std::string TreeText(const Select& select);

inline std::string LiteralText(const Expr& e) {
  const Datum& d = e.value.datum();
  if (d.null) return "NULL";
  switch (d.kind) {
    case TypeKind::kText:
      return fmt::format("'{}'", d.text());
    case TypeKind::kBoolean:
      return d.b ? "true" : "false";
    case TypeKind::kInt:
      return fmt::format("{}", d.i);
    case TypeKind::kBigInt:
      return fmt::format("{}L", d.i);
    case TypeKind::kDouble:
      return fmt::format("{}d", e.text);
    case TypeKind::kBytes:
      return fmt::format("bytes[{}]", d.text().size());
    default:
      return "?";
  }
}

inline std::string OrderText(const std::vector<OrderItem>& order);

inline std::string TreeText(const Expr& e) {
  std::string args;
  for (const ExprPtr& a : e.args) args += " " + (a ? TreeText(*a) : "DEFAULT");
  switch (e.kind) {
    case ExprKind::kLiteral:
      return LiteralText(e);
    case ExprKind::kParam:
      return fmt::format("${}", e.number);
    case ExprKind::kColumn:
      return fmt::format("{}", fmt::join(e.path, "."));
    case ExprKind::kStar: {
      std::string text = e.path.empty() ? "*" : fmt::format("{}.*", fmt::join(e.path, "."));
      if (!e.except.empty()) text += fmt::format(" except {}", fmt::join(e.except, ","));
      return text;
    }
    case ExprKind::kCall: {
      std::string text = fmt::format("{}({}{}{}", e.name, e.distinct ? "distinct" : "",
                                     e.star ? "*" : "", args.empty() ? "" : args.substr(1));
      if (!e.order_by.empty()) text += " order" + OrderText(e.order_by);
      text += ")";
      if (e.within_group) text += " within";
      if (e.filter) text += " filter " + TreeText(*e.filter);
      if (e.over) {
        const Window& w = *e.over;
        text += " over[" + w.refname;
        for (const ExprPtr& p : w.partition_by) text += " by " + TreeText(*p);
        if (!w.order_by.empty()) text += " order" + OrderText(w.order_by);
        if (w.has_frame) {
          text += fmt::format(" frame {}/{}/{}", static_cast<int>(w.mode),
                              static_cast<int>(w.start.kind), static_cast<int>(w.end.kind));
        }
        text += "]";
      }
      return text;
    }
    case ExprKind::kOperator:
      return e.text.empty() ? fmt::format("({}{})", e.name, args)
                            : fmt::format("({} {}{})", e.name, e.text, args);
    case ExprKind::kCase: {
      std::string text = "(case";
      if (e.operand) text += " on " + TreeText(*e.operand);
      text += args;
      if (e.else_) text += " else " + TreeText(*e.else_);
      return text + ")";
    }
    case ExprKind::kCast:
      return fmt::format("({} {}{}{})", e.is_try ? "trycast" : "cast", SqlTypeName(e.type),
                         e.array_depth > 0 ? "[]" : "", args);
    case ExprKind::kSubquery: {
      static constexpr const char* kNames[] = {"scalar", "exists", "any", "all", "array"};
      return fmt::format("({}{}{} {})", kNames[static_cast<int>(e.sublink)],
                         e.name.empty() ? "" : " " + e.name, args, TreeText(*e.subquery));
    }
    case ExprKind::kArray:
      return fmt::format("[{}]", args.empty() ? "" : args.substr(1));
    case ExprKind::kRow:
      return fmt::format("(row{})", args);
    case ExprKind::kInterval:
      return fmt::format("interval'{}'", e.text);
    case ExprKind::kExtract:
      return fmt::format("(extract {}{})", e.name, args);
    case ExprKind::kIndex:
      return fmt::format("(index{})", args);
  }
  return "?";
}

inline std::string OrderText(const std::vector<OrderItem>& order) {
  std::string text;
  for (const OrderItem& o : order) {
    text += " " + TreeText(*o.expr) + (o.descending ? " desc" : "");
    if (o.nulls == OrderItem::Nulls::kFirst) text += " nf";
    if (o.nulls == OrderItem::Nulls::kLast) text += " nl";
  }
  return text;
}

inline std::string TreeText(const TableRef& t) {
  std::string text;
  switch (t.kind) {
    case TableRef::Kind::kTable:
      text = t.schema.empty() ? t.table : t.schema + "." + t.table;
      break;
    case TableRef::Kind::kSubquery:
      text = "{" + TreeText(*t.subquery) + "}";
      break;
    case TableRef::Kind::kValues:
      text = "values{" + TreeText(*t.subquery) + "}";
      break;
    case TableRef::Kind::kFunction:
      text = TreeText(*t.function);
      break;
    case TableRef::Kind::kJoin: {
      static constexpr const char* kNames[] = {"inner", "left", "right", "full", "cross"};
      text = fmt::format("({}{} {} {}", t.natural ? "natural " : "",
                         kNames[static_cast<int>(t.join)], TreeText(*t.left), TreeText(*t.right));
      if (t.on) text += " on " + TreeText(*t.on);
      if (!t.using_columns.empty())
        text += fmt::format(" using {}", fmt::join(t.using_columns, ","));
      text += ")";
    }
  }
  if (t.lateral) text = "lateral " + text;
  if (!t.alias.empty()) text += " as " + t.alias;
  if (!t.column_aliases.empty()) text += fmt::format("({})", fmt::join(t.column_aliases, ","));
  return text;
}

inline std::string TreeText(const Select& s) {
  std::string text;
  for (const CommonTable& c : s.with) {
    text += fmt::format("with{} {}({}) {{{}}} ", s.recursive ? " recursive" : "", c.name,
                        fmt::join(c.column_aliases, ","), TreeText(*c.query));
  }
  if (s.set_op != SetOp::kNone) {
    static constexpr const char* kNames[] = {"", "union", "intersect", "except"};
    text += fmt::format("[{} {}{} {}]", TreeText(*s.left), kNames[static_cast<int>(s.set_op)],
                        s.set_all ? " all" : "", TreeText(*s.right));
  } else if (!s.values.empty()) {
    text += "values";
    for (const auto& row : s.values) {
      text += " (";
      for (size_t i = 0; i < row.size(); ++i) {
        text += (i > 0 ? " " : "") + (row[i] ? TreeText(*row[i]) : std::string("DEFAULT"));
      }
      text += ")";
    }
  } else {
    text += s.distinct ? "select distinct" : "select";
    for (const ExprPtr& d : s.distinct_on) text += " on:" + TreeText(*d);
    for (const SelectItem& i : s.items) {
      text += " " + TreeText(*i.expr) + (i.alias.empty() ? "" : ":" + i.alias);
    }
    if (!s.from.empty()) text += " from";
    for (const TableRefPtr& t : s.from) text += " " + TreeText(*t);
    if (s.where) text += " where " + TreeText(*s.where);
    for (const GroupItem& g : s.group_by) {
      static constexpr const char* kNames[] = {"", "rollup", "cube", "sets"};
      text += " group ";
      if (g.kind == GroupItem::Kind::kExpr) {
        text += TreeText(*g.expr);
        continue;
      }
      text += kNames[static_cast<int>(g.kind)];
      for (const auto& set : g.sets) {
        text += "(";
        for (size_t i = 0; i < set.size(); ++i) text += (i > 0 ? " " : "") + TreeText(*set[i]);
        text += ")";
      }
    }
    if (s.having) text += " having " + TreeText(*s.having);
    for (const Window& w : s.windows) text += " window " + w.name;
  }
  if (!s.order_by.empty()) text += " order" + OrderText(s.order_by);
  if (s.limit) text += " limit " + TreeText(*s.limit);
  if (s.offset) text += " offset " + TreeText(*s.offset);
  if (s.with_ties) text += " ties";
  return text;
}

// The tree of an expression or a query; the error's message when it has none.
inline std::string ExprText(std::string_view sql) {
  Result<ExprPtr> e = ParseExpression(sql);
  return e.ok() ? TreeText(**e) : "error: " + std::string(e.status().message());
}
inline std::string QueryText(std::string_view sql) {
  Result<Statement> s = ParseStatement(sql, Role::kUser);
  if (!s.ok()) return "error: " + std::string(s.status().message());
  const auto* select = std::get_if<SelectPtr>(&s->body);
  return select == nullptr ? "no query" : TreeText(**select);
}
// The message of the error that the statement must end with.
inline std::string ErrorText(std::string_view sql, Role role = Role::kDba) {
  Result<Statement> s = ParseStatement(sql, role);
  return s.ok() ? "no error" : std::string(s.status().message());
}
// The statement as T; the test fails at the access when it is something else.
template <typename T>
Result<T> ParseAs(std::string_view sql, Role role = Role::kDba) {
  Result<Statement> s = ParseStatement(sql, role);
  if (!s.ok()) return s.status();
  if (!std::holds_alternative<T>(s->body)) return Status(ErrorCode::kInternal, "another statement");
  return std::get<T>(std::move(s->body));
}

}  // namespace kalamdb::sql
