#include "build.h"

#include <cmath>

namespace kalamdb::expr::test {
namespace {

TEST(MathFunctions, RoundingIsThatOfWrittenNumbers) {
  EXPECT_EQ(ValueOf("round", Real(2.5)), "3");
  EXPECT_EQ(ValueOf("round", Real(-2.5)), "-3");
  EXPECT_EQ(ValueOf("round", Real(0.5)), "1");
  EXPECT_EQ(ValueOf("round", Real(2.345), Int(2)), "2.35");
  EXPECT_EQ(ValueOf("round", Real(1.005), Int(2)), "1.01");
  EXPECT_EQ(ValueOf("round", Real(1234.5), Int(-2)), "1200");
  EXPECT_EQ(ValueOf("round", Int(1250), Int(-2)), "1300");
  EXPECT_EQ(ValueOf("round", Real(1e300), Int(2)), "1e+300");
  EXPECT_EQ(ValueOf("round", Real(5), Big(INT64_MIN)), "0");
  EXPECT_EQ(ValueOf("round", Real(1.5), Big(INT64_MAX)), "1.5");
  EXPECT_EQ(ValueOf("trunc", Real(2.79), Int(1)), "2.7");
  EXPECT_EQ(ValueOf("trunc", Real(-2.7)), "-2");
  EXPECT_EQ(ValueOf("ceil", Real(-1.5)), "-1");
  EXPECT_EQ(ValueOf("floor", Real(-1.5)), "-2");
}

TEST(MathFunctions, DecimalsStayDecimals) {
  EXPECT_EQ(ValueOf("round", Dec("2.345", 3), Int(2)), "2.35");
  EXPECT_EQ(ValueOf("round", Dec("-2.345", 3), Int(2)), "-2.35");
  EXPECT_EQ(ValueOf("round", Dec("2.5", 1)), "3");
  EXPECT_EQ(ValueOf("round", Dec("1250.5", 1), Int(-2)), "1300");
  EXPECT_EQ(ValueOf("trunc", Dec("2.79", 2), Int(1)), "2.7");
  EXPECT_EQ(ValueOf("ceil", Dec("-1.5", 1)), "-1");
  EXPECT_EQ(ValueOf("ceil", Dec("1.01", 2)), "2");
  EXPECT_EQ(ValueOf("floor", Dec("-1.5", 1)), "-2");
  EXPECT_EQ(ValueOf("abs", Dec("-0.50", 2)), "0.50");
  EXPECT_EQ(ValueOf("sign", Dec("-0.50", 2)), "-1");
  EXPECT_EQ(Call("round", Dec("2.345", 3), Int(2))->type().scale, 2);
}

TEST(MathFunctions, IntegersHaveNoAbsoluteValueBeyondTheirRange) {
  EXPECT_EQ(ValueOf("abs", Int(-5)), "5");
  EXPECT_EQ(ValueOf("abs", Int(INT32_MIN)), "error: integer out of range");
  EXPECT_EQ(ValueOf("abs", Big(INT64_MIN)), "error: bigint out of range");
  EXPECT_EQ(Call("abs", Int(-5))->type().kind, TypeKind::kInt);
}

TEST(MathFunctions, LogarithmsRootsAndPowers) {
  EXPECT_EQ(ValueOf("sqrt", Int(2)), "1.4142135623730951");
  EXPECT_EQ(ValueOf("sqrt", Int(-1)), "error: cannot take square root of a negative number");
  EXPECT_EQ(ValueOf("ln", Int(0)), "error: cannot take logarithm of zero");
  EXPECT_EQ(ValueOf("ln", Int(-1)), "error: cannot take logarithm of a negative number");
  EXPECT_EQ(ValueOf("log", Int(1000)), "3");
  EXPECT_EQ(ValueOf("log", Int(2), Int(8)), "3");
  EXPECT_EQ(ValueOf("log", Int(1), Int(8)), "error: division by zero");
  EXPECT_EQ(ValueOf("power", Int(2), Int(10)), "1024");
  EXPECT_EQ(ValueOf("power", Int(10), Int(400)), "error: value out of range: overflow");
  EXPECT_EQ(ValueOf("exp", Int(1)), "2.718281828459045");
  EXPECT_EQ(ValueOf("exp", Int(1000)), "error: value out of range: overflow");
}

TEST(MathFunctions, WholeNumbers) {
  EXPECT_EQ(ValueOf("div", Int(-7), Int(2)), "-3");
  EXPECT_EQ(ValueOf("div", Real(7.5), Int(2)), "3");
  EXPECT_EQ(ValueOf("div", Int(1), Int(0)), "error: division by zero");
  EXPECT_EQ(ValueOf("div", Big(INT64_MIN), Int(-1)), "error: bigint out of range");
  EXPECT_EQ(ValueOf("gcd", Int(12), Int(-18)), "6");
  EXPECT_EQ(ValueOf("gcd", Big(INT64_MIN), Int(0)), "error: bigint out of range");
  EXPECT_EQ(ValueOf("lcm", Int(4), Int(6)), "12");
  EXPECT_EQ(ValueOf("factorial", Int(5)), "120");
  EXPECT_EQ(ValueOf("factorial", Int(21)), "error: value overflows numeric format");
}

TEST(MathFunctions, AnglesAndTheirLimits) {
  EXPECT_EQ(ValueOf("sin", Int(1)), "0.8414709848078965");
  EXPECT_EQ(ValueOf("atan2", Int(1), Int(2)), "0.4636476090008061");
  EXPECT_EQ(ValueOf("degrees", Call("pi")), "180");
  EXPECT_EQ(ValueOf("acos", Int(2)), "error: input is out of range");
  EXPECT_EQ(ValueOf("sin", Real(INFINITY)), "error: input is out of range");
}

TEST(MathFunctions, RandomIsNewEachTimeAndBelowOne) {
  const ExprPtr random = Call("random");
  Evaluation e;
  double previous = -1;
  for (int i = 0; i < 20; ++i) {
    const double r = random->Eval(e.frame).d;
    EXPECT_GE(r, 0);
    EXPECT_LT(r, 1);
    EXPECT_NE(r, previous);
    previous = r;
  }
}

TEST(CosineDistance, IsOneMinusTheCosineInEitherOrder) {
  const DataType three = DataType::Embedding(3);
  const ExprPtr v = Typed("[1,0,0]", three);
  EXPECT_EQ(ValueOf("cosine_distance", v, Text("[1,0,0]")), "0");
  EXPECT_EQ(ValueOf("cosine_distance", Text("[0, 2, 0]"), v), "1");
  EXPECT_EQ(ValueOf("cosine_distance", v, Text("[-3,0,0]")), "2");
  EXPECT_EQ(ValueOf("cosine_distance", v, Text("[0,0,0]")), "1");
  EXPECT_EQ(Call("cosine_distance", v, v)->type().kind, TypeKind::kFloat);
  EXPECT_EQ(Eval(Call("cosine_distance", Column(0, three), Text("[1,0,0]")),
                 Row({Value(Datum::Null(TypeKind::kEmbedding))})),
            "NULL");
}

TEST(CosineDistance, SaysWhatIsWrongWithAVector) {
  const ExprPtr v = Typed("[1,0,0]", DataType::Embedding(3));
  EXPECT_EQ(ValueOf("cosine_distance", v, Text("[1,0]")),
            "error: COSINE_DISTANCE() dimension mismatch: row has 3, query has 2");
  EXPECT_EQ(Refused("cosine_distance", v, Null()).message(),
            "COSINE_DISTANCE() query vector cannot be NULL");
  EXPECT_EQ(Refused("cosine_distance", v, Text("[]")).message(),
            "COSINE_DISTANCE() query vector cannot be empty");
  EXPECT_EQ(Refused("cosine_distance", v, Text("[1,")).message(),
            "COSINE_DISTANCE() failed to parse JSON query vector");
  EXPECT_EQ(Refused("cosine_distance", v).code(), ErrorCode::kInvalidSql);
  (void)Refused("cosine_distance", v, Int(1));
  // A parameter is parsed when it is bound.
  Evaluation e;
  const Value params[] = {Value::Text("[0,1,0]")};
  e.frame.params = params;
  EXPECT_EQ(e.Run(*Call("cosine_distance", v, MakeParam(0, Of(TypeKind::kText)))), "1");
}

}  // namespace
}  // namespace kalamdb::expr::test
