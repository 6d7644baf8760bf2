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
constexpr size_t kDefaultHeight = 24;

// What a signal handler can reach: it is given nothing. Written before the handler is installed.
termios settings_at_start;
volatile std::sig_atomic_t editing_now = 0;

extern "C" void RestoreAndDie(int signal) {
  // SIGTTOU is blocked meanwhile: a program in the background may set the terminal then.
  tcsetattr(STDIN_FILENO, TCSANOW, &settings_at_start);
  if (editing_now != 0) {
    // No bracketed paste, the cursor visible, plain text, a line of its own.
    constexpr char kReset[] = "\x1b[?2004l\x1b[?25h\x1b[0m\r\n";
    [[maybe_unused]] const ssize_t n = write(STDOUT_FILENO, kReset, sizeof kReset - 1);
  }
  // SA_RESETHAND: this time the signal does what it does without a handler.
  raise(signal);
}

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

size_t TerminalHeight() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0) return size.ws_row;
  return kDefaultHeight;
}

bool TerminalHasCursor() {
  const char* name = std::getenv("TERM");
  return name != nullptr && *name != '\0' && std::string_view(name) != "dumb";
}

void RestoreTerminalOnSignals() {
  if (!InputIsTerminal() || tcgetattr(STDIN_FILENO, &settings_at_start) != 0) return;
  struct sigaction action {};
  action.sa_handler = RestoreAndDie;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigemptyset(&action.sa_mask);
  sigaddset(&action.sa_mask, SIGTTOU);
  for (const int signal :
       {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL}) {
    struct sigaction before {};
    // What the parent ignores (nohup) stays ignored.
    if (sigaction(signal, nullptr, &before) == 0 && before.sa_handler != SIG_IGN) {
      sigaction(signal, &action, nullptr);
    }
  }
}

void SetEditing(bool editing) { editing_now = editing ? 1 : 0; }

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

SignalQueue::SignalQueue(std::initializer_list<int> signals) {
  sigset_t mask;
  sigemptyset(&mask);
  for (const int signal : signals) sigaddset(&mask, signal);
  // Of this thread: the shell's other thread is started while they are blocked.
  pthread_sigmask(SIG_BLOCK, &mask, &before_);
  fd_ = signalfd(-1, &mask, SFD_NONBLOCK | SFD_CLOEXEC);
}

SignalQueue::~SignalQueue() {
  while (Take() != 0) {
  }
  if (fd_ >= 0) close(fd_);
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

int SignalQueue::Take() {
  signalfd_siginfo info;
  if (fd_ < 0 || read(fd_, &info, sizeof info) != static_cast<ssize_t>(sizeof info)) return 0;
  return static_cast<int>(info.ssi_signo);
}

bool InterruptSignal::Take() {
  bool taken = false;
  while (queue_.Take() != 0) taken = true;
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
