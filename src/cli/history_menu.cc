// State and rows only; the editor reads the keys and draws.
#include "cli/history_menu.h"

#include <fmt/format.h>

#include <algorithm>

#include "client/display_width.h"
#include "client/text.h"

namespace kalamdb::cli {
namespace {

constexpr size_t kMaxFilterBytes = 256;

// An entry on one row.
std::string OneLine(std::string_view entry, size_t width) {
  // More than the row can show is not looked at.
  std::string text(entry.substr(0, 8 * width + 64));
  for (char& c : text) {
    if (c == '\n' || c == '\t' || c == '\r') c = ' ';
  }
  return client::FitToWidth(client::EscapeControls(text), width);
}

}  // namespace

HistoryMenu::HistoryMenu(const std::vector<std::string>& entries) : entries_(entries) { Filter(); }

void HistoryMenu::Filter() {
  const std::string wanted = client::AsciiLower(filter_);
  matches_.clear();
  for (size_t i = 0; i < entries_.size(); ++i) {
    if (wanted.empty() || client::AsciiLower(entries_[i]).find(wanted) != std::string::npos) {
      matches_.push_back(i);
    }
  }
  selected_ = matches_.empty() ? 0 : matches_.size() - 1;
}

void HistoryMenu::MoveBy(ptrdiff_t steps) {
  if (matches_.empty()) return;
  const auto last = static_cast<ptrdiff_t>(matches_.size() - 1);
  selected_ = static_cast<size_t>(
      std::clamp<ptrdiff_t>(static_cast<ptrdiff_t>(selected_) + steps, 0, last));
}

HistoryMenu::State HistoryMenu::Press(const KeyPress& key) {
  constexpr auto kPage = static_cast<ptrdiff_t>(kVisible);
  const auto all = static_cast<ptrdiff_t>(entries_.size());
  switch (key.key) {
    case Key::kEnter:
      return matches_.empty() ? State::kOpen : State::kChosen;
    case Key::kEscape:
    case Key::kEndOfInput:
      return State::kCancelled;
    case Key::kUp:
      MoveBy(-1);
      break;
    case Key::kDown:
      MoveBy(1);
      break;
    case Key::kPageUp:
      MoveBy(-kPage);
      break;
    case Key::kPageDown:
      MoveBy(kPage);
      break;
    case Key::kHome:
      MoveBy(-all);
      break;
    case Key::kEnd:
      MoveBy(all);
      break;
    case Key::kText:
      if (filter_.size() + key.text.size() <= kMaxFilterBytes) filter_ += key.text;
      Filter();
      break;
    case Key::kBackspace:
      while (!filter_.empty() && (static_cast<unsigned char>(filter_.back()) & 0xc0) == 0x80) {
        filter_.pop_back();
      }
      if (!filter_.empty()) filter_.pop_back();
      Filter();
      break;
    case Key::kClear:
      filter_.clear();
      Filter();
      break;
    case Key::kOther:
      break;
  }
  return State::kOpen;
}

ScreenRows HistoryMenu::Render(size_t width, size_t height, bool color) {
  width = std::max<size_t>(width, 4) - 1;
  const size_t visible = std::min(kVisible, std::max<size_t>(height, 2) - 1);
  if (selected_ < top_) top_ = selected_;
  if (selected_ >= top_ + visible) top_ = selected_ + 1 - visible;
  const size_t shown = std::min(visible, matches_.size());
  top_ = std::min(top_, matches_.size() - shown);
  ScreenRows out;
  for (size_t i = top_; i < top_ + shown; ++i) {
    const bool here = i == selected_;
    std::string row = (here ? "> " : "  ") + OneLine(entries_[matches_[i]], width - 2);
    if (here && color) row = "\x1b[7m" + row + "\x1b[0m";
    out.rows.push_back(std::move(row));
  }
  const std::string count = fmt::format("history {}/{}: ", matches_.size(), entries_.size());
  std::string line = client::DisplayWidth(count) + 8 <= width ? count : ": ";
  // The end of a long filter is what is being typed.
  std::string_view filter = filter_;
  while (!filter.empty() && client::DisplayWidth(line) + client::DisplayWidth(filter) > width) {
    filter.remove_prefix(client::FirstCharacter(filter).bytes);
  }
  line += client::EscapeControls(filter);
  out.cursor_row = out.rows.size();
  out.cursor_column = std::min(client::DisplayWidth(line), width);
  out.rows.push_back(std::move(line));
  return out;
}

}  // namespace kalamdb::cli
