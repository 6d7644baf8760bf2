// Who may run what, EXECUTE AS USER, and what the dialect has not.
#include <gtest/gtest.h>

#include "tree_text.h"

namespace kalamdb::sql {
namespace {

TEST(Classification, AdminStatementsAreRefusedBeforeAnythingElse) {
  const std::pair<const char*, const char*> cases[] = {
      {"CREATE NAMESPACE", "namespace operations"},
      {"/* c */ create -- x\n namespace a", "namespace operations"},
      {"ALTER NAMESPACE a", "namespace operations"},
      {"DROP NAMESPACE a", "namespace operations"},
      {"CREATE STORAGE x", "storage operations"},
      {"ALTER STORAGE x", "storage operations"},
      {"DROP STORAGE x", "storage operations"},
      {"STORAGE CHECK x", "storage operations"},
      {"KILL JOB", "job management"},
      {"CLUSTER SNAPSHOT", "cluster operations"},
      {"CREATE TOPIC a.b", "topic management"},
      {"ALTER TOPIC a", "topic management"},
      {"DROP TOPIC a", "topic management"},
      {"CLEAR TOPIC a", "topic management"},
      {"BACKUP DATABASE TO 'x'", "backup operations"},
      {"RESTORE DATABASE FROM 'x'", "restore operations"},
      {"CREATE USER garbage", "user management"},
      {"DROP USER a", "user management"},
      {"EXPLAIN SELECT 1", "EXPLAIN commands"},
      {"SET a = 1", "SET commands"},
      {"SHOW COLUMNS FROM t", "SHOW COLUMNS"},
      {"SHOW ALL", "SHOW ALL"},
      {"DESCRIBE t", "DESCRIBE"},
      {"DESC t", "DESC"},
  };
  for (const auto& [sql, what] : cases) {
    for (Role role : {Role::kAnonymous, Role::kUser, Role::kService}) {
      Result<Statement> s = ParseStatement(sql, role);
      EXPECT_EQ(s.code(), ErrorCode::kPermissionDenied) << sql;
      EXPECT_EQ(s.status().message(),
                fmt::format("Admin privileges (DBA or System role) required for {}", what));
    }
    EXPECT_NE(ParseStatement(sql, Role::kDba).code(), ErrorCode::kPermissionDenied) << sql;
  }
}

TEST(Classification, OrdinaryStatementsAreForEverybody) {
  for (const char* sql : {"SELECT 1",
                          "WITH a AS (SELECT 1) SELECT * FROM a",
                          "INSERT INTO t VALUES (1)",
                          "UPDATE t SET a = 1 WHERE b",
                          "DELETE FROM t WHERE b",
                          "SHOW NAMESPACES",
                          "USE a",
                          "SET NAMESPACE a",
                          "SHOW STORAGES",
                          "CREATE TABLE t (id INT)",
                          "ALTER TABLE t DROP a",
                          "DROP TABLE t",
                          "SHOW TABLES",
                          "DESCRIBE TABLE t",
                          "DESC TABLE t",
                          "SHOW STATS FOR TABLE t",
                          "SHOW MANIFEST",
                          "KILL LIVE QUERY 'a-b-c'",
                          "BEGIN",
                          "COMMIT",
                          "ROLLBACK",
                          "SUBSCRIBE TO t",
                          "ALTER USER a SET EMAIL 'x'",
                          "EXPORT USER DATA",
                          "SHOW EXPORT"}) {
    EXPECT_TRUE(ParseStatement(sql, Role::kUser).ok())
        << sql << ": " << ErrorText(sql, Role::kUser);
  }
}

TEST(Classification, LaterFeaturesAreNamed) {
  const std::pair<const char*, const char*> cases[] = {
      {"STORAGE FLUSH TABLE a.b", "STORAGE FLUSH TABLE"},
      {"STORAGE FLUSH ALL", "STORAGE FLUSH ALL"},
      {"STORAGE COMPACT TABLE a.b", "STORAGE COMPACT TABLE"},
      {"STORAGE COMPACT ALL IN a", "STORAGE COMPACT ALL"},
      {"CREATE STORAGE x TYPE s3", "CREATE STORAGE"},
      {"CREATE TOPIC a.b PARTITIONS 2", "CREATE TOPIC"},
      {"CONSUME FROM a.b GROUP 'g' LIMIT 5", "CONSUME"},
      {"ACK a.b GROUP 'g' UPTO OFFSET 5", "ACK"},
      {"BACKUP DATABASE TO '/x'", "BACKUP DATABASE"},
      {"EXPORT USER DATA", "EXPORT USER DATA"},
      {"SHOW EXPORT", "SHOW EXPORT"},
      {"CLUSTER TRANSFER-LEADER 2", "CLUSTER statements"},
      {"CREATE OR REPLACE VIEW v AS SELECT 1", "CREATE VIEW"},
      {"CREATE TEMPORARY VIEW v AS SELECT 1", "CREATE VIEW"},
      {"DROP VIEW v", "DROP VIEW"},
      {"CREATE UNIQUE INDEX i ON t (a)", "CREATE INDEX"},
      {"CREATE POLICY p ON t FOR ALL", "CREATE POLICY"},
      {"CREATE TYPE a.b AS ENUM ('x')", "CREATE TYPE"},
      {"CREATE OR REPLACE FUNCTION a.f() RETURNS INT LANGUAGE JAVASCRIPT AS $$ a; b $$",
       "CREATE FUNCTION"},
      {"CALL a.p(1)", "CALL"},
      {"GRANT EXECUTE ON FUNCTION f TO user", "GRANT"},
      {"DESCRIBE SELECT 1", "DESCRIBE of a query"},
  };
  for (const auto& [sql, what] : cases) {
    Result<Unsupported> u = ParseAs<Unsupported>(sql);
    ASSERT_TRUE(u.ok()) << sql << ": " << u.status().message();
    EXPECT_EQ(u->what, what) << sql;
  }
  EXPECT_EQ(ErrorText("STORAGE FLUSH TABLE a.b", Role::kUser),
            "STORAGE FLUSH TABLE requires Service, DBA, or System role");
  EXPECT_EQ(ErrorText("CONSUME FROM a.b", Role::kUser),
            "Only service, dba, or system roles can consume from topics");
  EXPECT_TRUE(ParseAs<Unsupported>("CONSUME FROM a.b", Role::kService).ok());
  EXPECT_EQ(ErrorText("CREATE VIEW v AS SELECT 1", Role::kUser),
            "Only DBA or System roles can create views");
  EXPECT_EQ(ErrorText("CREATE MATERIALIZED VIEW v AS SELECT 1"),
            "MATERIALIZED VIEWS are not supported yet");
  EXPECT_EQ(ErrorText("CLUSTER LEAVE"), "CLUSTER LEAVE is not supported yet");
  EXPECT_TRUE(ErrorText("CLUSTER STATUS").starts_with("CLUSTER LIST is a CLI-only command"));
  EXPECT_EQ(ErrorText("EXPORT USER DATA now"), "Unexpected tokens after EXPORT USER DATA: 'now'");
}

TEST(Classification, WhatTheDialectLacksIsTold) {
  for (const char* sql : {"VALUES (1)", "TABLE t", "TRUNCATE t", "CREATE DATABASE x", "VACUUM",
                          "COPY t FROM '/etc/passwd'", "CREATE TEMP TABLE t (a INT)", "LISTEN x",
                          "PREPARE p AS SELECT 1", "DO $$ $$", "LOAD 'x'"}) {
    EXPECT_EQ(ErrorText(sql), fmt::format("Unsupported statement type: {}", sql));
  }
  for (const char* sql : {"ATTACH 'x'", "PRAGMA x", "INSTALL httpfs", "FROM t", "'a'", "1", "()"}) {
    EXPECT_TRUE(ErrorText(sql).starts_with("sql parser error: ")) << sql << ": " << ErrorText(sql);
  }
  EXPECT_LT(ErrorText("VALUES ('" + std::string(100000, 'x') + "')").size(), 400u);
}

TEST(Classification, NothingIsNoStatement) {
  for (const char* sql : {"", " ", ";", "-- x", "/* */"}) {
    EXPECT_EQ(ParseStatement(sql, Role::kUser).code(), ErrorCode::kInvalidSql) << sql;
  }
}

TEST(ExecuteAsUser, WrapsOneStatement) {
  for (const char* sql :
       {"EXECUTE AS USER 'Bob' (SELECT 1)", "execute  as\nuser \"Bob\" ( SELECT 1 ) ;",
        "EXECUTE AS USER Bob(SELECT 1)", "EXECUTE AS USER Bob (SELECT 1)"}) {
    Result<Statement> s = ParseStatement(sql, Role::kService);
    ASSERT_TRUE(s.ok()) << sql << ": " << s.status().message();
    EXPECT_EQ(s->execute_as, "Bob");
    EXPECT_EQ(TreeText(*std::get<SelectPtr>(s->body)), "select 1");
  }
  EXPECT_EQ(ParseStatement("EXECUTE AS USER a.b-c@d (SELECT (1))", Role::kDba)->execute_as,
            "a.b-c@d");
  EXPECT_EQ(ParseStatement("EXECUTE AS USER 'o''x' (SELECT 1)", Role::kDba)->execute_as, "o'x");
  EXPECT_EQ(ParseStatement("EXECUTE AS USER 'a' (SELECT $2)", Role::kDba)->max_param, 2);
}

TEST(ExecuteAsUser, MalformedWrappers) {
  const std::pair<const char*, const char*> cases[] = {
      {"EXECUTE AS USER", "username cannot be empty"},
      {"EXECUTE AS USER '' (SELECT 1)", "username cannot be empty"},
      {"EXECUTE AS USER (SELECT 1)", "username cannot be empty"},
      {"EXECUTE AS USER 'a (SELECT 1)", "username quote was not closed"},
      {"EXECUTE AS USER 'a' SELECT 1", "must wrap SQL in parentheses"},
      {"EXECUTE AS USER 'a'", "must wrap SQL in parentheses"},
      {"EXECUTE AS USER 'a' (SELECT 1", "missing closing ')'"},
      {"EXECUTE AS USER 'a' ()", "requires a non-empty inner SQL statement"},
      {"EXECUTE AS USER 'a' ( -- x\n )", "requires a non-empty inner SQL statement"},
      {"EXECUTE AS USER 'a' (SELECT 1) SELECT 2", "must contain exactly one wrapped SQL statement"},
      {"EXECUTE AS USER 'a' (SELECT 1; SELECT 2)", "can only wrap a single SQL statement"},
      {"EXECUTE AS USER '../x' (SELECT 1)", "username must not contain '..'"},
      {"EXECUTE AS USER 'a/b' (SELECT 1)", "username must not contain a slash or backslash"},
  };
  for (const auto& [sql, problem] : cases) {
    Result<Statement> s = ParseStatement(sql, Role::kDba);
    EXPECT_EQ(s.code(), ErrorCode::kInvalidInput) << sql;
    EXPECT_EQ(s.status().message(), fmt::format("EXECUTE AS USER {}", problem)) << sql;
  }
  EXPECT_EQ(ParseStatement("EXECUTE AS USER a (EXECUTE AS USER b (SELECT 1))", Role::kDba).code(),
            ErrorCode::kInvalidSql);
}

TEST(ExecuteAsUser, TheActorsRoleCounts) {
  EXPECT_EQ(ParseStatement("EXECUTE AS USER a (DROP NAMESPACE x)", Role::kUser).code(),
            ErrorCode::kPermissionDenied);
  EXPECT_TRUE(ParseStatement("EXECUTE AS USER a (DROP NAMESPACE x)", Role::kDba).ok());
}

TEST(ExecuteAsUser, ErrorsInsideAreLocatedInTheWholeText) {
  EXPECT_EQ(ErrorText("EXECUTE AS USER a (SELECT x y z)"),
            "sql parser error: syntax error at or near \"z\" at Line: 1, Column: 31");
}

}  // namespace
}  // namespace kalamdb::sql
