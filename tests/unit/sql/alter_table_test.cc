#include <gtest/gtest.h>

#include "tree_text.h"

namespace kalamdb::sql {
namespace {

using Op = AlterTable::Op;

AlterTable Alter(std::string_view operation) {
  Result<AlterTable> r = ParseAs<AlterTable>(fmt::format("ALTER TABLE ns.t {}", operation));
  EXPECT_TRUE(r.ok()) << operation << ": " << r.status().message();
  return r.ok() ? *r : AlterTable{};
}
std::string Error(std::string_view operation) {
  return ErrorText(fmt::format("ALTER TABLE ns.t {}", operation));
}

TEST(AlterTableStatement, AddColumn) {
  AlterTable a = Alter("ADD COLUMN IF NOT EXISTS Age INT NOT NULL DEFAULT 5");
  EXPECT_EQ(a.op, Op::kAddColumn);
  EXPECT_TRUE(a.if_exists);
  EXPECT_EQ(a.column.name, "age");
  EXPECT_EQ(a.column.type.kind, TypeKind::kInt);
  EXPECT_TRUE(a.column.not_null);
  EXPECT_EQ(a.column.default_value.literal.datum().i, 5);
  EXPECT_EQ(Alter("ADD b TEXT").column.name, "b");
  EXPECT_EQ(Error("ADD COLUMN a INT PRIMARY KEY"), "Column 'a' cannot become a PRIMARY KEY");
  EXPECT_EQ(Error("ADD COLUMN a INT FIRST"),
            "Column position modifiers (FIRST/AFTER) are not supported");
  EXPECT_EQ(Error("ADD COLUMN a INT, ADD COLUMN b INT"),
            "Only one ALTER TABLE operation is supported per statement");
  EXPECT_EQ(Error("ADD CONSTRAINT c UNIQUE (a)"), "Unsupported ALTER TABLE operation");
}

TEST(AlterTableStatement, DropColumn) {
  AlterTable a = Alter("DROP COLUMN IF EXISTS A");
  EXPECT_EQ(a.op, Op::kDropColumn);
  EXPECT_TRUE(a.if_exists);
  EXPECT_EQ(a.column.name, "a");
  EXPECT_EQ(Alter("DROP a").op, Op::kDropColumn);
  EXPECT_EQ(Error("DROP COLUMN a CASCADE"), "DROP COLUMN CASCADE/RESTRICT is not supported");
}

TEST(AlterTableStatement, ModifyColumn) {
  AlterTable a = Alter("MODIFY COLUMN a BIGINT NOT NULL");
  EXPECT_EQ(a.op, Op::kModifyColumn);
  EXPECT_EQ(a.column.type.kind, TypeKind::kBigInt);
  EXPECT_TRUE(a.nullability_given);
  EXPECT_FALSE(Alter("MODIFY a BIGINT").nullability_given);
  EXPECT_TRUE(Alter("MODIFY a BIGINT NULL").nullability_given);
}

TEST(AlterTableStatement, AlterColumn) {
  EXPECT_EQ(Alter("ALTER COLUMN a SET NOT NULL").op, Op::kSetNotNull);
  EXPECT_EQ(Alter("ALTER a DROP NOT NULL").op, Op::kDropNotNull);
  EXPECT_EQ(Alter("ALTER COLUMN a DROP DEFAULT").op, Op::kDropDefault);
  AlterTable number = Alter("ALTER COLUMN a SET DEFAULT -5");
  EXPECT_EQ(number.op, Op::kSetDefault);
  EXPECT_EQ(number.column.default_value.literal.datum().i, -5);
  // The type of the column is not known here: digits are not lost on the way.
  EXPECT_EQ(Alter("ALTER COLUMN a SET DEFAULT 0.10").column.default_value.literal.datum().text(),
            "0.10");
  EXPECT_EQ(Alter("ALTER COLUMN a SET DEFAULT NOW()").column.default_value.function,
            ColumnDefault::Function::kNow);
  EXPECT_EQ(Error("ALTER COLUMN a TYPE BIGINT"), "Unsupported ALTER COLUMN operation");
}

TEST(AlterTableStatement, Rename) {
  AlterTable a = Alter("RENAME COLUMN A TO B");
  EXPECT_EQ(a.op, Op::kRenameColumn);
  EXPECT_EQ(a.column.name, "a");
  EXPECT_EQ(a.new_name, "b");
  EXPECT_EQ(Alter("RENAME a TO b").new_name, "b");
  EXPECT_EQ(Error("RENAME TO u"), "Unsupported ALTER TABLE operation");
}

TEST(AlterTableStatement, AccessLevel) {
  EXPECT_EQ(Alter("SET ACCESS LEVEL PUBLIC").access_level, AccessLevel::kPublic);
  EXPECT_EQ(Alter("SET TBLPROPERTIES (ACCESS_LEVEL = 'dba')").access_level, AccessLevel::kDba);
  EXPECT_EQ(Error("SET TBLPROPERTIES ()"),
            "ACCESS_LEVEL property is required for SET ACCESS LEVEL");
  EXPECT_EQ(Error("SET TBLPROPERTIES (ACCESS_LEVEL = 'x')"),
            "Invalid ACCESS_LEVEL 'x'. Supported values: PUBLIC, PRIVATE, RESTRICTED, DBA");
}

TEST(AlterTableStatement, TypeWordIsNotNeeded) {
  EXPECT_EQ(ParseAs<AlterTable>("ALTER USER TABLE t DROP a")->name.table, "t");
  EXPECT_EQ(ParseAs<AlterTable>("ALTER SHARED TABLE n.t DROP a")->name.schema, "n");
}

TEST(AlterTableStatement, IndexesAreKnownButNotBuilt) {
  EXPECT_EQ(Alter("CREATE VECTOR INDEX emb USING COSINE").text, "CREATE VECTOR INDEX");
  EXPECT_EQ(Alter("CREATE INDEX emb").text, "CREATE VECTOR INDEX");
  EXPECT_EQ(Alter("CREATE UNIQUE INDEX IF NOT EXISTS i (a, b)").text, "CREATE INDEX");
  EXPECT_EQ(Alter("DROP INDEX emb").text, "DROP VECTOR INDEX");
  EXPECT_EQ(Alter("DROP index").op, Op::kDropColumn);
}

TEST(AlterTableStatement, OtherOperationsAndTrailingTextAreRefused) {
  EXPECT_EQ(Error("ENABLE ROW LEVEL SECURITY"), "Unsupported ALTER TABLE operation");
  EXPECT_TRUE(Error("DROP COLUMN a b").starts_with("sql parser error: Expected: end of statement"));
  EXPECT_EQ(ErrorText("ALTER TABLE a.b.c DROP d"),
            "Invalid table reference 'a.b.c'. Expected 'table' or 'namespace.table'");
}

TEST(DropTableStatement, Forms) {
  Result<DropTable> d = ParseAs<DropTable>("DROP STREAM TABLE IF EXISTS Ns.T CASCADE");
  ASSERT_TRUE(d.ok());
  EXPECT_TRUE(d->if_exists);
  EXPECT_EQ(d->name.schema + "." + d->name.table, "ns.t");
  EXPECT_FALSE(ParseAs<DropTable>("DROP TABLE \"T\"")->if_exists);
  EXPECT_TRUE(ErrorText("DROP TABLE a, b").starts_with("sql parser error"));
  EXPECT_TRUE(ErrorText("DROP TABLE a b").starts_with("sql parser error"));
  EXPECT_TRUE(ErrorText("DROP TABLE IF t").starts_with("sql parser error: Expected: EXISTS"));
}

}  // namespace
}  // namespace kalamdb::sql
