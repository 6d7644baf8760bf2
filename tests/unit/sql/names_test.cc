#include "sql/names.h"

#include <gtest/gtest.h>

namespace kalamdb::sql {
namespace {

TEST(Names, NamespacesAreCheckedInTheOrderOfTheRules) {
  EXPECT_EQ(BadNamespaceNameReason("app"), "");
  EXPECT_EQ(BadNamespaceNameReason("System"), "Namespace 'System' is reserved and cannot be used");
  EXPECT_EQ(BadNamespaceNameReason(""), "Name cannot be empty");
  EXPECT_EQ(BadNamespaceNameReason(std::string(65, 'a')),
            "Name is too long (65 characters, max 64)");
  EXPECT_EQ(BadNamespaceNameReason(std::string(64, 'a')), "");
  EXPECT_EQ(BadNamespaceNameReason("a b"), "Name cannot contain spaces");
  EXPECT_EQ(BadNamespaceNameReason("_a"),
            "Name cannot start with underscore (reserved for system columns)");
  EXPECT_EQ(BadNamespaceNameReason("1a"), "Name cannot start with a number");
  EXPECT_EQ(BadNamespaceNameReason("a-b"),
            "Name 'a-b' contains invalid characters (only alphanumeric and underscore allowed)");
  EXPECT_EQ(BadNamespaceNameReason("select"),
            "Name 'select' is a reserved SQL keyword and cannot be used");
}

TEST(Names, PathsAndNulAreNoNames) {
  for (std::string_view bad : {std::string_view(".."), std::string_view("a/b"),
                               std::string_view("a\0b", 3), std::string_view("a\\b")}) {
    EXPECT_NE(BadTableNameReason(bad), "");
    EXPECT_NE(BadNamespaceNameReason(bad), "");
    EXPECT_NE(BadColumnNameReason(bad), "");
  }
}

TEST(Names, ColumnErrorsNameTheColumn) {
  EXPECT_EQ(BadColumnNameReason("_SEQ"),
            "Invalid column name '_SEQ': Column name '_SEQ' is reserved and cannot be used");
  EXPECT_EQ(BadColumnNameReason("x y"), "Invalid column name 'x y': Name cannot contain spaces");
}

TEST(Names, OrdinaryWordsAreFree) {
  for (std::string_view word : {"key", "value", "name", "status", "type", "timestamp", "user_id",
                                "role", "options", "text", "id", "user"}) {
    EXPECT_EQ(BadColumnNameReason(word), "") << word;
  }
  for (std::string_view word :
       {"select", "FROM",   "where",      "group",  "order", "having", "union",
        "join",   "on",     "limit",      "offset", "with",  "set",    "values",
        "table",  "tables", "tablespace", "index",  "view",  "schema", "database",
        "insert", "update", "delete",     "create", "drop",  "alter"}) {
    EXPECT_TRUE(IsReservedWord(word)) << word;
  }
}

TEST(Names, TablesMayStandInDefault) {
  EXPECT_TRUE(IsSystemNamespace("System"));
  EXPECT_TRUE(IsSystemNamespace("information_schema"));
  EXPECT_FALSE(IsSystemNamespace("default"));
  EXPECT_NE(BadNamespaceNameReason("default"), "");
}

}  // namespace
}  // namespace kalamdb::sql
