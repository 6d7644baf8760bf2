// Queries through the grammar to our trees.
#include <gtest/gtest.h>

#include "tree_text.h"

namespace kalamdb::sql {
namespace {

TEST(Queries, PlainSelect) {
  EXPECT_EQ(QueryText("SELECT id, t.Body AS \"B x\", Name AS N FROM Ns.T AS t WHERE id = $1 "
                      "ORDER BY id DESC NULLS FIRST LIMIT 10 OFFSET $2"),
            "select id t.body:B x name:n from ns.t as t where (= id $1) order id desc nf "
            "limit 10 offset $2");
  EXPECT_EQ(QueryText("SELECT 1"), "select 1");
  EXPECT_EQ(QueryText("select * from kalam.ns.t"), "select * from ns.t");
  EXPECT_EQ(QueryText("select * from other.ns.t"), "error: Unknown catalog 'other'");
  EXPECT_EQ(QueryText("SELECT t.* FROM t"), "select t.* from t");
  EXPECT_EQ(QueryText("SELECT * FROM \"NS\".\"T\""), "select * from ns.t");
}

TEST(Queries, StarExceptIsNotASetOperation) {
  EXPECT_EQ(QueryText("SELECT * EXCEPT (a, \"B\") FROM t"), "select * except a,b from t");
  EXPECT_EQ(QueryText("SELECT u.* EXCEPT(a), 1 FROM t u"), "select u.* except a 1 from t as u");
  EXPECT_EQ(QueryText("SELECT user.* EXCEPT(a) FROM user"), "select user.* except a from user");
  EXPECT_EQ(QueryText("SELECT * FROM t EXCEPT (SELECT * FROM u)"),
            "[select * from t except select * from u]");
  EXPECT_EQ(QueryText("SELECT count(*) FROM t"), "select count(*) from t");
  EXPECT_EQ(QueryText("SELECT * EXCEPT () FROM t"),
            "error: * EXCEPT needs a list of column names in parentheses");
}

TEST(Queries, DistinctAndItsColumns) {
  EXPECT_EQ(QueryText("SELECT DISTINCT a FROM t"), "select distinct a from t");
  EXPECT_EQ(QueryText("SELECT DISTINCT ON (a, b) c FROM t"), "select on:a on:b c from t");
}

TEST(Queries, Joins) {
  EXPECT_EQ(QueryText("SELECT 1 FROM a JOIN b ON a.x = b.x LEFT JOIN c USING (y, z)"),
            "select 1 from (left (inner a b on (= a.x b.x)) c using y,z)");
  EXPECT_EQ(QueryText("SELECT 1 FROM a CROSS JOIN b"), "select 1 from (cross a b)");
  EXPECT_EQ(QueryText("SELECT 1 FROM a NATURAL FULL JOIN b"), "select 1 from (natural full a b)");
  EXPECT_EQ(QueryText("SELECT 1 FROM a RIGHT JOIN b ON true, c"),
            "select 1 from (right a b on true) c");
  EXPECT_EQ(QueryText("SELECT 1 FROM (a JOIN b ON true) AS j"),
            "error: Unsupported SQL: an alias of a join");
}

TEST(Queries, DerivedTables) {
  EXPECT_EQ(QueryText("SELECT 1 FROM (SELECT 2) s"), "select 1 from {select 2} as s");
  EXPECT_EQ(QueryText("SELECT 1 FROM a, LATERAL (SELECT 2) s(x)"),
            "select 1 from a lateral {select 2} as s(x)");
  EXPECT_EQ(QueryText("SELECT x FROM (VALUES (1, 'a'), (2, 'b')) v(x, y)"),
            "select x from values{values (1 'a') (2 'b')} as v(x,y)");
  EXPECT_EQ(QueryText("SELECT * FROM vector_search('a.b', 'c', '[1]', 5) s"),
            "select * from vector_search('a.b' 'c' '[1]' 5) as s");
  EXPECT_EQ(QueryText("SELECT * FROM generate_series(1, 3) WITH ORDINALITY"),
            "select * from generate_series(1 3)");
  EXPECT_EQ(QueryText("SELECT * FROM t TABLESAMPLE SYSTEM (10)"),
            "error: Unsupported SQL: TABLESAMPLE");
  EXPECT_EQ(QueryText("SELECT * FROM ONLY t"), "error: Unsupported SQL: ONLY");
}

TEST(Queries, Subqueries) {
  EXPECT_EQ(QueryText("SELECT (SELECT 1), EXISTS (SELECT 2), ARRAY(SELECT 3)"),
            "select (scalar select 1) (exists select 2) (array select 3)");
  EXPECT_EQ(QueryText("SELECT 1 WHERE a IN (SELECT b FROM t)"),
            "select 1 where (any = a select b from t)");
  EXPECT_EQ(QueryText("SELECT 1 WHERE a NOT IN (SELECT b FROM t)"),
            "select 1 where (not (any = a select b from t))");
  EXPECT_EQ(QueryText("SELECT 1 WHERE a > ALL (SELECT 2)"), "select 1 where (all > a select 2)");
}

TEST(Queries, SetOperationsAndValues) {
  EXPECT_EQ(QueryText("SELECT 1 UNION ALL SELECT 2 EXCEPT SELECT 3 ORDER BY 1"),
            "[[select 1 union all select 2] except select 3] order 1");
  EXPECT_EQ(QueryText("(SELECT 1 LIMIT 1) INTERSECT (SELECT 2)"),
            "[select 1 limit 1 intersect select 2]");
}

TEST(Queries, CommonTables) {
  EXPECT_EQ(QueryText("WITH a AS (SELECT 1), b(x) AS (SELECT 2) SELECT * FROM a, b"),
            "with a() {select 1} with b(x) {select 2} select * from a b");
  EXPECT_EQ(
      QueryText("WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT n FROM t"),
      "with recursive t(n) {[select 1 union all select (+ n 1) from t]} select n from t");
  EXPECT_EQ(QueryText("WITH a AS (DELETE FROM t WHERE b RETURNING *) SELECT 1"),
            "error: Unsupported SQL: a data-changing statement inside a query");
}

TEST(Queries, Grouping) {
  EXPECT_EQ(QueryText("SELECT a, count(*) FROM t GROUP BY a, 2 HAVING count(*) > 1"),
            "select a count(*) from t group a group 2 having (> count(*) 1)");
  EXPECT_EQ(QueryText("SELECT GROUPING(a) FROM t GROUP BY ROLLUP (a, (b, c))"),
            "select grouping(a) from t group rollup(a)(b c)");
  EXPECT_EQ(QueryText("SELECT 1 FROM t GROUP BY CUBE (a, b)"), "select 1 from t group cube(a)(b)");
  EXPECT_EQ(QueryText("SELECT 1 FROM t GROUP BY GROUPING SETS ((a, b), a, ())"),
            "select 1 from t group sets(a b)(a)()");
  EXPECT_EQ(QueryText("SELECT 1 FROM t GROUP BY ()"), "select 1 from t group sets()");
}

TEST(Queries, WindowsAndLimits) {
  EXPECT_EQ(QueryText("SELECT sum(a) OVER w FROM t WINDOW w AS (PARTITION BY b)"),
            "select sum(a) over[w] from t window w");
  EXPECT_EQ(QueryText("SELECT a FROM t ORDER BY a FETCH FIRST 3 ROWS WITH TIES"),
            "select a from t order a limit 3 ties");
  EXPECT_EQ(QueryText("SELECT a FROM t FETCH FIRST 3 ROWS ONLY"), "select a from t limit 3");
  EXPECT_EQ(QueryText("SELECT a FROM t LIMIT ALL"), "select a from t");
  EXPECT_EQ(QueryText("SELECT a FROM t FOR UPDATE"), "select a from t");
  EXPECT_EQ(QueryText("SELECT a INTO b FROM t"), "error: Unsupported SQL: SELECT INTO");
}

TEST(Queries, SyntaxErrorsTellWhere) {
  EXPECT_EQ(QueryText("SELECT a FROM\n  WHERE b"),
            "error: sql parser error: syntax error at or near \"WHERE\" at Line: 2, Column: 3");
  EXPECT_EQ(QueryText("SELECT CURRENT_USER() x y"),
            "error: sql parser error: syntax error at or near \"y\" at Line: 1, Column: 25");
  EXPECT_EQ(QueryText("SELECT 'é' x y"),
            "error: sql parser error: syntax error at or near \"y\" at Line: 1, Column: 14");
  EXPECT_EQ(QueryText("FOO"),
            "error: sql parser error: syntax error at or near \"FOO\" at Line: 1, Column: 1");
}

TEST(Queries, SyntaxErrorsQuoteWhatWasWritten) {
  const std::string name(70, 'a');
  EXPECT_EQ(QueryText("SELECT 1 x " + name), "error: sql parser error: syntax error at or near \"" +
                                                 name + "\" at Line: 1, Column: 12");
  EXPECT_EQ(QueryText("SELECT 1 x `y z`"),
            "error: sql parser error: syntax error at or near \"`y z`\" at Line: 1, Column: 12");
  EXPECT_EQ(QueryText("SELECT 1 x user"),
            "error: sql parser error: syntax error at or near \"user\" at Line: 1, Column: 12");
}

TEST(Queries, HighestPlaceholderIsTold) {
  Result<Statement> s = ParseStatement("SELECT $3, '$9', $1 -- $8", Role::kUser);
  ASSERT_TRUE(s.ok());
  EXPECT_EQ(s->max_param, 3);
  EXPECT_EQ(QueryText("SELECT $0"), "error: Invalid placeholder '$0'");
  EXPECT_EQ(QueryText("SELECT $99999999999"), "error: Invalid placeholder '$99999999999'");
}

TEST(Queries, TextIsKeptAsWritten) {
  Result<Statement> s = ParseStatement("  SELECT  CURRENT_USER() ; ", Role::kUser);
  ASSERT_TRUE(s.ok());
  EXPECT_EQ(s->text, "SELECT  CURRENT_USER()");
}

TEST(Queries, SeveralStatementsAreNotOne) {
  EXPECT_EQ(QueryText("SELECT 1; SELECT 2"), "error: Expected exactly one SQL statement");
}

}  // namespace
}  // namespace kalamdb::sql
