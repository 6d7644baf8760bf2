// Exact arithmetic of DECIMAL within 38 digits.
#include "expr/arithmetic.h"

namespace kalamdb::expr {
namespace {

using Op = ArithmeticOp;

__extension__ typedef unsigned __int128 Unsigned128;
constexpr Unsigned128 Magnitude(Int128 v) {
  return v < 0 ? -static_cast<Unsigned128>(v) : static_cast<Unsigned128>(v);
}
// False beyond 38 digits.
bool FitsDecimal(Int128 v) { return Magnitude(v) < Magnitude(PowerOfTen(38)); }
// Two numbers of 38 digits may add up to more than 128 bits.
bool Add(Int128 a, Int128 b, Int128* out) {
  const Int128 most = PowerOfTen(38) - 1;
  if (a > 0 ? b > most - a : b < -most - a) return false;
  *out = a + b;
  return true;
}
// Checked by division: the builtin for 128 bits needs a runtime that is not always linked.
bool Multiply(Int128 a, Int128 b, Int128* out) {
  const Unsigned128 ua = Magnitude(a), ub = Magnitude(b);
  if (ua != 0 && ub > (Magnitude(PowerOfTen(38)) - 1) / ua) return false;
  const auto product = static_cast<Int128>(ua * ub);
  *out = (a < 0) != (b < 0) ? -product : product;
  return true;
}

template <Op op>
class DecimalNode final : public Operation {
 public:
  DecimalNode(std::string_view name, DataType type, std::vector<ExprPtr> args)
      : Operation(Node::kCall, name, type, std::move(args)) {}
  Datum Eval(EvalFrame& frame) const override {
    const Datum da = arg(0).Eval(frame);
    if (da.null) return Null();
    const Datum db = arg(1).Eval(frame);
    if (db.null) return Null();
    Int128 a = 0, b = 0, r = 0;
    bool fits = true;
    if constexpr (op == Op::kMul) {
      a = Unscaled(da);
      b = Unscaled(db);
      fits = Multiply(a, b, &r) && Rescale(&r, ScaleOf(da) + ScaleOf(db), type_.scale);
    } else {
      a = Unscaled(da);
      b = Unscaled(db);
      fits = Rescale(&a, ScaleOf(da), type_.scale) && Rescale(&b, ScaleOf(db), type_.scale);
      if (fits) {
        if constexpr (op == Op::kAdd) {
          fits = Add(a, b, &r);
        } else if constexpr (op == Op::kSub) {
          fits = Add(a, -b, &r);
        } else {
          if (b == 0) return Fail(frame, std::string(kByZero));
          r = a % b;
        }
      }
    }
    if (!fits || !FitsDecimal(r)) return Fail(frame, "numeric value out of range");
    return Datum::Decimal(r, type_.scale);
  }
  [[nodiscard]] ExprPtr WithArgs(std::vector<ExprPtr> args) const override {
    return std::make_shared<DecimalNode>(name_, type_, std::move(args));
  }

 private:
  static Int128 Unscaled(const Datum& d) {
    return d.kind == TypeKind::kDecimal ? d.decimal() : static_cast<Int128>(d.i);
  }
  static int ScaleOf(const Datum& d) { return d.kind == TypeKind::kDecimal ? d.scale : 0; }
  static bool Rescale(Int128* v, int from, int to) {
    if (from == to) return true;
    if (from < to) return Multiply(*v, PowerOfTen(to - from), v);
    *v /= PowerOfTen(from - to);
    return true;
  }
};

}  // namespace

Int128 PowerOfTen(int n) {
  static constexpr auto kPowers = [] {
    std::array<Int128, 39> powers{};
    powers[0] = 1;
    for (size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
    return powers;
  }();
  return kPowers[static_cast<size_t>(n)];
}

double ToDouble(const Datum& d) {
  if (IsFloating(d.kind)) return d.d;
  if (d.kind != TypeKind::kDecimal) return static_cast<double>(d.i);
  // Two exact parts and one division keep this correct to the last bit for up to 15 digits.
  return static_cast<double>(d.decimal()) / static_cast<double>(PowerOfTen(d.scale));
}

Result<ExprPtr> MakeDecimalArithmetic(Op op, std::string_view name, std::vector<ExprPtr> args) {
  DataType type = PromoteNumeric(args[0]->type(), args[1]->type());
  if (op == Op::kMul) {
    const auto scale = [](const Expr& e) {
      return e.type().kind == TypeKind::kDecimal ? e.type().scale : 0;
    };
    const int sum = scale(*args[0]) + scale(*args[1]);
    if (sum > kMaxDecimalPrecision) {
      return InvalidSql(
          fmt::format("a product of {} and {} needs {} digits behind the point, more than DECIMAL "
                      "has: CAST one "
                      "side to fewer, or to DOUBLE",
                      SqlTypeName(args[0]->type()), SqlTypeName(args[1]->type()), sum));
    }
    type = DataType::Decimal(kMaxDecimalPrecision, static_cast<uint8_t>(sum));
    return ExprPtr(std::make_shared<DecimalNode<Op::kMul>>(name, type, std::move(args)));
  }
  if (op == Op::kAdd || op == Op::kSub) {
    // One more digit in front for the carry.
    type.precision = std::min<uint8_t>(kMaxDecimalPrecision, type.precision + 1);
  }
  switch (op) {
    case Op::kAdd:
      return ExprPtr(std::make_shared<DecimalNode<Op::kAdd>>(name, type, std::move(args)));
    case Op::kSub:
      return ExprPtr(std::make_shared<DecimalNode<Op::kSub>>(name, type, std::move(args)));
    default:
      return ExprPtr(std::make_shared<DecimalNode<Op::kMod>>(name, type, std::move(args)));
  }
}

}  // namespace kalamdb::expr
