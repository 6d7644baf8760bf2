// Why work for a request has to end before it is done: its time is over, the server stops, or
// nobody waits for the answer any more. Whoever computes looks; nothing is torn down under it.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/clock.h"
#include "base/status.h"

namespace kalamdb {

// Set up by one thread, then read by any. What it is given has to outlive it.
class StopToken {
 public:
  // Nothing stops the work but what is named below.
  StopToken() = default;

  // `seconds` from now on; 0: as long as it takes.
  void LimitTime(const Clock* clock, uint64_t seconds);
  void WatchServer(const std::atomic<bool>* stopping) { stopping_ = stopping; }
  void WatchClient(const std::atomic<bool>* gone) { gone_ = gone; }

  // The work waited for something that is not its own doing: so much more time for it. By the
  // thread that works.
  void Extend(int64_t micros) { deadline_micros_.fetch_add(micros, std::memory_order_relaxed); }

  // OK while the work may go on. kTimeout, or kUnavailable when the server stops or the client has
  // gone. Costs two loads and a look at the clock.
  [[nodiscard]] Status Check() const;

 private:
  const Clock* clock_ = nullptr;  // null: no limit
  std::atomic<int64_t> deadline_micros_{0};
  uint64_t seconds_ = 0;
  const std::atomic<bool>* stopping_ = nullptr;
  const std::atomic<bool>* gone_ = nullptr;
};

// Looks at a token once in a while, for a loop over rows.
class StopProbe {
 public:
  // `token` may be null: then nothing ends the loop.
  explicit StopProbe(const StopToken* token) : token_(token) {}

  // Once per row. The look is rare enough to cost a row next to nothing, and frequent enough for
  // rows of which each takes a millisecond.
  Status Step() {
    if (token_ == nullptr || ++steps_ % kStepsPerLook != 0) return Status::Ok();
    return token_->Check();
  }

  static constexpr uint32_t kStepsPerLook = 64;

 private:
  const StopToken* token_;
  uint32_t steps_ = 0;
};

}  // namespace kalamdb
