// One line, drawn over and over; the thread leaves it erased.
#include "cli/spinner.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <system_error>

namespace kalamdb::cli {
namespace {

constexpr std::chrono::milliseconds kFrame{80};
constexpr auto kFrames =
    std::to_array<std::string_view>({"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"});

void WriteError(std::string_view text) {
  [[maybe_unused]] const ssize_t n = write(STDERR_FILENO, text.data(), text.size());
}

}  // namespace

Spinner::Spinner(bool enabled, std::chrono::milliseconds threshold, std::string_view text)
    : threshold_(threshold), text_(text) {
  if (!enabled) return;
  try {
    thread_ = std::thread([this] { Run(); });
  } catch (const std::system_error&) {
    // Without a thread there is nothing to see, and nothing else is lost.
  }
}

Spinner::~Spinner() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    done_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void Spinner::Run() {
  std::unique_lock lock(mutex_);
  const auto is_done = [this] { return done_; };
  if (changed_.wait_for(lock, threshold_, is_done)) return;
  for (size_t frame = 0; !done_; ++frame) {
    WriteError(fmt::format("\r{} {}\x1b[K", kFrames[frame % kFrames.size()], text_));
    changed_.wait_for(lock, kFrame, is_done);
  }
  WriteError("\r\x1b[K");
}

}  // namespace kalamdb::cli
