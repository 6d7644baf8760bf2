#include "base/snowflake.h"

#include <algorithm>

namespace kalamdb {

int64_t SnowflakeGenerator::Next() {
  const int64_t now = std::max<int64_t>(0, clock_->WallMillis() - kSnowflakeEpochMillis);
  const int64_t last_millis = last_ >> 22;
  if (now < last_millis) ++regressions_;
  int64_t candidate = (std::max(now, last_millis) << 22) | (worker_ << 12);
  if (candidate <= last_) {
    const bool same_worker = ((last_ >> 12) & 1023) == worker_;
    // The counter overflowed, or a higher worker id used this millisecond before: take the next one.
    candidate = same_worker && (last_ & 4095) != 4095 ? last_ + 1
                                                      : ((last_millis + 1) << 22) | (worker_ << 12);
  }
  last_ = candidate;
  return candidate;
}

}  // namespace kalamdb
