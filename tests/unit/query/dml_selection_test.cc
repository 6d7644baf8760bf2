// UPDATE, DELETE and INSERT whose rows or values only the analytical engine can tell.
#include "analytical_engine_fixture.h"

namespace kalamdb::query {
namespace {

class DmlSelectionTest : public AnalyticalQueryTest {
 protected:
  DmlSelectionTest() {
    analytics_ = engine_.get();
    Create(
        "CREATE TABLE app.t (id TEXT PRIMARY KEY, a INT, d DECIMAL(8,2), keep TEXT DEFAULT 'k') "
        "WITH (TYPE='USER')");
    Create("CREATE TABLE app.u (id BIGINT PRIMARY KEY, t TEXT, v INT) WITH (TYPE='USER')");
    Change("INSERT INTO t (id, a, d) VALUES ('x', 1, 1.25), ('y', 2, 2), ('z', 3, NULL)");
    Change("INSERT INTO u VALUES (1, 'x', 10), (2, 'y', 20), (3, 'y', 21), (4, NULL, 0)");
  }
};

TEST_F(DmlSelectionTest, ASubqueryInWherePicksItsRowsAndNoOthers) {
  EXPECT_EQ(Change("UPDATE t SET a = 100 WHERE a = (SELECT max(a) FROM t)"), 1U);
  EXPECT_EQ(Query("SELECT id, a, keep FROM t"),
            (Rows{R"("x" 1 "k")", R"("y" 2 "k")", R"("z" 100 "k")"}));
  EXPECT_EQ(Change("DELETE FROM t WHERE id NOT IN (SELECT t FROM u WHERE t IS NOT NULL)"), 1U);
  EXPECT_EQ(Query("SELECT id FROM t"), (Rows{R"("x")", R"("y")"}));
  EXPECT_EQ(Change("DELETE FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.t = t.id AND u.v > 15)"),
            1U);
  EXPECT_EQ(Query("SELECT id FROM t"), Rows{R"("x")"});
}

TEST_F(DmlSelectionTest, ASubqueryInSetIsComputedPerRow) {
  EXPECT_EQ(Change("UPDATE t SET a = (SELECT sum(v) FROM u WHERE u.t = t.id), d = d + 0.5, "
                   "keep = DEFAULT WHERE id <> $1",
                   {Text("z")}),
            2U);
  EXPECT_EQ(Query("SELECT id, a, d FROM t"),
            (Rows{R"("x" 10 "1.75")", R"("y" 41 "2.50")", R"("z" 3 null)"}));
  // What does not change is not written.
  EXPECT_EQ(Change("UPDATE t SET a = (SELECT sum(v) FROM u WHERE u.t = t.id) WHERE id = 'x'"), 0U);
}

TEST_F(DmlSelectionTest, OtherOwnersRowsAreOutOfReach) {
  user_ = "bob";
  EXPECT_EQ(Change("UPDATE t SET a = 0 WHERE a <= (SELECT 1000)"), 0U);
  EXPECT_EQ(Change("DELETE FROM t WHERE id IN (SELECT id FROM t)"), 0U);
  user_ = "ann";
  EXPECT_EQ(Query("SELECT count(*) FROM t"), Rows{R"("3")"});
}

TEST_F(DmlSelectionTest, ARowThatMovedOnIsSelectedAgain) {
  between_ = [this] { EXPECT_EQ(Change("UPDATE t SET a = 50 WHERE id = 'z'"), 1U); };
  Answer answer = Run("UPDATE t SET keep = 'max' WHERE a = (SELECT max(a) FROM t)");
  ASSERT_TRUE(answer.status.ok()) << answer.status.message();
  EXPECT_EQ(answer.prepared, 2);
  EXPECT_EQ(Query("SELECT id, a, keep FROM t WHERE keep = 'max'"), Rows{R"("z" 50 "max")"});
}

TEST_F(DmlSelectionTest, InsertTakesGroupsAndSubqueries) {
  EXPECT_EQ(Change("INSERT INTO t (id, a) SELECT 'sum-' || t, sum(v) FROM u WHERE t IS NOT NULL "
                   "GROUP BY t"),
            2U);
  EXPECT_EQ(Change("INSERT INTO t (id, a) VALUES ('m', (SELECT max(v) FROM u))"), 1U);
  EXPECT_EQ(Query("SELECT id, a, keep FROM t WHERE id IN ('m', 'sum-x', 'sum-y')"),
            (Rows{R"("m" 21 "k")", R"("sum-x" 10 "k")", R"("sum-y" 41 "k")"}));
}

TEST_F(DmlSelectionTest, AnUnknownColumnIsNamedWhereverItStands) {
  EXPECT_EQ(Run("UPDATE t SET a = 1 WHERE nope = (SELECT 1)").status.code(),
            ErrorCode::kColumnNotFound);
  EXPECT_EQ(Run("DELETE FROM t WHERE id IN (SELECT nope FROM u)").status.code(),
            ErrorCode::kColumnNotFound);
}

}  // namespace
}  // namespace kalamdb::query
