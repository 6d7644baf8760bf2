#include <gtest/gtest.h>

#include "tree_text.h"

namespace kalamdb::sql {
namespace {

constexpr std::string_view kPrefix = "Invalid CREATE TABLE statement: ";

// The reason behind the prefix that all errors of CREATE TABLE have.
std::string Reason(std::string_view sql) {
  const std::string error = ErrorText(sql);
  return error.starts_with(kPrefix) ? error.substr(kPrefix.size()) : "unprefixed: " + error;
}
CreateTable Create(std::string_view sql) {
  Result<CreateTable> r = ParseAs<CreateTable>(sql);
  EXPECT_TRUE(r.ok()) << sql << ": " << r.status().message();
  return r.ok() ? *r : CreateTable{};
}

TEST(CreateTableStatement, EveryKindOfTable) {
  EXPECT_EQ(Create("CREATE TABLE t (id INT PRIMARY KEY)").kind, TableKind::kShared);
  EXPECT_EQ(Create("CREATE USER TABLE t (id INT PRIMARY KEY)").kind, TableKind::kUser);
  EXPECT_EQ(Create("create shared table t (id int primary key)").kind, TableKind::kShared);
  EXPECT_EQ(Create("CREATE STREAM TABLE t (a INT) WITH (TTL_SECONDS = 60)").kind,
            TableKind::kStream);
  EXPECT_EQ(Create("CREATE TABLE t (id INT PRIMARY KEY) WITH (type = 'user')").kind,
            TableKind::kUser);
  EXPECT_EQ(Create("CREATE USER TABLE t (id INT) WITH (TYPE = USER)").kind, TableKind::kUser);
  EXPECT_EQ(Reason("CREATE USER TABLE t (id INT) WITH (TYPE = 'SHARED')"),
            "Conflicting table type definitions: CREATE User TABLE vs TYPE option Shared");
  EXPECT_EQ(Reason("CREATE TABLE t (id INT) WITH (TYPE = 'x')"),
            "Invalid TYPE option 'x'. Supported: USER, SHARED, STREAM");
  EXPECT_EQ(Reason("CREATE TABLE t (id INT) WITH (TYPE = 'SYSTEM')"),
            "Cannot create SYSTEM tables via SQL");
}

TEST(CreateTableStatement, NamesAreFoldedAndQualified) {
  CreateTable t =
      Create("CREATE TABLE IF NOT EXISTS \"App\".Msgs (\"Id\" INT PRIMARY KEY, -- c\n B TEXT,)");
  EXPECT_TRUE(t.if_not_exists);
  EXPECT_EQ(t.name.schema, "app");
  EXPECT_EQ(t.name.table, "msgs");
  ASSERT_EQ(t.columns.size(), 2u);
  EXPECT_EQ(t.columns[0].name, "id");
  EXPECT_EQ(t.columns[1].name, "b");
}

TEST(CreateTableStatement, IfNotExistsNeverNamesATable) {
  EXPECT_TRUE(Reason("CREATE TABLE IF NOT t (id INT)").find("Expected: NOT EXISTS") !=
              std::string::npos);
  EXPECT_TRUE(Reason("CREATE TABLE IF (id INT)").find("Expected: NOT EXISTS") != std::string::npos);
}

TEST(CreateTableStatement, BadNamesAreLocated) {
  EXPECT_EQ(Reason("CREATE TABLE \"a-b\".t (id INT)"),
            "Invalid namespace name 'a-b'. Only alphanumeric characters and underscores are "
            "allowed (line 1, col 14).");
  EXPECT_EQ(Reason("CREATE TABLE n.\"..\" (id INT)"),
            "Invalid table name '..'. Only alphanumeric characters and underscores are allowed "
            "(line 1, col 16).");
  EXPECT_EQ(Reason("CREATE TABLE t (\"a b\" INT)"),
            "Invalid column name 'a b'. Only alphanumeric characters and underscores are allowed.");
  EXPECT_EQ(Reason("CREATE TABLE a.b.c (id INT)"),
            "Invalid table reference 'a.b.c'. Expected 'table' or 'namespace.table'");
}

TEST(CreateTableStatement, TypesInEverySpelling) {
  CreateTable t = Create(
      "CREATE TABLE t (a SMALLINT, b MEDIUMINT, c INT64, d REAL, e DOUBLE PRECISION, f BOOL, "
      "g VARCHAR(10), h CHARACTER VARYING(5), i BYTEA, j TIMESTAMP(3) WITH TIME ZONE, k DATETIME, "
      "l UUID, m JSONB, n DECIMAL(10,2), o NUMERIC, p EMBEDDING(384), q FILE, r TEXT[], "
      "s ENUM('a','b'), t TIME WITHOUT TIME ZONE, u FLOAT(53), v NATIONAL CHARACTER VARYING(3), "
      "w STRUCT<a INT, b ARRAY<INT>>, x LONGTEXT, y DOUBLE, z CITEXT)");
  std::string types;
  for (const ColumnSpec& c : t.columns) types += SqlTypeName(c.type) + "|";
  EXPECT_EQ(
      types,
      "SMALLINT|INT|BIGINT|FLOAT|DOUBLE|BOOLEAN|TEXT|TEXT|BYTES|TIMESTAMP|DATETIME|UUID|JSON|"
      "DECIMAL(10, 2)|DECIMAL(38, 10)|EMBEDDING(384)|FILE|TEXT|TEXT|TIME|FLOAT|TEXT|TEXT|TEXT|"
      "DOUBLE|TEXT|");
}

TEST(CreateTableStatement, BadTypesAreRefused) {
  EXPECT_EQ(Reason("CREATE TABLE t (e EMBEDDING)"),
            "EMBEDDING type requires exactly one dimension parameter, e.g., EMBEDDING(384)");
  EXPECT_EQ(Reason("CREATE TABLE t (e EMBEDDING(a))"),
            "EMBEDDING dimension must be a positive integer, got 'a'");
  EXPECT_EQ(Reason("CREATE TABLE t (e EMBEDDING(-1))"),
            "EMBEDDING dimension must be a positive integer, got '-1'");
  EXPECT_EQ(Reason("CREATE TABLE t (e EMBEDDING(0))"), "EMBEDDING dimension must be at least 1");
  EXPECT_EQ(Reason("CREATE TABLE t (e EMBEDDING(9000))"),
            "EMBEDDING dimension must be at most 8192 (found 9000)");
  EXPECT_EQ(Reason("CREATE TABLE t (d DECIMAL(39, 2))"),
            "DECIMAL precision must be between 1 and 38, got 39");
  EXPECT_EQ(Reason("CREATE TABLE t (d DECIMAL(3, 5))"),
            "DECIMAL scale (5) cannot exceed precision (3)");
  EXPECT_EQ(Reason("CREATE TABLE t (d geometry)"), "Unsupported custom data type 'geometry'");
  EXPECT_EQ(Reason("CREATE TABLE t (d pg_catalog.int4)"),
            "Unsupported custom data type 'pg_catalog.int4'");
  EXPECT_TRUE(Reason("CREATE TABLE t (d INT UNSIGNED)").starts_with("Unsupported data type"));
  EXPECT_TRUE(Reason("CREATE TABLE t (d INTERVAL)").starts_with("Unsupported"));
}

TEST(CreateTableStatement, PrimaryKeys) {
  CreateTable inline_key = Create("CREATE TABLE t (id BIGINT PRIMARY KEY, a TEXT)");
  EXPECT_TRUE(inline_key.columns[0].primary_key);
  EXPECT_TRUE(inline_key.columns[0].not_null);
  CreateTable table_key =
      Create("CREATE TABLE t (id BIGINT, a TEXT, CONSTRAINT pk PRIMARY KEY (ID))");
  EXPECT_TRUE(table_key.columns[0].primary_key);
  EXPECT_TRUE(table_key.columns[0].not_null);
  EXPECT_EQ(Reason("CREATE TABLE t (a INT PRIMARY KEY, b INT PRIMARY KEY)"),
            "Multiple PRIMARY KEY definitions found");
  EXPECT_EQ(Reason("CREATE TABLE t (a INT PRIMARY KEY, PRIMARY KEY (a))"),
            "Multiple PRIMARY KEY definitions found");
  EXPECT_EQ(Reason("CREATE TABLE t (a INT, b INT, PRIMARY KEY (a, b))"),
            "Composite PRIMARY KEYs are not supported yet");
  EXPECT_EQ(Reason("CREATE TABLE t (a INT, PRIMARY KEY (lower(a)))"),
            "Complex expressions in PRIMARY KEY not supported");
  EXPECT_EQ(Reason("CREATE TABLE t (a INT, PRIMARY KEY (x))"),
            "PRIMARY KEY column 'x' not found in column list");
  EXPECT_EQ(Reason("CREATE TABLE t (a EMBEDDING(2) PRIMARY KEY)"),
            "PRIMARY KEY column 'a' cannot be of type EMBEDDING(2)");
}

TEST(CreateTableStatement, LiteralDefaultsHaveTheTypeOfTheColumn) {
  CreateTable t = Create(
      "CREATE TABLE t (a INT DEFAULT -5, b TEXT DEFAULT 'x''y', c BOOLEAN DEFAULT TRUE, "
      "d DECIMAL(20,2) DEFAULT 1234567890123456.78, e TEXT DEFAULT NULL, f BIGINT DEFAULT (7) NOT "
      "NULL, "
      "g TEXT DEFAULT 5, h BYTES DEFAULT X'0a', i TIMESTAMP DEFAULT '2024-01-01')");
  EXPECT_EQ(t.columns[0].default_value.literal.datum().i, -5);
  EXPECT_EQ(t.columns[0].default_value.literal.datum().kind, TypeKind::kInt);
  EXPECT_EQ(t.columns[1].default_value.literal.datum().text(), "x'y");
  EXPECT_TRUE(t.columns[2].default_value.literal.datum().b);
  EXPECT_EQ(static_cast<int64_t>(t.columns[3].default_value.literal.datum().decimal()),
            123456789012345678);
  EXPECT_EQ(t.columns[4].default_value.kind, ColumnDefault::Kind::kLiteral);
  EXPECT_TRUE(t.columns[4].default_value.literal.null());
  EXPECT_TRUE(t.columns[5].not_null);
  EXPECT_EQ(t.columns[6].default_value.literal.datum().text(), "5");
  EXPECT_EQ(t.columns[7].default_value.literal.datum().text(), "\n");
  EXPECT_EQ(t.columns[8].default_value.literal.datum().i, 1704067200000000);
}

TEST(CreateTableStatement, FunctionDefaults) {
  using F = ColumnDefault::Function;
  CreateTable t = Create(
      "CREATE TABLE t (a BIGINT DEFAULT SNOWFLAKE_ID(), b TEXT DEFAULT uuid_v7(), c TEXT DEFAULT "
      "ULID(), d TIMESTAMP DEFAULT NOW(), e TIMESTAMP DEFAULT CURRENT_TIMESTAMP, f TEXT DEFAULT "
      "CURRENT_USER(), g TEXT DEFAULT CURRENT_USER NOT NULL, h UUID DEFAULT UUID_V7(), "
      "i DATETIME DEFAULT CURRENT_TIMESTAMP())");
  const F want[] = {F::kSnowflakeId, F::kUuidV7,      F::kUlid,   F::kNow, F::kNow,
                    F::kCurrentUser, F::kCurrentUser, F::kUuidV7, F::kNow};
  for (size_t i = 0; i < std::size(want); ++i) {
    EXPECT_EQ(t.columns[i].default_value.kind, ColumnDefault::Kind::kFunction) << i;
    EXPECT_EQ(t.columns[i].default_value.function, want[i]) << i;
  }
}

TEST(CreateTableStatement, DefaultsThatCannotWorkAreRefusedAtOnce) {
  EXPECT_TRUE(
      Reason("CREATE TABLE t (a INT DEFAULT 'abc')").starts_with("Invalid DEFAULT for column 'a'"));
  EXPECT_TRUE(
      Reason("CREATE TABLE t (a INT DEFAULT 1.5)").starts_with("Invalid DEFAULT for column 'a'"));
  EXPECT_EQ(Reason("CREATE TABLE t (a BOOLEAN DEFAULT NOW())"),
            "DEFAULT NOW does not fit column 'a' of type BOOLEAN");
  EXPECT_TRUE(Reason("CREATE TABLE t (a TEXT DEFAULT upper('x'))")
                  .starts_with("Unsupported DEFAULT expression 'upper' for column 'a'"));
  EXPECT_TRUE(Reason("CREATE TABLE t (a INT DEFAULT 1 + 2)")
                  .starts_with("Unsupported DEFAULT expression for column 'a'"));
  EXPECT_TRUE(Reason("CREATE TABLE t (a TEXT DEFAULT 'x'::text)")
                  .starts_with("Unsupported DEFAULT expression for column 'a'"));
  EXPECT_FALSE(Reason("CREATE TABLE t (a BIGINT DEFAULT SNOWFLAKE_ID)").empty());
}

TEST(CreateTableStatement, EveryWordForGeneratedKeys) {
  for (const char* column :
       {"BIGSERIAL", "SERIAL8", "BIGINT AUTO_INCREMENT", "BIGINT AUTO INCREMENT", "BIGINT IDENTITY",
        "BIGINT GENERATED ALWAYS AS IDENTITY",
        "BIGINT GENERATED BY DEFAULT AS IDENTITY (START 1)"}) {
    CreateTable t = Create(fmt::format("CREATE TABLE t (id {} PRIMARY KEY)", column));
    ASSERT_EQ(t.columns.size(), 1u) << column;
    EXPECT_EQ(t.columns[0].default_value.function, ColumnDefault::Function::kSnowflakeId) << column;
    EXPECT_EQ(t.columns[0].default_value.kind, ColumnDefault::Kind::kFunction) << column;
    EXPECT_TRUE(t.columns[0].primary_key);
  }
  CreateTable given = Create("CREATE TABLE t (id BIGSERIAL DEFAULT 5)");
  EXPECT_EQ(given.columns[0].default_value.kind, ColumnDefault::Kind::kLiteral);
  EXPECT_EQ(Reason("CREATE TABLE t (id INT GENERATED ALWAYS AS (a + 1))"),
            "Generated column 'id' is not supported");
}

TEST(CreateTableStatement, ConstraintsWithoutEffectAreAccepted) {
  CreateTable t = Create(
      "CREATE TABLE t (id INT PRIMARY KEY, a INT UNIQUE CHECK (a > (1)) COMMENT 'c', b INT "
      "REFERENCES other.u (id) ON DELETE SET NULL ON UPDATE NO ACTION NOT NULL, check TEXT, "
      "UNIQUE (a, b), CONSTRAINT f FOREIGN KEY (b) REFERENCES u (id), CHECK (a < b)) USING "
      "parquet");
  ASSERT_EQ(t.columns.size(), 4u);
  EXPECT_TRUE(t.columns[2].not_null);
  EXPECT_FALSE(t.columns[1].not_null);
}

TEST(CreateTableStatement, ColumnsAreNeededAndUnique) {
  EXPECT_EQ(Reason("CREATE TABLE t (a INT, A TEXT)"),
            "Duplicate column name 'A'. Column names are case-insensitive.");
  for (const char* sql : {"CREATE TABLE t ()", "CREATE TABLE t", "CREATE TABLE t AS SELECT 1",
                          "CREATE TABLE t LIKE u", "CREATE TABLE t (PRIMARY KEY (a))"}) {
    const std::string reason = Reason(sql);
    EXPECT_TRUE(reason == "Table must have at least one column") << sql << ": " << reason;
  }
}

TEST(CreateTableStatement, OptionsOfEachKind) {
  CreateTable user = Create(
      "CREATE TABLE t (id INT PRIMARY KEY) WITH (TYPE='USER', storage_id = 's3-x_1', "
      "USE_USER_STORAGE = TRUE, FLUSH_POLICY = 'rows:100, interval:60', COMPRESSION = 'zstd', "
      "DELETED_RETENTION_HOURS = 5)");
  EXPECT_EQ(user.storage_id, "s3-x_1");
  EXPECT_TRUE(user.use_user_storage);
  EXPECT_EQ(user.flush_policy.rows, 100u);
  EXPECT_EQ(user.flush_policy.interval_seconds, 60u);
  EXPECT_EQ(user.compression, "zstd");
  CreateTable shared =
      Create("CREATE TABLE t (id INT) WITH (ACCESS_LEVEL = public, FLUSH_POLICY = rows:5)");
  EXPECT_EQ(shared.access_level, AccessLevel::kPublic);
  EXPECT_EQ(shared.flush_policy.rows, 5u);
  EXPECT_EQ(shared.storage_id, "local");
  EXPECT_FALSE(Create("CREATE TABLE t (id INT)").access_level.has_value());
  CreateTable stream = Create(
      "CREATE STREAM TABLE t (a INT) WITH (TTL_SECONDS = 10, EVICTION_STRATEGY = 'hybrid', "
      "MAX_STREAM_SIZE_BYTES = 1000, FLUSH_POLICY = 'rows:1')");
  EXPECT_EQ(stream.ttl_seconds, 10u);
  EXPECT_EQ(stream.eviction_strategy, "hybrid");
  EXPECT_EQ(stream.max_stream_size_bytes, 1000u);
  EXPECT_EQ(stream.flush_policy.rows, 0u);
}

TEST(CreateTableStatement, OptionErrors) {
  const auto with = [](std::string_view option) {
    return Reason(fmt::format("CREATE TABLE t (id INT) WITH ({})", option));
  };
  EXPECT_EQ(with("FOO = 1"), "Unknown table option 'FOO'");
  EXPECT_EQ(with("STORAGE_ID = 'a/b'"),
            "Invalid STORAGE_ID 'a/b'. Only alphanumeric, underscore, and hyphen allowed.");
  EXPECT_EQ(with("USE_USER_STORAGE = TRUE"), "USE_USER_STORAGE is only supported for USER tables");
  EXPECT_EQ(with("FLUSH_POLICY = 'x'"), "Invalid FLUSH_POLICY format 'x'. Expected 'key:value'");
  EXPECT_EQ(with("FLUSH_POLICY = 'x:1'"), "Unknown FLUSH_POLICY key 'x'");
  EXPECT_EQ(with("FLUSH_POLICY = 'rows:a'"), "Invalid row limit in FLUSH_POLICY");
  EXPECT_EQ(with("FLUSH_POLICY = 'interval:'"), "Invalid interval in FLUSH_POLICY");
  EXPECT_EQ(with("FLUSH_POLICY = 'rows:0'"), "FLUSH_POLICY must specify 'rows' or 'interval' > 0");
  EXPECT_EQ(with("FLUSH_POLICY = 'rows:1000000'"), "Row limit must be less than 1,000,000");
  EXPECT_EQ(with("FLUSH_POLICY = 'interval:86400'"),
            "Interval must be less than 86400 seconds (24 hours)");
  EXPECT_EQ(with("TTL_SECONDS = 1"), "TTL_SECONDS is only supported for STREAM tables");
  EXPECT_EQ(with("TTL_SECONDS = x"), "Invalid TTL_SECONDS");
  EXPECT_EQ(with("ACCESS_LEVEL = 'x'"),
            "Invalid ACCESS_LEVEL 'x'. Supported: PUBLIC, PRIVATE, RESTRICTED, DBA");
  EXPECT_EQ(with("TYPE = 'USER', ACCESS_LEVEL = 'public'"),
            "ACCESS_LEVEL is only supported for SHARED tables");
  EXPECT_EQ(with("DELETED_RETENTION_HOURS = -1"), "Invalid DELETED_RETENTION_HOURS");
  EXPECT_EQ(with("TYPE = 'STREAM'"), "STREAM tables must specify 'TTL_SECONDS'");
}

TEST(CreateTableStatement, NothingMayFollow) {
  EXPECT_EQ(Reason("CREATE TABLE t (id INT) foo"),
            "sql parser error: Expected: end of statement, found: foo at Line: 1, Column: 25");
  EXPECT_TRUE(Reason("CREATE TABLE t (id INT").starts_with("sql parser error: Expected"));
  EXPECT_TRUE(
      Reason("CREATE TABLE t (id INT PRIMARY FOO)").starts_with("sql parser error: Expected"));
}

}  // namespace
}  // namespace kalamdb::sql
