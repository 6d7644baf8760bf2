// Snowflake ids and the hybrid logical clock behind `_seq`.
//
//   bit 63      0
//   bits 62..22 milliseconds since 2024-01-01T00:00:00Z
//   bits 21..12 worker (node id, 0..1023)
//   bits 11..0  counter within the millisecond, from 0
//
// Milliseconds = max(now, last used), the next one when the counter overflows: a clock that goes back
// neither fails nor delays anything, and ids of one generator always rise.
#pragma once

#include <cstdint>

#include "base/clock.h"

namespace kalamdb {

inline constexpr int64_t kSnowflakeEpochMillis = 1704067200000;

inline int64_t SnowflakeMillis(int64_t id) { return (id >> 22) + kSnowflakeEpochMillis; }
// The smallest id of a millisecond.
inline int64_t SnowflakeFloor(int64_t unix_millis) {
  return unix_millis <= kSnowflakeEpochMillis ? 0 : (unix_millis - kSnowflakeEpochMillis) << 22;
}

// Not synchronised: each owner (a shard, the process-wide id source) has its own lock or thread.
class SnowflakeGenerator {
 public:
  // `last`: the highest id that was ever given out before, 0 if none.
  SnowflakeGenerator(const Clock* clock, int worker, int64_t last)
      : clock_(clock), worker_(worker & 1023), last_(last) {}

  int64_t Next();
  [[nodiscard]] int64_t last() const { return last_; }
  // How often the wall clock stood before the last used millisecond.
  [[nodiscard]] uint64_t clock_regressions() const { return regressions_; }

 private:
  const Clock* clock_;
  int64_t worker_;
  int64_t last_;
  uint64_t regressions_ = 0;
};

}  // namespace kalamdb
