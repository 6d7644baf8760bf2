#include <gtest/gtest.h>

#include "tree_text.h"

namespace kalamdb::sql {
namespace {

std::string InsertText(std::string_view sql) {
  Result<Insert> r = ParseAs<Insert>(sql, Role::kUser);
  if (!r.ok()) return "error: " + std::string(r.status().message());
  std::string text = fmt::format("{}.{}({}) {}", r->schema, r->table, fmt::join(r->columns, ","),
                                 r->source ? TreeText(*r->source) : "defaults");
  if (r->on_conflict) {
    text += fmt::format(" conflict({}){}", fmt::join(r->on_conflict->target, ","),
                        r->on_conflict->do_nothing ? " nothing" : "");
    for (const Assignment& a : r->on_conflict->set)
      text += " " + a.column + "=" + TreeText(*a.value);
    if (r->on_conflict->where) text += " where " + TreeText(*r->on_conflict->where);
  }
  for (const SelectItem& i : r->returning) text += " returning " + TreeText(*i.expr);
  return text;
}

TEST(InsertStatement, EverySpellingOfInto) {
  const std::string want = "ns.t(a,b) values (1 'x')";
  for (const char* sql :
       {"INSERT INTO ns.t (a, B) VALUES (1, 'x')", "INSERT INTO TABLE ns.t (a, b) VALUES (1, 'x')",
        "INSERT TABLE ns.t (a, b) VALUES (1, 'x')", "insert ns.t (a, b) values (1, 'x')",
        "INSERT `ns`.`T` (\"A\", b) VALUES (1, 'x')"}) {
    EXPECT_EQ(InsertText(sql), want) << sql;
  }
}

TEST(InsertStatement, RowsDefaultsAndSelect) {
  EXPECT_EQ(InsertText("INSERT INTO t VALUES (1, DEFAULT), (-2, $1)"),
            ".t() values (1 DEFAULT) (-2 $1)");
  EXPECT_EQ(InsertText("INSERT INTO t DEFAULT VALUES"), ".t() defaults");
  EXPECT_EQ(InsertText("INSERT INTO t (a) SELECT b FROM u"), ".t(a) select b from u");
  EXPECT_EQ(InsertText("WITH w AS (SELECT 1) INSERT INTO t SELECT * FROM w"),
            ".t() with w() {select 1} select * from w");
  EXPECT_EQ(InsertText("INSERT INTO t (user) VALUES (CURRENT_USER())"),
            ".t(user) values (current_user())");
}

TEST(InsertStatement, OnConflictAndReturning) {
  EXPECT_EQ(InsertText("INSERT INTO t (id, n) VALUES (1, 2) ON CONFLICT (id) DO UPDATE SET "
                       "n = EXCLUDED.n WHERE t.n < 5 RETURNING id, *"),
            ".t(id,n) values (1 2) conflict(id) n=excluded.n where (< t.n 5) returning id "
            "returning *");
  EXPECT_EQ(InsertText("INSERT INTO t VALUES (1) ON CONFLICT DO NOTHING"),
            ".t() values (1) conflict() nothing");
  EXPECT_EQ(InsertText("INSERT INTO t VALUES (1) ON CONFLICT ON CONSTRAINT c DO NOTHING"),
            "error: Unsupported SQL: ON CONFLICT ON CONSTRAINT");
}

TEST(InsertStatement, AColumnIsNamedOnce) {
  EXPECT_EQ(InsertText("INSERT INTO t (a, A) VALUES (1, 2)"),
            "error: Column 'a' is named more than once");
}

TEST(InsertStatement, OtherKindsOfInsertAreRefused) {
  EXPECT_TRUE(
      InsertText("INSERT OR REPLACE INTO t VALUES (1)").starts_with("error: sql parser error"));
  EXPECT_TRUE(InsertText("INSERT OVERWRITE t VALUES (1)").starts_with("error: sql parser error"));
  EXPECT_TRUE(InsertText("REPLACE INTO t VALUES (1)").starts_with("error: sql parser error"));
}

TEST(UpdateStatement, AssignmentsAndPredicate) {
  Result<Update> u = ParseAs<Update>("UPDATE Ns.T AS x SET A = A + 1, b = DEFAULT WHERE id = 5");
  ASSERT_TRUE(u.ok());
  EXPECT_EQ(u->schema + "." + u->table + " " + u->alias, "ns.t x");
  ASSERT_EQ(u->set.size(), 2u);
  EXPECT_EQ(u->set[0].column, "a");
  EXPECT_EQ(TreeText(*u->set[0].value), "(+ a 1)");
  EXPECT_EQ(u->set[1].value, nullptr);
  EXPECT_EQ(TreeText(*u->where), "(= id 5)");
}

TEST(UpdateStatement, WhereMayBeMissingHere) {
  Result<Update> u = ParseAs<Update>("UPDATE t SET a = 1");
  ASSERT_TRUE(u.ok());
  EXPECT_EQ(u->where, nullptr);
}

TEST(UpdateStatement, WhatItDoesNotHave) {
  EXPECT_EQ(ErrorText("UPDATE t SET a = 1 FROM u WHERE true"), "Unsupported SQL: UPDATE ... FROM");
  EXPECT_EQ(ErrorText("UPDATE t SET a = 1 WHERE b RETURNING a"),
            "Unsupported SQL: UPDATE ... RETURNING");
  EXPECT_EQ(ErrorText("UPDATE t SET a = 1, A = 2 WHERE b"),
            "Column 'a' is assigned more than once");
  EXPECT_EQ(ErrorText("UPDATE t SET (a, b) = (1, 2) WHERE c"),
            "Unsupported SQL: assignment to several columns at once");
}

TEST(DeleteStatement, AliasAndPredicate) {
  Result<Delete> d = ParseAs<Delete>("DELETE FROM ns.t x WHERE x.id IN (1, 2)");
  ASSERT_TRUE(d.ok());
  EXPECT_EQ(d->table + " " + d->alias, "t x");
  EXPECT_EQ(TreeText(*d->where), "(in x.id 1 2)");
  EXPECT_EQ(ErrorText("DELETE FROM t USING u WHERE true"), "Unsupported SQL: DELETE ... USING");
}

}  // namespace
}  // namespace kalamdb::sql
