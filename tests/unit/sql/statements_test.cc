// Namespaces, users, SHOW, DESCRIBE, SET, transactions, KILL, EXPLAIN.
#include <gtest/gtest.h>

#include "tree_text.h"

namespace kalamdb::sql {
namespace {

TEST(NamespaceStatements, CreateNeverMakesANamespaceCalledIf) {
  Result<CreateNamespace> c = ParseAs<CreateNamespace>("CREATE NAMESPACE IF NOT EXISTS App");
  ASSERT_TRUE(c.ok());
  EXPECT_TRUE(c->if_not_exists);
  EXPECT_EQ(c->name, "app");
  EXPECT_EQ(ParseAs<CreateNamespace>("CREATE SCHEMA \"X\"")->name, "x");
  EXPECT_TRUE(
      ErrorText("CREATE NAMESPACE IF").starts_with("sql parser error: Expected: NOT EXISTS"));
  EXPECT_TRUE(ErrorText("CREATE NAMESPACE IF NOT EXISTS").starts_with("sql parser error"));
  EXPECT_TRUE(ErrorText("CREATE NAMESPACE a b").starts_with("sql parser error"));
  EXPECT_EQ(ErrorText("CREATE NAMESPACE System"),
            "Namespace 'system' is reserved and cannot be used");
  EXPECT_EQ(ErrorText("CREATE NAMESPACE \"a/b\""),
            "Name 'a/b' contains invalid characters (only alphanumeric and underscore allowed)");
  EXPECT_EQ(ErrorText("CREATE NAMESPACE \"\""), "Name cannot be empty");
}

TEST(NamespaceStatements, DropAlterUse) {
  Result<DropNamespace> d = ParseAs<DropNamespace>("DROP NAMESPACE IF EXISTS a CASCADE");
  ASSERT_TRUE(d.ok());
  EXPECT_TRUE(d->if_exists && d->cascade);
  EXPECT_FALSE(ParseAs<DropNamespace>("DROP NAMESPACE a")->cascade);
  Result<AlterNamespace> a = ParseAs<AlterNamespace>(
      "ALTER NAMESPACE a SET OPTIONS (x = 'a, \"b\"', y = true, z = 1.5, w = -3)");
  ASSERT_TRUE(a.ok());
  ASSERT_EQ(a->options.size(), 4u);
  EXPECT_EQ(a->options[0].second, "\"a, \\\"b\\\"\"");
  EXPECT_EQ(a->options[1].second, "true");
  EXPECT_EQ(a->options[2].second, "1.5");
  EXPECT_EQ(a->options[3].second, "-3");
  EXPECT_EQ(ErrorText("ALTER NAMESPACE a SET DESCRIPTION 'x'"), "Expected SET OPTIONS clause");
  EXPECT_EQ(ErrorText("ALTER NAMESPACE a SET OPTIONS x = 1"),
            "Options must be enclosed in parentheses");
  EXPECT_EQ(ErrorText("ALTER NAMESPACE a SET OPTIONS (x 1)"), "Invalid option format: x 1");
  EXPECT_EQ(ErrorText("ALTER NAMESPACE a SET OPTIONS (x = foo)"), "Invalid value format: foo");
  for (const char* sql :
       {"USE App", "USE NAMESPACE app", "SET NAMESPACE `App`", "USE 'app'", "use \"APP\""}) {
    Result<UseNamespace> u = ParseAs<UseNamespace>(sql, Role::kUser);
    ASSERT_TRUE(u.ok()) << sql;
    EXPECT_EQ(u->name, "app");
  }
  EXPECT_EQ(ParseAs<UseNamespace>("USE namespace")->name, "namespace");
  EXPECT_TRUE(ErrorText("USE a b").starts_with("sql parser error"));
}

TEST(UserStatements, Create) {
  Result<CreateUser> c =
      ParseAs<CreateUser>("CREATE USER Alice-1 WITH PASSWORD 'p''w' ROLE developer EMAIL a.b@c.d");
  ASSERT_TRUE(c.ok()) << c.status().message();
  EXPECT_EQ(c->user, "Alice-1");
  EXPECT_EQ(c->secret, "p'w");
  EXPECT_EQ(c->role, Role::kService);
  EXPECT_EQ(c->email, "a.b@c.d");
  c = ParseAs<CreateUser>("CREATE USER 'Bob x' WITH OAUTH '{\"provider\":\"p\"}' ROLE 'ADMIN'");
  ASSERT_TRUE(c.ok());
  EXPECT_EQ(c->user, "Bob x");
  EXPECT_EQ(c->auth, CreateUser::Auth::kOauth);
  EXPECT_EQ(c->role, Role::kDba);
  c = ParseAs<CreateUser>("CREATE USER \"carol\" WITH INTERNAL ROLE system EMAIL 'x@y'");
  ASSERT_TRUE(c.ok());
  EXPECT_EQ(c->auth, CreateUser::Auth::kInternal);
  EXPECT_EQ(c->role, Role::kSystem);
}

TEST(UserStatements, ErrorsCarryAHint) {
  EXPECT_TRUE(
      ErrorText("CREATE USER a").starts_with("Expected WITH after username. Hint: CREATE USER"));
  EXPECT_TRUE(ErrorText("CREATE USER a WITH x")
                  .starts_with("Expected PASSWORD, OAUTH, or INTERNAL after WITH. Hint: "));
  EXPECT_TRUE(
      ErrorText("CREATE USER a WITH PASSWORD 'x'").starts_with("Expected ROLE keyword. Hint: "));
  EXPECT_EQ(ErrorText("CREATE USER a WITH INTERNAL ROLE boss"),
            "Invalid role 'boss'. Hint: Valid roles: dba, admin, developer, analyst, viewer, user, "
            "service, system");
  EXPECT_NE(ErrorText("CREATE USER a WITH INTERNAL ROLE user foo"), "no error");
  EXPECT_NE(ErrorText("CREATE USER IF NOT EXISTS a WITH INTERNAL ROLE user"), "no error");
  for (const char* id : {"''", "'a/b'", "'..'", "'a\\b'"}) {
    EXPECT_TRUE(ErrorText(fmt::format("CREATE USER {} WITH INTERNAL ROLE user", id))
                    .starts_with("User id must"))
        << id;
  }
}

TEST(UserStatements, AlterAndDrop) {
  Result<AlterUser> a = ParseAs<AlterUser>("ALTER USER a SET ROLE viewer");
  ASSERT_TRUE(a.ok());
  EXPECT_EQ(a->role, Role::kUser);
  EXPECT_EQ(ParseAs<AlterUser>("ALTER USER 'a' SET PASSWORD 'x'")->value, "x");
  EXPECT_EQ(ParseAs<AlterUser>("ALTER USER a SET EMAIL 'x@y'")->value, "x@y");
  EXPECT_NE(ErrorText("ALTER USER a SET ROLE user SET EMAIL 'x'"), "no error");
  // Whose account it is decides, and that is not known here.
  EXPECT_TRUE(ParseAs<AlterUser>("ALTER USER a SET EMAIL 'x'", Role::kUser).ok());
  Result<DropUser> d = ParseAs<DropUser>("DROP USER IF EXISTS 'a b'");
  ASSERT_TRUE(d.ok());
  EXPECT_TRUE(d->if_exists);
  EXPECT_EQ(d->user, "a b");
}

TEST(ShowStatements, Forms) {
  EXPECT_FALSE(ParseAs<ShowTables>("SHOW TABLES", Role::kUser)->ns.has_value());
  EXPECT_EQ(ParseAs<ShowTables>("SHOW TABLES IN App")->ns, "app");
  EXPECT_EQ(ParseAs<ShowTables>("SHOW TABLES IN NAMESPACE app")->ns, "app");
  EXPECT_EQ(ErrorText("SHOW TABLES IN"), "Namespace name required after IN");
  EXPECT_EQ(ErrorText("SHOW TABLES IN NAMESPACE"), "Namespace name required after IN NAMESPACE");
  EXPECT_TRUE(ParseAs<ShowNamespaces>("SHOW NAMESPACES").ok());
  EXPECT_TRUE(ParseAs<ShowStorages>("show storages").ok());
  EXPECT_EQ(ErrorText("SHOW STORAGES x"), "SQL must be 'SHOW STORAGES'");
  EXPECT_TRUE(ParseAs<ShowManifest>("SHOW MANIFEST").ok());
  EXPECT_EQ(ErrorText("SHOW MANIFEST CACHE"),
            "Invalid SHOW MANIFEST syntax. Expected: SHOW MANIFEST, got: SHOW MANIFEST CACHE");
  EXPECT_EQ(ParseAs<ShowStats>("SHOW STATS FOR TABLE a.b")->name.table, "b");
  EXPECT_EQ(ParseAs<ShowColumns>("SHOW COLUMNS FROM a.b")->name.schema, "a");
  EXPECT_TRUE(ParseAs<ShowAll>("SHOW ALL").ok());
  EXPECT_EQ(ErrorText("SHOW search_path"), "Unsupported statement type: SHOW search_path");
}

TEST(DescribeStatements, Forms) {
  EXPECT_EQ(ParseAs<DescribeTable>("DESCRIBE TABLE a.b", Role::kUser)->name.table, "b");
  EXPECT_EQ(ParseAs<DescribeTable>("DESC TABLE b HISTORY")->name.table, "b");
  EXPECT_EQ(ParseAs<DescribeQueryEngine>("DESCRIBE a.b")->name.table, "b");
  EXPECT_EQ(ParseAs<DescribeQueryEngine>("DESC b")->name.table, "b");
  EXPECT_EQ(ErrorText("DESCRIBE TABLE a b"),
            "Invalid table reference 'a b'. Table references should not contain spaces");
  EXPECT_EQ(ErrorText("DESCRIBE TABLE a.b.c"),
            "Invalid table reference 'a.b.c'. Expected 'table' or 'namespace.table'");
}

TEST(SetStatement, NameAndValue) {
  Result<SetOption> s = ParseAs<SetOption>("SET datafusion.execution.batch_size TO 8192");
  ASSERT_TRUE(s.ok());
  EXPECT_EQ(s->name, "datafusion.execution.batch_size");
  EXPECT_EQ(s->value, "8192");
  EXPECT_EQ(ParseAs<SetOption>("SET a = 'x y'")->value, "x y");
  EXPECT_EQ(ParseAs<SetOption>("SET TIME ZONE 'UTC'")->name, "timezone");
  EXPECT_TRUE(ErrorText("SET a").starts_with("sql parser error: Expected: TO"));
}

TEST(TransactionStatements, WordsOfPostgres) {
  for (const char* sql : {"BEGIN", "BEGIN WORK", "START TRANSACTION", "BEGIN TRANSACTION READ ONLY",
                          "START TRANSACTION ISOLATION LEVEL SERIALIZABLE, READ WRITE"}) {
    EXPECT_TRUE(ParseAs<Begin>(sql, Role::kUser).ok()) << sql;
  }
  EXPECT_TRUE(ParseAs<Commit>("COMMIT TRANSACTION").ok());
  EXPECT_TRUE(ParseAs<Rollback>("ROLLBACK WORK").ok());
  for (const char* sql : {"BEGIN foo", "COMMIT foo", "ROLLBACK TO x", "COMMIT AND CHAIN",
                          "BEGIN READ", "START TRANSACTION ISOLATION LEVEL foo"}) {
    EXPECT_TRUE(ErrorText(sql).starts_with("sql parser error: Expected")) << sql;
  }
  // Savepoints and the other spellings of the end are not in the dialect.
  EXPECT_EQ(ErrorText("SAVEPOINT a"), "Unsupported statement type: SAVEPOINT a");
  EXPECT_EQ(ErrorText("END"), "Unsupported statement type: END");
  EXPECT_EQ(ErrorText("ABORT"), "Unsupported statement type: ABORT");
}

TEST(KillStatements, IdsWithAndWithoutQuotes) {
  EXPECT_EQ(ParseAs<KillJob>("KILL JOB 'FL-12ab'")->job_id, "FL-12ab");
  EXPECT_EQ(ParseAs<KillJob>("KILL JOB FL-12ab")->job_id, "FL-12ab");
  EXPECT_EQ(ErrorText("KILL JOB"), "KILL JOB requires a job_id");
  EXPECT_EQ(ParseAs<KillLiveQuery>("KILL LIVE QUERY 'u-1-c-s'", Role::kUser)->live_id, "u-1-c-s");
  EXPECT_EQ(ParseAs<KillLiveQuery>("KILL LIVE QUERY u-c-s")->live_id, "u-c-s");
  EXPECT_EQ(ErrorText("KILL LIVE QUERY 'x'"),
            "Invalid live_query_id format: x. Expected: "
            "{user_id}-{connection_id}-{subscription_id}");
}

TEST(ExplainStatement, ChecksTheInnerQueryFirst) {
  Result<Explain> e = ParseAs<Explain>("EXPLAIN ANALYZE VERBOSE SELECT  1");
  ASSERT_TRUE(e.ok());
  EXPECT_TRUE(e->analyze);
  EXPECT_EQ(e->query, "SELECT  1");
  EXPECT_FALSE(ParseAs<Explain>("EXPLAIN DELETE FROM t WHERE a")->analyze);
  EXPECT_EQ(ErrorText("EXPLAIN SELECT FROM WHERE"),
            "sql parser error: syntax error at or near \"WHERE\" at Line: 1, Column: 21");
  EXPECT_TRUE(
      ErrorText("EXPLAIN EXPLAIN SELECT 1").starts_with("sql parser error: Expected: a query"));
}

}  // namespace
}  // namespace kalamdb::sql
