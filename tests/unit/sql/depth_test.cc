// Statements that are deep or long: they work up to the limits, and beyond them are refused without
// harm.
#include <gtest/gtest.h>
#include <pthread.h>

#include "sql/rewrite.h"
#include "tree_text.h"

namespace kalamdb::sql {
namespace {

std::string Repeat(std::string_view part, size_t n) {
  std::string text;
  text.reserve(part.size() * n);
  for (size_t i = 0; i < n; ++i) text += part;
  return text;
}

ErrorCode CodeOf(const std::string& sql) { return ParseStatement(sql, Role::kUser).code(); }

TEST(Depth, ChainsOfThousandsOfOperatorsWork) {
  EXPECT_EQ(CodeOf("SELECT a" + Repeat("+a", 2000)), ErrorCode::kOk);
  EXPECT_EQ(CodeOf("SELECT a" + Repeat("||'x'", 2000)), ErrorCode::kOk);
  EXPECT_EQ(CodeOf("SELECT 1" + Repeat(" UNION ALL SELECT 1", 2000)), ErrorCode::kOk);
  EXPECT_EQ(CodeOf("SELECT 1 FROM a" + Repeat(" CROSS JOIN a", 2000)), ErrorCode::kOk);
}

TEST(Depth, ListsAreAsLongAsTheText) {
  EXPECT_EQ(CodeOf("SELECT 1 WHERE a = 1" + Repeat(" AND a = 1", 50000)), ErrorCode::kOk);
  EXPECT_EQ(CodeOf("SELECT 1 WHERE a = 1" + Repeat(" OR a = 1", 50000)), ErrorCode::kOk);
  EXPECT_EQ(CodeOf("SELECT 1 WHERE a IN (1" + Repeat(",1", 50000) + ")"), ErrorCode::kOk);
  EXPECT_EQ(CodeOf("INSERT INTO t VALUES (1, 'x')" + Repeat(",(2, $1)", 20000)), ErrorCode::kOk);
  EXPECT_EQ(CodeOf("SELECT a+b" + Repeat(",a+b", 50000)), ErrorCode::kOk);
}

TEST(Depth, NestingUpToTheLimitWorks) {
  EXPECT_EQ(CodeOf("SELECT " + Repeat("(", 500) + "1" + Repeat(")", 500)), ErrorCode::kOk);
  EXPECT_EQ(CodeOf("SELECT " + Repeat("f(", 500) + "1" + Repeat(")", 500)), ErrorCode::kOk);
  EXPECT_EQ(CodeOf("SELECT " + Repeat("(SELECT ", 500) + "1" + Repeat(")", 500)), ErrorCode::kOk);
  EXPECT_EQ(CodeOf("SELECT " + Repeat("CASE WHEN a THEN ", 500) + "1" + Repeat(" END", 500)),
            ErrorCode::kOk);
  EXPECT_EQ(CodeOf("SELECT " + Repeat("NOT ", 2000) + "a"), ErrorCode::kOk);
}

TEST(Depth, WhatIsTooDeepIsRefused) {
  const size_t n = 100000;
  for (const std::string& sql : {
           "SELECT " + Repeat("(", n) + "1" + Repeat(")", n),
           "SELECT " + Repeat("(", n),
           "SELECT a" + Repeat("+a", n),
           "SELECT " + Repeat("- ", n) + "a",
           "SELECT " + Repeat("NOT ", n) + "a",
           "SELECT a" + Repeat("::int", n),
           "SELECT a" + Repeat(" COLLATE \"C\"", 50000),
           "SELECT a" + Repeat(" AT TIME ZONE 'x'", 50000),
           "SELECT a" + Repeat(" OPERATOR(+) a", 50000),
           "SELECT " + Repeat("CASE WHEN a THEN ", 20000) + "1" + Repeat(" END", 20000),
           "SELECT " + Repeat("a AND CASE WHEN ", 20000) + "1" + Repeat(" THEN 1 END", 20000),
           "SELECT " + Repeat("ARRAY[", n) + "1" + Repeat("]", n),
           "SELECT 1" + Repeat(" UNION SELECT 1", 50000),
           "SELECT 1 FROM a" + Repeat(" CROSS JOIN a", 50000),
           "SELECT 1 FROM a" + Repeat(" JOIN a", 50000) + Repeat(" ON true", 50000),
           Repeat("(", n) + "SELECT 1" + Repeat(")", n),
           "SELECT " + Repeat("f(a, ", 50000) + "1" + Repeat(")", 50000),
           "SELECT a" + Repeat("->'b'", n),
           "SELECT a" + Repeat(" IS NULL", n),
           "SELECT a" + Repeat(" BETWEEN a AND a", 50000),
           "SELECT " + Repeat("a IN (", 50000),
           "CREATE TABLE t (a INT DEFAULT " + Repeat("(", n) + "1" + Repeat(")", n) + ", CHECK (" +
               Repeat("(", n) + ")",
           "EXECUTE AS USER a (SELECT " + Repeat("(", n) + "1" + Repeat(")", n) + ")",
       }) {
    const ErrorCode code = CodeOf(sql);
    EXPECT_TRUE(code == ErrorCode::kInvalidSql) << sql.substr(0, 40);
  }
}

TEST(Depth, ParenthesesThatCancelOutDoNotHideDepth) {
  // Brackets that do not match and words that only look like the end of a CASE.
  for (const std::string& sql :
       {"SELECT " + Repeat("(a.end ", 50000), "SELECT " + Repeat("CASE a.case END (", 50000),
        "SELECT a" + Repeat(" , a) + (a", 50000)}) {
    EXPECT_EQ(CodeOf(sql), ErrorCode::kInvalidSql) << sql.substr(0, 40);
  }
}

// A statement at the limits must not need more than a small stack where it arrives.
TEST(Depth, ParsingNeedsLittleOfTheCallersStack) {
  pthread_attr_t attributes;
  ASSERT_EQ(pthread_attr_init(&attributes), 0);
  ASSERT_EQ(pthread_attr_setstacksize(&attributes, size_t{1} << 20), 0);
  ErrorCode code = ErrorCode::kInternal;
  pthread_t thread;
  const auto run = [](void* out) -> void* {
    Result<Statement> s = ParseStatement("SELECT a" + Repeat("+a", 400), Role::kUser);
    *static_cast<ErrorCode*>(out) = s.code();
    return nullptr;
  };
  ASSERT_EQ(pthread_create(&thread, &attributes, run, &code), 0);
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&attributes);
  EXPECT_EQ(code, ErrorCode::kOk);
}

TEST(Depth, ManyRewritesStayLinear) {
  EXPECT_EQ(CodeOf("SELECT 1" + Repeat(", TRY_CAST(a AS INT)", 30000)), ErrorCode::kOk);
  EXPECT_EQ(CodeOf("SELECT 1" + Repeat(", CURRENT_USER()", 30000)), ErrorCode::kOk);
  EXPECT_EQ(CodeOf("SELECT 1" + Repeat(", t.* EXCEPT (a)", 30000)), ErrorCode::kOk);
  EXPECT_EQ(CodeOf("SELECT 1" + Repeat(", `a`", 100000)), ErrorCode::kOk);
}

TEST(BadText, IsRefused) {
  EXPECT_EQ(ParseStatement(std::string_view("SELECT '\0'", 10), Role::kUser).code(),
            ErrorCode::kInvalidSql);
  EXPECT_EQ(ParseStatement("SELECT '\xc3'", Role::kUser).code(), ErrorCode::kInvalidSql);
  EXPECT_EQ(ParseStatement("SELECT '" + std::string(kMaxSqlBytes, 'x') + "'", Role::kUser).code(),
            ErrorCode::kInvalidSql);
  EXPECT_EQ(ParseStatement("SELECT E'\\xff'", Role::kUser).code(), ErrorCode::kInvalidSql);
  EXPECT_EQ(ParseStatement("SELECT U&'\\0000'", Role::kUser).code(), ErrorCode::kInvalidSql);
}

}  // namespace
}  // namespace kalamdb::sql
