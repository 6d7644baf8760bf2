#include "build.h"

namespace kalamdb::expr::test {
namespace {

// 0 false, 1 true, 2 unknown.
ExprPtr Value3(int v) {
  if (v == 2) return MakeConstant(Value(), Of(TypeKind::kBoolean));
  return Bool(v == 1);
}
constexpr const char* kNames[] = {"false", "true", "NULL"};

TEST(ThreeValuedLogic, AndOrNotFollowTheTruthTables) {
  const int and_table[3][3] = {{0, 0, 0}, {0, 1, 2}, {0, 2, 2}};
  const int or_table[3][3] = {{0, 1, 2}, {1, 1, 1}, {2, 1, 2}};
  for (int a = 0; a < 3; ++a) {
    for (int b = 0; b < 3; ++b) {
      EXPECT_EQ(ValueOf("and", Value3(a), Value3(b)), kNames[and_table[a][b]]) << a << b;
      EXPECT_EQ(ValueOf("or", Value3(a), Value3(b)), kNames[or_table[a][b]]) << a << b;
    }
  }
  EXPECT_EQ(ValueOf("not", Value3(0)), "true");
  EXPECT_EQ(ValueOf("not", Value3(1)), "false");
  EXPECT_EQ(ValueOf("not", Value3(2)), "NULL");
}

TEST(ThreeValuedLogic, IsTestsAreNeverUnknown) {
  const std::pair<const char*, const char*> expected[] = {
      {"is true", "ftf"}, {"is not true", "tft"}, {"is false", "tff"},   {"is not false", "ftt"},
      {"is null", "fft"}, {"is not null", "ttf"}, {"is unknown", "fft"}, {"is not unknown", "ttf"},
  };
  for (const auto& [name, results] : expected) {
    for (int v = 0; v < 3; ++v) {
      EXPECT_EQ(ValueOf(name, Value3(v)), results[v] == 't' ? "true" : "false") << name << v;
    }
  }
}

TEST(ThreeValuedLogic, AWhereTakesUnknownForNo) {
  const ExprPtr x = Column(0, TypeKind::kText);
  const Row null_row({Value(Datum::Null(TypeKind::kText))});
  const Row a_row({Value::Text("a")}), b_row({Value::Text("b")});
  for (const ExprPtr& filter : {Call("<>", x, Text("a")), Call("not", Call("=", x, Text("a")))}) {
    Evaluation e;
    e.frame.row = &null_row;
    EXPECT_FALSE(EvalPredicate(*filter, e.frame));
    e.frame.row = &a_row;
    EXPECT_FALSE(EvalPredicate(*filter, e.frame));
    e.frame.row = &b_row;
    EXPECT_TRUE(EvalPredicate(*filter, e.frame));
    EXPECT_TRUE(e.frame.error.ok());
  }
}

TEST(ThreeValuedLogic, AFailedPredicateIsNoMatch) {
  const ExprPtr fails = Call("=", Call("/", Int(1), Column(0, TypeKind::kInt)), Int(1));
  const Row zero({Value(Datum::Int(TypeKind::kInt, 0))});
  Evaluation e;
  e.frame.row = &zero;
  EXPECT_FALSE(EvalPredicate(*Call("is null", fails), e.frame));
  EXPECT_EQ(e.frame.error.code(), ErrorCode::kExecution);
}

TEST(ThreeValuedLogic, WhatIsDecidedIsNotEvaluatedFurther) {
  const ExprPtr fails = Call("=", Call("/", Int(1), Int(0)), Int(1));
  EXPECT_EQ(Eval(Call("and", Bool(false), fails)), "false");
  EXPECT_EQ(Eval(Call("or", Bool(true), fails)), "true");
  EXPECT_EQ(Eval(Call("and", fails, Bool(false))), "error: division by zero");
}

TEST(ThreeValuedLogic, ChainsAreMergedAndSplitInOrder) {
  const ExprPtr a = Call("=", Column(0, TypeKind::kInt), Int(1));
  const ExprPtr b = Call("=", Column(1, TypeKind::kInt), Int(2));
  const ExprPtr c = Call("=", Column(2, TypeKind::kInt), Int(3));
  const ExprPtr chain = Call("and", Call("and", a, b), c);
  std::vector<ExprPtr> conjuncts;
  SplitConjuncts(chain, &conjuncts);
  EXPECT_EQ(conjuncts, (std::vector<ExprPtr>{a, b, c}));
  conjuncts.clear();
  SplitConjuncts(Call("or", a, b), &conjuncts);
  EXPECT_EQ(conjuncts.size(), 1U);
}

TEST(ThreeValuedLogic, OperandsHaveToBeBoolean) {
  EXPECT_EQ(Refused("and", Bool(true), Int(1)).code(), ErrorCode::kInvalidSql);
  EXPECT_EQ(Refused("not", Column(0, TypeKind::kText)).code(), ErrorCode::kInvalidSql);
  EXPECT_EQ(ValueOf("and", Text("true"), Text("yes")), "true");
}

TEST(Nesting, IsAcceptedToItsBoundAndRefusedBeyond) {
  ExprPtr e = Column(0, TypeKind::kBoolean);
  for (int i = 1; i < kMaxDepth; ++i) e = Call("not", e);
  EXPECT_EQ(e->depth(), kMaxDepth);
  EXPECT_EQ(Eval(e, Row({Value(Datum::Bool(true))})), "false");
  EXPECT_EQ(Refused("not", e).code(), ErrorCode::kInvalidSql);
  EXPECT_FALSE(MakeCase({e, Int(1), Int(2)}).ok());
  EXPECT_FALSE(MakeCast(e, Of(TypeKind::kText)).ok());
}

TEST(Nesting, AThousandConjunctsAreNotDeep) {
  const ExprPtr one = Call("=", Column(0, TypeKind::kInt), Int(1));
  ExprPtr chain = one;
  for (int i = 0; i < 5000; ++i) chain = Call("and", chain, one);
  EXPECT_LT(chain->depth(), 16);
  std::vector<ExprPtr> conjuncts;
  SplitConjuncts(chain, &conjuncts);
  EXPECT_EQ(conjuncts.size(), 5001U);
}

}  // namespace
}  // namespace kalamdb::expr::test
