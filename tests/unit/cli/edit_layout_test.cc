// Rows of the screen: wrapping, wide characters, the cursor, small terminals.
#include "cli/edit_layout.h"

#include <gtest/gtest.h>

#include "client/display_width.h"

namespace kalamdb::cli {
namespace {

using Rows = std::vector<std::string>;

const Prompt kPrompt{"db > ", "> ", "  -> ", TextStyle::kPlain};

ScreenRows Plain(std::string_view text, size_t cursor, size_t width, size_t height = 50) {
  size_t top = 0;
  return LayOut({&kPrompt, text, cursor, ""}, width, height, false, &top);
}

TEST(EditLayout, PutsThePromptsBeforeTheLines) {
  const ScreenRows out = Plain("SELECT 1,\n 2", 12, 60);
  EXPECT_EQ(out.rows, (Rows{"db > SELECT 1,", "  ->  2"}));
  EXPECT_EQ(out.cursor_row, 1u);
  EXPECT_EQ(out.cursor_column, 7u);
}

TEST(EditLayout, UsesTheShortPromptOnNarrowTerminals) {
  EXPECT_EQ(Plain("x", 1, 28).rows, Rows{"> x"});
  EXPECT_EQ(Plain("x", 1, 29).rows, Rows{"db > x"});
  EXPECT_EQ(Plain("a\nb", 3, 6).rows, (Rows{"> a", "b"}));
}

TEST(EditLayout, WrapsAtTheWidthAndTheCursorGoesToTheNextRow) {
  const ScreenRows full = Plain("12345678", 8, 10);
  EXPECT_EQ(full.rows, (Rows{"> 12345678", ""}));
  EXPECT_EQ(full.cursor_row, 1u);
  EXPECT_EQ(full.cursor_column, 0u);
  const ScreenRows inside = Plain("123456789", 8, 10);
  EXPECT_EQ(inside.rows, (Rows{"> 12345678", "9"}));
  EXPECT_EQ(inside.cursor_row, 1u);
  EXPECT_EQ(inside.cursor_column, 0u);
}

TEST(EditLayout, NeverCutsAWideCharacter) {
  const ScreenRows out = Plain("日本日本日", 15, 9);
  EXPECT_EQ(out.rows, (Rows{"> 日本日", "本日"}));
  EXPECT_EQ(out.cursor_column, 4u);
  for (size_t width = 1; width < 12; ++width) {
    for (const std::string& row : Plain("日本\t日e\xcc\x81本日", 3, width).rows) {
      EXPECT_LE(client::DisplayWidth(row), std::max<size_t>(width, 4)) << row;
    }
  }
}

TEST(EditLayout, ShowsTabsAsBlanksAndNeverSendsControlCharacters) {
  EXPECT_EQ(Plain("a\tb\x1b\xff", 5, 60).rows, Rows{"db > a  b\xef\xbf\xbd\xef\xbf\xbd"});
}

TEST(EditLayout, ShowsTheRowsAroundTheCursorOfALongText) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += std::to_string(i) + "\n";
  size_t top = 0;
  const ScreenRows end = LayOut({&kPrompt, text, text.size(), ""}, 60, 5, false, &top);
  EXPECT_EQ(end.rows.size(), 5u);
  EXPECT_EQ(end.cursor_row, 4u);
  EXPECT_EQ(end.rows[3], "  -> 99");
  // One line up: the window stays.
  const size_t kept = top;
  EXPECT_EQ(LayOut({&kPrompt, text, text.size() - 1, ""}, 60, 5, false, &top).cursor_row, 3u);
  EXPECT_EQ(top, kept);
  const ScreenRows begin = LayOut({&kPrompt, text, 0, ""}, 60, 5, false, &top);
  EXPECT_EQ(begin.rows[0], "db > 0");
  EXPECT_EQ(begin.cursor_row, 0u);
}

TEST(EditLayout, ColoursAndHintsOnlyWithColour) {
  size_t top = 0;
  const EditText edit{&kPrompt, "SEL", 3, "ECT"};
  EXPECT_EQ(LayOut(edit, 60, 5, true, &top).rows, Rows{"db > SEL\x1b[2mECT\x1b[0m"});
  EXPECT_EQ(LayOut(edit, 60, 5, false, &top).rows, Rows{"db > SEL"});
  EXPECT_EQ(LayOut({&kPrompt, "SELECT 1", 8, ""}, 60, 5, true, &top).rows,
            Rows{"db > \x1b[1;34mSELECT\x1b[0m \x1b[33m1\x1b[0m"});
}

TEST(EditLayout, AHintNeverWraps) {
  size_t top = 0;
  const ScreenRows out = LayOut({&kPrompt, "SEL", 3, "ECTIONS"}, 8, 5, true, &top);
  EXPECT_EQ(out.rows, Rows{"> SEL\x1b[2mEC\x1b[0m"});
}

TEST(ListRows, FillsColumnsAndTellsWhatIsMissing) {
  EXPECT_EQ(ListRows({"aa", "b", "c"}, 12, 5), (Rows{"aa  c", "b   "}));
  const Rows cut = ListRows({"a", "b", "c", "d", "e", "f", "g", "h"}, 12, 2);
  EXPECT_EQ(cut, (Rows{"a  b  c", "... 5 more"}));
  EXPECT_TRUE(ListRows({}, 80, 5).empty());
  EXPECT_TRUE(ListRows({"a"}, 80, 0).empty());
  for (const std::string& row : ListRows({std::string(200, 'x'), "日本"}, 20, 5)) {
    EXPECT_LT(client::DisplayWidth(row), 20u);
  }
}

TEST(ScreenBlock, ReplacesWhatItDrewAndNothingAbove) {
  ScreenBlock block;
  EXPECT_EQ(block.Draw({{"a", "b", "c"}, 1, 1}),
            "\x1b[?25l\r\x1b[Ja\r\nb\r\nc\x1b[1A\r\x1b[1C\x1b[?25h");
  EXPECT_EQ(block.Draw({{"a"}, 0, 0}), "\x1b[?25l\x1b[1A\r\x1b[Ja\r\x1b[?25h");
  EXPECT_EQ(block.Leave(), "\r\n");
  EXPECT_EQ(block.Erase(), "\r\x1b[J");
}

}  // namespace
}  // namespace kalamdb::cli
