// Cutting SQL text into statements.
#include "client/statement_split.h"

#include <gtest/gtest.h>

namespace kalamdb::client {
namespace {

using Statements = std::vector<std::string>;

TEST(StatementSplit, CutsAtSemicolonsAndTrims) {
  EXPECT_EQ(SplitStatements("SELECT 1; SELECT 2 ;\n"), (Statements{"SELECT 1", "SELECT 2"}));
  EXPECT_EQ(SplitStatements("SELECT 1"), Statements{"SELECT 1"});
  EXPECT_EQ(SplitStatements(" ;; ; "), Statements{});
  EXPECT_EQ(SplitStatements(""), Statements{});
}

TEST(StatementSplit, LeavesSemicolonsInQuotesAlone) {
  EXPECT_EQ(SplitStatements("SELECT 'a;b', 'it''s;'; X"),
            (Statements{"SELECT 'a;b', 'it''s;'", "X"}));
  EXPECT_EQ(SplitStatements(R"(SELECT "a;""b"; X)"), (Statements{R"(SELECT "a;""b")", "X"}));
  EXPECT_EQ(SplitStatements(R"(SELECT E'a\';b', 'c\'; X)"),
            (Statements{R"(SELECT E'a\';b', 'c\')", "X"}));
  EXPECT_EQ(SplitStatements("SELECT $$a;b$$, $t$;$$;$t$; X"),
            (Statements{"SELECT $$a;b$$, $t$;$$;$t$", "X"}));
}

TEST(StatementSplit, TellsParametersFromDollarQuotes) {
  EXPECT_EQ(SplitStatements("SELECT $1; SELECT $2"), (Statements{"SELECT $1", "SELECT $2"}));
  EXPECT_EQ(SplitStatements("SELECT a$b; SELECT c$d"), (Statements{"SELECT a$b", "SELECT c$d"}));
}

TEST(StatementSplit, SkipsCommentsAndPiecesOfNothingElse) {
  EXPECT_EQ(SplitStatements("-- a; b\nSELECT 1; -- the end;\n/* ; /* ; */ ; */ ;"),
            Statements{"-- a; b\nSELECT 1"});
  EXPECT_EQ(SplitStatements("SELECT 1 /* ; */ + 2; -- only a comment"),
            Statements{"SELECT 1 /* ; */ + 2"});
}

TEST(StatementSplit, KeepsAnOpenQuoteInOnePiece) {
  EXPECT_EQ(SplitStatements("SELECT 'a; b"), Statements{"SELECT 'a; b"});
  EXPECT_EQ(SplitStatements("SELECT E'a\\"), Statements{"SELECT E'a\\"});
  EXPECT_EQ(SplitStatements("SELECT $x$ a; $y$"), Statements{"SELECT $x$ a; $y$"});
}

TEST(StatementEnd, KnowsWhenATypedTextIsComplete) {
  EXPECT_TRUE(EndOf("SELECT 1;").terminated);
  EXPECT_TRUE(EndOf("SELECT 1; -- done").terminated);
  EXPECT_FALSE(EndOf("SELECT 1").terminated);
  EXPECT_FALSE(EndOf("SELECT ';").terminated);
  EXPECT_FALSE(EndOf("SELECT 1; /* open").terminated);
  EXPECT_FALSE(EndOf("SELECT 1; SELECT 2").terminated);
  EXPECT_TRUE(EndOf(" -- only words\n").blank);
  EXPECT_FALSE(EndOf("x").blank);
}

}  // namespace
}  // namespace kalamdb::client
