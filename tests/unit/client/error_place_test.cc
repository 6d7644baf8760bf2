// The line of a statement with a caret under the error.
#include "client/error_place.h"

#include <gtest/gtest.h>

#include "client/display_width.h"

namespace kalamdb::client {
namespace {

TEST(ErrorPlace, IsReadFromTheBeginningOfDetails) {
  const std::optional<ErrorPlace> place = ErrorPlaceIn("line 2, column 15");
  ASSERT_TRUE(place.has_value());
  EXPECT_EQ(place->line, 2u);
  EXPECT_EQ(place->column, 15u);
  EXPECT_TRUE(ErrorPlaceIn("line 1, column 1: SELECT nope").has_value());
  for (const char* text :
       {"", "line 2", "line 0, column 1", "line 1, column x", "line 1, column 0", "SELECT 1",
        "line 1, column 99999999999999999999999", "line 1, column 2x"}) {
    EXPECT_FALSE(ErrorPlaceIn(text).has_value()) << text;
  }
}

TEST(ErrorPlace, PutsACaretUnderTheCharacter) {
  EXPECT_EQ(ShowErrorPlace("SELECT 1;\nSELECT * FORM t", {2, 10}, 80),
            "LINE 2: SELECT * FORM t\n"
            "                 ^");
  EXPECT_EQ(ShowErrorPlace("SELEC", {1, 1}, 80), "LINE 1: SELEC\n        ^");
}

TEST(ErrorPlace, PointsBehindTheTextAtItsEnd) {
  EXPECT_EQ(ShowErrorPlace("SELECT (1", {1, 10}, 80), "LINE 1: SELECT (1\n                 ^");
  EXPECT_EQ(ShowErrorPlace("SELECT (1\r\n", {1, 99}, 80), "LINE 1: SELECT (1\n                 ^");
}

TEST(ErrorPlace, CountsColumnsOfTheTerminalForWideAndCombiningCharacters) {
  // Columns of the server are characters: 日 is one, two columns wide; é here is e and an accent.
  EXPECT_EQ(ShowErrorPlace("SELECT '日本' FORM", {1, 13}, 80),
            "LINE 1: SELECT '日本' FORM\n                      ^");
  EXPECT_EQ(ShowErrorPlace("e\xcc\x81 x", {1, 4}, 80), "LINE 1: e\xcc\x81 x\n          ^");
}

TEST(ErrorPlace, NeverSendsControlCharacters) {
  EXPECT_EQ(ShowErrorPlace("a\tb\x1b[31m x", {1, 3}, 80), "LINE 1: a b?[31m x\n          ^");
}

TEST(ErrorPlace, CutsLinesThatAreWiderThanTheTerminal) {
  std::string sql = "SELECT " + std::string(200, 'a') + " FORM " + std::string(200, 'b');
  for (const size_t column : {size_t{3}, size_t{100}, size_t{209}, sql.size() + 1}) {
    for (const size_t width : {size_t{1}, size_t{30}, size_t{80}}) {
      const std::string shown = ShowErrorPlace(sql, {1, column}, width);
      const size_t end = shown.find('\n');
      ASSERT_NE(end, std::string::npos);
      const std::string line = shown.substr(0, end);
      const std::string caret = shown.substr(end + 1);
      EXPECT_LE(line.size(), std::max<size_t>(width, 24)) << shown;
      EXPECT_LE(caret.size(), std::max<size_t>(width, 25)) << shown;
      if (column == 209) {
        EXPECT_EQ(line.substr(caret.size() - 1, 4), "FORM") << shown;
      }
    }
  }
}

TEST(ErrorPlace, ShowsLittleOfAHugeLine) {
  const std::string sql = std::string(1 << 20, 'a') + " FORM " + std::string(1 << 20, 'b');
  const std::string shown = ShowErrorPlace(sql, {1, (1 << 20) + 2}, size_t{1} << 30);
  EXPECT_LT(shown.size(), 500u);
  const size_t end = shown.find('\n');
  const size_t caret = shown.size() - end - 2;
  EXPECT_EQ(shown.substr(caret, 4), "FORM");
  EXPECT_EQ(shown.substr(end - 3, 3), "...");
}

TEST(ErrorPlace, IsSilentAboutLinesThatAreNotThere) {
  EXPECT_EQ(ShowErrorPlace("SELECT 1", {2, 1}, 80), "");
}

}  // namespace
}  // namespace kalamdb::client
