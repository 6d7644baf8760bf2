#include <gtest/gtest.h>

#include "tree_text.h"

namespace kalamdb::sql {
namespace {

std::string Subscription(std::string_view sql) {
  Result<SelectPtr> s = ParseSubscription(sql);
  if (s.ok()) return TreeText(**s);
  EXPECT_EQ(s.code(), ErrorCode::kInvalidSql) << sql;
  return "error: " + std::string(s.status().message());
}

TEST(Subscriptions, AcceptedShapes) {
  EXPECT_EQ(Subscription("SELECT * FROM ns.t"), "select * from ns.t");
  EXPECT_EQ(Subscription("select ID, t.Body from NS.\"T\" where room = 'x' and n > -1; -- marker"),
            "select id t.body from ns.t where (and (= room 'x') (> n -1))");
  EXPECT_EQ(Subscription("SELECT m.*, id AS ID FROM ns.t m WHERE m.a IN (1, 2)"),
            "select m.* id:id from ns.t as m where (in m.a 1 2)");
  EXPECT_EQ(Subscription("SELECT ns.t.a FROM ns.t WHERE _seq > 5 AND u = CURRENT_USER()"),
            "select ns.t.a from ns.t where (and (> _seq 5) (= u current_user()))");
}

TEST(Subscriptions, TheTableIsQualified) {
  EXPECT_EQ(Subscription("SELECT * FROM t"),
            "error: Query must use namespace.table format, got 't'");
}

TEST(Subscriptions, EveryOtherClauseIsRefused) {
  const std::string only =
      "error: Subscription query supports only SELECT ... FROM ... [WHERE ...].";
  const std::string one =
      "error: Subscription query requires exactly one table in the FROM clause.";
  EXPECT_EQ(Subscription("SELECT * FROM a.t ORDER BY id"),
            "error: Subscription query does not support ORDER BY. Only SELECT ... FROM ... [WHERE "
            "...] is supported.");
  EXPECT_EQ(Subscription("SELECT * FROM a.t LIMIT 1"), only);
  EXPECT_EQ(Subscription("SELECT * FROM a.t OFFSET 1"), only);
  EXPECT_EQ(Subscription("SELECT * FROM a.t FETCH FIRST ROW ONLY"), only);
  EXPECT_EQ(Subscription("SELECT DISTINCT a FROM a.t"), only);
  EXPECT_EQ(Subscription("SELECT * FROM a.t, a.u"), one);
  EXPECT_EQ(Subscription("SELECT * FROM a.t JOIN a.u ON true"), one);
  EXPECT_EQ(Subscription("SELECT * FROM (SELECT * FROM a.t) s"), one);
  EXPECT_EQ(Subscription("SELECT * FROM vector_search('a.t', 'e', '[1]')"), one);
  EXPECT_EQ(Subscription("SELECT 1"), one);
  EXPECT_EQ(Subscription("DELETE FROM a.t WHERE b"), only);
  for (const char* sql :
       {"WITH x AS (SELECT 1) SELECT * FROM a.t", "SELECT a FROM a.t GROUP BY a",
        "SELECT a FROM a.t HAVING true", "SELECT a FROM a.t FOR UPDATE",
        "SELECT a FROM a.t UNION SELECT a FROM a.u", "SELECT a FROM a.t WINDOW w AS ()",
        "SELECT a FROM a.t WHERE a IN (SELECT 1)", "SELECT a FROM a.t WHERE NOT EXISTS (SELECT 1)",
        "SELECT a FROM a.t WHERE CASE WHEN (SELECT true) THEN true END",
        "SELECT a FROM a.t WHERE row_number() OVER () = 1"}) {
    EXPECT_TRUE(Subscription(sql).starts_with("error: Subscription query does not support")) << sql;
  }
  for (const char* sql : {"", ";", "SELECT * FROM a.t; SELECT 1", "SELECT * FROM a.t WHERE 'x",
                          "SUBSCRIBE TO a.t", "SELECT * FROM a.t OPTIONS (last_rows = 1)",
                          "SELECT * FROM a.t WHERE b OPTIONS (last_rows = 1)", "SELECT FROM a.t",
                          "VALUES (1)", "SELECT * INTO x FROM a.t"}) {
    EXPECT_TRUE(Subscription(sql).starts_with("error: ")) << sql;
  }
}

TEST(Subscriptions, OnlyPlainColumnsAreProjected) {
  const std::string system =
      "error: Subscription query cannot project system columns '_seq' or '_deleted'.";
  EXPECT_EQ(Subscription("SELECT _SEQ FROM a.t"), system);
  EXPECT_EQ(Subscription("SELECT *, _deleted FROM a.t"), system);
  EXPECT_EQ(Subscription("SELECT a + 1 FROM a.t"),
            "error: Subscription query can only project columns or '*'.");
  EXPECT_EQ(Subscription("SELECT a AS b FROM a.t"),
            "error: Subscription query cannot rename columns.");
  EXPECT_EQ(Subscription("SELECT x.a FROM a.t"),
            "error: Subscription query does not know the table of 'x.a'.");
  EXPECT_TRUE(Subscription("SELECT * EXCEPT (a) FROM a.t").starts_with("error: "));
  // An alias hides the name of the table.
  EXPECT_TRUE(Subscription("SELECT t.a FROM a.t x").starts_with("error: "));
}

TEST(SubscribeToStatement, TableForm) {
  Result<SubscribeTo> s = ParseAs<SubscribeTo>(
      "SUBSCRIBE TO Ns.T WHERE a = 'OPTIONS (' AND options = 1 OPTIONS (last_rows = 10, "
      "batch_size=5, from_seq_id = 123456789012345678)",
      Role::kUser);
  ASSERT_TRUE(s.ok()) << s.status().message();
  EXPECT_EQ(s->query, "SELECT * FROM Ns.T WHERE a = 'OPTIONS (' AND options = 1");
  EXPECT_EQ(s->name.schema + "." + s->name.table, "ns.t");
  EXPECT_EQ(s->options_json, "{\"last_rows\":10,\"batch_size\":5,\"from\":123456789012345678}");
}

TEST(SubscribeToStatement, SelectForm) {
  Result<SubscribeTo> s = ParseAs<SubscribeTo>("SUBSCRIBE TO SELECT a FROM t WHERE b > 1");
  ASSERT_TRUE(s.ok());
  EXPECT_EQ(s->query, "SELECT a FROM t WHERE b > 1");
  EXPECT_EQ(s->name.schema, "");
  EXPECT_EQ(s->options_json, "");
}

TEST(SubscribeToStatement, Errors) {
  EXPECT_EQ(ErrorText("SUBSCRIBE TO t ORDER BY a"),
            "Invalid subscription query: Invalid SQL: Subscription query does not support ORDER "
            "BY. Only SELECT ... FROM ... [WHERE ...] is supported.");
  EXPECT_EQ(ErrorText("SUBSCRIBE TO t OPTIONS last_rows = 1"),
            "OPTIONS clause must be wrapped in parentheses, e.g., OPTIONS (last_rows=10)");
  EXPECT_EQ(ErrorText("SUBSCRIBE TO t OPTIONS (x = 1)"),
            "Unknown subscription option: 'x'. Valid options are: last_rows, batch_size, from");
  EXPECT_EQ(ErrorText("SUBSCRIBE TO t OPTIONS (last_rows = x)"), "Invalid last_rows value: x");
  EXPECT_EQ(ErrorText("SUBSCRIBE TO t OPTIONS (last_rows)"),
            "Invalid option format: 'last_rows'. Expected key=value");
  EXPECT_TRUE(ErrorText("SUBSCRIBE TO").starts_with("sql parser error: Expected"));
}

}  // namespace
}  // namespace kalamdb::sql
