#include "build.h"

#include "base/clock.h"
#include "base/id_source.h"

namespace kalamdb::expr::test {
namespace {

std::string Print(const Expr& e) {
  std::string out;
  AppendFingerprint(e, &out);
  return out;
}

TEST(Fold, LeavesOnlyWhatDependsOnColumns) {
  Evaluation e;
  const Value params[] = {Value::Text("7")};
  e.frame.params = params;
  e.frame.user = "alice";
  const ExprPtr filter =
      Call("and", Call("=", Column(0, TypeKind::kInt), MakeParam(0, Of(TypeKind::kText))),
           Call("=", Column(1, TypeKind::kText), Call("current_user")));
  const Result<ExprPtr> folded = Fold(filter, e.frame, true);
  ASSERT_TRUE(folded.ok());
  const ExprPtr expected = Call("and", Call("=", Column(0, TypeKind::kInt), Int(7)),
                                Call("=", Column(1, TypeKind::kText), Text("alice")));
  EXPECT_EQ(Print(**folded), Print(*expected));
}

TEST(Fold, SimplifiesJunctionsAndCase) {
  Evaluation e;
  const ExprPtr x = Call("=", Column(0, TypeKind::kInt), Int(1));
  auto fold = [&](const ExprPtr& expr) { return *Fold(expr, e.frame, false); };
  EXPECT_EQ(Print(*fold(Call("and", Call("=", Int(1), Int(1)), x))), Print(*x));
  EXPECT_EQ(Eval(fold(Call("and", x, Call("=", Int(1), Int(2))))), "false");
  EXPECT_EQ(Eval(fold(Call("or", x, Bool(true)))), "true");
  EXPECT_EQ(Print(*fold(*MakeCase({Bool(false), Int(1), Column(0, TypeKind::kInt)}))),
            Print(*Column(0, TypeKind::kInt)));
  // NULL is not FALSE: it stays.
  const ExprPtr unknown = fold(Call("and", Call("=", Null(), Int(1)), x));
  EXPECT_EQ(Eval(unknown, Row({Value(Datum::Int(TypeKind::kInt, 1))})), "NULL");
  EXPECT_EQ(Eval(unknown, Row({Value(Datum::Int(TypeKind::kInt, 2))})), "false");
}

TEST(Fold, KeepsTimeWhenAskedAndIdsAlways) {
  Evaluation e;
  e.frame.now_micros = 5;
  const ExprPtr now = Call("now");
  EXPECT_EQ((*Fold(now, e.frame, true))->node(), Node::kCall);
  EXPECT_EQ((*Fold(now, e.frame, false))->node(), Node::kConstant);
  for (const char* name : {"random", "snowflake_id", "uuid_v7", "ulid", "gen_random_uuid"}) {
    const ExprPtr call = Call("is null", Call(name));
    EXPECT_EQ((*Fold(call, e.frame, false))->node(), Node::kCall) << name;
    EXPECT_TRUE(call->changes_per_row());
  }
}

TEST(Fold, ReportsWhatFailsAndLeavesTheFrameClean) {
  Evaluation e;
  const ExprPtr bad = Call("=", Column(0, TypeKind::kInt), Call("/", Int(1), Int(0)));
  const Result<ExprPtr> folded = Fold(bad, e.frame, false);
  ASSERT_FALSE(folded.ok());
  EXPECT_EQ(folded.status().message(), "division by zero");
  EXPECT_TRUE(e.frame.error.ok());
  EXPECT_EQ(e.frame.arena, &e.arena);
}

TEST(Fold, DoesNotFailForABranchThatNoRowTakes) {
  Evaluation e;
  const ExprPtr n = Column(0, TypeKind::kInt);
  const ExprPtr guarded = *MakeCase({Call("=", n, Int(0)), Call("/", Int(1), Int(0)), Int(5)});
  const Result<ExprPtr> folded = Fold(guarded, e.frame, false);
  ASSERT_TRUE(folded.ok());
  EXPECT_EQ(Eval(*folded, Row({Value(Datum::Int(TypeKind::kInt, 1))})), "5");
  EXPECT_EQ(Eval(*folded, Row({Value(Datum::Int(TypeKind::kInt, 0))})), "error: division by zero");
}

TEST(Fold, ABadParameterIsAnError) {
  Evaluation e;
  const Value params[] = {Value::Text("abc")};
  e.frame.params = params;
  const ExprPtr filter = Call("=", Column(0, TypeKind::kInt), MakeParam(0, Of(TypeKind::kText)));
  EXPECT_FALSE(Fold(filter, e.frame, false).ok());
  e.frame.params = {};
  EXPECT_EQ(Fold(filter, e.frame, false).status().code(), ErrorCode::kParameterBinding);
}

TEST(Params, OfAnotherKindThanPlannedAreCast) {
  Evaluation e;
  const Value params[] = {Value::Text("5")};
  e.frame.params = params;
  const ExprPtr sum = Call("+", MakeParam(0, Of(TypeKind::kBigInt)), Int(1));
  EXPECT_EQ(e.Run(*sum), "6");
}

TEST(Context, IdentityAndIds) {
  Evaluation e;
  SystemClock clock;
  IdSource ids(&clock, 1, 0, [](int64_t) { return true; });
  e.frame.user = "alice";
  e.frame.role = Role::kService;
  e.frame.ids = &ids;
  for (const char* name : {"current_user", "current_user_id", "kdb_current_user", "session_user"}) {
    EXPECT_EQ(e.Run(*Call(name)), "alice") << name;
  }
  EXPECT_EQ(e.Run(*Call("current_role")), "service");
  EXPECT_EQ(e.Run(*Call("current_schema")), "default");
  EXPECT_EQ(e.Run(*Call("ulid")).size(), 26U);
  EXPECT_EQ(e.Run(*Call("uuid_v7")).size(), 36U);
  EXPECT_EQ(e.Run(*Call("gen_random_uuid")).size(), 36U);
  const std::string first = e.Run(*Call("snowflake_id"));
  EXPECT_NE(e.Run(*Call("snowflake_id")), first);
  EXPECT_EQ(e.Run(*Call("pg_typeof", Big(1))), "bigint");
  EXPECT_EQ(Refused("current_user", Int(1)).code(), ErrorCode::kInvalidSql);
}

TEST(Columns, WithoutARowAreAnErrorNotACrash) {
  Evaluation e;
  Column(0, TypeKind::kInt)->Eval(e.frame);
  EXPECT_FALSE(e.frame.error.ok());
  Evaluation f;
  const Row proposed({Value(Datum::Int(TypeKind::kInt, 4))});
  f.frame.excluded = &proposed;
  EXPECT_EQ(f.Run(*MakeExcluded(0, Of(TypeKind::kInt))), "4");
}

TEST(ColumnCoercion, NamesTheColumnThatRefuses) {
  const ExprPtr bad = MakeColumnCoercion(Real(1.7), Of(TypeKind::kInt), "n");
  EXPECT_NE(Eval(bad).find("'n'"), std::string::npos);
  EXPECT_EQ(Eval(MakeColumnCoercion(Real(2.0), Of(TypeKind::kInt), "n")), "2");
  EXPECT_EQ(Eval(MakeColumnCoercion(Text("5"), Of(TypeKind::kInt), "n")), "5");
  EXPECT_EQ(Eval(MakeColumnCoercion(Null(), Of(TypeKind::kInt), "n")), "NULL");
  const ExprPtr column = Column(0, TypeKind::kInt);
  EXPECT_EQ(MakeColumnCoercion(column, Of(TypeKind::kInt), "n"), column);
}

TEST(Cast, FailsOrGivesNullAsAsked) {
  EXPECT_FALSE(MakeCast(Text("x"), Of(TypeKind::kInt)).ok());
  EXPECT_EQ(Eval(*MakeCast(Text("x"), Of(TypeKind::kInt), true)), "NULL");
  EXPECT_EQ(Eval(*MakeCast(Real(3.9), Of(TypeKind::kBigInt))), "4");
  const Row row({Value::Text("x")});
  EXPECT_EQ(Eval(*MakeCast(Column(0, TypeKind::kText), Of(TypeKind::kInt), true), row), "NULL");
  EXPECT_EQ(Eval(*MakeCast(Column(0, TypeKind::kText), Of(TypeKind::kInt)), row).substr(0, 5),
            "error");
}

TEST(Fingerprint, IsEqualForEqualFiltersOnly) {
  const ExprPtr x = Column(0, TypeKind::kText), n = Column(1, TypeKind::kInt);
  const std::vector<ExprPtr> different = {
      Call("in", x, Text("a"), Text("bc")),
      Call("in", x, Text("ab"), Text("c")),
      Call("in", x, Text("abc"), Text("")),
      Call("=", x, Text("a")),
      Call("<>", x, Text("a")),
      Call("=", Column(2, TypeKind::kText), Text("a")),
      Call("=", n, Int(1)),
      Call("=", n, Big(1)),
      Call("=", n, Int(256)),
      Call("=", n, Null()),
      Call("=", x, Null()),
      Call("=", x, Text("")),
      Call("=", x, Text(std::string("a\0", 2))),
      Call("like", x, Text("a")),
      Call("ilike", x, Text("a")),
      Call("like", x, Text("a"), Text("!")),
      Call("is null", x),
      Call("not", Call("is null", x)),
      Call("and", Call("is null", x), Call("=", n, Int(1))),
      Call("or", Call("is null", x), Call("=", n, Int(1))),
      Call("=", x, Call("current_user")),
      Call("=", MakeExcluded(0, Of(TypeKind::kText)), Text("a")),
      Call("=", *MakeCast(n, Of(TypeKind::kText)), Text("a")),
      Call("=", *MakeCast(n, Of(TypeKind::kText), true), Text("a")),
  };
  for (size_t i = 0; i < different.size(); ++i) {
    for (size_t j = 0; j < different.size(); ++j) {
      EXPECT_EQ(Print(*different[i]) == Print(*different[j]), i == j) << i << " and " << j;
    }
  }
  EXPECT_EQ(Print(*Call("=", x, Text("a"))), Print(*Call("=", x, Text("a"))));
  EXPECT_EQ(Print(*Call("and", Call("and", different[6], different[3]), different[16])),
            Print(*Call("and", different[6], Call("and", different[3], different[16]))));
}

}  // namespace
}  // namespace kalamdb::expr::test
