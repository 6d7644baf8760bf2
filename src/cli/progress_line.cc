// Carriage return, erase to the end of the line.
#include "cli/progress_line.h"

#include <cstdio>
#include <string>

#include "cli/terminal.h"

namespace kalamdb::cli {
namespace {

using Clock = std::chrono::steady_clock;

// What is over sooner shows nothing.
constexpr std::chrono::milliseconds kDelay{300};
constexpr std::chrono::milliseconds kInterval{100};

void Write(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

}  // namespace

ProgressLine::ProgressLine(bool enabled)
    : enabled_(enabled && ErrorIsTerminal()), next_(Clock::now() + kDelay) {}

bool ProgressLine::Due() const { return enabled_ && Clock::now() >= next_; }

void ProgressLine::Show(std::string_view text) {
  if (!Due()) return;
  Write("\r\x1b[K" + std::string(text));
  shown_ = true;
  next_ = Clock::now() + kInterval;
}

void ProgressLine::Clear() {
  if (!shown_) return;
  Write("\r\x1b[K");
  shown_ = false;
}

}  // namespace kalamdb::cli
