#include "build.h"

#include <cmath>
#include <limits>

namespace kalamdb::expr::test {
namespace {

constexpr const char* kOps[] = {"=", "<>", "<", "<=", ">", ">="};
// For a pair in order: less, equal, greater.
constexpr const char* kHolds[] = {"ftf", "tft", "tff", "ttf", "fft", "ftt"};

void ExpectOrder(const ExprPtr& a, const ExprPtr& b, int order, const Row& row = Row()) {
  for (size_t i = 0; i < 6; ++i) {
    const char* expected = kHolds[i][order + 1] == 't' ? "true" : "false";
    EXPECT_EQ(Eval(Call(kOps[i], a, b), row), expected) << kOps[i];
    // The mirrored operator over the mirrored operands says the same.
    constexpr size_t kMirror[] = {0, 1, 4, 5, 2, 3};
    EXPECT_EQ(Eval(Call(kOps[kMirror[i]], b, a), row), expected) << "mirrored " << kOps[i];
  }
}

TEST(Comparison, NumbersOfAnyTypesCompareExactly) {
  ExpectOrder(Int(1), Int(2), -1);
  ExpectOrder(Big(9007199254740993), Real(9007199254740992.0), 1);
  ExpectOrder(Int(1), Real(1.5), -1);
  ExpectOrder(Dec("1.50", 2), Dec("1.5", 1), 0);
  ExpectOrder(Dec("2.01", 2), Int(2), 1);
  ExpectOrder(Big(INT64_MAX), Big(INT64_MIN), 1);
}

TEST(Comparison, AWrittenFractionBesideADecimalIsThatDecimal) {
  const Row row({Value(Datum::Decimal(1999, 2)), Value(Datum::Real(TypeKind::kDouble, 19.99))});
  const ExprPtr price = Column(0, DataType::Decimal(10, 2));
  ExpectOrder(price, Real(19.99), 0, row);
  EXPECT_EQ(Eval(Call("in", price, Real(1.5), Real(19.99)), row), "true");
  EXPECT_EQ(Eval(Call("between", price, Real(19.99), Real(19.99)), row), "true");
  // As a parameter too.
  Evaluation e;
  const Value params[] = {Value(Datum::Real(TypeKind::kDouble, 19.99))};
  e.frame.row = &row;
  e.frame.params = params;
  EXPECT_EQ(e.Run(*Call("=", price, MakeParam(0, Of(TypeKind::kDouble)))), "true");
}

TEST(Comparison, NanIsTheGreatestNumberAndEqualsItself) {
  const ExprPtr nan = Real(std::nan(""));
  ExpectOrder(nan, nan, 0);
  ExpectOrder(nan, Real(std::numeric_limits<double>::infinity()), 1);
  ExpectOrder(nan, Big(INT64_MAX), 1);
  ExpectOrder(Real(-0.0), Real(0.0), 0);
}

TEST(Comparison, TextComparesByBytes) {
  const Row row({Value::Text("b")});
  const ExprPtr x = Column(0, TypeKind::kText);
  ExpectOrder(x, Text("a"), 1, row);
  ExpectOrder(x, Text("b"), 0, row);
  ExpectOrder(x, Text("ba"), -1, row);
  ExpectOrder(x, Text(""), 1, row);
  ExpectOrder(Text("Z"), Text("a"), -1);
  ExpectOrder(Text("z"), Text("é"), -1);
}

TEST(Comparison, TextIsReadAsTheOtherSidesType) {
  struct Case {
    TypeKind kind;
    const char* stored;
    const char* written;
    int order;
  };
  const Case cases[] = {
      {TypeKind::kInt, "5", " 5 ", 0},
      {TypeKind::kBigInt, "9007199254740993", "9007199254740992", 1},
      {TypeKind::kDouble, "1.5", "1.50", 0},
      {TypeKind::kBoolean, "true", "yes", 0},
      {TypeKind::kTimestamp, "2025-01-31 12:00:00", "2025-01-31T13:00:00+01:00", 0},
      {TypeKind::kDateTime, "2025-01-31 12:00:00", "2025-01-31", 1},
      {TypeKind::kDate, "2025-01-31", "2025-02-01", -1},
      {TypeKind::kTime, "12:00:00", "12:00", 0},
      {TypeKind::kUuid, "f47ac10b-58cc-4372-a567-0e02b2c3d479", "F47AC10B58CC4372A5670E02B2C3D479",
       0},
      {TypeKind::kBytes, "ab", "ab", 0},
  };
  for (const Case& c : cases) {
    const ExprPtr stored = Typed(c.stored, c.kind);
    const Row row({stored->constant()});
    ExpectOrder(Column(0, c.kind), Text(c.written), c.order, row);
    // A parameter's value is known only when it is evaluated.
    Evaluation e;
    const Value params[] = {Value::Text(c.written)};
    e.frame.row = &row;
    e.frame.params = params;
    const ExprPtr call = Call("=", Column(0, c.kind), MakeParam(0, Of(TypeKind::kText)));
    EXPECT_EQ(e.Run(*call), c.order == 0 ? "true" : "false") << c.written;
  }
}

TEST(Comparison, IntegersAreMicrosecondsOfAnInstantAndDaysOfADate) {
  const Row row(
      {Value(Datum::Int(TypeKind::kTimestamp, 1'000'000)), Value(Datum::Int(TypeKind::kDate, 3))});
  ExpectOrder(Column(0, TypeKind::kTimestamp), Int(1'000'000), 0, row);
  ExpectOrder(Column(0, TypeKind::kTimestamp), Big(2'000'000), -1, row);
  ExpectOrder(Column(1, TypeKind::kDate), Int(2), 1, row);
  EXPECT_EQ(Eval(Call("in", Column(0, TypeKind::kTimestamp), Int(5), Int(1'000'000)), row), "true");
}

TEST(Comparison, DatesAndInstantsCompareByInstant) {
  ExpectOrder(Typed("2025-01-31", TypeKind::kDate),
              Typed("2025-01-31 00:00:01", TypeKind::kTimestamp), -1);
  ExpectOrder(Typed("2025-01-31", TypeKind::kDateTime), Typed("2025-01-31", TypeKind::kTimestamp),
              0);
}

TEST(Comparison, NullMakesEveryComparisonUnknown) {
  const Row row({Value(Datum::Null(TypeKind::kInt)), Value(Datum::Null(TypeKind::kText)),
                 Value(Datum::Int(TypeKind::kInt, 1))});
  for (const char* op : kOps) {
    EXPECT_EQ(Eval(Call(op, Column(0, TypeKind::kInt), Int(1)), row), "NULL") << op;
    EXPECT_EQ(Eval(Call(op, Column(1, TypeKind::kText), Text("a")), row), "NULL") << op;
    EXPECT_EQ(Eval(Call(op, Column(2, TypeKind::kInt), Null()), row), "NULL") << op;
    EXPECT_EQ(Eval(Call(op, Null(), Null()), row), "NULL") << op;
  }
  EXPECT_EQ(ValueOf("is distinct from", Null(), Null()), "false");
  EXPECT_EQ(ValueOf("is distinct from", Int(1), Null()), "true");
  EXPECT_EQ(ValueOf("is not distinct from", Int(1), Int(1)), "true");
  EXPECT_EQ(ValueOf("is not distinct from", Null(), Int(1)), "false");
}

TEST(Comparison, WhatCannotBeReadIsRefusedWhenBuilt) {
  const Status bad = Refused("=", Column(0, TypeKind::kInt), Text("abc"));
  EXPECT_FALSE(bad.message().empty());
  EXPECT_NE(bad.code(), ErrorCode::kNeedsAnalytics);
  (void)Refused("=", Column(0, TypeKind::kUuid), Text("no uuid"));
  (void)Refused("<", Column(0, TypeKind::kTimestamp), Text("yesterday"));
  EXPECT_EQ(Refused("=", Column(0, TypeKind::kText), Column(1, TypeKind::kInt)).message(),
            "operator does not exist: TEXT = INT");
  EXPECT_EQ(Refused("<", Column(0, TypeKind::kText), Int(1)).code(), ErrorCode::kInvalidSql);
  EXPECT_EQ(Refused("=", Column(0, TypeKind::kBoolean), Int(1)).code(), ErrorCode::kInvalidSql);
  EXPECT_EQ(Refused("=", Column(0, TypeKind::kTime), Column(1, TypeKind::kDate)).code(),
            ErrorCode::kInvalidSql);
}

TEST(Comparison, AWrittenNumberEqualsATextThatSpellsIt) {
  const Row row({Value::Text("5")});
  EXPECT_EQ(Eval(Call("=", Column(0, TypeKind::kText), Int(5)), row), "true");
  EXPECT_EQ(Eval(Call("<>", Int(6), Column(0, TypeKind::kText)), row), "true");
}

TEST(InList, IsUnknownOnlyWhereANullCouldDecide) {
  EXPECT_EQ(ValueOf("in", Int(1), Int(2), Null()), "NULL");
  EXPECT_EQ(ValueOf("in", Int(1), Int(1), Null()), "true");
  EXPECT_EQ(ValueOf("in", Int(1), Int(2), Int(3)), "false");
  EXPECT_EQ(ValueOf("in", Null(), Int(2), Int(3)), "NULL");
  EXPECT_EQ(Eval(Call("not", Call("in", Int(1), Int(2), Null()))), "NULL");
}

TEST(InList, LongListsAnswerAsShortOnes) {
  std::vector<ExprPtr> args = {Column(0, TypeKind::kBigInt)};
  std::vector<ExprPtr> texts = {Column(1, TypeKind::kText)};
  for (int i = 0; i < 100; ++i) {
    args.push_back(i % 2 == 0 ? Int(i) : Real(i));
    texts.push_back(Text("t" + std::to_string(i)));
  }
  const Result<ExprPtr> in = MakeCall("in", args), text_in = MakeCall("in", texts);
  args.push_back(Null());
  const Result<ExprPtr> with_null = MakeCall("in", args);
  ASSERT_TRUE(in.ok() && text_in.ok() && with_null.ok());
  for (int64_t v : {-1, 0, 1, 57, 99, 100}) {
    const Row row({Value(Datum::BigInt(v)), Value::Text("t" + std::to_string(v))});
    const bool inside = v >= 0 && v < 100;
    EXPECT_EQ(Eval(*in, row), inside ? "true" : "false") << v;
    EXPECT_EQ(Eval(*text_in, row), inside ? "true" : "false") << v;
    EXPECT_EQ(Eval(*with_null, row), inside ? "true" : "NULL") << v;
  }
}

TEST(InList, OneItemIsAnEquality) {
  const ExprPtr in = Call("in", Column(0, TypeKind::kInt), Int(1));
  EXPECT_EQ(in->name(), "=");
}

TEST(Between, IsTwoComparisonsInThreeValuedLogic) {
  EXPECT_EQ(ValueOf("between", Int(5), Int(1), Int(5)), "true");
  EXPECT_EQ(ValueOf("between", Int(0), Int(1), Int(5)), "false");
  EXPECT_EQ(ValueOf("between", Int(5), Int(1), Null()), "NULL");
  EXPECT_EQ(ValueOf("between", Int(0), Int(1), Null()), "false");
  EXPECT_EQ(ValueOf("between", Int(9), Null(), Int(5)), "false");
  EXPECT_EQ(ValueOf("between", Text("b"), Text("a"), Text("c")), "true");
  const Row row({Value(Datum::Int(TypeKind::kDate, 10))});
  EXPECT_EQ(
      Eval(Call("between", Column(0, TypeKind::kDate), Text("1970-01-02"), Text("1970-01-20")),
           row),
      "true");
}

TEST(Conditional, CaseTakesTheFirstTrueBranchAndOneType) {
  const ExprPtr n = Column(0, TypeKind::kInt);
  Result<ExprPtr> made =
      MakeCase({Call("=", n, Int(0)), Int(7), Call(">", n, Int(5)), Real(1.5), Null()});
  ASSERT_TRUE(made.ok());
  EXPECT_EQ((*made)->type().kind, TypeKind::kDouble);
  auto with = [&](int64_t v) { return Eval(*made, Row({Value(Datum::Int(TypeKind::kInt, v))})); };
  EXPECT_EQ(with(0), "7");
  EXPECT_EQ(with(6), "1.5");
  EXPECT_EQ(with(1), "NULL");
  EXPECT_FALSE(MakeCase({Bool(true), Column(0, TypeKind::kText), Int(1)}).ok());
  EXPECT_FALSE(MakeCase({Int(1), Int(1), Int(1)}).ok());
  EXPECT_FALSE(MakeCase({Bool(true), Int(1)}).ok());
}

TEST(Conditional, CaseDoesNotEvaluateWhatItDoesNotTake) {
  const ExprPtr n = Column(0, TypeKind::kInt);
  Result<ExprPtr> made = MakeCase({Call("=", n, Int(0)), Int(0), Call("/", Int(10), n)});
  ASSERT_TRUE(made.ok());
  EXPECT_EQ(Eval(*made, Row({Value(Datum::Int(TypeKind::kInt, 0))})), "0");
  EXPECT_EQ(Eval(*made, Row({Value(Datum::Int(TypeKind::kInt, 3))})), "3");
}

TEST(Conditional, CoalesceNullifGreatestLeast) {
  EXPECT_EQ(ValueOf("coalesce", Null(), Null(), Int(3), Call("/", Int(1), Int(0))), "3");
  EXPECT_EQ(ValueOf("coalesce", Null(), Null()), "NULL");
  EXPECT_EQ(ValueOf("nullif", Int(1), Int(1)), "NULL");
  EXPECT_EQ(ValueOf("nullif", Int(1), Int(2)), "1");
  EXPECT_EQ(ValueOf("nullif", Int(1), Null()), "1");
  EXPECT_EQ(ValueOf("greatest", Int(1), Null(), Real(3.5)), "3.5");
  EXPECT_EQ(ValueOf("least", Null(), Int(2), Int(4)), "2");
  EXPECT_EQ(ValueOf("greatest", Null(), Null()), "NULL");
  EXPECT_EQ(ValueOf("greatest", Text("a"), Text("b")), "b");
  EXPECT_EQ(Refused("coalesce", Column(0, TypeKind::kInt), Column(1, TypeKind::kText)).code(),
            ErrorCode::kInvalidSql);
}

}  // namespace
}  // namespace kalamdb::expr::test
