// The terminal: what it is, and asking people.
#pragma once

#include <csignal>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace kalamdb::cli {

bool InputIsTerminal();
bool OutputIsTerminal();
bool ErrorIsTerminal();
// Columns of the terminal, or COLUMNS, or 80 for a terminal that does not tell; no bound for files
// and pipes.
size_t TerminalWidth();

// One line from the terminal, without its line end; nullopt at the end of input.
std::optional<std::string> AskLine(std::string_view prompt);
// The same without showing what is typed.
std::optional<std::string> AskPassword(std::string_view prompt);

// Turns SIGINT into a readable descriptor while it lives. One at a time.
class InterruptSignal {
 public:
  InterruptSignal();
  ~InterruptSignal();
  InterruptSignal(const InterruptSignal&) = delete;
  InterruptSignal& operator=(const InterruptSignal&) = delete;
  [[nodiscard]] int fd() const { return fd_; }
  // Takes what has been signalled; true when there was something.
  bool Take();

 private:
  int fd_ = -1;
  sigset_t before_;
};

// Single keys instead of lines from standard input, without echo, while it lives; does nothing when
// that is no terminal.
class KeyInput {
 public:
  KeyInput();
  ~KeyInput();
  KeyInput(const KeyInput&) = delete;
  KeyInput& operator=(const KeyInput&) = delete;
  [[nodiscard]] bool active() const { return active_; }

 private:
  struct Saved;
  std::unique_ptr<Saved> saved_;
  bool active_ = false;
};

}  // namespace kalamdb::cli
