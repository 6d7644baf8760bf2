// Functions of numbers. Errors and rounding are PostgreSQL's for NUMERIC: halves go away from zero,
// also for DOUBLE, whose literals stand for what PostgreSQL writes as NUMERIC.
#include <cmath>
#include <limits>

#include "base/id_source.h"
#include "expr/scalar.h"

namespace kalamdb::expr {
namespace {

using Args = std::span<const Datum>;

Datum Checked(const ScalarCall& call, double r, double x, double y = 0) {
  if (std::isinf(r) && std::isfinite(x) && std::isfinite(y)) {
    return call.Fail("value out of range: overflow");
  }
  return call.Real(r);
}

Datum AbsInt(const ScalarCall& call, Args a) {
  const TypeKind k = call.type.kind;
  const int64_t lowest = k == TypeKind::kSmallInt ? INT16_MIN
                         : k == TypeKind::kInt    ? INT32_MIN
                                                  : INT64_MIN;
  if (a[0].i == lowest) {
    return call.Fail(k == TypeKind::kSmallInt ? "smallint out of range"
                     : k == TypeKind::kInt    ? "integer out of range"
                                              : "bigint out of range");
  }
  return call.Int(a[0].i < 0 ? -a[0].i : a[0].i);
}
Datum AbsFloat(const ScalarCall& call, Args a) { return call.Real(std::fabs(a[0].d)); }
Datum AbsDecimal(const ScalarCall&, Args a) {
  const Int128 v = a[0].decimal();
  return Datum::Decimal(v < 0 ? -v : v, a[0].scale);
}
Datum Sign(const ScalarCall& call, Args a) {
  const double x = a[0].kind == TypeKind::kDecimal ? (a[0].decimal() > 0) - (a[0].decimal() < 0)
                                                   : ToDouble(a[0]);
  return call.Real(x > 0 ? 1 : x < 0 ? -1 : 0);  // of NaN too
}

// More digits than any number has, before the point or behind it.
constexpr int64_t kMostDigits = 400;

enum class Mode : uint8_t { kRound, kTrunc, kCeil, kFloor };

Int128 Adjust(Int128 v, Int128 unit, Mode mode) {
  const Int128 rest = v % unit;
  Int128 q = v / unit;
  switch (mode) {
    case Mode::kRound:
      // Without doubling the rest, which might not fit.
      if (rest > 0 && rest >= unit - rest) ++q;
      if (rest < 0 && -rest >= unit - -rest) --q;
      break;
    case Mode::kTrunc:
      break;
    case Mode::kCeil:
      q += rest > 0;
      break;
    case Mode::kFloor:
      q -= rest < 0;
      break;
  }
  return q;
}

// To `digits` behind the point (before it when negative); the result keeps the scale of its type.
template <Mode mode>
Datum DecimalTo(const ScalarCall& call, Args a) {
  const int64_t digits = a.size() > 1 ? std::clamp(a[1].i, -kMostDigits, kMostDigits) : 0;
  const int from = a[0].scale, to = call.type.scale;
  Int128 v = a[0].decimal();
  if (digits < from) {
    if (from - digits > 38) return Datum::Decimal(0, call.type.scale);
    const int drop = static_cast<int>(from - digits);
    v = Adjust(v, PowerOfTen(drop), mode);
    // Now in units of 10^-digits.
    const int64_t up = to - digits;
    if (v != 0 && up > 0) {
      const Int128 limit = PowerOfTen(38) / PowerOfTen(static_cast<int>(up));
      if (v >= limit || v <= -limit) return call.Fail("numeric value out of range");
      v *= PowerOfTen(static_cast<int>(up));
    }
    return Datum::Decimal(v, call.type.scale);
  }
  return Datum::Decimal(from > to ? v / PowerOfTen(from - to) : v, call.type.scale);
}

// DECIMAL(p, s) rounded to a constant number of digits has those; to a computed one, it keeps s.
DataType RoundedType(std::span<const ExprPtr> args) {
  const DataType from = args[0]->type();
  int64_t scale = 0;
  if (args.size() > 1) {
    scale = from.scale;
    if (IsConstant(*args[1]) && !args[1]->constant().null()) {
      scale = std::clamp<int64_t>(args[1]->constant().datum().i, 0, from.scale);
    }
  }
  const int whole = from.precision - from.scale;
  return DataType::Decimal(
      static_cast<uint8_t>(std::clamp<int>(whole + static_cast<int>(scale) + 1, 1, 38)),
      static_cast<uint8_t>(scale));
}

template <Mode mode>
double AdjustDouble(double x) {
  switch (mode) {
    case Mode::kRound:
      return std::round(x);
    case Mode::kTrunc:
      return std::trunc(x);
    case Mode::kCeil:
      return std::ceil(x);
    case Mode::kFloor:
      return std::floor(x);
  }
  return x;
}
template <Mode mode>
Datum DoubleToWhole(const ScalarCall& call, Args a) {
  return call.Real(AdjustDouble<mode>(ToDouble(a[0])));
}
// By the decimal digits that the number is written with, so that 2.345 gives 2.35.
template <Mode mode>
Datum DoubleTo(const ScalarCall& call, Args a) {
  const double x = ToDouble(a[0]);
  const int64_t digits = std::clamp(a[1].i, -kMostDigits, kMostDigits);
  Datum decimal;
  if (!ShortestDecimal(x, &decimal)) {
    // Too small or too large for a decimal: nothing is left of it, or nothing to round.
    return call.Real(std::fabs(x) < 1 && digits <= 20 ? 0 : x);
  }
  if (digits >= decimal.scale) return call.Real(x);
  if (decimal.scale - digits > 38) return call.Real(0);
  const Int128 q =
      Adjust(decimal.decimal(), PowerOfTen(static_cast<int>(decimal.scale - digits)), mode);
  if (digits >= 0) {
    return call.Real(static_cast<double>(q) /
                     static_cast<double>(PowerOfTen(static_cast<int>(digits))));
  }
  return call.Real(static_cast<double>(q) * std::pow(10.0, static_cast<double>(-digits)));
}

Datum Power(const ScalarCall& call, Args a) {
  const double x = ToDouble(a[0]), y = ToDouble(a[1]);
  if (x == 0 && y < 0) return call.Fail("zero raised to a negative power is undefined");
  if (x < 0 && std::isfinite(x) && std::isfinite(y) && y != std::floor(y)) {
    return call.Fail("a negative number raised to a non-integer power yields a complex result");
  }
  return Checked(call, std::pow(x, y), x, y);
}
Datum Sqrt(const ScalarCall& call, Args a) {
  const double x = ToDouble(a[0]);
  if (x < 0) return call.Fail("cannot take square root of a negative number");
  return call.Real(std::sqrt(x));
}
Datum Cbrt(const ScalarCall& call, Args a) { return call.Real(std::cbrt(ToDouble(a[0]))); }
Datum Exp(const ScalarCall& call, Args a) {
  const double x = ToDouble(a[0]);
  return Checked(call, std::exp(x), x);
}
bool CheckLogarithm(const ScalarCall& call, double x) {
  if (x > 0 || std::isnan(x)) return true;
  (void)call.Fail(x == 0 ? "cannot take logarithm of zero"
                         : "cannot take logarithm of a negative number");
  return false;
}
Datum Ln(const ScalarCall& call, Args a) {
  const double x = ToDouble(a[0]);
  return CheckLogarithm(call, x) ? call.Real(std::log(x)) : call.Null();
}
Datum Log10(const ScalarCall& call, Args a) {
  const double x = ToDouble(a[0]);
  return CheckLogarithm(call, x) ? call.Real(std::log10(x)) : call.Null();
}
Datum Log2(const ScalarCall& call, Args a) {
  const double x = ToDouble(a[0]);
  return CheckLogarithm(call, x) ? call.Real(std::log2(x)) : call.Null();
}
Datum LogBase(const ScalarCall& call, Args a) {
  const double base = ToDouble(a[0]), x = ToDouble(a[1]);
  if (!CheckLogarithm(call, base) || !CheckLogarithm(call, x)) return call.Null();
  if (base == 1) return call.Fail("division by zero");
  // Powers of the common bases come out whole.
  if (base == 10) return call.Real(std::log10(x));
  if (base == 2) return call.Real(std::log2(x));
  return call.Real(std::log(x) / std::log(base));
}

Datum Div(const ScalarCall& call, Args a) {
  if (IsInteger(a[0].kind) && IsInteger(a[1].kind)) {
    if (a[1].i == 0) return call.Fail("division by zero");
    if (a[1].i == -1) {
      return a[0].i == INT64_MIN ? call.Real(-static_cast<double>(a[0].i))
                                 : call.Real(static_cast<double>(-a[0].i));
    }
    return call.Real(static_cast<double>(a[0].i / a[1].i));
  }
  const double y = ToDouble(a[1]);
  if (y == 0) return call.Fail("division by zero");
  return call.Real(std::trunc(ToDouble(a[0]) / y));
}
Datum DivInt(const ScalarCall& call, Args a) {
  if (a[1].i == 0) return call.Fail("division by zero");
  if (a[1].i == -1) {
    if (a[0].i == INT64_MIN) return call.Fail("bigint out of range");
    return call.Int(-a[0].i);
  }
  return call.Int(a[0].i / a[1].i);
}

uint64_t Magnitude(int64_t v) {
  return v < 0 ? ~static_cast<uint64_t>(v) + 1 : static_cast<uint64_t>(v);
}
uint64_t GreatestCommon(uint64_t x, uint64_t y) {
  while (y != 0) {
    const uint64_t rest = x % y;
    x = y;
    y = rest;
  }
  return x;
}
Datum Gcd(const ScalarCall& call, Args a) {
  const uint64_t g = GreatestCommon(Magnitude(a[0].i), Magnitude(a[1].i));
  if (g > static_cast<uint64_t>(INT64_MAX)) return call.Fail("bigint out of range");
  return call.Int(static_cast<int64_t>(g));
}
Datum Lcm(const ScalarCall& call, Args a) {
  const uint64_t x = Magnitude(a[0].i), y = Magnitude(a[1].i);
  if (x == 0 || y == 0) return call.Int(0);
  uint64_t r = 0;
  if (__builtin_mul_overflow(x / GreatestCommon(x, y), y, &r) ||
      r > static_cast<uint64_t>(INT64_MAX)) {
    return call.Fail("bigint out of range");
  }
  return call.Int(static_cast<int64_t>(r));
}
Datum Factorial(const ScalarCall& call, Args a) {
  if (a[0].i < 0) return call.Fail("factorial of a negative number is undefined");
  if (a[0].i > 20) return call.Fail("value overflows numeric format");
  int64_t r = 1;
  for (int64_t i = 2; i <= a[0].i; ++i) r *= i;
  return call.Int(r);
}

constexpr double kPi = 3.14159265358979323846;

Datum Pi(const ScalarCall& call, Args) { return call.Real(kPi); }
Datum Degrees(const ScalarCall& call, Args a) { return call.Real(ToDouble(a[0]) * (180 / kPi)); }
Datum Radians(const ScalarCall& call, Args a) { return call.Real(ToDouble(a[0]) * (kPi / 180)); }

using Unary = double (*)(double);
template <Unary fn>
Datum Everywhere(const ScalarCall& call, Args a) {
  const double x = ToDouble(a[0]);
  return Checked(call, fn(x), x);
}
// The limit is the answer where the value leaves the range.
template <Unary fn>
Datum Unbounded(const ScalarCall& call, Args a) {
  return call.Real(fn(ToDouble(a[0])));
}
template <Unary fn>
Datum Periodic(const ScalarCall& call, Args a) {
  const double x = ToDouble(a[0]);
  if (std::isinf(x)) return call.Fail("input is out of range");
  return call.Real(fn(x));
}
template <Unary fn>
Datum WithinOne(const ScalarCall& call, Args a) {
  const double x = ToDouble(a[0]);
  if (x < -1 || x > 1) return call.Fail("input is out of range");
  return call.Real(fn(x));
}
double CotangentOf(double x) { return 1 / std::tan(x); }
Datum Atan2(const ScalarCall& call, Args a) {
  return call.Real(std::atan2(ToDouble(a[0]), ToDouble(a[1])));
}
Datum Acosh(const ScalarCall& call, Args a) {
  const double x = ToDouble(a[0]);
  if (x < 1) return call.Fail("input is out of range");
  return call.Real(std::acosh(x));
}

Datum Random(const ScalarCall& call, Args) {
  uint64_t bits = 0;
  RandomBytes(&bits, sizeof(bits));
  return call.Real(static_cast<double>(bits >> 11) * 0x1.0p-53);
}
Datum IsNan(const ScalarCall&, Args a) { return Datum::Bool(std::isnan(ToDouble(a[0]))); }

constexpr Overload kFunctions[] = {
    {"abs", "i", '0', kPlain, AbsInt},
    {"abs", "f", '0', kPlain, AbsFloat},
    {"abs", "m", '0', kPlain, AbsDecimal},
    {"sign", "d", 'd', kPlain, Sign},
    {"round", "d", 'd', kPlain, DoubleToWhole<Mode::kRound>},
    {"round", "di", 'd', kPlain, DoubleTo<Mode::kRound>},
    {"round", "m", '?', kPlain, DecimalTo<Mode::kRound>, RoundedType},
    {"round", "mi", '?', kPlain, DecimalTo<Mode::kRound>, RoundedType},
    {"trunc", "d", 'd', kPlain, DoubleToWhole<Mode::kTrunc>},
    {"trunc", "di", 'd', kPlain, DoubleTo<Mode::kTrunc>},
    {"trunc", "m", '?', kPlain, DecimalTo<Mode::kTrunc>, RoundedType},
    {"trunc", "mi", '?', kPlain, DecimalTo<Mode::kTrunc>, RoundedType},
    {"ceil", "d", 'd', kPlain, DoubleToWhole<Mode::kCeil>},
    {"ceil", "m", '?', kPlain, DecimalTo<Mode::kCeil>, RoundedType},
    {"ceiling", "d", 'd', kPlain, DoubleToWhole<Mode::kCeil>},
    {"ceiling", "m", '?', kPlain, DecimalTo<Mode::kCeil>, RoundedType},
    {"floor", "d", 'd', kPlain, DoubleToWhole<Mode::kFloor>},
    {"floor", "m", '?', kPlain, DecimalTo<Mode::kFloor>, RoundedType},
    {"power", "dd", 'd', kPlain, Power},
    {"pow", "dd", 'd', kPlain, Power},
    {"sqrt", "d", 'd', kPlain, Sqrt},
    {"cbrt", "d", 'd', kPlain, Cbrt},
    {"exp", "d", 'd', kPlain, Exp},
    {"ln", "d", 'd', kPlain, Ln},
    {"log", "d", 'd', kPlain, Log10},
    {"log", "dd", 'd', kPlain, LogBase},
    {"log10", "d", 'd', kPlain, Log10},
    {"log2", "d", 'd', kPlain, Log2},
    {"div", "ii", 'l', kPlain, DivInt},
    {"div", "dd", 'd', kPlain, Div},
    {"gcd", "ii", 'l', kPlain, Gcd},
    {"lcm", "ii", 'l', kPlain, Lcm},
    {"factorial", "i", 'l', kPlain, Factorial},
    {"pi", "", 'd', kPlain, Pi},
    {"degrees", "d", 'd', kPlain, Degrees},
    {"radians", "d", 'd', kPlain, Radians},
    {"sin", "d", 'd', kPlain, Periodic<std::sin>},
    {"cos", "d", 'd', kPlain, Periodic<std::cos>},
    {"tan", "d", 'd', kPlain, Periodic<std::tan>},
    {"cot", "d", 'd', kPlain, Periodic<CotangentOf>},
    {"asin", "d", 'd', kPlain, WithinOne<std::asin>},
    {"acos", "d", 'd', kPlain, WithinOne<std::acos>},
    {"atan", "d", 'd', kPlain, Everywhere<std::atan>},
    {"atan2", "dd", 'd', kPlain, Atan2},
    {"sinh", "d", 'd', kPlain, Unbounded<std::sinh>},
    {"cosh", "d", 'd', kPlain, Unbounded<std::cosh>},
    {"tanh", "d", 'd', kPlain, Everywhere<std::tanh>},
    {"asinh", "d", 'd', kPlain, Everywhere<std::asinh>},
    {"acosh", "d", 'd', kPlain, Acosh},
    {"atanh", "d", 'd', kPlain, WithinOne<std::atanh>},
    {"random", "", 'd', kPerRow, Random},
    {"isnan", "d", 'o', kPlain, IsNan},
};

}  // namespace

std::span<const Overload> MathFunctions() { return kFunctions; }

}  // namespace kalamdb::expr
