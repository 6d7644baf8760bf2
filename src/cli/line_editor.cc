// Readline knows the keys and keeps the text; its callback interface lets Ctrl+C and a new size of
// the window arrive as events of poll(). What is on the screen is ours: readline's own display can
// neither colour nor show several lines.
#include "cli/line_editor.h"

#include <langinfo.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

// readline.h declares what it needs of FILE only after this.
#include <cstdio>
#include <cstdlib>

#include <readline/history.h>
#include <readline/readline.h>

#include <algorithm>
#include <cerrno>
#include <clocale>
#include <cstring>

#include "cli/completion.h"
#include "cli/history_menu.h"
#include "client/display_width.h"
#include "client/statement_split.h"
#include "client/text.h"

namespace kalamdb::cli {
namespace {

// What the prompt takes; the rest of a longer paste is dropped.
constexpr size_t kMaxText = 4u << 20;
// A paste that breaks off ends after this.
constexpr int kPasteSilenceMs = 5000;
// An escape that nothing follows for this long is the key.
constexpr int kEscapeMs = 50;
constexpr std::string_view kPasteEnd = "\x1b[201~";

void WriteAll(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = write(STDOUT_FILENO, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;
    bytes.remove_prefix(static_cast<size_t>(n));
  }
}

bool InputIsWaiting() {
  int bytes = 0;
  return ioctl(STDIN_FILENO, FIONREAD, &bytes) == 0 && bytes > 0;
}

// Line ends as \n, no control characters but those and tabs.
std::string CleanPaste(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  for (size_t i = 0; i < bytes.size(); ++i) {
    const auto c = static_cast<unsigned char>(bytes[i]);
    if (c == '\r') {
      if (i + 1 >= bytes.size() || bytes[i + 1] != '\n') text += '\n';
    } else if (c == '\n' || c == '\t' || (c >= 0x20 && c != 0x7f)) {
      text += static_cast<char>(c);
    }
  }
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

}  // namespace

class LineEditor::Editing {
 public:
  Editing(LineEditor* editor, const Prompt& prompt)
      : editor_(editor), prompt_(prompt), signals_({SIGWINCH, SIGTSTP, SIGCONT}) {}

  LineInput Run(std::string* text);

  // Keys; what they return is readline's and always 0.
  int Enter();
  int NewLine();
  int Tab();
  int Up();
  int Down();
  int Right();
  int LineBegin();
  int LineEnd();
  int KillLine();
  int KillToBegin();
  int Paste();
  // Readline has finished: with a line, or nullptr at the end of input.
  void Finish(char* line);
  void NeedsDrawing() { dirty_ = true; }

 private:
  enum class Event { kInput, kInterrupt, kTimeout };

  [[nodiscard]] std::string_view Text() const {
    return {rl_line_buffer, static_cast<size_t>(std::max(rl_end, 0))};
  }
  [[nodiscard]] size_t Cursor() const {
    return static_cast<size_t>(std::clamp(rl_point, 0, rl_end));
  }
  [[nodiscard]] size_t LineBeginAt(size_t at) const {
    const size_t newline = at == 0 ? std::string_view::npos : Text().rfind('\n', at - 1);
    return newline == std::string_view::npos ? 0 : newline + 1;
  }
  [[nodiscard]] size_t LineEndAt(size_t at) const {
    return std::min(Text().find('\n', at), Text().size());
  }
  void MoveTo(size_t at) { rl_point = static_cast<int>(at); }
  // To the column that the cursor has now, in the line that begins at `line`.
  void MoveToLine(size_t line);
  void Replace(size_t begin, size_t end, const std::string& with);

  [[nodiscard]] bool Searching() const {
    return RL_ISSTATE(RL_STATE_ISEARCH | RL_STATE_NSEARCH) != 0;
  }
  [[nodiscard]] std::string Hint() const;
  // Takes the hint if there is one.
  bool TakeHint();
  [[nodiscard]] bool IsComplete() const;

  // Draws now; `last`: the text as it stays on the screen.
  void Draw(bool last);
  void LeaveScreen();
  Event Wait(int timeout_ms);
  void Suspend();
  // The history menu; puts the chosen entry into the prompt.
  void RunMenu();

  LineEditor* editor_;
  const Prompt& prompt_;
  SignalQueue signals_;
  ScreenBlock block_;
  size_t top_ = 0;  // of what a small terminal shows of the text
  bool dirty_ = true;
  bool done_ = false;
  bool ended_ = false;
  std::string line_;
  std::vector<std::string> listing_;  // candidates under the prompt, until the next key
  bool listed_ = false;               // the key before showed them
};

namespace {

// Readline passes no context to its callbacks.
LineEditor::Editing* current = nullptr;

}  // namespace

// The callbacks, and which keys they are bound to.
struct KeyBindings {
  static void Finished(char* line) { current->Finish(line); }
  static void Redisplay() {
    if (current != nullptr) current->NeedsDrawing();
  }
  template <int (LineEditor::Editing::*action)()>
  static int On(int, int) {
    return (current->*action)();
  }
  static void Bind();
};

void KeyBindings::Bind() {
  using E = LineEditor::Editing;
  for (Keymap map : {emacs_standard_keymap, vi_insertion_keymap}) {
    rl_bind_key_in_map('\r', On<&E::Enter>, map);
    rl_bind_key_in_map('\n', On<&E::Enter>, map);
    rl_bind_key_in_map('\t', On<&E::Tab>, map);
    for (const char* up : {"\\e[A", "\\eOA", "\\C-p"}) {
      rl_bind_keyseq_in_map(up, On<&E::Up>, map);
    }
    for (const char* down : {"\\e[B", "\\eOB", "\\C-n"}) {
      rl_bind_keyseq_in_map(down, On<&E::Down>, map);
    }
    for (const char* right : {"\\e[C", "\\eOC", "\\C-f"}) {
      rl_bind_keyseq_in_map(right, On<&E::Right>, map);
    }
    for (const char* home : {"\\e[H", "\\eOH", "\\e[1~", "\\e[7~", "\\C-a"}) {
      rl_bind_keyseq_in_map(home, On<&E::LineBegin>, map);
    }
    for (const char* end : {"\\e[F", "\\eOF", "\\e[4~", "\\e[8~", "\\C-e"}) {
      rl_bind_keyseq_in_map(end, On<&E::LineEnd>, map);
    }
    rl_bind_keyseq_in_map("\\C-k", On<&E::KillLine>, map);
    rl_bind_keyseq_in_map("\\C-u", On<&E::KillToBegin>, map);
    rl_bind_keyseq_in_map("\\e[200~", On<&E::Paste>, map);
  }
  // Escape belongs to vi's command mode.
  rl_bind_keyseq_in_map("\\e\\C-m", On<&E::NewLine>, emacs_standard_keymap);
  rl_bind_keyseq_in_map("\\e\\C-j", On<&E::NewLine>, emacs_standard_keymap);
}

LineInput LineEditor::Editing::Run(std::string* text) {
  current = this;
  rl_clear_history();
  for (const std::string& entry : editor_->history_->entries()) add_history(entry.c_str());
  using_history();
  SetEditing(true);
  rl_callback_handler_install("", KeyBindings::Finished);
  if (std::exchange(editor_->open_menu_, false)) RunMenu();
  LineInput result = LineInput::kLine;
  while (!done_) {
    // While keys are waiting the screen can wait too.
    if (dirty_ && !InputIsWaiting()) Draw(false);
    const Event event = Wait(-1);
    if (event == Event::kInterrupt) {
      result = LineInput::kCancelled;
      line_ = Text();
      LeaveScreen();
      rl_callback_sigcleanup();
      rl_free_line_state();
      rl_callback_handler_remove();
      break;
    }
    if (event != Event::kInput) continue;
    listed_ = !listing_.empty();
    listing_.clear();
    rl_callback_read_char();
  }
  SetEditing(false);
  current = nullptr;
  if (ended_) return LineInput::kEnd;
  *text = std::move(line_);
  return result;
}

void LineEditor::Editing::Finish(char* line) {
  done_ = true;
  if (line == nullptr) {
    ended_ = true;
    LeaveScreen();
  } else {
    line_ = line;
    std::free(line);
  }
  rl_callback_handler_remove();
}

LineEditor::Editing::Event LineEditor::Editing::Wait(int timeout_ms) {
  for (;;) {
    pollfd entries[3] = {{STDIN_FILENO, POLLIN, 0},
                         {editor_->interrupt_->fd(), POLLIN, 0},
                         {signals_.fd(), POLLIN, 0}};
    const int ready = poll(entries, 3, timeout_ms);
    if (ready == 0) return Event::kTimeout;
    if (ready < 0) continue;
    if (entries[1].revents != 0 && editor_->interrupt_->Take()) return Event::kInterrupt;
    if (entries[2].revents != 0) {
      while (const int signal = signals_.Take()) {
        if (signal == SIGTSTP) Suspend();
        if (signal == SIGCONT) {
          // Whoever had the terminal meanwhile may have set it otherwise.
          rl_deprep_terminal();
          rl_prep_terminal(1);
        }
        dirty_ = true;
      }
      return Event::kTimeout;
    }
    if (entries[0].revents != 0) return Event::kInput;
  }
}

void LineEditor::Editing::Suspend() {
  LeaveScreen();
  rl_deprep_terminal();
  raise(SIGSTOP);
}

void LineEditor::Editing::Draw(bool last) {
  dirty_ = false;
  const size_t width = TerminalWidth();
  const size_t height = TerminalHeight();
  Prompt prompt = prompt_;
  if (rl_display_prompt != nullptr && rl_prompt != nullptr &&
      std::strcmp(rl_display_prompt, rl_prompt) != 0) {
    // Readline asks something: a search, a count.
    prompt.text.clear();
    for (const char* c = rl_display_prompt; *c != '\0'; ++c) {
      if (*c != RL_PROMPT_START_IGNORE && *c != RL_PROMPT_END_IGNORE) prompt.text += *c;
    }
    prompt.text = client::EscapeControls(prompt.text);
    prompt.short_text = prompt.text;
    prompt.mark = TextStyle::kPlain;
  }
  const std::string hint = last ? std::string() : Hint();
  const EditText edit{&prompt, Text(), last ? Text().size() : Cursor(), hint};
  ScreenRows rows = LayOut(edit, width, height, editor_->color_, &top_);
  if (!last && rows.rows.size() < height) {
    for (std::string& row : ListRows(listing_, width, height - rows.rows.size())) {
      rows.rows.push_back(std::move(row));
    }
  }
  WriteAll(block_.Draw(rows));
}

void LineEditor::Editing::LeaveScreen() {
  Draw(true);
  WriteAll(block_.Leave());
}

std::string LineEditor::Editing::Hint() const {
  // Without colour it could not be told from what has been typed.
  if (!editor_->color_ || Cursor() != Text().size() || !listing_.empty() || Searching()) return {};
  return HintFor(Text(), *editor_->names_);
}

bool LineEditor::Editing::TakeHint() {
  if (Hint().empty()) return false;
  const Completion completion = Complete(Text(), Cursor(), *editor_->names_);
  Replace(completion.begin, Cursor(), completion.candidates.front());
  return true;
}

void LineEditor::Editing::Replace(size_t begin, size_t end, const std::string& with) {
  rl_begin_undo_group();
  if (end > begin) rl_delete_text(static_cast<int>(begin), static_cast<int>(end));
  MoveTo(begin);
  rl_insert_text(with.c_str());
  rl_end_undo_group();
}

bool LineEditor::Editing::IsComplete() const {
  const std::string_view text = Text();
  const std::string_view trimmed = client::Trim(text);
  if (!trimmed.empty() && trimmed.front() == '\\') return true;
  const client::TextEnd end = client::EndOf(text);
  if (end.terminated || end.blank) return true;
  // An empty line behind the text.
  return Cursor() == text.size() && client::Trim(text.substr(LineBeginAt(text.size()))).empty();
}

int LineEditor::Editing::Enter() {
  if (client::Trim(Text()).empty()) {
    RunMenu();
  } else if (IsComplete()) {
    LeaveScreen();
    rl_done = 1;
  } else {
    rl_insert_text("\n");
  }
  return 0;
}

int LineEditor::Editing::NewLine() {
  rl_insert_text("\n");
  return 0;
}

int LineEditor::Editing::Tab() {
  const Completion completion = Complete(Text(), Cursor(), *editor_->names_);
  if (completion.candidates.empty()) {
    rl_ding();
    return 0;
  }
  const size_t typed = Cursor() - completion.begin;
  const std::string common = CommonPrefix(completion.candidates);
  if (completion.candidates.size() == 1 || listed_) {
    Replace(completion.begin, Cursor(), completion.candidates.front());
    return 0;
  }
  if (common.size() > typed) Replace(completion.begin, Cursor(), common);
  listing_ = completion.candidates;
  return 0;
}

int LineEditor::Editing::Right() {
  if (Cursor() < Text().size()) return rl_forward_char(1, 0);
  TakeHint();
  return 0;
}

int LineEditor::Editing::LineEnd() {
  if (Cursor() == Text().size()) TakeHint();
  MoveTo(LineEndAt(Cursor()));
  return 0;
}

int LineEditor::Editing::LineBegin() {
  MoveTo(LineBeginAt(Cursor()));
  return 0;
}

int LineEditor::Editing::KillLine() {
  const size_t end = LineEndAt(Cursor());
  // At the end of a line its line end goes.
  const size_t to = end == Cursor() ? std::min(end + 1, Text().size()) : end;
  rl_kill_text(rl_point, static_cast<int>(to));
  return 0;
}

int LineEditor::Editing::KillToBegin() {
  const size_t begin = LineBeginAt(Cursor());
  rl_kill_text(rl_point, static_cast<int>(begin));
  MoveTo(begin);
  return 0;
}

void LineEditor::Editing::MoveToLine(size_t line) {
  const size_t begin = LineBeginAt(Cursor());
  const size_t column = client::DisplayWidth(Text().substr(begin, Cursor() - begin));
  const size_t end = LineEndAt(line);
  size_t at = line;
  for (size_t width = 0; at < end;) {
    const client::Character c = client::FirstCharacter(Text().substr(at));
    if (width + c.width > column) break;
    width += c.width;
    at += c.bytes;
  }
  MoveTo(at);
}

int LineEditor::Editing::Up() {
  const size_t begin = LineBeginAt(Cursor());
  if (Text().empty()) {
    RunMenu();
  } else if (begin > 0) {
    MoveToLine(LineBeginAt(begin - 1));
  } else {
    rl_get_previous_history(1, 0);
    MoveTo(Text().size());
  }
  return 0;
}

int LineEditor::Editing::Down() {
  const size_t end = LineEndAt(Cursor());
  if (end < Text().size()) {
    MoveToLine(end + 1);
  } else {
    rl_get_next_history(1, 0);
    MoveTo(Text().size());
  }
  return 0;
}

int LineEditor::Editing::Paste() {
  std::string bytes;
  bool ended = false;
  while (!ended) {
    int waiting = 0;
    if (ioctl(STDIN_FILENO, FIONREAD, &waiting) != 0 || waiting <= 0) {
      if (Wait(kPasteSilenceMs) == Event::kInput && InputIsWaiting()) continue;
      break;
    }
    // Byte by byte: what follows the end belongs to the keys.
    for (; waiting > 0 && !ended; --waiting) {
      char byte = 0;
      if (read(STDIN_FILENO, &byte, 1) != 1) return 0;
      bytes += byte;
      ended = bytes.size() >= kPasteEnd.size() &&
              std::string_view(bytes).substr(bytes.size() - kPasteEnd.size()) == kPasteEnd;
      if (bytes.size() > 2 * kMaxText) bytes.erase(kMaxText, kMaxText - kPasteEnd.size());
    }
  }
  if (ended) bytes.resize(bytes.size() - kPasteEnd.size());
  std::string text = CleanPaste(bytes);
  text.resize(std::min(text.size(), kMaxText - std::min(kMaxText, Text().size())));
  rl_insert_text(text.c_str());
  dirty_ = true;
  return 0;
}

void LineEditor::Editing::RunMenu() {
  dirty_ = true;
  const std::vector<std::string>& entries = editor_->history_->entries();
  if (entries.empty()) {
    rl_ding();
    return;
  }
  WriteAll(block_.Erase());
  HistoryMenu menu(entries);
  KeyDecoder decoder;
  HistoryMenu::State state = HistoryMenu::State::kOpen;
  while (state == HistoryMenu::State::kOpen) {
    if (!InputIsWaiting()) {
      WriteAll(block_.Draw(menu.Render(TerminalWidth(), TerminalHeight(), editor_->color_)));
    }
    const Event event = Wait(decoder.pending() ? kEscapeMs : -1);
    std::optional<KeyPress> key;
    if (event == Event::kInterrupt) {
      state = HistoryMenu::State::kCancelled;
    } else if (event == Event::kTimeout) {
      key = decoder.Flush();
    } else {
      char byte = 0;
      if (read(STDIN_FILENO, &byte, 1) == 1) {
        key = decoder.Feed(byte);
      } else {
        state = HistoryMenu::State::kCancelled;
      }
    }
    if (key) state = menu.Press(*key);
  }
  WriteAll(block_.Erase());
  if (state != HistoryMenu::State::kChosen) return;
  const std::string chosen = entries[menu.chosen()];
  rl_replace_line(chosen.c_str(), 0);
  MoveTo(Text().size());
  // The order is lost with a disk that is full, the prompt is not.
  [[maybe_unused]] const Status moved = editor_->history_->MoveToEnd(menu.chosen());
}

LineEditor::LineEditor(History* history, const NameCatalog* names, InterruptSignal* interrupt,
                       bool color)
    : history_(history), names_(names), interrupt_(interrupt), color_(color) {
  // Readline edits characters of the locale; one of single bytes would cut UTF-8 apart.
  // It asks the environment which one there is.
  if (std::string_view(nl_langinfo(CODESET)) != "UTF-8") {
    setenv("LC_ALL", "C.UTF-8", 1);
    std::setlocale(LC_CTYPE, "C.UTF-8");
  }
  rl_readline_name = "kalam";
  rl_catch_signals = 0;
  rl_catch_sigwinch = 0;
  rl_change_environment = 0;
  rl_initialize();
  rl_variable_bind("enable-bracketed-paste", "on");
  rl_variable_bind("horizontal-scroll-mode", "off");
  rl_redisplay_function = KeyBindings::Redisplay;
  KeyBindings::Bind();
  using_history();
}

LineEditor::~LineEditor() { rl_clear_history(); }

LineInput LineEditor::Read(const Prompt& prompt, std::string* text) {
  text->clear();
  Editing editing(this, prompt);
  return editing.Run(text);
}

}  // namespace kalamdb::cli
