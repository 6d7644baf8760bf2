// INSERT, UPDATE and DELETE through the commit pipeline.
#include "query_fixture.h"

namespace kalamdb::query {
namespace {

class DmlTest : public QueryTest {
 protected:
  DmlTest() {
    Create(
        "CREATE TABLE app.t (id BIGINT PRIMARY KEY, name TEXT NOT NULL, n INT DEFAULT 5, ok "
        "BOOLEAN) "
        "WITH (TYPE='USER')");
  }
};

TEST_F(DmlTest, InsertTakesExpressionsParametersAndDefaults) {
  EXPECT_EQ(Change("INSERT INTO t VALUES (1 + 1, upper($1), DEFAULT, NULL)", {Text("x")}), 1u);
  EXPECT_EQ(Change("INSERT INTO t (name, id) VALUES ('y', '7')"), 1u);
  EXPECT_EQ(Change("INSERT INTO t VALUES (8, 'short')"), 1u);
  EXPECT_EQ(Query("SELECT id, name, n, ok FROM t"),
            (Rows{R"("2" "X" 5 null)", R"("7" "y" 5 null)", R"("8" "short" 5 null)"}));
}

TEST_F(DmlTest, InsertRefusesWhatDoesNotFit) {
  EXPECT_EQ(Error("INSERT INTO t (id, nope) VALUES (1, 2)"), "Column 'nope' does not exist");
  EXPECT_EQ(Error("INSERT INTO t (id, _seq) VALUES (1, 2)"), "Column '_seq' does not exist");
  EXPECT_EQ(Error("INSERT INTO t (id, name) VALUES (1)"),
            "INSERT has more target columns than expressions");
  EXPECT_EQ(Error("INSERT INTO t (id) VALUES (1, 2)"),
            "INSERT has more expressions than target columns");
  EXPECT_EQ(Error("INSERT INTO t (id, name) VALUES (1, NULL)"),
            "NOT NULL constraint violation: column 'name' cannot be NULL (row 1)");
  EXPECT_EQ(Error("INSERT INTO t (id) VALUES (1)"),
            "NOT NULL constraint violation: column 'name' is missing in row 1 (row index 0)");
  EXPECT_EQ(Error("INSERT INTO t (name) VALUES ('x')"),
            "NOT NULL constraint violation: column 'id' is missing in row 1 (row index 0)");
  EXPECT_EQ(Error("INSERT INTO system.users (user_id) VALUES ('x')"),
            "Cannot insert system table 'system.users'");
  EXPECT_EQ(Run("INSERT INTO t VALUES ($1, 'x')", {Real(5.7)}).status.code(),
            ErrorCode::kInvalidOperation);
  EXPECT_EQ(Query("SELECT id FROM t"), Rows{});
}

TEST_F(DmlTest, KeysAreUniqueAndAMultiRowInsertIsAllOrNothing) {
  Change("INSERT INTO t (id, name) VALUES (1, 'a')");
  Answer twice = Run("INSERT INTO t (id, name) VALUES (2, 'b'), (1, 'c')");
  EXPECT_EQ(twice.status.code(), ErrorCode::kAlreadyExists);
  EXPECT_EQ(twice.status.message(),
            "Primary key violation: value '1' already exists in column 'id'");
  EXPECT_EQ(Query("SELECT id FROM t"), Rows{R"("1")"});
  EXPECT_EQ(
      Error("INSERT INTO t (id, name) VALUES (5, 'b'), (5, 'c')"),
      "Primary key violation: value '5' appears multiple times in the insert batch for column "
      "'id'");
  Change("DELETE FROM t WHERE id = 1");
  EXPECT_EQ(Change("INSERT INTO t (id, name) VALUES (1, 'again')"), 1u);
}

TEST_F(DmlTest, DefaultsOfEveryKind) {
  Create(
      "CREATE TABLE app.d (id BIGINT PRIMARY KEY DEFAULT SNOWFLAKE_ID(), at TIMESTAMP DEFAULT "
      "NOW(), "
      "who TEXT DEFAULT CURRENT_USER, u UUID DEFAULT UUID_V7(), l TEXT DEFAULT ULID())");
  EXPECT_EQ(Change("INSERT INTO d (who) VALUES (DEFAULT), ('x')"), 2u);
  EXPECT_EQ(Change("INSERT INTO d DEFAULT VALUES"), 1u);
  Answer rows = Run("SELECT who FROM d");
  EXPECT_EQ(rows.rows, (Rows{R"("ann")", R"("x")", R"("ann")"}));
  EXPECT_EQ(Query("SELECT count(DISTINCT id), count(DISTINCT u), count(DISTINCT l), "
                  "count(DISTINCT at) FROM d"),
            Rows{R"("3" "3" "3" "1")"});
}

TEST_F(DmlTest, AUuidCanBeTheKey) {
  Create("CREATE TABLE app.u (id UUID PRIMARY KEY DEFAULT UUID_V7(), v INT)");
  Change("INSERT INTO u (v) VALUES (1)");
  Change("INSERT INTO u VALUES ('5F0C6A1E-7F35-4d8a-9a46-111111111111', 2)");
  EXPECT_EQ(Query("SELECT v FROM u WHERE id = $1", {Text("5f0c6a1e-7f35-4d8a-9a46-111111111111")}),
            Rows{"2"});
  EXPECT_EQ(Change("UPDATE u SET v = 3 WHERE id = '5f0c6a1e-7f35-4d8a-9a46-111111111111'"), 1u);
  EXPECT_EQ(Change("DELETE FROM u WHERE v = 3"), 1u);
  EXPECT_EQ(Query("SELECT v FROM u"), Rows{"1"});
}

TEST_F(DmlTest, InsertFromASelect) {
  Change("INSERT INTO t (id, name) VALUES (1, 'a'), (2, 'b')");
  EXPECT_EQ(Change("INSERT INTO t (id, name) SELECT id + 10, name FROM t WHERE id > 1"), 1u);
  EXPECT_EQ(Query("SELECT id, name FROM t WHERE id > 2"), Rows{R"("12" "b")"});
  EXPECT_EQ(Error("INSERT INTO t (id, name) SELECT id FROM t"),
            "INSERT has more target columns than expressions");
  EXPECT_EQ(Change("INSERT INTO t (id, name) SELECT id, name FROM t WHERE id > 100"), 0u);
}

TEST_F(DmlTest, ReturningShowsTheStoredRows) {
  Answer answer =
      Run("INSERT INTO t (id, name) VALUES (1, 'a'), (2, 'b') RETURNING id, upper(name) AS u, n");
  ASSERT_TRUE(answer.status.ok()) << answer.status.message();
  EXPECT_EQ(answer.changed, 2u);
  EXPECT_EQ(answer.rows, (Rows{R"("1" "A" 5)", R"("2" "B" 5)"}));
  EXPECT_TRUE(answer.columns[0].primary_key);
  answer = Run("INSERT INTO t (id, name) VALUES (3, 'c') RETURNING *");
  ASSERT_EQ(answer.rows.size(), 1u);
  EXPECT_EQ(answer.columns.size(), 6u);
  EXPECT_EQ(Query("SELECT * FROM t WHERE id = 3"), answer.rows);
}

TEST_F(DmlTest, OnConflictUpdatesOrSkips) {
  Change("INSERT INTO t (id, name, n) VALUES (1, 'a', 1)");
  EXPECT_EQ(Change("INSERT INTO t (id, name) VALUES (1, 'z'), (2, 'b'), (2, 'c') "
                   "ON CONFLICT (id) DO NOTHING"),
            1u);
  Answer up = Run(
      "INSERT INTO t (id, name, n) VALUES (1, 'new', 10), (3, 'd', 3) ON CONFLICT (id) DO UPDATE "
      "SET name = EXCLUDED.name, n = t.n + EXCLUDED.n RETURNING id, name, n");
  ASSERT_TRUE(up.status.ok()) << up.status.message();
  EXPECT_EQ(up.rows, (Rows{R"("1" "new" 11)", R"("3" "d" 3)"}));
  EXPECT_EQ(up.changed, 2u);
  Answer kept =
      Run("INSERT INTO t (id, name) VALUES (1, 'no') ON CONFLICT (id) DO UPDATE SET name = "
          "EXCLUDED.name "
          "WHERE t.n < 0 RETURNING id");
  ASSERT_TRUE(kept.status.ok()) << kept.status.message();
  EXPECT_EQ(kept.rows, Rows{});
  EXPECT_EQ(kept.changed, 0u);
  EXPECT_EQ(Query("SELECT id, name FROM t"), (Rows{R"("1" "new")", R"("2" "b")", R"("3" "d")"}));
  EXPECT_EQ(Error("INSERT INTO t (id, name) VALUES (1, 'x') ON CONFLICT (name) DO NOTHING"),
            "ON CONFLICT target must be the primary key column 'id'");
  EXPECT_EQ(Error("INSERT INTO t (id, name) VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET id = 2"),
            "UPDATE cannot modify primary key column 'id'");
}

TEST_F(DmlTest, OnConflictInsertsOverATombstone) {
  Change("INSERT INTO t (id, name, n) VALUES (1, 'old', 1)");
  Change("DELETE FROM t WHERE id = 1");
  EXPECT_EQ(
      Query("INSERT INTO t (id, name) VALUES (1, 'new') ON CONFLICT (id) DO UPDATE SET n = 99 "
            "RETURNING name, n"),
      Rows{R"("new" 5)"});
}

TEST_F(DmlTest, UpdateByKeyIsDecidedInTheWriterAndNeverRetries) {
  Change("INSERT INTO t (id, name, n) VALUES (1, 'a', 1)");
  between_ = [this] { EXPECT_EQ(Change("UPDATE t SET n = n + 10 WHERE name = 'a'"), 1u); };
  Answer answer = Run("UPDATE t SET n = n + 1 WHERE id = $1", {Int(1)});
  ASSERT_TRUE(answer.status.ok()) << answer.status.message();
  EXPECT_EQ(answer.prepared, 1);
  EXPECT_EQ(Query("SELECT n FROM t"), Rows{"12"});
}

TEST_F(DmlTest, UpdateOfScannedRowsStartsAgainWhenOneOfThemChanged) {
  Change("INSERT INTO t (id, name, n) VALUES (1, 'a', 1), (2, 'a', 2)");
  between_ = [this] { EXPECT_EQ(Change("UPDATE t SET name = 'b' WHERE id = 2"), 1u); };
  Answer answer = Run("UPDATE t SET n = n * 10 WHERE name = 'a'");
  ASSERT_TRUE(answer.status.ok()) << answer.status.message();
  EXPECT_EQ(answer.prepared, 2);
  EXPECT_EQ(answer.changed, 1u);
  EXPECT_EQ(Query("SELECT n FROM t"), (Rows{"10", "2"}));
}

TEST_F(DmlTest, RowCountTellsTheRowsReallyChanged) {
  Change("INSERT INTO t (id, name, n) VALUES (1, 'a', 1), (2, 'b', 2), (3, 'c', 2)");
  EXPECT_EQ(Change("UPDATE t SET n = 2 WHERE id IN (1, 2, 9)"), 1u);
  EXPECT_EQ(Change("UPDATE t SET n = 2 WHERE name >= 'a'"), 0u);
  EXPECT_EQ(Change("UPDATE t SET n = n WHERE id = 1"), 0u);
  EXPECT_EQ(Change("UPDATE t SET n = NULL, name = name || '!' WHERE id > 1"), 2u);
  EXPECT_EQ(Query("SELECT name, n FROM t"), (Rows{R"("a" 2)", R"("b!" null)", R"("c!" null)"}));
  EXPECT_EQ(Change("DELETE FROM t WHERE id IN (1, 1, 8)"), 1u);
  EXPECT_EQ(Change("DELETE FROM t WHERE id = 1"), 0u);
  EXPECT_EQ(Change("DELETE FROM t WHERE n IS NULL AND name <> 'b!'"), 1u);
  EXPECT_EQ(Query("SELECT id FROM t"), Rows{R"("2")"});
}

TEST_F(DmlTest, AKeyWithAFurtherConditionIsStillChecked) {
  Change("INSERT INTO t (id, name, n) VALUES (1, 'a', 1)");
  EXPECT_EQ(Change("UPDATE t SET n = 9 WHERE id = 1 AND name = 'b'"), 0u);
  EXPECT_EQ(Change("DELETE FROM t WHERE id = 1 AND n > 5"), 0u);
  EXPECT_EQ(Change("UPDATE t SET n = 9 WHERE id = 1 AND name = $1", {Text("a")}), 1u);
}

TEST_F(DmlTest, UpdateRefusesKeysSystemColumnsAndAMissingWhere) {
  EXPECT_EQ(Error("UPDATE t SET n = 1"), "UPDATE requires a WHERE clause");
  EXPECT_EQ(Error("UPDATE t SET n = 1 WHERE true"), "UPDATE requires a WHERE clause");
  EXPECT_EQ(Error("DELETE FROM t"), "DELETE requires a WHERE clause");
  EXPECT_EQ(Error("UPDATE t SET id = 2 WHERE id = 1"),
            "UPDATE cannot modify primary key column 'id'");
  EXPECT_EQ(Run("UPDATE t SET _seq = 2 WHERE id = 1").status.code(), ErrorCode::kSystemColumn);
  EXPECT_EQ(Error("UPDATE t SET nope = 2 WHERE id = 1"), "Column 'nope' does not exist");
  EXPECT_EQ(Run("UPDATE t SET n = 2 WHERE nope = 1").status.code(), ErrorCode::kColumnNotFound);
  EXPECT_EQ(Error("UPDATE system.users SET role = 'x' WHERE user_id = 'a'"),
            "Cannot update system table 'system.users'");
  Change("INSERT INTO t (id, name) VALUES (1, 'a')");
  EXPECT_EQ(Run("UPDATE t SET name = NULL WHERE id = 1").status.code(),
            ErrorCode::kConstraintViolation);
  EXPECT_EQ(Run("UPDATE t SET n = 1 / (n - 5) WHERE id = 1").status.code(), ErrorCode::kExecution);
}

TEST_F(DmlTest, UpdateMayUseChanceWithoutGivingItToTheWriter) {
  Create("CREATE TABLE app.c (id INT PRIMARY KEY, token TEXT)");
  Change("INSERT INTO c VALUES (1, 'x')");
  Answer answer = Run("UPDATE c SET token = UUID_V7() WHERE id = 1");
  ASSERT_TRUE(answer.status.ok()) << answer.status.message();
  EXPECT_EQ(answer.changed, 1u);
  EXPECT_EQ(Query("SELECT length(token) FROM c"), Rows{"36"});
}

TEST_F(DmlTest, StreamsTakeEventsAndForgetThem) {
  Create("CREATE TABLE app.ev (id TEXT PRIMARY KEY, v INT) WITH (TYPE='STREAM', TTL_SECONDS=60)");
  EXPECT_EQ(Change("INSERT INTO ev VALUES ('a', 1), ('a', 2), ('b', 3)"), 3u);
  EXPECT_EQ(Error("UPDATE ev SET v = 1 WHERE id = 'a'"), "UPDATE not supported for STREAM tables");
  EXPECT_EQ(Change("DELETE FROM ev WHERE id = 'a'"), 1u);  // keys, not events
  EXPECT_EQ(Query("SELECT id, v FROM ev"), Rows{R"("b" 3)"});
  EXPECT_EQ(Query("SELECT id FROM ev WHERE _deleted"), Rows{});
}

TEST_F(DmlTest, SharedRowsBelongToNobody) {
  Create(
      "CREATE TABLE app.s (id INT PRIMARY KEY, v TEXT) WITH (TYPE='SHARED', "
      "ACCESS_LEVEL='PUBLIC')");
  Change("INSERT INTO s VALUES (1, 'x')");
  user_ = "bob";
  EXPECT_EQ(Query("SELECT v FROM s"), Rows{R"("x")"});
  role_ = Role::kUser;
  EXPECT_EQ(Run("DELETE FROM s WHERE id = 1").status.code(), ErrorCode::kPermissionDenied);
}

}  // namespace
}  // namespace kalamdb::query
