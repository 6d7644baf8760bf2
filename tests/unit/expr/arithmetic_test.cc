#include "build.h"

#include <cmath>
#include <limits>

namespace kalamdb::expr::test {
namespace {

ExprPtr Small(int64_t v) {
  return MakeConstant(Value(Datum::Int(TypeKind::kSmallInt, v)), Of(TypeKind::kSmallInt));
}
ExprPtr Float(double v) {
  return MakeConstant(Value(Datum::Real(TypeKind::kFloat, v)), Of(TypeKind::kFloat));
}

TEST(Arithmetic, IntegersOverflowWithAnErrorInEveryWidth) {
  EXPECT_EQ(ValueOf("+", Int(INT32_MAX), Int(1)), "error: integer out of range");
  EXPECT_EQ(ValueOf("-", Int(INT32_MIN), Int(1)), "error: integer out of range");
  EXPECT_EQ(ValueOf("*", Int(65536), Int(65536)), "error: integer out of range");
  EXPECT_EQ(ValueOf("+", Big(INT64_MAX), Int(1)), "error: bigint out of range");
  EXPECT_EQ(ValueOf("*", Big(INT64_MIN), Int(-1)), "error: bigint out of range");
  EXPECT_EQ(ValueOf("/", Big(INT64_MIN), Int(-1)), "error: bigint out of range");
  EXPECT_EQ(ValueOf("/", Int(INT32_MIN), Int(-1)), "error: integer out of range");
  EXPECT_EQ(ValueOf("%", Big(INT64_MIN), Int(-1)), "0");
  EXPECT_EQ(ValueOf("+", Small(INT16_MAX), Small(1)), "error: smallint out of range");
  EXPECT_EQ(ValueOf("+", Small(INT16_MAX), Int(1)), "32768");
  EXPECT_EQ(ValueOf("-", Int(INT32_MIN)), "error: integer out of range");
  EXPECT_EQ(ValueOf("+", Int(INT32_MAX), Big(1)), "2147483648");
}

TEST(Arithmetic, IntegerDivisionTruncatesTowardsZero) {
  EXPECT_EQ(ValueOf("/", Int(7), Int(2)), "3");
  EXPECT_EQ(ValueOf("/", Int(-7), Int(2)), "-3");
  EXPECT_EQ(ValueOf("/", Int(7), Int(-2)), "-3");
  EXPECT_EQ(ValueOf("%", Int(-7), Int(3)), "-1");
  EXPECT_EQ(ValueOf("mod", Int(7), Int(-3)), "1");
  EXPECT_EQ(ValueOf("/", Int(7), Real(2)), "3.5");
}

TEST(Arithmetic, DivisionByZeroIsAnErrorForEveryType) {
  for (const char* op : {"/", "%"}) {
    EXPECT_EQ(ValueOf(op, Int(1), Int(0)), "error: division by zero");
    EXPECT_EQ(ValueOf(op, Real(1), Real(0)), "error: division by zero");
    EXPECT_EQ(ValueOf(op, Dec("1.5", 1), Int(0)), "error: division by zero");
    EXPECT_EQ(ValueOf(op, Null(), Int(0)), "NULL");
  }
}

TEST(Arithmetic, NumbersMeetInTheWiderType) {
  auto kind = [](const ExprPtr& a, const ExprPtr& b) { return Call("+", a, b)->type().kind; };
  EXPECT_EQ(kind(Small(1), Small(1)), TypeKind::kSmallInt);
  EXPECT_EQ(kind(Small(1), Int(1)), TypeKind::kInt);
  EXPECT_EQ(kind(Int(1), Big(1)), TypeKind::kBigInt);
  EXPECT_EQ(kind(Big(1), Dec("1", 2)), TypeKind::kDecimal);
  EXPECT_EQ(kind(Dec("1", 2), Float(1)), TypeKind::kDouble);
  EXPECT_EQ(kind(Float(1), Float(1)), TypeKind::kFloat);
  EXPECT_EQ(kind(Int(1), Float(1)), TypeKind::kDouble);
  EXPECT_EQ(kind(Float(1), Real(1)), TypeKind::kDouble);
}

TEST(Arithmetic, DecimalsAreExact) {
  EXPECT_EQ(ValueOf("+", Dec("1.10", 2), Dec("2.205", 3)), "3.305");
  EXPECT_EQ(ValueOf("*", Dec("1.5", 1), Dec("2.25", 2)), "3.375");
  EXPECT_EQ(ValueOf("-", Dec("1.0", 1), Int(3)), "-2.0");
  EXPECT_EQ(ValueOf("%", Dec("-5.5", 1), Int(2)), "-1.5");
  EXPECT_EQ(ValueOf("-", Dec("-0.50", 2)), "0.50");
  // Beside a DOUBLE there is no decimal; what is only written with a point is one by the binder.
  EXPECT_EQ(Call("+", Dec("0.10", 2), Real(0.2))->type().kind, TypeKind::kDouble);
  EXPECT_EQ(Call("/", Dec("10.00", 2), Int(4))->type().kind, TypeKind::kDouble);
  EXPECT_EQ(ValueOf("/", Dec("10.00", 2), Int(4)), "2.5");
}

TEST(Arithmetic, DecimalsBeyond38DigitsAreErrors) {
  const ExprPtr big = Typed("99999999999999999999999999999999999999", DataType::Decimal(38, 0));
  EXPECT_EQ(ValueOf("+", big, Int(1)), "error: numeric value out of range");
  EXPECT_EQ(ValueOf("*", big, big), "error: numeric value out of range");
  EXPECT_EQ(ValueOf("*", Typed("-99999999999999999999", DataType::Decimal(38, 0)), Big(INT64_MAX)),
            "error: numeric value out of range");
  EXPECT_EQ(ValueOf("-", big, big), "0");
  const ExprPtr fine = Typed("0.1", DataType::Decimal(38, 30));
  EXPECT_EQ(Refused("*", fine, fine).code(), ErrorCode::kInvalidSql);
}

TEST(Arithmetic, FloatingOverflowIsAnErrorAndInfinityIsNot) {
  EXPECT_EQ(ValueOf("*", Real(1e308), Real(10)), "error: value out of range: overflow");
  EXPECT_EQ(ValueOf("*", Real(1e-308), Real(1e-308)), "error: value out of range: underflow");
  EXPECT_EQ(ValueOf("*", Float(3e38), Float(10)), "error: value out of range: overflow");
  const ExprPtr inf = Real(std::numeric_limits<double>::infinity());
  Evaluation e;
  e.Run(*Call("+", inf, Int(1)));
  EXPECT_TRUE(std::isinf(e.result.d));
  e.Run(*Call("-", inf, inf));
  EXPECT_TRUE(std::isnan(e.result.d));
  EXPECT_TRUE(e.frame.error.ok());
}

TEST(Arithmetic, PowersAreDoubles) {
  EXPECT_EQ(Call("^", Int(2), Int(10))->type().kind, TypeKind::kDouble);
  EXPECT_EQ(ValueOf("^", Int(2), Int(10)), "1024");
  EXPECT_EQ(ValueOf("^", Int(0), Int(-1)), "error: zero raised to a negative power is undefined");
  EXPECT_EQ(ValueOf("^", Int(-8), Real(0.5)),
            "error: a negative number raised to a non-integer power yields a complex result");
}

TEST(Arithmetic, BitsAreOfIntegers) {
  EXPECT_EQ(ValueOf("&", Int(5), Int(3)), "1");
  EXPECT_EQ(ValueOf("|", Int(5), Int(3)), "7");
  EXPECT_EQ(ValueOf("#", Int(5), Int(3)), "6");
  EXPECT_EQ(ValueOf("~", Int(5)), "-6");
  EXPECT_EQ(ValueOf("<<", Int(1), Int(4)), "16");
  EXPECT_EQ(ValueOf(">>", Int(-16), Int(2)), "-4");
  EXPECT_EQ(ValueOf("<<", Int(1), Int(33)), "2");
  EXPECT_EQ(Refused("&", Real(1), Int(1)).code(), ErrorCode::kInvalidSql);
}

TEST(Arithmetic, TextTakesTheTypeOfTheNumberBesideIt) {
  EXPECT_EQ(ValueOf("+", Text("5"), Int(1)), "6");
  (void)Refused("+", Text("x"), Int(1));
  EXPECT_EQ(Refused("+", Column(0, TypeKind::kText), Int(1)).code(), ErrorCode::kInvalidSql);
}

TEST(Arithmetic, DatesMoveByDays) {
  EXPECT_EQ(ValueOf("+", Typed("2024-05-06", TypeKind::kDate), Int(3)), "2024-05-09");
  EXPECT_EQ(ValueOf("+", Int(3), Typed("2024-05-06", TypeKind::kDate)), "2024-05-09");
  EXPECT_EQ(ValueOf("-", Typed("2024-05-06", TypeKind::kDate), Int(6)), "2024-04-30");
  EXPECT_EQ(
      ValueOf("-", Typed("2024-05-06", TypeKind::kDate), Typed("2024-05-01", TypeKind::kDate)),
      "5");
  EXPECT_EQ(ValueOf("+", Typed("2024-05-06", TypeKind::kDate), Big(INT64_MAX)),
            "error: date out of range");
}

TEST(Arithmetic, IntervalsAreForTheOtherEngine) {
  const ExprPtr t = Column(0, TypeKind::kTimestamp);
  EXPECT_EQ(Refused("-", t, Column(1, TypeKind::kTimestamp)).code(), ErrorCode::kNeedsAnalytics);
  EXPECT_EQ(Refused("+", t, Text("1 day")).code(), ErrorCode::kNeedsAnalytics);
  EXPECT_EQ(Refused("*", t, Int(2)).code(), ErrorCode::kInvalidSql);
}

}  // namespace
}  // namespace kalamdb::expr::test
