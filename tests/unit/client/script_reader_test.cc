// Scripts in pieces: the same statements wherever the blocks end.
#include "client/script_reader.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "client/statement_split.h"

namespace kalamdb::client {
namespace {

class ScriptFile : public ::testing::Test {
 protected:
  void SetUp() override {
    path_ = ::testing::TempDir() + "script_reader_" + std::to_string(getpid()) + ".sql";
  }
  void TearDown() override { unlink(path_.c_str()); }

  Result<ScriptReader> Open(std::string_view text) {
    std::ofstream(path_, std::ios::binary) << text;
    return ScriptReader::Open(path_);
  }
  std::vector<ScriptStatement> All(std::string_view text) {
    std::vector<ScriptStatement> all;
    Result<ScriptReader> reader = Open(text);
    EXPECT_TRUE(reader.ok());
    for (;;) {
      Result<std::optional<ScriptStatement>> next = reader->Next();
      EXPECT_TRUE(next.ok()) << next.status().message();
      if (!next.ok() || !*next) break;
      all.push_back(std::move(**next));
    }
    EXPECT_EQ(reader->position(), text.size());
    EXPECT_EQ(reader->size(), text.size());
    return all;
  }

  std::string path_;
};

TEST_F(ScriptFile, StatementsHaveNumbersAndTheLinesOfTheirFirstWords) {
  const auto all = All("-- c;\n\nSELECT 1;;\n/* ;\n */ SELECT\n ';' ; SELECT 3 -- end\n");
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].text, "SELECT 1");
  EXPECT_EQ(all[0].line, 3u);
  EXPECT_EQ(all[1].text, "SELECT\n ';'");
  EXPECT_EQ(all[1].line, 5u);
  EXPECT_EQ(all[2].line, 6u);
  EXPECT_EQ(all[2].number, 3u);
}

TEST_F(ScriptFile, NothingIsNoStatement) {
  for (const char* text : {"", "  \n", "-- c", ";;", "\xef\xbb\xbf"}) {
    EXPECT_TRUE(All(text).empty()) << text;
  }
  EXPECT_EQ(All("\xef\xbb\xbfSELECT 1")[0].text, "SELECT 1");
}

// Blocks are 64 KiB: every token is cut at every place.
TEST_F(ScriptFile, WhereABlockEndsDoesNotMatter) {
  const std::string tail =
      "SELECT E'\\';', $t$;$$;$t$, '''' -- ;\n/* ; /* ; */ */ , \";\"; SELECT 2; -- x";
  for (size_t shift = 0; shift < tail.size() + 2; ++shift) {
    const std::string text = std::string(65536 - shift, ' ') + tail;
    const auto all = All(text);
    const std::vector<std::string> expected = SplitStatements(text);
    ASSERT_EQ(all.size(), expected.size()) << shift;
    for (size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i].text, expected[i]) << shift;
  }
}

TEST_F(ScriptFile, LongStatementsAreReadUpToTheBound) {
  const std::string body(ScriptReader::kMaxStatementBytes / 2, 'x');
  const auto all = All("SELECT '" + body + "'; SELECT 2");
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].text.size(), body.size() + 9);
  Result<ScriptReader> reader = Open("SELECT 1;\nSELECT '" + body + body + body + "'");
  ASSERT_TRUE(reader.ok());
  ASSERT_TRUE(reader->Next().ok());
  const auto next = reader->Next();
  ASSERT_FALSE(next.ok());
  EXPECT_NE(next.status().message().find("statement 2"), std::string::npos);
}

TEST_F(ScriptFile, CommentsBetweenStatementsMayBeLongerThanAnyStatement) {
  std::string text;
  while (text.size() < 2 * ScriptReader::kMaxStatementBytes)
    text += "-- " + std::string(90, 'c') + "\n";
  const auto all = All(text + "SELECT 1;");
  ASSERT_EQ(all.size(), 1u);
  EXPECT_GT(all[0].line, 1000u);
}

TEST_F(ScriptFile, WhatCannotBeReadIsNamed) {
  EXPECT_EQ(ScriptReader::Open("/no/such/file").status().message().substr(0, 27),
            "File error: Failed to read ");
  EXPECT_FALSE(ScriptReader::Open(::testing::TempDir()).ok());
}

}  // namespace
}  // namespace kalamdb::client
