// Tells the main thread that the server works, so that it can wait without a timer while nothing happens.
#pragma once

#include <atomic>
#include <memory>

#include "base/status.h"

namespace kalamdb {

// Touch() is called for every request and message: one relaxed load when the server is busy, one write to an eventfd when
// it wakes from idleness. One thread waits.
class ActivityMonitor {
 public:
  static Result<std::unique_ptr<ActivityMonitor>> Create();
  ~ActivityMonitor();
  ActivityMonitor(const ActivityMonitor&) = delete;
  ActivityMonitor& operator=(const ActivityMonitor&) = delete;

  void Touch() {
    if (state_.load(std::memory_order_relaxed) == kTouched) return;
    if (state_.exchange(kTouched) == kAsleep) Notify();
  }

  // For the waiting thread. `event_fd` becomes readable when Touch() ends a sleep; Drain() clears it.
  [[nodiscard]] int event_fd() const { return event_fd_; }
  void Drain();
  // True when nothing was touched since the last call; the monitor then sleeps until the next Touch().
  bool FallAsleepIfQuiet();

 private:
  explicit ActivityMonitor(int fd) : event_fd_(fd) {}
  void Notify();
  enum State : int { kAsleep, kWatching, kTouched };
  std::atomic<int> state_{kTouched};
  int event_fd_;
};

}  // namespace kalamdb
