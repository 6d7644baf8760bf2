// Expressions through the grammar to our trees.
#include <gtest/gtest.h>

#include "tree_text.h"

namespace kalamdb::sql {
namespace {

TEST(Expressions, LiteralsKeepWhatWasWritten) {
  EXPECT_EQ(ExprText("1"), "1");
  EXPECT_EQ(ExprText("0"), "0");
  EXPECT_EQ(ExprText("-5"), "-5");
  EXPECT_EQ(ExprText("-2147483648"), "-2147483648L");
  EXPECT_EQ(ExprText("2147483648"), "2147483648L");
  EXPECT_EQ(ExprText("9223372036854775807"), "9223372036854775807L");
  EXPECT_EQ(ExprText("-9223372036854775808"), "-9223372036854775808L");
  EXPECT_EQ(ExprText("9223372036854775808"), "9223372036854775808d");
  EXPECT_EQ(ExprText("-1.50"), "-1.50d");
  EXPECT_EQ(ExprText("1e3"), "1e3d");
  EXPECT_EQ(ExprText("'it''s'"), "'it's'");
  EXPECT_EQ(ExprText("E'a\\nb'"), "'a\nb'");
  EXPECT_EQ(ExprText("$$x$$"), "'x'");
  EXPECT_EQ(ExprText("true"), "true");
  EXPECT_EQ(ExprText("FALSE"), "false");
  EXPECT_EQ(ExprText("NULL"), "NULL");
  EXPECT_EQ(ExprText("X'00ff'"), "bytes[2]");
  EXPECT_EQ(ExprText("''"), "''");
}

TEST(Expressions, NumbersBeyondDoubleAreRefused) {
  EXPECT_EQ(ExprText("1e999"), "error: Number '1e999' is out of range");
  EXPECT_EQ(ExprText("X'0'"), "error: A bytes literal is X'...' with an even number of hex digits");
}

TEST(Expressions, NamesAreFoldedAlsoWhenQuoted) {
  EXPECT_EQ(ExprText("Name"), "name");
  EXPECT_EQ(ExprText("\"Name\""), "name");
  EXPECT_EQ(ExprText("`Name`"), "name");
  EXPECT_EQ(ExprText("T.\"C\""), "t.c");
  EXPECT_EQ(ExprText("kalam.ns.t.c"), "kalam.ns.t.c");
  EXPECT_EQ(ExprText("a.b.c.d.e"), "error: Name 'a.b.c.d.e' has too many parts");
  EXPECT_EQ(ExprText("user"), "user");
  EXPECT_EQ(ExprText("timestamp"), "timestamp");
}

TEST(Expressions, NamesLongerThanPostgresKeepsAreNotCut) {
  const std::string name(64, 'n');
  EXPECT_EQ(ExprText(name), name);
  EXPECT_EQ(ExprText("\"" + std::string(64, 'N') + "\""), name);
  EXPECT_EQ(ExprText(name + " + " + std::string(70, 'm')),
            "(+ " + name + " " + std::string(70, 'm') + ")");
  EXPECT_EQ(ExprText("\"\x01"
                     "0\""),
            "error: Quoted name contains a control character");
}

TEST(Expressions, JsonOperatorsBindTighterThanComparison) {
  EXPECT_EQ(ExprText("doc->>'k' = 'v'"), "(= (->> doc 'k') 'v')");
  EXPECT_EQ(ExprText("doc->'a'->'b'->>'c' <> 'x'"), "(<> (->> (-> (-> doc 'a') 'b') 'c') 'x')");
  EXPECT_EQ(ExprText("doc ? 'k' AND a"), "(and (? doc 'k') a)");
  EXPECT_EQ(ExprText("doc->0->-1"), "(-> (-> doc 0) -1)");
  EXPECT_EQ(ExprText("doc->>$1 IN ('a')"), "(in (->> doc $1) 'a')");
  EXPECT_EQ(ExprText("doc @> '{}' OR doc #>> '{a,b}' = 'x'"),
            "(or (@> doc '{}') (= (#>> doc '{a,b}') 'x'))");
}

TEST(Expressions, ArithmeticHasItsPrecedence) {
  EXPECT_EQ(ExprText("a + b * c - d"), "(- (+ a (* b c)) d)");
  EXPECT_EQ(ExprText("2 ^ 3 ^ 2"), "(^ (^ 2 3) 2)");
  EXPECT_EQ(ExprText("-a"), "(- a)");
  EXPECT_EQ(ExprText("+a"), "a");
  EXPECT_EQ(ExprText("a % 2 = 0"), "(= (% a 2) 0)");
  EXPECT_EQ(ExprText("a || 'x' || b"), "(|| (|| a 'x') b)");
}

TEST(Expressions, AndAndOrAreFlat) {
  EXPECT_EQ(ExprText("a AND b AND c OR NOT d"), "(or (and a b c) (not d))");
}

TEST(Expressions, Comparisons) {
  EXPECT_EQ(ExprText("a != 1"), "(<> a 1)");
  EXPECT_EQ(ExprText("a IS NULL"), "(is null a)");
  EXPECT_EQ(ExprText("a IS NOT NULL"), "(is not null a)");
  EXPECT_EQ(ExprText("a IS TRUE"), "(is true a)");
  EXPECT_EQ(ExprText("a IS NOT TRUE"), "(is not true a)");
  EXPECT_EQ(ExprText("a IS FALSE"), "(is false a)");
  EXPECT_EQ(ExprText("a IS NOT FALSE"), "(is not false a)");
  EXPECT_EQ(ExprText("a IS UNKNOWN"), "(is null a)");
  EXPECT_EQ(ExprText("a IS DISTINCT FROM b"), "(is distinct from a b)");
  EXPECT_EQ(ExprText("a IS NOT DISTINCT FROM b"), "(is not distinct from a b)");
  EXPECT_EQ(ExprText("a IN (1, 2)"), "(in a 1 2)");
  EXPECT_EQ(ExprText("a NOT IN (1)"), "(not (in a 1))");
  EXPECT_EQ(ExprText("a BETWEEN 1 AND 2"), "(between a 1 2)");
  EXPECT_EQ(ExprText("a NOT BETWEEN 1 AND 2"), "(not (between a 1 2))");
  EXPECT_EQ(ExprText("a BETWEEN SYMMETRIC 2 AND 1"), "(or (between a 2 1) (between a 1 2))");
  EXPECT_EQ(ExprText("a = ANY(b)"), "(any = a b)");
  EXPECT_EQ(ExprText("a <> ALL(ARRAY[1,2])"), "(all <> a [1 2])");
  EXPECT_EQ(ExprText("(a, b) = (1, 2)"), "(= (row a b) (row 1 2))");
}

TEST(Expressions, Patterns) {
  EXPECT_EQ(ExprText("a LIKE 'x%'"), "(like a 'x%')");
  EXPECT_EQ(ExprText("a NOT LIKE 'x%' ESCAPE '!'"), "(not (like a 'x%' '!'))");
  EXPECT_EQ(ExprText("a ILIKE 'x'"), "(ilike a 'x')");
  EXPECT_EQ(ExprText("a NOT ILIKE 'x'"), "(not (ilike a 'x'))");
  EXPECT_EQ(ExprText("a SIMILAR TO 'x%'"), "(similar to a 'x%')");
  EXPECT_EQ(ExprText("a NOT SIMILAR TO 'x' ESCAPE '#'"), "(not (similar to a 'x' '#'))");
  EXPECT_EQ(ExprText("a ~ 'x'"), "(~ a 'x')");
  EXPECT_EQ(ExprText("a !~* 'x'"), "(!~* a 'x')");
  EXPECT_EQ(ExprText("a ~~ 'x' OR a !~~* 'y'"), "(or (like a 'x') (not (ilike a 'y')))");
}

TEST(Expressions, OperatorsThatTheDialectLacksAreRefusedByName) {
  EXPECT_EQ(ExprText("a <-> b"), "error: Unsupported operator '<->'");
  EXPECT_EQ(ExprText("@ a"), "error: Unsupported operator '@'");
  EXPECT_EQ(ExprText("a OPERATOR(other.+) b"), "error: Unsupported SQL: operators of a schema");
  EXPECT_EQ(ExprText("a OPERATOR(pg_catalog.+) b"), "(+ a b)");
}

TEST(Expressions, Conditionals) {
  EXPECT_EQ(ExprText("CASE WHEN a THEN 1 ELSE 2 END"), "(case a 1 else 2)");
  EXPECT_EQ(ExprText("CASE a WHEN 1 THEN 'x' WHEN 2 THEN 'y' END"), "(case on a 1 'x' 2 'y')");
  EXPECT_EQ(ExprText("COALESCE(a, 1)"), "coalesce(a 1)");
  EXPECT_EQ(ExprText("NULLIF(a, 1)"), "nullif(a 1)");
  EXPECT_EQ(ExprText("GREATEST(a, 1)"), "greatest(a 1)");
  EXPECT_EQ(ExprText("LEAST(a, 1)"), "least(a 1)");
}

TEST(Expressions, CallsWithTheirClauses) {
  EXPECT_EQ(ExprText("UPPER(a)"), "upper(a)");
  EXPECT_EQ(ExprText("count(*)"), "count(*)");
  EXPECT_EQ(ExprText("count(DISTINCT a)"), "count(distincta)");
  EXPECT_EQ(ExprText("sum(a) FILTER (WHERE b > 1)"), "sum(a) filter (> b 1)");
  EXPECT_EQ(ExprText("string_agg(a, ',' ORDER BY b DESC NULLS LAST)"),
            "string_agg(a ',' order b desc nl)");
  EXPECT_EQ(ExprText("percentile_cont(0.5) WITHIN GROUP (ORDER BY a)"),
            "percentile_cont(0.5d order a) within");
  EXPECT_EQ(ExprText("row_number() OVER (PARTITION BY a ORDER BY b)"),
            "row_number() over[ by a order b]");
  EXPECT_EQ(ExprText("sum(a) OVER (ORDER BY b ROWS BETWEEN 1 PRECEDING AND UNBOUNDED FOLLOWING)"),
            "sum(a) over[ order b frame 1/1/4]");
  EXPECT_EQ(ExprText("sum(a) OVER w"), "sum(a) over[w]");
  EXPECT_EQ(ExprText("ns.f(a)"), "error: Invalid function 'ns.f'.");
  EXPECT_EQ(ExprText("f(VARIADIC a)"), "error: Unsupported SQL: VARIADIC");
  EXPECT_EQ(ExprText("f(x => 1)"), "error: Unsupported SQL: named arguments");
}

TEST(Expressions, FunctionsWithSyntaxOfTheirOwn) {
  EXPECT_EQ(ExprText("EXTRACT(YEAR FROM a)"), "(extract year a)");
  EXPECT_EQ(ExprText("POSITION('x' IN a)"), "strpos(a 'x')");
  EXPECT_EQ(ExprText("SUBSTRING(a FROM 2 FOR 3)"), "substring(a 2 3)");
  EXPECT_EQ(ExprText("SUBSTRING(a, 2, 3)"), "substring(a 2 3)");
  EXPECT_EQ(ExprText("TRIM(a)"), "trim(a)");
  EXPECT_EQ(ExprText("TRIM(BOTH 'x' FROM a)"), "trim(a 'x')");
  EXPECT_EQ(ExprText("TRIM(LEADING 'x' FROM a)"), "ltrim(a 'x')");
  EXPECT_EQ(ExprText("TRIM(TRAILING FROM a)"), "rtrim(a)");
  EXPECT_EQ(ExprText("OVERLAY(a PLACING 'x' FROM 2 FOR 1)"), "overlay(a 'x' 2 1)");
  EXPECT_EQ(ExprText("a AT TIME ZONE 'UTC'"), "timezone('UTC' a)");
}

TEST(Expressions, ContextFunctionsWithAndWithoutParentheses) {
  EXPECT_EQ(ExprText("CURRENT_USER"), "current_user()");
  EXPECT_EQ(ExprText("current_user()"), "current_user()");
  EXPECT_EQ(ExprText("CURRENT_TIMESTAMP ( )"), "current_timestamp()");
  EXPECT_EQ(ExprText("CURRENT_ROLE()"), "current_role()");
  EXPECT_EQ(ExprText("CURRENT_DATE"), "current_date()");
  EXPECT_EQ(ExprText("KDB_CURRENT_USER()"), "kdb_current_user()");
  EXPECT_EQ(ExprText("a = 'CURRENT_USER()' /* CURRENT_USER() */"), "(= a 'CURRENT_USER()')");
}

TEST(Expressions, CastsToEveryFamilyOfTypes) {
  EXPECT_EQ(ExprText("CAST(a AS STRING)"), "(cast TEXT a)");
  EXPECT_EQ(ExprText("a::int64"), "(cast BIGINT a)");
  EXPECT_EQ(ExprText("a::int"), "(cast INT a)");
  EXPECT_EQ(ExprText("a::smallint"), "(cast SMALLINT a)");
  EXPECT_EQ(ExprText("a::varchar(10)"), "(cast TEXT a)");
  EXPECT_EQ(ExprText("a::char(3)"), "(cast TEXT a)");
  EXPECT_EQ(ExprText("a::float"), "(cast FLOAT a)");
  EXPECT_EQ(ExprText("a::FLOAT(30)"), "(cast FLOAT a)");
  EXPECT_EQ(ExprText("a::float8"), "(cast DOUBLE a)");
  EXPECT_EQ(ExprText("a::double"), "(cast DOUBLE a)");
  EXPECT_EQ(ExprText("a::double precision"), "(cast DOUBLE a)");
  EXPECT_EQ(ExprText("a::real"), "(cast FLOAT a)");
  EXPECT_EQ(ExprText("a::decimal(10,2)"), "(cast DECIMAL(10, 2) a)");
  EXPECT_EQ(ExprText("a::numeric"), "(cast DECIMAL(38, 10) a)");
  EXPECT_EQ(ExprText("a::datetime"), "(cast DATETIME a)");
  EXPECT_EQ(ExprText("a::timestamp(3) with time zone"), "(cast TIMESTAMP a)");
  EXPECT_EQ(ExprText("a::timestamptz"), "(cast TIMESTAMP a)");
  EXPECT_EQ(ExprText("a::time with time zone"), "(cast TIME a)");
  EXPECT_EQ(ExprText("a::json"), "(cast JSON a)");
  EXPECT_EQ(ExprText("a::uuid"), "(cast UUID a)");
  EXPECT_EQ(ExprText("a::bytes"), "(cast BYTES a)");
  EXPECT_EQ(ExprText("a::boolean"), "(cast BOOLEAN a)");
  EXPECT_EQ(ExprText("'[1,2]'::EMBEDDING(2)"), "(cast EMBEDDING(2) '[1,2]')");
  EXPECT_EQ(ExprText("DATE '2020-01-01'"), "(cast DATE '2020-01-01')");
  EXPECT_EQ(ExprText("TIMESTAMP '2020-01-01'"), "(cast TIMESTAMP '2020-01-01')");
  EXPECT_EQ(ExprText("TRY_CAST(a AS INT) + CAST(b AS INT)"), "(+ (trycast INT a) (cast INT b))");
  EXPECT_EQ(ExprText("a::int[]"), "(cast INT[] a)");
  EXPECT_EQ(ExprText("INTERVAL '1 day'"), "interval'1 day'");
  EXPECT_EQ(ExprText("INTERVAL '2' HOUR"), "interval'2 hour'");
}

TEST(Expressions, UnknownTypesAreRefusedByName) {
  EXPECT_EQ(ExprText("a::ns.money"), "error: Unsupported custom data type 'ns.money'");
  EXPECT_TRUE(ExprText("a::geometry").starts_with("error: Unsupported"));
  EXPECT_EQ(ExprText("a::EMBEDDING"),
            "error: EMBEDDING type requires exactly one dimension parameter, e.g., EMBEDDING(384)");
  EXPECT_EQ(ExprText("a::EMBEDDING(x)"),
            "error: EMBEDDING dimension must be a positive integer, got 'x'");
}

TEST(Expressions, ArraysAndSubscripts) {
  EXPECT_EQ(ExprText("ARRAY[1, 2]"), "[1 2]");
  EXPECT_EQ(ExprText("a[1][2]"), "(index (index a 1) 2)");
  EXPECT_EQ(ExprText("a[1:2]"), "error: Unsupported SQL: array slices");
  EXPECT_EQ(ExprText("(a).b"), "error: Unsupported SQL: fields of composite values");
}

TEST(Expressions, CollationsOfBytesAreNoOperation) {
  EXPECT_EQ(ExprText("a COLLATE \"C\""), "a");
  EXPECT_EQ(ExprText("a COLLATE \"de_DE\""), "error: Unsupported collation 'de_DE'");
}

TEST(Expressions, OnlyOneExpressionIsTaken) {
  for (const char* text :
       {"1, 2", "1 AS x", "*", "1 FROM t", "1 UNION SELECT 2", "1 LIMIT 1", "a FOR UPDATE"}) {
    EXPECT_EQ(ExprText(text), "error: Expected a single expression") << text;
  }
  EXPECT_TRUE(ExprText("1; SELECT 2").starts_with("error:"));
  EXPECT_TRUE(ExprText("").starts_with("error:"));
}

TEST(Expressions, LocationsPointIntoTheTextAsWritten) {
  Result<ExprPtr> e = ParseExpression("CURRENT_USER() = `Name`");
  ASSERT_TRUE(e.ok());
  EXPECT_EQ((*e)->args[1]->location, 17);
  EXPECT_EQ((*e)->location, 15);
}

}  // namespace
}  // namespace kalamdb::sql
