// Choosing an earlier statement with keys.
#include "cli/history_menu.h"

#include <gtest/gtest.h>

#include "client/display_width.h"

namespace kalamdb::cli {
namespace {

using State = HistoryMenu::State;

class HistoryMenuKeys : public ::testing::Test {
 protected:
  void SetUp() override {
    for (int i = 0; i < 20; ++i) entries_.push_back("SELECT " + std::to_string(i) + ";");
    entries_.push_back("INSERT INTO t\nVALUES (1);");
  }
  State Press(HistoryMenu* menu, Key key) { return menu->Press({key, {}}); }
  void Type(HistoryMenu* menu, std::string_view text) {
    for (const char c : text) menu->Press({Key::kText, std::string(1, c)});
  }

  std::vector<std::string> entries_;
};

TEST_F(HistoryMenuKeys, BeginsWithTheNewestAtTheBottomOfEight) {
  HistoryMenu menu(entries_);
  const ScreenRows out = menu.Render(80, 40, false);
  ASSERT_EQ(out.rows.size(), 9u);
  EXPECT_EQ(out.rows[0], "  SELECT 13;");
  EXPECT_EQ(out.rows[7], "> INSERT INTO t VALUES (1);");
  EXPECT_EQ(out.rows[8], "history 21/21: ");
  EXPECT_EQ(Press(&menu, Key::kEnter), State::kChosen);
  EXPECT_EQ(menu.chosen(), 20u);
}

TEST_F(HistoryMenuKeys, ArrowsAndPagesMoveAndStopAtTheEnds) {
  HistoryMenu menu(entries_);
  Press(&menu, Key::kUp);
  EXPECT_EQ(menu.chosen(), 19u);
  Press(&menu, Key::kPageUp);
  EXPECT_EQ(menu.chosen(), 11u);
  Press(&menu, Key::kHome);
  EXPECT_EQ(menu.chosen(), 0u);
  Press(&menu, Key::kUp);
  EXPECT_EQ(menu.chosen(), 0u);
  EXPECT_EQ(menu.Render(80, 40, false).rows[0], "> SELECT 0;");
  Press(&menu, Key::kPageDown);
  EXPECT_EQ(menu.chosen(), 8u);
  Press(&menu, Key::kEnd);
  Press(&menu, Key::kDown);
  EXPECT_EQ(menu.chosen(), 20u);
}

TEST_F(HistoryMenuKeys, TypingFiltersWithoutRegardToCase) {
  HistoryMenu menu(entries_);
  Type(&menu, "elect 1");
  EXPECT_EQ(menu.Render(80, 40, false).rows.back(), "history 11/21: elect 1");
  EXPECT_EQ(menu.chosen(), 19u);
  Press(&menu, Key::kBackspace);
  EXPECT_EQ(menu.Render(80, 40, false).rows.back(), "history 20/21: elect ");
  Press(&menu, Key::kClear);
  Type(&menu, "VALUES");
  EXPECT_EQ(menu.chosen(), 20u);
  Type(&menu, "zzz");
  EXPECT_EQ(Press(&menu, Key::kEnter), State::kOpen);
  EXPECT_EQ(Press(&menu, Key::kUp), State::kOpen);
  EXPECT_EQ(menu.Render(80, 40, false).rows.size(), 1u);
}

TEST_F(HistoryMenuKeys, EscapeCancels) {
  HistoryMenu menu(entries_);
  EXPECT_EQ(Press(&menu, Key::kEscape), State::kCancelled);
}

TEST_F(HistoryMenuKeys, FitsEveryTerminal) {
  entries_.push_back("SELECT '" + std::string(300, 'x') + "', '日本日本日本日本\x1b[31m'");
  HistoryMenu menu(entries_);
  Type(&menu, "select and a filter that is longer than the terminal");
  Press(&menu, Key::kClear);
  for (size_t width = 1; width < 40; ++width) {
    for (size_t height = 1; height < 12; ++height) {
      const ScreenRows out = menu.Render(width, height, false);
      EXPECT_LE(out.rows.size(), std::max<size_t>(height, 2));
      for (const std::string& row : out.rows) {
        EXPECT_LT(client::DisplayWidth(row), std::max<size_t>(width, 4)) << row;
        EXPECT_EQ(row.find('\x1b'), std::string::npos);
      }
    }
  }
}

TEST(KeyDecoder, KnowsKeysOfTerminals) {
  const auto keys = [](std::string_view bytes) {
    KeyDecoder decoder;
    std::vector<std::pair<Key, std::string>> out;
    for (const char byte : bytes) {
      if (const auto key = decoder.Feed(byte)) out.emplace_back(key->key, key->text);
    }
    if (const auto key = decoder.Flush()) out.emplace_back(key->key, key->text);
    return out;
  };
  using Keys = std::vector<std::pair<Key, std::string>>;
  EXPECT_EQ(keys("\x1b[A\x1bOB\x1b[5~\x1b[6~\x1b[H\x1b[F\x10\x0e"), (Keys{{Key::kUp, ""},
                                                                          {Key::kDown, ""},
                                                                          {Key::kPageUp, ""},
                                                                          {Key::kPageDown, ""},
                                                                          {Key::kHome, ""},
                                                                          {Key::kEnd, ""},
                                                                          {Key::kUp, ""},
                                                                          {Key::kDown, ""}}));
  EXPECT_EQ(
      keys("a\xe6\x97\xa5\r\x7f"),
      (Keys{{Key::kText, "a"}, {Key::kText, "日"}, {Key::kEnter, ""}, {Key::kBackspace, ""}}));
  EXPECT_EQ(keys("\x1b"), (Keys{{Key::kEscape, ""}}));
  EXPECT_EQ(keys("\x1b[1;5D"), (Keys{{Key::kOther, ""}}));
  // Line ends of a paste choose nothing.
  EXPECT_EQ(keys("\x1b[200~a\rb\x1b[201~\r"), (Keys{{Key::kOther, ""},
                                                    {Key::kText, "a"},
                                                    {Key::kText, " "},
                                                    {Key::kText, "b"},
                                                    {Key::kOther, ""},
                                                    {Key::kEnter, ""}}));
  KeyDecoder decoder;
  for (int i = 0; i < 100; ++i) {
    [[maybe_unused]] const auto key = decoder.Feed(i == 0 ? '\x1b' : i == 1 ? '[' : '1');
  }
  EXPECT_FALSE(decoder.Feed('\x1b').has_value());
}

}  // namespace
}  // namespace kalamdb::cli
