// The file of statements: its format, its privacy, and two shells that write it.
#include "cli/history.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <thread>

namespace kalamdb::cli {
namespace {

using Entries = std::vector<std::string>;

class HistoryFile : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = ::testing::TempDir() + "/history-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
    path_ = directory_ + "/.kalam/history";
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::string Text() const {
    std::ifstream in(path_, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
  }
  void Write(std::string_view text) const {
    std::filesystem::create_directories(directory_ + "/.kalam");
    std::ofstream(path_, std::ios::binary) << text;
  }
  mode_t Mode() const {
    struct stat info {};
    return stat(path_.c_str(), &info) == 0 ? info.st_mode & 0777 : 0;
  }

  std::string directory_;
  std::string path_;
};

TEST_F(HistoryFile, HoldsBase64BetweenSeparatorsForItsOwnerOnly) {
  History history(path_, 10);
  ASSERT_TRUE(history.Add("SELECT 1;").ok());
  ASSERT_TRUE(history.Add("SELECT\n  '日本';").ok());
  EXPECT_EQ(Text(), "U0VMRUNUIDE7\n---ENTRY---\nU0VMRUNUCiAgJ+aXpeacrCc7\n---ENTRY---\n");
  EXPECT_EQ(Mode(), 0600u);
  EXPECT_EQ(History(path_, 10).entries(), (Entries{"SELECT 1;", "SELECT\n  '日本';"}));
}

TEST_F(HistoryFile, IsMadePrivateWhenItIsNot) {
  Write("");
  ASSERT_EQ(chmod(path_.c_str(), 0644), 0);
  History history(path_, 10);
  EXPECT_EQ(Mode(), 0600u);
}

TEST_F(HistoryFile, DropsConsecutiveDuplicatesOnly) {
  History history(path_, 10);
  for (const char* text : {"a;", "a;", "b;", "a;", " a; \n"}) ASSERT_TRUE(history.Add(text).ok());
  EXPECT_EQ(history.entries(), (Entries{"a;", "b;", "a;"}));
  EXPECT_EQ(History(path_, 10).entries(), history.entries());
}

TEST_F(HistoryFile, MovesAChosenEntryToTheEnd) {
  History history(path_, 10);
  for (const char* text : {"a;", "b;", "a;", "c;"}) ASSERT_TRUE(history.Add(text).ok());
  ASSERT_TRUE(history.MoveToEnd(0).ok());
  EXPECT_EQ(history.entries(), (Entries{"b;", "c;", "a;"}));
  EXPECT_EQ(History(path_, 10).entries(), history.entries());
  ASSERT_TRUE(history.MoveToEnd(99).ok());
}

TEST_F(HistoryFile, KeepsTheNewestAndTheFileStaysBounded) {
  History history(path_, 3);
  for (int i = 0; i < 2000; ++i) ASSERT_TRUE(history.Add("SELECT " + std::to_string(i)).ok());
  EXPECT_EQ(history.entries(), (Entries{"SELECT 1997", "SELECT 1998", "SELECT 1999"}));
  EXPECT_EQ(History(path_, 3).entries(), history.entries());
  EXPECT_LT(Text().size(), 250u * 32);
}

TEST_F(HistoryFile, LimitZeroWritesNothing) {
  History history(path_, 0);
  ASSERT_TRUE(history.Add("SELECT 1").ok());
  EXPECT_TRUE(history.entries().empty());
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(HistoryFile, LosesNothingOfTwoShellsThatAddAndRewrite) {
  const auto work = [this](char name) {
    History history(path_, 1000);
    for (int i = 0; i < 100; ++i) {
      EXPECT_TRUE(history.Add(std::string(1, name) + std::to_string(i)).ok());
      if (i % 10 == 9) {
        EXPECT_TRUE(history.MoveToEnd(history.entries().size() - 1).ok());
      }
    }
  };
  std::thread other(work, 'a');
  work('b');
  other.join();
  const Entries entries = History(path_, 1000).entries();
  EXPECT_EQ(std::set<std::string>(entries.begin(), entries.end()).size(), 200u);
}

TEST_F(HistoryFile, ToleratesDamage) {
  Write(std::string(1, '\0') +
        "\xff***\n---ENTRY---\nU0VMRUNUIDE7\n---ENTRY---\n!!\n---ENTRY---\n\n\n---ENTRY---\n"
        "torn");
  History history(path_, 10);
  EXPECT_EQ(history.entries(), Entries{"SELECT 1;"});
  // The torn record at the end does not take the next one with it.
  ASSERT_TRUE(history.Add("SELECT 3;").ok());
  EXPECT_EQ(History(path_, 10).entries(), (Entries{"SELECT 1;", "SELECT 3;"}));
}

TEST_F(HistoryFile, ADirectoryInItsPlaceIsAnErrorOfAddOnly) {
  std::filesystem::create_directories(path_);
  History history(path_, 10);
  EXPECT_TRUE(history.entries().empty());
  EXPECT_FALSE(history.Add("SELECT 1").ok());
  EXPECT_EQ(history.entries(), Entries{"SELECT 1"});
}

TEST(HistorySecrets, AreNeverRemembered) {
  for (const char* text :
       {"CREATE USER a WITH PassWord 'x'", "\\update-credentials a b", "\\credentials",
        "SELECT 'Bearer abc'", "select refresh_token", "x JWT_TOKEN", "API_KEY=1", "client_secret",
        "Authorization: x", "\\history", "\\h", "\\quit", "\\q", "\\q;", "  ", ""}) {
    EXPECT_FALSE(MayBeRemembered(text)) << text;
  }
  for (const char* text : {"SELECT 1", "\\help", "\\health", "SELECT bearer FROM x"}) {
    EXPECT_EQ(MayBeRemembered(text), std::string_view(text).find("bearer ") == std::string::npos)
        << text;
  }
  EXPECT_FALSE(MayBeRemembered(std::string((64u << 10) + 1, 'x')));
}

}  // namespace
}  // namespace kalamdb::cli
