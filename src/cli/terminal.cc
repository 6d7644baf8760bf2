// termios, the window size and signalfd.
#include "cli/terminal.h"

#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace kalamdb::cli {
namespace {

constexpr size_t kDefaultWidth = 80;
// Files and pipes have no edge: nothing is cut for them.
constexpr size_t kUnlimitedWidth = 1u << 30;

}  // namespace

bool InputIsTerminal() { return isatty(STDIN_FILENO) == 1; }
bool OutputIsTerminal() { return isatty(STDOUT_FILENO) == 1; }
bool ErrorIsTerminal() { return isatty(STDERR_FILENO) == 1; }

size_t TerminalWidth() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  if (const char* columns = std::getenv("COLUMNS")) {
    const long n = std::strtol(columns, nullptr, 10);
    if (n > 0 && n < 100'000) return static_cast<size_t>(n);
  }
  return OutputIsTerminal() ? kDefaultWidth : kUnlimitedWidth;
}

std::optional<std::string> AskLine(std::string_view prompt) {
  std::fwrite(prompt.data(), 1, prompt.size(), stdout);
  std::fflush(stdout);
  std::string line;
  char byte = 0;
  ssize_t n = 0;
  // Byte by byte: nothing of what follows may be taken from those who read next.
  while ((n = read(STDIN_FILENO, &byte, 1)) == 1 && byte != '\n') line += byte;
  if (n <= 0 && line.empty()) return std::nullopt;
  if (!line.empty() && line.back() == '\r') line.pop_back();
  return line;
}

std::optional<std::string> AskPassword(std::string_view prompt) {
  termios before{};
  const bool terminal = tcgetattr(STDIN_FILENO, &before) == 0;
  if (terminal) {
    termios silent = before;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
  }
  std::optional<std::string> line = AskLine(prompt);
  if (terminal) tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
  std::fputc('\n', stdout);
  return line;
}

InterruptSignal::InterruptSignal() {
  sigset_t mask;
  sigemptyset(&mask);
  sigaddset(&mask, SIGINT);
  sigprocmask(SIG_BLOCK, &mask, &before_);
  fd_ = signalfd(-1, &mask, SFD_NONBLOCK | SFD_CLOEXEC);
}

InterruptSignal::~InterruptSignal() {
  Take();
  if (fd_ >= 0) close(fd_);
  sigprocmask(SIG_SETMASK, &before_, nullptr);
}

bool InterruptSignal::Take() {
  signalfd_siginfo info;
  bool taken = false;
  while (fd_ >= 0 && read(fd_, &info, sizeof info) == static_cast<ssize_t>(sizeof info))
    taken = true;
  return taken;
}

struct KeyInput::Saved {
  termios settings;
};

KeyInput::KeyInput() {
  termios now{};
  if (!InputIsTerminal() || tcgetattr(STDIN_FILENO, &now) != 0) return;
  saved_ = std::make_unique<Saved>(Saved{now});
  now.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
  now.c_cc[VMIN] = 1;
  now.c_cc[VTIME] = 0;
  active_ = tcsetattr(STDIN_FILENO, TCSAFLUSH, &now) == 0;
}

KeyInput::~KeyInput() {
  if (active_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &saved_->settings);
}

}  // namespace kalamdb::cli
