// CAST, TRY_CAST and the implicit conversion to a column's type; and how operands of different
// types meet in one.
#include <charconv>
#include <cmath>

#include "expr/node.h"

namespace kalamdb::expr {
namespace {

class CastNode final : public Operation {
 public:
  CastNode(std::vector<ExprPtr> args, DataType to, bool try_cast)
      : Operation(Node::kCast, try_cast ? "try_cast" : "cast", to, std::move(args)),
        try_(try_cast) {}
  Datum Eval(EvalFrame& frame) const override {
    const Datum d = arg(0).Eval(frame);
    if (d.null) return Null();
    Result<Datum> cast = CastDatum(d, type_, frame.arena);
    if (cast.ok()) return *cast;
    if (!try_) frame.Fail(cast.status());
    return Null();
  }
  [[nodiscard]] ExprPtr WithArgs(std::vector<ExprPtr> args) const override {
    return std::make_shared<CastNode>(std::move(args), type_, try_);
  }

 private:
  bool try_;
};

class ColumnCoercionNode final : public Operation {
 public:
  ColumnCoercionNode(std::vector<ExprPtr> args, DataType to, std::string column)
      : Operation(Node::kCast, "assign", to, std::move(args)), column_(std::move(column)) {}
  Datum Eval(EvalFrame& frame) const override {
    const Datum d = arg(0).Eval(frame);
    if (d.null) return Null();
    Result<Datum> coerced = CoerceForColumn(d, type_, column_, frame.arena);
    if (coerced.ok()) return *coerced;
    frame.Fail(coerced.status());
    return Null();
  }
  [[nodiscard]] ExprPtr WithArgs(std::vector<ExprPtr> args) const override {
    return std::make_shared<ColumnCoercionNode>(std::move(args), type_, column_);
  }

 private:
  std::string column_;
};

// A DOUBLE parameter beside a DECIMAL: 19.99 means the decimal that was written, not the binary
// fraction next to it. What no decimal can hold stays a double; comparison takes either.
class ShortestDecimalNode final : public Operation {
 public:
  explicit ShortestDecimalNode(std::vector<ExprPtr> args)
      : Operation(Node::kCast, "decimal", DataType::Decimal(kMaxDecimalPrecision, 0),
                  std::move(args)) {}
  Datum Eval(EvalFrame& frame) const override {
    const Datum d = arg(0).Eval(frame);
    Datum decimal;
    if (d.null) return Null();
    return ShortestDecimal(d.d, &decimal) ? decimal : d;
  }
  [[nodiscard]] ExprPtr WithArgs(std::vector<ExprPtr> args) const override {
    return std::make_shared<ShortestDecimalNode>(std::move(args));
  }
};

bool IsInstant(TypeKind k) { return IsDateTimeKind(k) || k == TypeKind::kDate; }

int NumericRank(TypeKind k) {
  switch (k) {
    case TypeKind::kSmallInt:
      return 1;
    case TypeKind::kInt:
      return 2;
    case TypeKind::kBigInt:
      return 3;
    case TypeKind::kDecimal:
      return 4;
    case TypeKind::kFloat:
      return 5;
    default:
      return 6;
  }
}

// A written DOUBLE beside a DECIMAL becomes the decimal that was written.
void MeetDecimal(ExprPtr* number, const Expr& other) {
  if (other.type().kind != TypeKind::kDecimal || (*number)->type().kind != TypeKind::kDouble)
    return;
  if (IsConstant(**number)) {
    Datum decimal;
    const Datum& d = (*number)->constant().datum();
    if (!d.null && ShortestDecimal(d.d, &decimal)) {
      *number =
          MakeConstant(Value(decimal), DataType::Decimal(kMaxDecimalPrecision, decimal.scale));
    }
  } else if ((*number)->node() == Node::kParam) {
    *number = std::make_shared<ShortestDecimalNode>(std::vector<ExprPtr>{*number});
  }
}

Status CastOperand(ExprPtr* arg, const DataType& to) {
  KDB_ASSIGN_OR_RETURN(*arg, MakeCast(*arg, to));
  return Status::Ok();
}

}  // namespace

Result<ExprPtr> MakeCast(ExprPtr arg, DataType to, bool try_cast) {
  if (arg == nullptr) return InternalError("an expression without an operand");
  if (arg->type() == to) return arg;
  if (IsBareNull(*arg) && IsConstant(*arg)) return NullOf(to);
  if (IsConstant(*arg)) {
    const Datum& d = arg->constant().datum();
    if (d.null) return NullOf(to);
    Arena arena;
    Result<Datum> cast = CastDatum(d, to, &arena);
    if (cast.ok()) return MakeConstant(Value(*cast), to);
    if (try_cast) return NullOf(to);
    return cast.status();
  }
  const ExprPtr operands[] = {arg};
  KDB_RETURN_IF_ERROR(CheckDepth(operands));
  return ExprPtr(std::make_shared<CastNode>(std::vector<ExprPtr>{std::move(arg)}, to, try_cast));
}

ExprPtr MakeColumnCoercion(ExprPtr arg, DataType to, std::string column) {
  // Bounds of DECIMAL and EMBEDDING are of the value, so equal types are not enough.
  if (arg->type() == to && to.kind != TypeKind::kDecimal && to.kind != TypeKind::kEmbedding) {
    return arg;
  }
  if (IsConstant(*arg)) {
    const Datum& d = arg->constant().datum();
    if (d.null) return NullOf(to);
    Arena arena;
    Result<Datum> coerced = CoerceForColumn(d, to, column, &arena);
    // What fails is reported when it is evaluated: this has no other way.
    if (coerced.ok()) return MakeConstant(Value(*coerced), to);
  }
  return std::make_shared<ColumnCoercionNode>(std::vector<ExprPtr>{std::move(arg)}, to,
                                              std::move(column));
}

bool ShortestDecimal(double v, Datum* out) {
  if (!std::isfinite(v)) return false;
  char buf[40];
  const auto end = std::to_chars(buf, buf + sizeof(buf), v, std::chars_format::scientific).ptr;
  Int128 digits = 0;
  int scale = 0;
  bool negative = false, point = false;
  const char* p = buf;
  for (; p != end && *p != 'e'; ++p) {
    if (*p == '-') {
      negative = true;
    } else if (*p == '.') {
      point = true;
    } else {
      digits = digits * 10 + (*p - '0');
      if (point) ++scale;
    }
  }
  int exponent = 0;
  if (p != end) {
    ++p;
    if (p != end && *p == '+') ++p;
    std::from_chars(p, end, exponent);
  }
  scale -= exponent;
  if (digits == 0) scale = 0;
  if (scale > kMaxDecimalPrecision || scale < -(kMaxDecimalPrecision - 17)) return false;
  if (scale < 0) {
    digits *= PowerOfTen(-scale);
    scale = 0;
  }
  *out = Datum::Decimal(negative ? -digits : digits, static_cast<uint8_t>(scale));
  return true;
}

DataType PromoteNumeric(const DataType& a, const DataType& b) {
  if (a.kind == TypeKind::kDecimal && b.kind == TypeKind::kDecimal) {
    const int scale = std::max(a.scale, b.scale);
    const int whole = std::max(a.precision - a.scale, b.precision - b.scale);
    return DataType::Decimal(
        static_cast<uint8_t>(std::min<int>(kMaxDecimalPrecision, whole + scale)),
        static_cast<uint8_t>(scale));
  }
  if (a.kind == TypeKind::kDecimal && IsInteger(b.kind)) {
    return DataType::Decimal(kMaxDecimalPrecision, a.scale);
  }
  if (b.kind == TypeKind::kDecimal && IsInteger(a.kind)) {
    return DataType::Decimal(kMaxDecimalPrecision, b.scale);
  }
  if (a.kind == b.kind) return a;
  const DataType& wider = NumericRank(a.kind) > NumericRank(b.kind) ? a : b;
  // FLOAT with anything else meets in DOUBLE: integers and decimals do not fit in 24 bits.
  return wider.kind == TypeKind::kFloat ? DataType::Of(TypeKind::kDouble) : wider;
}

Status UnifyForComparison(std::string_view name, bool equality, ExprPtr* a, ExprPtr* b) {
  const ExprPtr both[] = {*a, *b};
  const TypeKind ka = (*a)->type().kind, kb = (*b)->type().kind;
  if (ka == TypeKind::kNull || kb == TypeKind::kNull) {
    if (ka == kb) return Status::Ok();
    return ka == TypeKind::kNull ? CastOperand(a, (*b)->type()) : CastOperand(b, (*a)->type());
  }
  if (ka == kb) return Status::Ok();
  if (IsTextual(ka) && IsTextual(kb)) return Status::Ok();
  if (IsNumeric(ka) && IsNumeric(kb)) {
    MeetDecimal(a, **b);
    MeetDecimal(b, **a);
    return Status::Ok();
  }
  if (IsUntyped(**a)) return CastOperand(a, (*b)->type());
  if (IsUntyped(**b)) return CastOperand(b, (*a)->type());
  // Integers count microseconds, for DATE days.
  if (IsInstant(ka) && IsInteger(kb)) return CastOperand(b, (*a)->type());
  if (IsInstant(kb) && IsInteger(ka)) return CastOperand(a, (*b)->type());
  if (IsInstant(ka) && IsInstant(kb)) return Status::Ok();
  // A written number equals a text when its own text does; there is no order between the two.
  if (equality) {
    auto written = [](const Expr& e) {
      return IsLiteralOrParam(e) &&
             (IsNumeric(e.type().kind) || e.type().kind == TypeKind::kBoolean);
    };
    if (IsTextual(ka) && written(**b)) return CastOperand(b, DataType::Of(TypeKind::kText));
    if (IsTextual(kb) && written(**a)) return CastOperand(a, DataType::Of(TypeKind::kText));
  }
  return NoOperator(name, both);
}

Result<DataType> UnifyResults(std::string_view what, std::span<ExprPtr*> operands) {
  DataType type;
  auto mismatch = [&](const DataType& other) {
    return InvalidSql(fmt::format("{} types {} and {} cannot be matched", what, SqlTypeName(type),
                                  SqlTypeName(other)));
  };
  // Typed operands decide; literals of text follow.
  for (ExprPtr* operand : operands) {
    const Expr& e = **operand;
    if (IsBareNull(e) || IsUntyped(e)) continue;
    const DataType& t = e.type();
    if (type.kind == TypeKind::kNull) {
      type = t;
    } else if (IsNumeric(type.kind) && IsNumeric(t.kind)) {
      type = PromoteNumeric(type, t);
    } else if (IsInstant(type.kind) && IsInstant(t.kind)) {
      if (type.kind == TypeKind::kDate) type = t;
    } else if (IsTextual(type.kind) && IsTextual(t.kind)) {
      if (type.kind != t.kind) type = DataType::Of(TypeKind::kText);
    } else if (type.kind != t.kind) {
      return mismatch(t);
    }
  }
  if (type.kind == TypeKind::kNull) {
    for (ExprPtr* operand : operands) {
      if (!IsBareNull(**operand)) type = DataType::Of(TypeKind::kText);
    }
  }
  if (type.kind == TypeKind::kNull) return type;
  for (ExprPtr* operand : operands) {
    ExprPtr& e = *operand;
    if (e->type() == type) continue;
    // Text of one kind is text of another, and every number of a row has its column's scale
    // already.
    if (type.kind == TypeKind::kDecimal) MeetDecimal(&e, *NullOf(type));
    KDB_RETURN_IF_ERROR(CastOperand(&e, type));
  }
  return type;
}

}  // namespace kalamdb::expr
