// Two passes: where rows begin, then the bytes of those that are shown.
#include "cli/edit_layout.h"

#include <fmt/format.h>

#include <algorithm>

#include "client/display_width.h"

namespace kalamdb::cli {
namespace {

constexpr size_t kTabStop = 4;
constexpr size_t kLeastWidth = 4;
// A prompt that leaves less room than this gives way to the short one.
constexpr size_t kLeastRoom = 24;

// How a character of a statement is shown.
struct Shown {
  std::string_view text;  // empty: blanks
  size_t width;
  size_t bytes;  // of the statement
};

Shown ShowFirst(std::string_view text, size_t column) {
  const client::Character c = client::FirstCharacter(text);
  if (text[0] == '\t') return {"", kTabStop - column % kTabStop, 1};
  if (c.valid) return {text.substr(0, c.bytes), c.width, c.bytes};
  return {"\xef\xbf\xbd", 1, c.bytes};  // U+FFFD
}

struct Row {
  size_t begin;   // byte of the statement
  bool new_line;  // begins a line of the statement, after the prompt
};

class Layout {
 public:
  Layout(const EditText& edit, size_t width) : edit_(edit), width_(std::max(width, kLeastWidth)) {
    const Prompt& prompt = *edit.prompt;
    prompt_ =
        client::DisplayWidth(prompt.text) + kLeastRoom <= width_ ? prompt.text : prompt.short_text;
    continuation_ = prompt.continuation;
    // A terminal of a few columns has room for the statement only.
    if (client::DisplayWidth(prompt_) >= width_) prompt_ = {};
    if (client::DisplayWidth(continuation_) + kLeastWidth >= width_) continuation_ = {};
    FindRows();
  }

  [[nodiscard]] size_t size() const { return rows_.size(); }
  [[nodiscard]] size_t cursor_row() const { return cursor_row_; }
  [[nodiscard]] size_t cursor_column() const { return cursor_column_; }

  std::string Render(size_t index, const std::vector<TextStyle>& styles, bool color) const {
    std::string out;
    TextStyle now = TextStyle::kPlain;
    const auto style = [&](TextStyle wanted) {
      if (!color || wanted == now) return;
      if (now != TextStyle::kPlain) out += kPlainSequence;
      out += StyleSequence(wanted);
      now = wanted;
    };
    const Row& row = rows_[index];
    size_t column = 0;
    if (row.new_line) {
      const std::string_view head = index == 0 ? prompt_ : continuation_;
      if (index == 0 && prompt_ == edit_.prompt->text && !head.empty()) {
        const size_t mark = client::FirstCharacter(head).bytes;
        style(edit_.prompt->mark);
        out += head.substr(0, mark);
        style(TextStyle::kPlain);
        out += head.substr(mark);
      } else {
        out += head;
      }
      column = client::DisplayWidth(head);
    }
    const size_t end = index + 1 < rows_.size() ? rows_[index + 1].begin : edit_.text.size();
    for (size_t at = row.begin; at < end && edit_.text[at] != '\n';) {
      const Shown shown = ShowFirst(edit_.text.substr(at), column);
      if (at < styles.size()) style(styles[at]);
      if (shown.text.empty()) {
        out.append(std::min(shown.width, width_ - column), ' ');
      } else {
        out += shown.text;
      }
      column += shown.width;
      at += shown.bytes;
    }
    if (index + 1 == rows_.size() && color && !edit_.hint.empty()) {
      // On the row of the cursor only, and never in its last column.
      style(TextStyle::kHint);
      for (std::string_view hint = edit_.hint; !hint.empty();) {
        const client::Character c = client::FirstCharacter(hint);
        if (!c.valid || column + c.width >= width_) break;
        out += hint.substr(0, c.bytes);
        column += c.width;
        hint.remove_prefix(c.bytes);
      }
    }
    style(TextStyle::kPlain);
    return out;
  }

 private:
  void FindRows() {
    rows_.push_back({0, true});
    size_t column = client::DisplayWidth(prompt_);
    for (size_t at = 0; at < edit_.text.size();) {
      if (edit_.text[at] == '\n') {
        if (at == edit_.cursor) MarkCursor(column, at);
        rows_.push_back({++at, true});
        column = client::DisplayWidth(continuation_);
        continue;
      }
      Shown shown = ShowFirst(edit_.text.substr(at), column);
      if (column + shown.width > width_) {
        rows_.push_back({at, false});
        column = 0;
        shown = ShowFirst(edit_.text.substr(at), column);
      }
      if (at == edit_.cursor) MarkCursor(column, at);
      column += shown.width;
      at += shown.bytes;
    }
    if (edit_.cursor >= edit_.text.size()) MarkCursor(column, edit_.text.size());
  }

  // Behind a full row the cursor is at the beginning of the next.
  void MarkCursor(size_t column, size_t at) {
    if (column >= width_) {
      rows_.push_back({at, false});
      column = 0;
    }
    cursor_row_ = rows_.size() - 1;
    cursor_column_ = column;
  }

  const EditText& edit_;
  size_t width_;
  std::string_view prompt_;
  std::string_view continuation_;
  std::vector<Row> rows_;
  size_t cursor_row_ = 0;
  size_t cursor_column_ = 0;
};

std::string MoveUp(size_t rows) { return rows == 0 ? "" : fmt::format("\x1b[{}A", rows); }

}  // namespace

ScreenRows LayOut(const EditText& edit, size_t width, size_t height, bool color, size_t* top) {
  const Layout layout(edit, width);
  height = std::max<size_t>(height, 1);
  const size_t shown = std::min(layout.size(), height);
  *top = std::min(*top, layout.size() - shown);
  if (layout.cursor_row() < *top) *top = layout.cursor_row();
  if (layout.cursor_row() >= *top + shown) *top = layout.cursor_row() + 1 - shown;
  const std::vector<TextStyle> styles = color ? Highlight(edit.text) : std::vector<TextStyle>();
  ScreenRows out;
  for (size_t i = *top; i < *top + shown; ++i) out.rows.push_back(layout.Render(i, styles, color));
  out.cursor_row = layout.cursor_row() - *top;
  out.cursor_column = layout.cursor_column();
  return out;
}

std::vector<std::string> ListRows(const std::vector<std::string>& names, size_t width,
                                  size_t height) {
  if (names.empty() || height == 0) return {};
  width = std::max(width, kLeastWidth) - 1;
  size_t widest = 1;
  for (const std::string& name : names) widest = std::max(widest, client::DisplayWidth(name));
  const size_t cell = std::min(widest + 2, width);
  const size_t columns = std::max<size_t>(1, width / cell);
  size_t lines = (names.size() + columns - 1) / columns;
  size_t more = 0;
  if (lines > height) {
    lines = height > 1 ? height - 1 : 1;
    more = names.size() - lines * columns;
  }
  std::vector<std::string> rows;
  for (size_t line = 0; line < lines; ++line) {
    std::string row;
    for (size_t column = 0; column < columns; ++column) {
      // Down the columns when all are shown, else along the rows: the best are first.
      const size_t i = more == 0 ? column * lines + line : line * columns + column;
      if (i >= names.size()) continue;
      const std::string name = client::FitToWidth(names[i], cell);
      row += name;
      if (column + 1 < columns) row.append(cell - client::DisplayWidth(name), ' ');
    }
    rows.push_back(std::move(row));
  }
  if (more > 0 && height > 1) {
    rows.push_back(client::FitToWidth(fmt::format("... {} more", more), width));
  }
  return rows;
}

std::string ScreenBlock::Draw(const ScreenRows& rows) {
  // Cleared before it is drawn: clearing behind a full row would take its last character.
  std::string out = "\x1b[?25l" + Erase();
  for (size_t i = 0; i < rows.rows.size(); ++i) {
    if (i > 0) out += "\r\n";
    out += rows.rows[i];
  }
  rows_ = rows.rows.size();
  cursor_row_ = rows.cursor_row;
  out += MoveUp(rows_ - 1 - cursor_row_) + "\r";
  if (rows.cursor_column > 0) out += fmt::format("\x1b[{}C", rows.cursor_column);
  return out + "\x1b[?25h";
}

std::string ScreenBlock::Erase() {
  std::string out = MoveUp(cursor_row_) + "\r\x1b[J";
  rows_ = 0;
  cursor_row_ = 0;
  return out;
}

std::string ScreenBlock::Leave() {
  std::string out;
  if (rows_ > cursor_row_ + 1) out += fmt::format("\x1b[{}B", rows_ - 1 - cursor_row_);
  out += "\r\n";
  rows_ = 0;
  cursor_row_ = 0;
  return out;
}

}  // namespace kalamdb::cli
