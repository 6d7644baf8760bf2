// What is offered where. The cursor is where the | is.
#include "cli/completion.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace kalamdb::cli {
namespace {

using List = std::vector<std::string>;

class CompletionAt : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* column : {"id", "body", "room"}) names_.AddColumn("app", "messages", column);
    for (const char* column : {"id", "label"}) names_.AddColumn("app", "members", column);
    names_.AddColumn("other", "messages", "strange");
    names_.AddTable("default", "loose");
    names_.AddNamespace("empty");
  }
  List At(std::string text) const {
    const size_t cursor = text.find('|');
    text.erase(cursor, 1);
    return Complete(text, cursor, names_).candidates;
  }
  static bool Has(const List& list, std::string_view name) {
    return std::find(list.begin(), list.end(), name) != list.end();
  }

  NameCatalog names_;
};

TEST_F(CompletionAt, TheBeginningOffersStatements) {
  EXPECT_EQ(At("sel|"), List{"select"});
  EXPECT_EQ(At("SEL|"), List{"SELECT"});
  EXPECT_EQ(At("SELECT 1; ins|"), List{"insert"});
  EXPECT_FALSE(Has(At("fr|"), "from"));
  EXPECT_EQ(At("SELECT 1 fr|"), List{"from"});
}

TEST_F(CompletionAt, TablesAndNamespacesFollowTheWordsThatNameTables) {
  for (const char* text : {"SELECT * FROM |", "SELECT * FROM app.members JOIN |", "INSERT INTO |",
                           "UPDATE |", "DROP TABLE |", "DROP TABLE IF EXISTS |", "DESCRIBE |",
                           "desc |", "SELECT * FROM app.members, |", "\\d |", "\\describe |",
                           "\\live SELECT * FROM |", "\\as bob SELECT * FROM |"}) {
    const List list = At(text);
    EXPECT_TRUE(Has(list, "app.")) << text;
    EXPECT_TRUE(Has(list, "loose")) << text;
    EXPECT_TRUE(Has(list, "\"default\".")) << text;
    EXPECT_FALSE(Has(list, "SELECT")) << text;
    EXPECT_FALSE(Has(list, "body")) << text;
  }
  for (const char* text :
       {"SELECT a IS DISTINCT FROM |", "SELECT * FROM app.members ORDER BY id DESC |",
        "SELECT id, | FROM app.members", "SELECT * FROM app.members WHERE f(id, |"}) {
    EXPECT_TRUE(Has(At(text), "AND")) << text;
  }
}

TEST_F(CompletionAt, ATableOfAnotherNamespaceIsFoundByItsName) {
  EXPECT_EQ(At("SELECT * FROM memb|"), List{"app.members"});
  names_.SetCurrent("app");
  EXPECT_EQ(At("SELECT * FROM memb|"), List{"members"});
}

TEST_F(CompletionAt, TablesFollowTheirNamespace) {
  EXPECT_EQ(At("SELECT * FROM app.|"), (List{"members", "messages"}));
  EXPECT_EQ(At("SELECT * FROM APP.mem|"), List{"members"});
  EXPECT_EQ(At("SELECT * FROM empty.|"), List{});
  EXPECT_EQ(At("\\d app.me|"), (List{"members", "messages"}));
}

TEST_F(CompletionAt, ColumnsFollowATableOrItsAlias) {
  EXPECT_EQ(At("SELECT m.| FROM app.messages m"), (List{"id", "body", "room"}));
  EXPECT_EQ(At("SELECT m.b| FROM app.messages AS m JOIN app.members x ON m.id = x.id"),
            List{"body"});
  EXPECT_EQ(At("SELECT messages.ro| FROM app.messages"), List{"room"});
  EXPECT_EQ(At("SELECT app.members.| "), (List{"id", "label"}));
  EXPECT_EQ(At("SELECT * FROM app.messages a, app.members b WHERE b.la|"), List{"label"});
}

TEST_F(CompletionAt, ColumnsOfTheStatementsTablesComeFirst) {
  EXPECT_EQ(At("SELECT bo| FROM app.messages").front(), "body");
  EXPECT_EQ(At("SELECT * FROM app.messages WHERE ro|").front(), "room");
  EXPECT_EQ(At("UPDATE app.members SET la|").front(), "label");
  EXPECT_EQ(At("INSERT INTO app.messages (ro|").front(), "room");
  EXPECT_EQ(At("SELECT strange| FROM app.messages"), List{});
  EXPECT_EQ(At("SELECT * FROM app.messages; SELECT roo|"), List{});
}

TEST_F(CompletionAt, NamespacesFollowTheWordsThatNameThem) {
  EXPECT_EQ(At("DROP NAMESPACE em|"), List{"empty"});
  EXPECT_EQ(At("USE em|"), List{"empty"});
}

TEST_F(CompletionAt, NothingIsOfferedInsideStringsCommentsAndNumbers) {
  for (const char* text : {"SELECT 'sel|", "SELECT 'sel|ect'", "SELECT 1 -- sel|", "/* sel|",
                           "/* sel| */", "SELECT \"sel|", "SELECT 12|", "SELECT $$ sel|"}) {
    EXPECT_EQ(At(text), List{}) << text;
  }
}

TEST_F(CompletionAt, ShellCommandsAndTheirArguments) {
  EXPECT_TRUE(Has(At("\\|"), "\\help"));
  EXPECT_EQ(At("\\ref|"), (List{"\\refresh-tables", "\\refresh"}));
  EXPECT_EQ(At("\\format |"), (List{"table", "json", "csv"}));
  EXPECT_EQ(At("\\format j|"), List{"json"});
  EXPECT_EQ(At("\\cluster sn|"), List{"snapshot"});
  EXPECT_EQ(At("\\help |"), List{});
  EXPECT_EQ(At("\\as bo|"), List{});
}

TEST_F(CompletionAt, TypesAreOffered) {
  EXPECT_TRUE(Has(At("CREATE TABLE app.x (id big|"), "bigint"));
}

TEST_F(CompletionAt, IsBounded) {
  for (int i = 0; i < 300; ++i) names_.AddTable("big", "t" + std::to_string(i));
  EXPECT_EQ(At("SELECT * FROM big.|").size(), kMaxCandidates);
  EXPECT_EQ(Complete(std::string(100'000, 'x') + " sel", 100'004, names_).candidates, List{});
}

TEST_F(CompletionAt, AHintIsTheRestOfTheFirstCandidate) {
  EXPECT_EQ(HintFor("sel", names_), "ect");
  EXPECT_EQ(HintFor("SELECT * FROM app.mem", names_), "bers");
  EXPECT_EQ(HintFor("SELECT * FROM app.", names_), "members");
  EXPECT_EQ(HintFor("", names_), "");
  EXPECT_EQ(HintFor("SELECT ", names_), "");
  // The candidate app.members does not go on with what was typed.
  EXPECT_EQ(HintFor("SELECT * FROM memb", names_), "");
}

TEST(CommonPrefix, IgnoresCaseAndCutsNoCharacter) {
  EXPECT_EQ(CommonPrefix({"members", "messages"}), "me");
  EXPECT_EQ(CommonPrefix({"ORDER", "order_id"}), "ORDER");
  EXPECT_EQ(CommonPrefix({"\xc3\xa9", "\xc3\xa8"}), "");
  EXPECT_EQ(CommonPrefix({}), "");
}

TEST(NameCatalog, IsBoundedAndRefusesNamesThatDriveTheTerminal) {
  NameCatalog names;
  for (size_t i = 0; i < NameCatalog::kMaxNames + 50; ++i) names.AddTable("n", std::to_string(i));
  EXPECT_EQ(names.size(), NameCatalog::kMaxNames);
  names.AddColumn("n", "0", "one_too_many");
  EXPECT_EQ(names.size(), NameCatalog::kMaxNames);
  names.Reset();
  names.AddTable("n", "\x1b[2J");
  EXPECT_TRUE(names.TablesOf("n") == nullptr || names.TablesOf("n")->empty());
  EXPECT_NE(names.TablesOf("system"), nullptr);
}

TEST(NameCatalog, PrefersTheCurrentNamespaceForBareNames) {
  NameCatalog names;
  names.AddColumn("a", "t", "x");
  names.AddColumn("b", "t", "y");
  names.SetCurrent("b");
  ASSERT_NE(names.ColumnsOf("", "t"), nullptr);
  EXPECT_EQ(names.ColumnsOf("", "t")->front(), "y");
  EXPECT_EQ(names.ColumnsOf("a", "t")->front(), "x");
  EXPECT_EQ(names.ColumnsOf("", "absent"), nullptr);
}

}  // namespace
}  // namespace kalamdb::cli
