// What the analytical engine refuses, and what a query must not reach, whatever DuckDB would do.
#include "analytics_fixture.h"

namespace kalamdb::query {
namespace {

TEST_F(AnalyticsTest, UnknownNamesAreReportedAsTheRowEngineDoes) {
  Status column = Refused("SELECT a.nope FROM rooms a, notes n");
  EXPECT_EQ(column.code(), ErrorCode::kColumnNotFound);
  EXPECT_TRUE(
      column.message().starts_with("No field named a.nope. Valid fields are a.id, a.name, "))
      << column.message();
  EXPECT_EQ(Refused("SELECT 1 FROM nowhere, rooms").code(), ErrorCode::kTableNotFound);
  EXPECT_EQ(Refused("SELECT id FROM rooms a, rooms b").code(), ErrorCode::kInvalidSql);
  EXPECT_EQ(Refused("SELECT 1 FROM rooms, rooms").code(), ErrorCode::kInvalidSql);
  EXPECT_EQ(Refused("SELECT 1 FROM rooms r ORDER BY 2").code(), ErrorCode::kInvalidSql);
  EXPECT_EQ(Refused("SELECT name, count(*) FROM rooms").code(), ErrorCode::kInvalidSql);
  // A derived table does not see its neighbours.
  EXPECT_EQ(Refused("SELECT 1 FROM rooms r, (SELECT r.id) x").code(), ErrorCode::kColumnNotFound);
}

TEST_F(AnalyticsTest, ConversionsFailWithCleanText) {
  Status status = Refused("SELECT CAST(a.name AS BIGINT) FROM rooms a, rooms b");
  EXPECT_EQ(status.code(), ErrorCode::kExecution);
  EXPECT_EQ(status.message().find("LINE"), std::string_view::npos) << status.message();
  EXPECT_EQ(status.message().find("Error:"), std::string_view::npos) << status.message();
  EXPECT_EQ(Refused("SELECT 2147483647 + a.n FROM notes a, rooms b WHERE a.id = 1").code(),
            ErrorCode::kExecution);
}

TEST_F(AnalyticsTest, AScanThatFailsFailsTheQueryWithItsOwnError) {
  Status status = Refused("SELECT count(*) FROM rooms a, rooms b WHERE 10 / (a.id - 1) > 0");
  EXPECT_EQ(status.code(), ErrorCode::kExecution);
  EXPECT_EQ(status.message(), "division by zero");
}

TEST_F(AnalyticsTest, NamesThatNeedQuotingPass) {
  EXPECT_EQ(Names("SELECT 1 AS \"a\"\"b\", 2 AS \"select\" FROM rooms a, rooms b LIMIT 1"),
            (std::vector<std::string>{"a\"b", "select"}));
  EXPECT_EQ(
      One("SELECT \"order\".\"from\" FROM (SELECT max(id) AS \"from\" FROM rooms) AS \"order\""),
      R"("3")");
  EXPECT_EQ(One("SELECT 'it''s', '\"', '\\', ';--' FROM (SELECT 1) x"),
            R"("it's" "\"" "\\" ";--")");
}

// --- sandbox

TEST_F(AnalyticsTest, NothingOfTheMachineIsReachable) {
  role_ = Role::kSystem;
  for (const char* text : {
           "SELECT * FROM read_csv('/etc/passwd')",
           "SELECT * FROM read_csv_auto('/etc/passwd')",
           "SELECT * FROM read_parquet('x.parquet')",
           "SELECT * FROM read_json('x.json')",
           "SELECT * FROM read_text('/etc/passwd')",
           "SELECT * FROM read_blob('/etc/passwd')",
           "SELECT * FROM glob('/*')",
           "SELECT * FROM 'file.csv'",
           "SELECT * FROM \"/etc/passwd.csv\"",
           "SELECT * FROM duckdb_settings()",
           "SELECT * FROM duckdb_functions()",
           "SELECT * FROM duckdb_secrets()",
           "SELECT * FROM pragma_version()",
           "SELECT * FROM sqlite_master",
           "SELECT * FROM pg_catalog.pg_tables",
           "SELECT * FROM kdb_scan(0)",
           "SELECT * FROM query('SELECT 1')",
           "SELECT * FROM query_table('rooms')",
           "SELECT kdb_call_text('upper', 'x') FROM rooms, notes",
           "SELECT getenv('HOME') FROM rooms, notes",
           "SELECT current_setting('memory_limit')",
           "SELECT set_config('threads', '1', false)",
           "SELECT getvariable('x')",
           "SELECT nextval('s')",
           "SELECT version()",
           "SELECT error('x')",
           "SELECT sleep_ms(1000)",
           "SELECT write_log('x')",
           "COPY rooms TO '/tmp/x.csv'",
           "COPY (SELECT 1) TO PROGRAM 'sh'",
           "ATTACH '/tmp/x.db'",
           "PRAGMA database_list",
           "INSTALL httpfs",
           "LOAD httpfs",
           "EXPORT DATABASE '/tmp/x'",
       }) {
    Answer answer = Analyze(text);
    ASSERT_FALSE(answer.status.ok()) << text;
    EXPECT_NE(answer.status.code(), ErrorCode::kExecution)
        << text << ": " << answer.status.message();
    EXPECT_EQ(answer.status.message().find("Analytical engine"), std::string_view::npos)
        << answer.status.message();
  }
  EXPECT_FALSE(engine_->loaded()) << "a refused statement reached DuckDB";
}

}  // namespace
}  // namespace kalamdb::query
