// Readline's callback interface, so that Ctrl+C arrives as an event of poll() and not inside a
// signal handler.
#include "cli/line_editor.h"

#include <poll.h>
#include <unistd.h>

// readline.h declares what it needs of FILE only after this.
#include <cstdio>
#include <cstdlib>

#include <readline/history.h>
#include <readline/readline.h>

#include <optional>

#include "cli/terminal.h"

namespace kalamdb::cli {
namespace {

// What the callback was given: readline passes no context to it.
struct Typed {
  bool done = false;
  std::optional<std::string> line;
};
Typed* current = nullptr;

void OnLine(char* line) {
  current->done = true;
  if (line != nullptr) {
    current->line = line;
    std::free(line);
  }
  rl_callback_handler_remove();
}

}  // namespace

LineEditor::LineEditor() {
  rl_catch_signals = 0;
  rl_bind_key('\t', rl_insert);
  using_history();
}

LineInput LineEditor::Read(const std::string& prompt, std::string* line) {
  InterruptSignal interrupt;
  Typed typed;
  current = &typed;
  rl_callback_handler_install(prompt.c_str(), OnLine);
  while (!typed.done) {
    pollfd entries[2] = {{STDIN_FILENO, POLLIN, 0}, {interrupt.fd(), POLLIN, 0}};
    if (poll(entries, 2, -1) < 0) continue;
    if (entries[1].revents != 0 && interrupt.Take()) {
      rl_callback_handler_remove();
      std::fputc('\n', stdout);
      current = nullptr;
      return LineInput::kCancelled;
    }
    if (entries[0].revents != 0) rl_callback_read_char();
  }
  current = nullptr;
  if (!typed.line) return LineInput::kEnd;
  *line = std::move(*typed.line);
  return LineInput::kLine;
}

void LineEditor::Remember(const std::string& statement) {
  if (statement.empty() || statement == last_) return;
  last_ = statement;
  add_history(statement.c_str());
}

}  // namespace kalamdb::cli
