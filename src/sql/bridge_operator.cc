// Operators and the predicates that PostgreSQL's grammar writes as operators.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "sql/bridge.h"
#include "sql/pg_fields.h"

namespace kalamdb::sql {

namespace {

using std::string_view_literals::operator""sv;

constexpr std::array kBinary = {"+"sv,   "-"sv,   "*"sv,  "/"sv,  "%"sv,  "^"sv,  "="sv,   "<>"sv,
                                "<"sv,   ">"sv,   "<="sv, ">="sv, "||"sv, "->"sv, "->>"sv, "#>"sv,
                                "#>>"sv, "@>"sv,  "<@"sv, "?"sv,  "?|"sv, "?&"sv, "~"sv,   "~*"sv,
                                "!~"sv,  "!~*"sv, "&"sv,  "|"sv,  "#"sv,  "<<"sv, ">>"sv,  "&&"sv};

struct PatternOperator {
  std::string_view spelling;
  std::string_view name;
  bool negated;
};
constexpr std::array kPatterns = {
    PatternOperator{"~~", "like", false}, PatternOperator{"!~~", "like", true},
    PatternOperator{"~~*", "ilike", false}, PatternOperator{"!~~*", "ilike", true}};

template <size_t N>
bool Contains(const std::array<std::string_view, N>& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

}  // namespace

// `a OPERATOR(pg_catalog.+) b` names a schema; no other than PostgreSQL's own exists.
std::string Bridge::OperatorName(PgMessage::Elements name) {
  std::string schema;
  std::string op;
  while (name.Next()) {
    schema = std::move(op);
    op = PgMessage(name.node().bytes).Bytes(pg::kValue);
  }
  if (!schema.empty() && schema != "pg_catalog") Unsupported("operators of a schema");
  return op;
}

ExprPtr Bridge::ToOperator(const PgMessage& m) {
  using A = pg::AExpr;
  const int location = Location(m, A::kLocation);
  switch (m.Int(A::kKind)) {
    case A::kOp:
      return PlainOperator(m, location);
    case A::kOpAny:
    case A::kOpAll: {
      ExprPtr e = MakeOperator(m.Int(A::kKind) == A::kOpAny ? "any" : "all", location,
                               ToExpr(m.Node(A::kLeft)), ToExpr(m.Node(A::kRight)));
      e->text = OperatorName(m.Repeated(A::kName));
      if (!Contains(kBinary, e->text)) Refuse(fmt::format("Unsupported operator '{}'", e->text));
      return e;
    }
    case A::kDistinct:
      return MakeOperator("is distinct from", location, ToExpr(m.Node(A::kLeft)),
                          ToExpr(m.Node(A::kRight)));
    case A::kNotDistinct:
      return MakeOperator("is not distinct from", location, ToExpr(m.Node(A::kLeft)),
                          ToExpr(m.Node(A::kRight)));
    case A::kNullIf: {
      ExprPtr e =
          MakeOperator("nullif", location, ToExpr(m.Node(A::kLeft)), ToExpr(m.Node(A::kRight)));
      e->kind = ExprKind::kCall;
      return e;
    }
    case A::kIn:
      return InList(m, location);
    case A::kLike:
      return PatternMatch(m, "like", location);
    case A::kILike:
      return PatternMatch(m, "ilike", location);
    case A::kSimilar:
      return PatternMatch(m, "similar to", location);
    case A::kBetween:
      return Between(m, false, location);
    case A::kNotBetween:
      return Negated(Between(m, false, location));
    case A::kBetweenSymmetric:
      return Between(m, true, location);
    case A::kNotBetweenSymmetric:
      return Negated(Between(m, true, location));
    default:
      Unsupported("this operator");
      return nullptr;
  }
}

ExprPtr Bridge::PlainOperator(const PgMessage& m, int location) {
  using A = pg::AExpr;
  std::string op = OperatorName(m.Repeated(A::kName));
  if (!m.Has(A::kLeft)) {
    ExprPtr operand = ToExpr(m.Node(A::kRight));
    if (op == "+") return operand;
    if (op != "-" && op != "~") {
      Refuse(fmt::format("Unsupported operator '{}'", op));
      return nullptr;
    }
    return MakeOperator(op, location, std::move(operand));
  }
  ExprPtr left = ToExpr(m.Node(A::kLeft));
  ExprPtr right = ToExpr(m.Node(A::kRight));
  for (const PatternOperator& p : kPatterns) {
    if (p.spelling != op) continue;
    ExprPtr e = MakeOperator(p.name, location, std::move(left), std::move(right));
    return p.negated ? Negated(std::move(e)) : std::move(e);
  }
  if (!Contains(kBinary, op)) Refuse(fmt::format("Unsupported operator '{}'", op));
  return MakeOperator(op, location, std::move(left), std::move(right));
}

ExprPtr Bridge::PatternMatch(const PgMessage& m, std::string_view name, int location) {
  using A = pg::AExpr;
  ExprPtr left = ToExpr(m.Node(A::kLeft));
  // ESCAPE, and every SIMILAR TO, is a call of an internal function around the pattern.
  ExprPtr pattern;
  ExprPtr escape;
  const PgNode right = m.Node(A::kRight);
  bool wrapped = false;
  if (right.tag == pg::kFuncCall) {
    const PgMessage call(right.bytes);
    std::string function;
    for (auto e = call.Repeated(pg::FuncCall::kName); e.Next();) {
      function = PgMessage(e.node().bytes).Bytes(pg::kValue);
    }
    wrapped = call.Count(pg::FuncCall::kName) == 2 &&
              (function == "like_escape" || function == "similar_to_escape");
    if (wrapped) {
      std::vector<ExprPtr> args = ToExprs(call.Repeated(pg::FuncCall::kArgs));
      if (!args.empty()) pattern = std::move(args[0]);
      if (args.size() > 1) escape = std::move(args[1]);
    }
  }
  if (!wrapped) pattern = ToExpr(right);
  const std::string op = OperatorName(m.Repeated(A::kName));
  ExprPtr e = MakeOperator(name, location, std::move(left), std::move(pattern), std::move(escape));
  return op.starts_with('!') ? Negated(std::move(e)) : std::move(e);
}

ExprPtr Bridge::InList(const PgMessage& m, int location) {
  using A = pg::AExpr;
  ExprPtr e = MakeOperator("in", location, ToExpr(m.Node(A::kLeft)));
  const PgMessage list(m.Node(A::kRight).bytes);
  for (auto i = list.Repeated(pg::kValue); i.Next() && !failed();) {
    e->args.push_back(ToExpr(i.node()));
  }
  return OperatorName(m.Repeated(A::kName)) == "=" ? std::move(e) : Negated(std::move(e));
}

// BETWEEN SYMMETRIC is BETWEEN in either order of the bounds.
ExprPtr Bridge::Between(const PgMessage& m, bool symmetric, int location) {
  using A = pg::AExpr;
  const auto once = [&](bool swapped) {
    ExprPtr value = ToExpr(m.Node(A::kLeft));
    std::vector<ExprPtr> bounds = ToExprs(PgMessage(m.Node(A::kRight).bytes).Repeated(pg::kValue));
    if (bounds.size() != 2) {
      if (!failed()) Unsupported("BETWEEN without two bounds");
      return ExprPtr();
    }
    if (swapped) std::swap(bounds[0], bounds[1]);
    return MakeOperator("between", location, std::move(value), std::move(bounds[0]),
                        std::move(bounds[1]));
  };
  if (!symmetric) return once(false);
  ExprPtr straight = once(false);
  return MakeOperator("or", location, std::move(straight), once(true));
}

}  // namespace kalamdb::sql
