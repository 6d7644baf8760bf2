// SELECT on the row engine.
#include "base/snowflake.h"
#include "query_fixture.h"

namespace kalamdb::query {
namespace {

class SelectTest : public QueryTest {
 protected:
  SelectTest() {
    Create(
        "CREATE TABLE app.t (id BIGINT PRIMARY KEY, name TEXT, n INT, price DECIMAL(10,2)) "
        "WITH (TYPE='USER')");
  }
  void Fill() {
    ASSERT_EQ(Change("INSERT INTO t VALUES (3,'c',30,1.50),(1,'a',10,0.50),(2,'b',NULL,2.25),"
                     "(4,'d',10,NULL)"),
              4u);
  }
};

TEST_F(SelectTest, ReadsOneRowByKey) {
  Fill();
  EXPECT_EQ(Query("SELECT id, name, n, price FROM t WHERE id = $1", {Int(3)}),
            Rows{R"("3" "c" 30 "1.50")"});
  EXPECT_EQ(Query("SELECT name FROM t WHERE id = $1", {Int(9)}), Rows{});
  EXPECT_EQ(Query("SELECT name FROM t WHERE 2 = id AND n IS NULL"), Rows{R"("b")"});
  EXPECT_EQ(Query("SELECT name FROM t WHERE id = 2 AND n = 1"), Rows{});
  EXPECT_EQ(Query("SELECT name FROM t WHERE id = NULL"), Rows{});
}

TEST_F(SelectTest, AFractionIsNoIntegerKey) {
  Fill();
  EXPECT_EQ(Query("SELECT id FROM t WHERE id = $1", {Real(2.7)}), Rows{});
  EXPECT_EQ(Query("SELECT id FROM t WHERE id = $1", {Real(2.0)}), Rows{R"("2")"});
  EXPECT_EQ(Query("SELECT id FROM t WHERE id > 2.5"), (Rows{R"("3")", R"("4")"}));
}

TEST_F(SelectTest, EveryAccessPathFindsTheSameRows) {
  Fill();
  EXPECT_EQ(Query("SELECT id FROM t WHERE id IN (4, 1, 1, 7)"), (Rows{R"("1")", R"("4")"}));
  EXPECT_EQ(Query("SELECT id FROM t WHERE id BETWEEN 2 AND 3"), (Rows{R"("2")", R"("3")"}));
  EXPECT_EQ(Query("SELECT id FROM t WHERE id > 1 AND id < 4"), (Rows{R"("2")", R"("3")"}));
  EXPECT_EQ(Query("SELECT id FROM t WHERE id >= $1", {Int(3)}), (Rows{R"("3")", R"("4")"}));
  EXPECT_EQ(Query("SELECT id FROM t WHERE id < -1"), Rows{});
  EXPECT_EQ(Query("SELECT id FROM t WHERE n = 10"), (Rows{R"("1")", R"("4")"}));
  EXPECT_EQ(Query("SELECT id FROM t WHERE id > NULL"), Rows{});
  EXPECT_EQ(Query("SELECT id FROM t WHERE false"), Rows{});
}

TEST_F(SelectTest, PrimaryKeyOrderWithoutOrderBy) {
  Fill();
  EXPECT_EQ(Query("SELECT id FROM t"), (Rows{R"("1")", R"("2")", R"("3")", R"("4")"}));
  EXPECT_EQ(Query("SELECT id FROM t LIMIT 2 OFFSET 1"), (Rows{R"("2")", R"("3")"}));
  // Also when the rows were found by _seq.
  EXPECT_EQ(Query("SELECT id FROM t WHERE _seq > 0"),
            (Rows{R"("1")", R"("2")", R"("3")", R"("4")"}));
}

TEST_F(SelectTest, ExplicitOrderDecidesUnderLimitAndWhenItsKeyIsNotProjected) {
  Fill();
  EXPECT_EQ(Query("SELECT id FROM t ORDER BY name DESC LIMIT 2"), (Rows{R"("4")", R"("3")"}));
  EXPECT_EQ(Query("SELECT name FROM t ORDER BY n, id DESC"),
            (Rows{R"("d")", R"("a")", R"("c")", R"("b")"}));
  EXPECT_EQ(Query("SELECT id FROM t ORDER BY n DESC, id LIMIT 2"), (Rows{R"("2")", R"("3")"}));
  EXPECT_EQ(Query("SELECT id FROM t ORDER BY n NULLS FIRST, id LIMIT 1"), Rows{R"("2")"});
  EXPECT_EQ(Query("SELECT id FROM t ORDER BY n DESC NULLS LAST, id LIMIT 1 OFFSET 1"),
            Rows{R"("1")"});
  EXPECT_EQ(Query("SELECT id AS k FROM t ORDER BY k DESC LIMIT 1"), Rows{R"("4")"});
  EXPECT_EQ(Query("SELECT name, id FROM t ORDER BY 2 DESC LIMIT 1"), Rows{R"("d" "4")"});
  EXPECT_EQ(Query("SELECT id FROM t ORDER BY -id LIMIT 1"), Rows{R"("4")"});
  EXPECT_EQ(Query("SELECT id FROM t ORDER BY _seq DESC LIMIT 2"), (Rows{R"("4")", R"("2")"}));
  EXPECT_EQ(Error("SELECT id FROM t ORDER BY 2"), "ORDER BY position 2 is not in select list");
}

TEST_F(SelectTest, LimitTakesParametersAndRefusesNegatives) {
  Fill();
  EXPECT_EQ(Query("SELECT id FROM t LIMIT $1 OFFSET $2", {Int(1), Int(2)}), Rows{R"("3")"});
  EXPECT_EQ(Query("SELECT id FROM t LIMIT 0"), Rows{});
  EXPECT_EQ(Query("SELECT id FROM t LIMIT NULL").size(), 4u);
  EXPECT_EQ(Error("SELECT id FROM t LIMIT $1", {Int(-1)}), "LIMIT must not be negative");
}

TEST_F(SelectTest, ConfiguredLimitsAreReportedWhenTheyCut) {
  Fill();
  default_limit_ = 2;
  Answer cut = Run("SELECT id FROM t");
  EXPECT_EQ(cut.rows.size(), 2u);
  EXPECT_TRUE(cut.truncated);
  EXPECT_EQ(Query("SELECT id FROM t LIMIT 3").size(), 3u);
  default_limit_ = 4;
  Answer whole = Run("SELECT id FROM t ORDER BY n");
  EXPECT_EQ(whole.rows.size(), 4u);
  EXPECT_FALSE(whole.truncated);
  max_limit_ = 3;
  Answer sorted = Run("SELECT id FROM t ORDER BY n LIMIT 10");
  EXPECT_EQ(sorted.rows.size(), 3u);
  EXPECT_TRUE(sorted.truncated);
  Answer asked = Run("SELECT id FROM t LIMIT 3");
  EXPECT_FALSE(asked.truncated);
}

TEST_F(SelectTest, StarShowsSystemColumnsLastAndLeavesOutWhatExceptNames) {
  Fill();
  Answer all = Run("SELECT * FROM t WHERE id = 1");
  ASSERT_TRUE(all.status.ok()) << all.status.message();
  ASSERT_EQ(all.columns.size(), 6u);
  EXPECT_EQ(all.columns[4].name, "_seq");
  EXPECT_EQ(all.columns[5].name, "_deleted");
  EXPECT_TRUE(all.columns[0].primary_key);
  EXPECT_TRUE(all.columns[0].not_null);
  EXPECT_FALSE(all.columns[1].not_null);
  EXPECT_EQ(Query("SELECT * EXCEPT (_seq, price) FROM t WHERE id = 1"),
            Rows{R"("1" "a" 10 false)"});
  EXPECT_EQ(Query("SELECT t.* FROM t LIMIT 0"), Rows{});
  EXPECT_NE(Error("SELECT u.* FROM t"), "");
}

TEST_F(SelectTest, FlagsFollowPlainColumnsThroughAliases) {
  Answer answer = Run("SELECT id AS key, id + 1 AS next FROM t");
  ASSERT_TRUE(answer.status.ok());
  EXPECT_EQ(answer.columns[0].name, "key");
  EXPECT_TRUE(answer.columns[0].primary_key);
  EXPECT_FALSE(answer.columns[1].primary_key);
}

TEST_F(SelectTest, AnAliasDoesNotUnmaskASecret) {
  Create("CREATE TABLE app.s (id INT PRIMARY KEY, password_hash TEXT, credentials JSON)");
  Answer answer = Run(
      "SELECT id, password_hash AS x, upper(password_hash) AS y, max(credentials) AS z, count(*) "
      "FROM s");
  EXPECT_EQ(answer.status.code(), ErrorCode::kNotImplemented);  // columns beside aggregates
  answer = Run("SELECT id, password_hash AS x, upper(password_hash) AS y FROM s");
  ASSERT_TRUE(answer.status.ok()) << answer.status.message();
  EXPECT_FALSE(answer.columns[0].masked);
  EXPECT_TRUE(answer.columns[1].masked);
  EXPECT_TRUE(answer.columns[2].masked);
  answer = Run("SELECT max(password_hash) AS x, count(password_hash) AS n FROM s");
  ASSERT_TRUE(answer.status.ok()) << answer.status.message();
  EXPECT_TRUE(answer.columns[0].masked);
  EXPECT_FALSE(answer.columns[1].masked);
}

TEST_F(SelectTest, AggregatesOverAllRows) {
  Fill();
  EXPECT_EQ(Query("SELECT count(*), count(n), sum(n), avg(n), min(name), max(n) FROM t"),
            Rows{R"("4" "3" "50" 16.666666666666668 "a" 30)"});
  EXPECT_EQ(Query("SELECT sum(price), avg(price) FROM t"), Rows{R"("4.25" "1.416667")"});
  EXPECT_EQ(Query("SELECT count(DISTINCT n), sum(DISTINCT n) FROM t"), Rows{R"("2" "40")"});
  EXPECT_EQ(Query("SELECT count(*) FILTER (WHERE n = 10), count(*) + 1 AS more FROM t"),
            Rows{R"("2" "5")"});
  EXPECT_EQ(Query("SELECT count(*), sum(n), min(n), avg(price) FROM t WHERE id > 100"),
            Rows{R"("0" null null null)"});
  EXPECT_EQ(Query("SELECT count(*) FROM t LIMIT 0"), Rows{});
  EXPECT_EQ(Run("SELECT count(*) FROM t").columns[0].name, "count(*)");
}

TEST_F(SelectTest, SumsOverflowLoudlyAndOnlyAtTheEnd) {
  Create("CREATE TABLE app.big (id INT PRIMARY KEY, v BIGINT)");
  Change("INSERT INTO big VALUES (1, 9223372036854775807), (2, 1)");
  EXPECT_EQ(Error("SELECT sum(v) FROM big"), "bigint out of range");
  Change("INSERT INTO big VALUES (3, -5)");
  EXPECT_EQ(Query("SELECT sum(v) FROM big"), Rows{R"("9223372036854775803")"});
}

TEST_F(SelectTest, DecimalsCompareWithWhatIsWritten) {
  Create("CREATE TABLE app.d (id INT PRIMARY KEY, price DECIMAL(10,2))");
  Change("INSERT INTO d VALUES (1, 1.10), (2, 1.005), (3, $1)", {Real(2.35)});
  EXPECT_EQ(Query("SELECT id FROM d WHERE price = 1.1"), Rows{"1"});
  EXPECT_EQ(Query("SELECT id FROM d WHERE price = $1", {Real(1.1)}), Rows{"1"});
  EXPECT_EQ(Query("SELECT price FROM d ORDER BY id"),
            (Rows{R"("1.10")", R"("1.01")", R"("2.35")"}));
}

TEST_F(SelectTest, ExpressionsWithoutATable) {
  EXPECT_EQ(Query("SELECT 1 + 1, 'x' || 'y', NULL, $1 WHERE true", {Text("p")}),
            Rows{R"(2 "xy" null "p")"});
  EXPECT_EQ(Query("SELECT 1 WHERE false"), Rows{});
  EXPECT_EQ(Query("SELECT CURRENT_USER"), Rows{R"("ann")"});
  EXPECT_EQ(Query("SELECT count(*)"), Rows{R"("1")"});
}

TEST_F(SelectTest, UnknownNamesAreReportedAsSuch) {
  Answer answer = Run("SELECT nope FROM t");
  EXPECT_EQ(answer.status.code(), ErrorCode::kColumnNotFound);
  EXPECT_EQ(
      answer.status.message(),
      "No field named nope. Valid fields are t.id, t.name, t.n, t.price, t._seq, t._deleted.");
  answer = Run("SELECT x.id FROM t AS y");
  EXPECT_EQ(answer.status.code(), ErrorCode::kColumnNotFound);
  answer = Run("SELECT 1 FROM nowhere");
  EXPECT_EQ(answer.status.code(), ErrorCode::kTableNotFound);
  EXPECT_EQ(answer.status.message(), "app.nowhere");
  EXPECT_EQ(Error("SELECT frobnicate(id) FROM t"), "Invalid function 'frobnicate'.");
  EXPECT_EQ(Run("SELECT id FROM t WHERE id = $2", {Int(1)}).status.code(),
            ErrorCode::kParameterBinding);
  EXPECT_EQ(Error("SELECT $1"), "Placeholder '$1' was not provided a value for execution.");
}

TEST_F(SelectTest, QualifiedNamesAndAliases) {
  Fill();
  EXPECT_EQ(Query("SELECT app.t.name FROM app.t WHERE t.id = 1"), Rows{R"("a")"});
  EXPECT_EQ(Query("SELECT x.name FROM t AS x WHERE x.id = 1"), Rows{R"("a")"});
  EXPECT_EQ(Query("SELECT kalam.app.t.NAME FROM kalam.app.t WHERE \"ID\" = 1"), Rows{R"("a")"});
}

TEST_F(SelectTest, OwnersSeeTheirRowsOnly) {
  Fill();
  user_ = "bob";
  role_ = Role::kSystem;
  EXPECT_EQ(Query("SELECT id FROM t"), Rows{});
  EXPECT_EQ(Query("SELECT id FROM t WHERE id = 1"), Rows{});
  EXPECT_EQ(Query("SELECT id FROM t WHERE _seq > 0"), Rows{});
  EXPECT_EQ(Change("INSERT INTO t (id, name) VALUES (1, 'bob')"), 1u);
  EXPECT_EQ(Query("SELECT name FROM t"), Rows{R"("bob")"});
  user_ = "bo";
  EXPECT_EQ(Query("SELECT id FROM t"), Rows{});
}

TEST_F(SelectTest, TombstonesShowOnlyWhenDeletedIsMentioned) {
  Fill();
  EXPECT_EQ(Change("DELETE FROM t WHERE id = 2"), 1u);
  EXPECT_EQ(Query("SELECT id FROM t").size(), 3u);
  EXPECT_EQ(Query("SELECT id FROM t WHERE id = 2"), Rows{});
  EXPECT_EQ(Query("SELECT id, name FROM t WHERE _deleted = true"), Rows{R"("2" "b")"});
  EXPECT_EQ(Query("SELECT id FROM t WHERE id = 2 AND _deleted"), Rows{R"("2")"});
  EXPECT_EQ(Query("SELECT id FROM t WHERE _deleted = false").size(), 3u);
  EXPECT_EQ(Query("SELECT count(*) FROM t"), Rows{R"("3")"});
}

TEST_F(SelectTest, ALongScanAsksForAWorker) {
  Fill();
  budget_ = 2;
  EXPECT_EQ(Run("SELECT id FROM t WHERE n = 77").status.code(), ErrorCode::kNeedsPool);
  EXPECT_EQ(Query("SELECT id FROM t WHERE id = 3"), Rows{R"("3")"});
  EXPECT_EQ(Query("SELECT id FROM t LIMIT 2").size(), 2u);
}

TEST_F(SelectTest, RightsAreCheckedWhenItRuns) {
  Create("CREATE TABLE app.pub (id INT PRIMARY KEY) WITH (TYPE='SHARED', ACCESS_LEVEL='PUBLIC')");
  Create("CREATE TABLE app.prv (id INT PRIMARY KEY) WITH (TYPE='SHARED')");
  role_ = Role::kUser;
  EXPECT_TRUE(Run("SELECT * FROM pub").status.ok());
  Answer denied = Run("SELECT * FROM prv");
  EXPECT_EQ(denied.status.code(), ErrorCode::kPermissionDenied);
  EXPECT_EQ(denied.status.message(),
            "Access denied: Role 'User' cannot access table 'app.prv'. Shared table access denied "
            "(access_level=Private)");
  EXPECT_EQ(Error("INSERT INTO pub VALUES (1)"),
            "Access denied: Role 'User' cannot access table 'app.pub'. Shared table write denied "
            "(access_level=Public)");
  role_ = Role::kAnonymous;
  EXPECT_TRUE(Run("SELECT * FROM pub").status.ok());
  EXPECT_EQ(Run("SELECT * FROM t").status.code(), ErrorCode::kPermissionDenied);
}

TEST_F(SelectTest, AnAlteredTableMakesThePlanStale) {
  Fill();
  Result<sql::Statement> parsed = sql::ParseStatement("SELECT id FROM t WHERE id = 1", role_);
  ASSERT_TRUE(parsed.ok());
  Result<SelectPlanPtr> plan =
      PlanSelect(*std::get<sql::SelectPtr>(parsed->body), sources_, nullptr, Options());
  ASSERT_TRUE(plan.ok());
  EXPECT_FALSE((*plan)->needs_snapshot());
  CollectingSink sink;
  RunContext context = Context();
  context.snapshot = nullptr;
  EXPECT_TRUE((*plan)->Run(context, sink, nullptr).ok());
  EXPECT_EQ(sink.rows, Rows{R"("1")"});
  Alter("t", Table("t")->schema->columns());
  EXPECT_TRUE((*plan)->stale());
  EXPECT_EQ((*plan)->Run(context, sink, nullptr).code(), ErrorCode::kRetry);
}

TEST_F(SelectTest, RowsOfOlderVersionsReadTheDefaultOfTheirDay) {
  Fill();
  std::vector<Column> columns = Table("t")->schema->columns();
  Column added;
  added.id = 40;
  added.name = "level";
  added.type = DataType::Of(TypeKind::kInt);
  added.default_value.kind = ColumnDefault::Kind::kLiteral;
  added.default_value.literal = Value(Datum::Int(TypeKind::kInt, 7));
  columns.push_back(added);
  columns[2].type = DataType::Of(TypeKind::kBigInt);  // n, widened
  columns[1].name = "title";
  Alter("t", columns);
  EXPECT_EQ(Query("SELECT title, n, level FROM t WHERE id = 1"), Rows{R"("a" "10" 7)"});
  columns.back().default_value.literal = Value(Datum::Int(TypeKind::kInt, 8));
  Alter("t", columns);
  Change("INSERT INTO t (id) VALUES (9)");
  EXPECT_EQ(Query("SELECT id, level FROM t WHERE id IN (1, 9)"), (Rows{R"("1" 7)", R"("9" 8)"}));
  EXPECT_EQ(Query("SELECT id FROM t WHERE level = 7 AND n > 10"), Rows{R"("3")"});
}

TEST_F(SelectTest, ExpiredStreamRowsAreGoneAtOnce) {
  Create("CREATE TABLE app.ev (id TEXT, v INT) WITH (TYPE='STREAM', TTL_SECONDS=10)");
  Change("INSERT INTO ev VALUES ('a', 1), ('b', 2)");
  clock_.Advance(6'000'000);
  Change("INSERT INTO ev VALUES ('c', 3)");
  EXPECT_EQ(Query("SELECT id FROM ev"), (Rows{R"("a")", R"("b")", R"("c")"}));
  EXPECT_EQ(Query("SELECT id FROM ev ORDER BY _seq DESC LIMIT 1"), Rows{R"("c")"});
  clock_.Advance(5'000'000);
  EXPECT_EQ(Query("SELECT id FROM ev"), Rows{R"("c")"});
  EXPECT_EQ(Query("SELECT count(*) FROM ev"), Rows{R"("1")"});
}

// Three accounts, as system.users would list them.
class Accounts final : public VirtualTable, public VirtualTables {
 public:
  Accounts() {
    std::vector<Column> columns(2);
    columns[0].id = 1;
    columns[0].name = "user_id";
    columns[0].type = DataType::Of(TypeKind::kText);
    columns[0].primary_key = true;
    columns[0].nullable = false;
    columns[1].id = 2;
    columns[1].name = "password_hash";
    columns[1].type = DataType::Of(TypeKind::kText);
    schema_ = std::make_shared<const Schema>(1, std::move(columns));
  }
  [[nodiscard]] const SchemaPtr& schema() const override { return schema_; }
  [[nodiscard]] std::string_view ns() const override { return "system"; }
  [[nodiscard]] std::string_view name() const override { return "users"; }
  [[nodiscard]] bool admin_only() const override { return true; }
  Status Scan(std::string_view, Role,
              const std::function<bool(std::span<const Datum>)>& emit) const override {
    for (std::string name : {"zoe", "ann", "max"}) {
      const Datum cells[] = {Datum::Text(name), Datum::Text("h")};
      if (!emit(cells)) break;
    }
    return Status::Ok();
  }
  [[nodiscard]] std::shared_ptr<const VirtualTable> Find(std::string_view ns,
                                                         std::string_view name) const override {
    if (ns != "system" || name != "users") return nullptr;
    return {std::shared_ptr<const VirtualTable>(), this};
  }

 private:
  SchemaPtr schema_;
};

TEST_F(SelectTest, VirtualTablesAreReadLikeOthersByThoseWhoMay) {
  Accounts accounts;
  sources_.virtual_tables = &accounts;
  Answer denied = Run("SELECT user_id FROM system.users");
  EXPECT_EQ(
      denied.status.message(),
      "Access denied: Role 'Service' cannot access table 'system.users'. System tables require "
      "'dba' or 'system' role.");
  role_ = Role::kDba;
  EXPECT_EQ(Query("SELECT user_id FROM system.users"), (Rows{R"("zoe")", R"("ann")", R"("max")"}));
  EXPECT_EQ(Query("SELECT user_id AS u FROM system.users WHERE user_id <> $1 ORDER BY u DESC",
                  {Text("max")}),
            (Rows{R"("zoe")", R"("ann")"}));
  EXPECT_EQ(Query("SELECT count(*) FROM system.users LIMIT 1"), Rows{R"("3")"});
  EXPECT_TRUE(Run("SELECT password_hash AS p FROM system.users").columns[0].masked);
  EXPECT_EQ(Error("DELETE FROM system.users WHERE user_id = 'ann'"),
            "Cannot delete system table 'system.users'");
  EXPECT_EQ(Query("SELECT user_id FROM system.users LIMIT 1"), Rows{R"("zoe")"});
}

TEST_F(SelectTest, IntervalsOfFixedLengthShiftTimestamps) {
  Create("CREATE TABLE app.at (id INT PRIMARY KEY, at TIMESTAMP)");
  Change(
      "INSERT INTO at VALUES (1, NOW() - INTERVAL '2 hours'), (2, NOW() - INTERVAL '1 day 1 "
      "hour')");
  EXPECT_EQ(Query("SELECT id FROM at WHERE at > NOW() - INTERVAL '1 day'"), Rows{"1"});
  EXPECT_EQ(Query("SELECT id FROM at WHERE at + INTERVAL '90 min' < NOW()"), (Rows{"1", "2"}));
}

TEST_F(SelectTest, WhatItCannotDoIsDeclinedNotWrong) {
  for (const char* text :
       {"SELECT DISTINCT n FROM t", "SELECT n, count(*) FROM t GROUP BY n",
        "SELECT id FROM t WHERE id = (SELECT 1)", "SELECT a.id FROM t a JOIN t b ON a.id = b.id",
        "SELECT row_number() OVER (ORDER BY id) FROM t", "WITH x AS (SELECT 1) SELECT * FROM x",
        "SELECT 1 UNION SELECT 2"}) {
    EXPECT_EQ(Run(text).status.code(), ErrorCode::kNotImplemented) << text;
  }
}

}  // namespace
}  // namespace kalamdb::query
