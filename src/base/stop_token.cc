// See stop_token.h.
#include "base/stop_token.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace kalamdb {

void StopToken::LimitTime(const Clock* clock, uint64_t seconds) {
  clock_ = seconds == 0 ? nullptr : clock;
  seconds_ = seconds;
  if (clock_ == nullptr) return;
  constexpr int64_t kMicros = 1'000'000;
  const int64_t now = clock_->MonotonicMicros();
  // Far enough from the end of the numbers for whatever is added later.
  const auto most =
      static_cast<uint64_t>((std::numeric_limits<int64_t>::max() / 2 - now) / kMicros);
  deadline_micros_ = now + static_cast<int64_t>(std::min(seconds, most)) * kMicros;
}

Status StopToken::Check() const {
  if (stopping_ != nullptr && stopping_->load(std::memory_order_relaxed)) {
    return {ErrorCode::kUnavailable, "the server is shutting down"};
  }
  if (gone_ != nullptr && gone_->load(std::memory_order_relaxed)) {
    return {ErrorCode::kUnavailable, "the client has gone"};
  }
  if (clock_ != nullptr &&
      clock_->MonotonicMicros() >= deadline_micros_.load(std::memory_order_relaxed)) {
    return {ErrorCode::kTimeout,
            fmt::format("the statement exceeded execution.handler_timeout_seconds ({})", seconds_)};
  }
  return Status::Ok();
}

}  // namespace kalamdb
