#include "sql/pg_pack.h"

#include <gtest/gtest.h>
#include <pg_query.h>

#include <string>
#include <thread>

#include "sql/pg_fields.h"
#include "sql/pg_message.h"

namespace kalamdb::sql {
namespace {

// The tree as protobuf-c packs it.
std::string ReferenceBytes(const char* sql) {
  PgQueryProtobufParseResult result = pg_query_parse_protobuf(sql);
  EXPECT_EQ(result.error, nullptr) << sql;
  std::string bytes(result.parse_tree.data, result.parse_tree.len);
  pg_query_free_protobuf_parse_result(result);
  return bytes;
}

std::string OurBytes(const char* sql) {
  PgPackBuffer buffer;
  {
    const PgPackScope scope(&buffer);
    pg_query_free_protobuf_parse_result(pg_query_parse_protobuf(sql));
  }
  EXPECT_FALSE(buffer.failed()) << sql;
  return std::string(buffer.bytes());
}

constexpr const char* kStatements[] = {
    "",
    "SELECT 1",
    "SELECT 0, -1, 1.5, '', 'x', NULL, true, false, X'00', B'1', $1, 99999999999",
    "SELECT DISTINCT a.*, count(*) FILTER (WHERE b) OVER (PARTITION BY c ORDER BY d ROWS 1 "
    "PRECEDING) "
    "FROM n.t a JOIN u USING (x) LEFT JOIN LATERAL (SELECT 1) s ON true, f(1) WITH ORDINALITY "
    "WHERE a ->> 'k' = 'v' AND b IN (1, 2) OR NOT c LIKE 'x' ESCAPE '!' GROUP BY ROLLUP (a, (b, "
    "c)) "
    "HAVING sum(x) > 1 WINDOW w AS () ORDER BY 1 DESC NULLS LAST LIMIT 3 OFFSET 4 FOR UPDATE",
    "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) TABLE t",
    "SELECT CASE a WHEN 1 THEN ARRAY[1] ELSE x::int[] END, CAST(a AS decimal(3,2)), (a).b, a[1], "
    "EXTRACT(year FROM a), CURRENT_USER, COALESCE(a), GREATEST(a), ROW(1, 2), a COLLATE \"C\"",
    "INSERT INTO t (a, b) VALUES (1, DEFAULT), (2, 'x') ON CONFLICT (a) DO UPDATE SET b = "
    "EXCLUDED.b "
    "WHERE t.b < 1 RETURNING *",
    "UPDATE t SET a = 1, b = DEFAULT WHERE c IS NOT NULL",
    "DELETE FROM t x WHERE EXISTS (SELECT 1)",
    "CREATE TABLE t (a int PRIMARY KEY DEFAULT 5, b text NOT NULL) WITH (k = 'v')",
    "SELECT 1; SELECT 2; BEGIN ISOLATION LEVEL SERIALIZABLE",
    "SELECT '\xc3\xa9', \"\xe2\x82\xac\"",
};

TEST(PgPack, WritesTheBytesThatProtobufWrites) {
  for (const char* sql : kStatements) EXPECT_EQ(OurBytes(sql), ReferenceBytes(sql)) << sql;
  std::string wide = "SELECT 1";
  for (int i = 0; i < 5000; ++i) wide += ", a + 'some text that makes it longer'";
  EXPECT_EQ(OurBytes(wide.c_str()), ReferenceBytes(wide.c_str()));
}

TEST(PgPack, ASyntaxErrorLeavesATreeWithoutStatements) {
  PgPackBuffer buffer;
  const PgPackScope scope(&buffer);
  PgQueryProtobufParseResult result = pg_query_parse_protobuf("SELECT FROM WHERE");
  EXPECT_NE(result.error, nullptr);
  pg_query_free_protobuf_parse_result(result);
  EXPECT_EQ(PgMessage(buffer.bytes()).Count(pg::ParseResult::kStmts), 0u);
}

TEST(PgPack, AScopeIsItsThreadsOwn) {
  PgPackBuffer buffer;
  const PgPackScope scope(&buffer);
  std::string other;
  std::thread([&] { other = ReferenceBytes("SELECT 1"); }).join();
  EXPECT_FALSE(other.empty());
  EXPECT_TRUE(buffer.bytes().empty());
}

}  // namespace
}  // namespace kalamdb::sql
