// Scalar expressions but operators, calls and casts.
#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <cstdlib>

#include "sql/bridge.h"
#include "sql/lexer.h"
#include "sql/pg_fields.h"

namespace kalamdb::sql {

namespace {

// catalog.schema.table.column
constexpr size_t kMaxNameParts = 4;

std::string_view ValueFunctionName(int64_t op) {
  switch (op) {
    case 1:
      return "current_date";
    case 2:
    case 3:
      return "current_time";
    case 4:
    case 5:
      return "current_timestamp";
    case 6:
    case 7:
      return "localtime";
    case 8:
    case 9:
      return "localtimestamp";
    case 10:
      return "current_role";
    case 11:
    case 12:
      return "current_user";
    case 13:
      return "session_user";
    case 14:
      return "current_database";
    case 15:
      return "current_schema";
    default:
      return {};
  }
}

// What a refused node is called in the message.
std::string NodeTitle(uint32_t tag) {
  switch (tag) {
    case pg::kNamedArgExpr:
      return "named arguments";
    case pg::kXmlExpr:
      return "XML expressions";
    case pg::kMultiAssignRef:
      return "assignment to several columns at once";
    case pg::kSetToDefault:
      return "DEFAULT outside VALUES and SET";
    case 0:
      return "an empty expression";
    default:
      return fmt::format("an expression of kind {}", tag);
  }
}

}  // namespace

ExprPtr Bridge::Make(ExprKind kind, int location) const {
  auto e = std::make_unique<Expr>();
  e->kind = kind;
  e->location = location;
  return e;
}

ExprPtr Bridge::MakeOperator(std::string_view name, int location, ExprPtr a, ExprPtr b,
                             ExprPtr c) const {
  ExprPtr e = Make(ExprKind::kOperator, location);
  e->name = name;
  e->args.reserve(c ? 3 : b ? 2 : 1);
  e->args.push_back(std::move(a));
  if (b) e->args.push_back(std::move(b));
  if (c) e->args.push_back(std::move(c));
  return e;
}

ExprPtr Bridge::Negated(ExprPtr e) const {
  const int location = e ? e->location : -1;
  return MakeOperator("not", location, std::move(e));
}

std::vector<ExprPtr> Bridge::ToExprs(PgMessage::Elements elements) {
  std::vector<ExprPtr> list;
  while (elements.Next() && !failed()) list.push_back(ToExpr(elements.node()));
  return list;
}

ExprPtr Bridge::ToList(ExprKind kind, std::string_view name, PgMessage::Elements elements,
                       int location) {
  ExprPtr e = Make(kind, location);
  e->name = name;
  e->args = ToExprs(elements);
  return e;
}

ExprPtr Bridge::ToExpr(PgNode node) {
  if (failed()) return nullptr;
  const PgMessage m(node.bytes);
  switch (node.tag) {
    case pg::kAConst:
      return ToConstant(m);
    case pg::kColumnRef:
      return ToColumn(m);
    case pg::kAExpr:
      return ToOperator(m);
    case pg::kBoolExpr:
      return ToBoolean(m);
    case pg::kFuncCall:
      return ToCall(m);
    case pg::kTypeCast:
      return ToCast(m);
    case pg::kParamRef: {
      ExprPtr e = Make(ExprKind::kParam, Location(m, pg::ParamRef::kLocation));
      e->number = static_cast<int>(m.Int(pg::ParamRef::kNumber));
      if (e->number < 1) Unsupported("a placeholder without a number");
      return e;
    }
    case pg::kNullTest:
      return ToNullTest(m);
    case pg::kBooleanTest:
      return ToBooleanTest(m);
    case pg::kSubLink:
      return ToSubLink(m);
    case pg::kCaseExpr:
      return ToCase(m);
    case pg::kCoalesceExpr:
      return ToList(ExprKind::kCall, "coalesce", m.Repeated(pg::CoalesceExpr::kArgs),
                    Location(m, pg::CoalesceExpr::kLocation));
    case pg::kMinMaxExpr: {
      const bool greatest = m.Int(pg::MinMaxExpr::kOp) == pg::MinMaxExpr::kGreatest;
      return ToList(ExprKind::kCall, greatest ? "greatest" : "least",
                    m.Repeated(pg::MinMaxExpr::kArgs), Location(m, pg::MinMaxExpr::kLocation));
    }
    case pg::kGroupingFunc:
      return ToList(ExprKind::kCall, "grouping", m.Repeated(pg::GroupingFunc::kArgs),
                    Location(m, pg::GroupingFunc::kLocation));
    case pg::kRowExpr:
      return ToList(ExprKind::kRow, "", m.Repeated(pg::RowExpr::kArgs),
                    Location(m, pg::RowExpr::kLocation));
    case pg::kAArrayExpr:
      return ToList(ExprKind::kArray, "", m.Repeated(pg::AArrayExpr::kElements),
                    Location(m, pg::AArrayExpr::kLocation));
    case pg::kSqlValueFunction:
      return ToValueFunction(m);
    case pg::kAIndirection:
      return ToIndex(m);
    case pg::kCollateClause:
      return ToCollate(m);
    default:
      Unsupported(NodeTitle(node.tag));
      return nullptr;
  }
}

ExprPtr Bridge::ToNumber(std::string_view digits, int location) {
  ExprPtr e = Make(ExprKind::kLiteral, location);
  int64_t whole = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), whole);
  if (error == std::errc() && end == digits.data() + digits.size()) {
    e->value = Value(Datum::BigInt(whole));
    return e;
  }
  e->text = digits;
  const double real = std::strtod(e->text.c_str(), nullptr);
  if (std::isinf(real)) Refuse(fmt::format("Number '{}' is out of range", digits));
  e->value = Value(Datum::Real(TypeKind::kDouble, real));
  return e;
}

ExprPtr Bridge::ToConstant(const PgMessage& m) {
  using C = pg::AConst;
  const int location = Location(m, C::kLocation);
  if (m.Has(C::kFloat)) return ToNumber(PgMessage(m.Bytes(C::kFloat)).Bytes(pg::kValue), location);
  ExprPtr e = Make(ExprKind::kLiteral, location);
  if (m.Has(C::kString)) {
    e->value = Value(Datum::Text(PgMessage(m.Bytes(C::kString)).Bytes(pg::kValue)));
  } else if (m.Has(C::kInt)) {
    e->value = Value(Datum::Int(TypeKind::kInt, PgMessage(m.Bytes(C::kInt)).Int(pg::kValue)));
  } else if (m.Has(C::kBool)) {
    e->value = Value(Datum::Bool(PgMessage(m.Bytes(C::kBool)).Bool(pg::kValue)));
  } else if (m.Has(C::kBits)) {
    // x1f or b01.
    const std::string_view bits = PgMessage(m.Bytes(C::kBits)).Bytes(pg::kValue);
    std::string bytes;
    if (bits.empty() || !HexValue(fmt::format("{}'{}'", bits[0], bits.substr(1)), &bytes)) {
      Refuse("A bytes literal is X'...' with an even number of hex digits");
    }
    e->value = Value(Datum::Bytes(TypeKind::kBytes, bytes));
  } else if (!m.Bool(C::kIsNull)) {
    Unsupported("this constant");
  }
  return e;
}

ExprPtr Bridge::ToColumn(const PgMessage& m) {
  const int64_t offset = m.Int(pg::ColumnRef::kLocation);
  ExprPtr e = Make(ExprKind::kColumn, text_.OriginalOffset(offset));
  for (auto f = m.Repeated(pg::ColumnRef::kFields); f.Next();) {
    const PgNode part = f.node();
    if (part.tag == pg::kAStar) {
      e->kind = ExprKind::kStar;
      if (const auto* except = text_.StarExcept(offset)) e->except = *except;
    } else {
      e->path.push_back(NameOf(part));
    }
  }
  const size_t limit = e->kind == ExprKind::kStar ? kMaxNameParts - 1 : kMaxNameParts;
  if (e->path.size() > limit) {
    Refuse(fmt::format("Name '{}' has too many parts", fmt::join(e->path, ".")));
  }
  return e;
}

ExprPtr Bridge::ToBoolean(const PgMessage& m) {
  const int location = Location(m, pg::BoolExpr::kLocation);
  const auto args = m.Repeated(pg::BoolExpr::kArgs);
  switch (m.Int(pg::BoolExpr::kOp)) {
    case pg::BoolExpr::kAnd:
      return ToList(ExprKind::kOperator, "and", args, location);
    case pg::BoolExpr::kOr:
      return ToList(ExprKind::kOperator, "or", args, location);
    default:
      return ToList(ExprKind::kOperator, "not", args, location);
  }
}

ExprPtr Bridge::ToSubLink(const PgMessage& m) {
  using L = pg::SubLink;
  ExprPtr e = Make(ExprKind::kSubquery, Location(m, L::kLocation));
  switch (m.Int(L::kType)) {
    case L::kExists:
      e->sublink = SubLink::kExists;
      break;
    case L::kAll:
      e->sublink = SubLink::kAll;
      break;
    case L::kAny:
      e->sublink = SubLink::kAny;
      break;
    case L::kScalar:
      e->sublink = SubLink::kScalar;
      break;
    case L::kArray:
      e->sublink = SubLink::kArray;
      break;
    default:
      Unsupported("this kind of subquery");
      return e;
  }
  if (e->sublink == SubLink::kAny || e->sublink == SubLink::kAll) {
    e->name = m.Has(L::kOperator) ? OperatorName(m.Repeated(L::kOperator)) : "=";
    e->args.push_back(ToExpr(m.Node(L::kTest)));
  }
  if (!failed()) e->subquery = ToSubquery(m.Node(L::kSelect));
  return e;
}

ExprPtr Bridge::ToCase(const PgMessage& m) {
  using C = pg::CaseExpr;
  ExprPtr e = Make(ExprKind::kCase, Location(m, C::kLocation));
  if (m.Has(C::kArg)) e->operand = ToExpr(m.Node(C::kArg));
  for (auto w = m.Repeated(C::kWhens); w.Next() && !failed();) {
    const PgMessage when(w.node().bytes);
    e->args.push_back(ToExpr(when.Node(pg::CaseWhen::kCondition)));
    e->args.push_back(ToExpr(when.Node(pg::CaseWhen::kResult)));
  }
  if (m.Has(C::kElse)) e->else_ = ToExpr(m.Node(C::kElse));
  return e;
}

ExprPtr Bridge::ToIndex(const PgMessage& m) {
  ExprPtr e = ToExpr(m.Node(pg::AIndirection::kArg));
  for (auto s = m.Repeated(pg::AIndirection::kSteps); s.Next() && !failed();) {
    const PgNode step = s.node();
    if (step.tag != pg::kAIndices) {
      Unsupported("fields of composite values");
      break;
    }
    const PgMessage index(step.bytes);
    if (index.Bool(pg::AIndices::kIsSlice)) Unsupported("array slices");
    ExprPtr outer = Make(ExprKind::kIndex, e->location);
    outer->args.push_back(std::move(e));
    outer->args.push_back(ToExpr(index.Node(pg::AIndices::kUpper)));
    e = std::move(outer);
  }
  return e;
}

ExprPtr Bridge::ToNullTest(const PgMessage& m) {
  const bool is_null = m.Int(pg::NullTest::kType) == pg::NullTest::kIsNull;
  return MakeOperator(is_null ? "is null" : "is not null", Location(m, pg::NullTest::kLocation),
                      ToExpr(m.Node(pg::NullTest::kArg)));
}

ExprPtr Bridge::ToBooleanTest(const PgMessage& m) {
  static constexpr std::array<std::string_view, 7> kNames = {
      "", "is true", "is not true", "is false", "is not false", "is null", "is not null"};
  const int64_t type = m.Int(pg::BooleanTest::kType);
  if (type < 1 || type >= static_cast<int64_t>(kNames.size())) {
    Unsupported("this boolean test");
    return nullptr;
  }
  return MakeOperator(kNames[static_cast<size_t>(type)], Location(m, pg::BooleanTest::kLocation),
                      ToExpr(m.Node(pg::BooleanTest::kArg)));
}

ExprPtr Bridge::ToValueFunction(const PgMessage& m) {
  ExprPtr e = Make(ExprKind::kCall, Location(m, pg::SqlValueFunction::kLocation));
  e->name = ValueFunctionName(m.Int(pg::SqlValueFunction::kOp));
  if (e->name.empty()) Unsupported("this value function");
  return e;
}

ExprPtr Bridge::ToCollate(const PgMessage& m) {
  std::string name;
  for (auto e = m.Repeated(pg::CollateClause::kName); e.Next();) {
    name = AliasName(PgMessage(e.node().bytes).Bytes(pg::kValue));
  }
  // Text orders by bytes: these are names of what happens anyway.
  if (name != "C" && name != "POSIX" && name != "ucs_basic" && name != "default") {
    Refuse(fmt::format("Unsupported collation '{}'", name));
  }
  return ToExpr(m.Node(pg::CollateClause::kArg));
}

}  // namespace kalamdb::sql
