// The terminal: what it is, and asking people.
#pragma once

#include <csignal>
#include <cstddef>
#include <initializer_list>
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
// Rows of the terminal, 24 when it does not tell.
size_t TerminalHeight();
// The terminal understands escape sequences that move the cursor.
bool TerminalHasCursor();

// From now on a signal that ends the program first puts the terminal's settings back as they are
// now. Does nothing when standard input is no terminal.
void RestoreTerminalOnSignals();
// While lines are edited such a signal also ends what the editor has switched on.
void SetEditing(bool editing);

// One line from the terminal, without its line end; nullopt at the end of input.
std::optional<std::string> AskLine(std::string_view prompt);
// The same without showing what is typed.
std::optional<std::string> AskPassword(std::string_view prompt);

// Turns signals into a readable descriptor while it lives. Where two wait for the same signal, the
// one that asks first gets it.
class SignalQueue {
 public:
  explicit SignalQueue(std::initializer_list<int> signals);
  ~SignalQueue();
  SignalQueue(const SignalQueue&) = delete;
  SignalQueue& operator=(const SignalQueue&) = delete;
  [[nodiscard]] int fd() const { return fd_; }
  // The next one that has been signalled, 0 when there is none.
  int Take();

 private:
  int fd_ = -1;
  sigset_t before_;
};

// Ctrl+C.
class InterruptSignal {
 public:
  InterruptSignal() : queue_({SIGINT}) {}
  [[nodiscard]] int fd() const { return queue_.fd(); }
  // Takes what has been signalled; true when there was something.
  bool Take();

 private:
  SignalQueue queue_;
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
