// Wall and monotonic time, passed in so that tests and simulations can own it.
#pragma once

#include <atomic>
#include <cstdint>

namespace kalamdb {

class Clock {
 public:
  virtual ~Clock() = default;
  // Microseconds since the Unix epoch.
  [[nodiscard]] virtual int64_t WallMicros() const = 0;
  // Microseconds from an arbitrary start; never goes back.
  [[nodiscard]] virtual int64_t MonotonicMicros() const = 0;
  [[nodiscard]] int64_t WallMillis() const { return WallMicros() / 1000; }
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] int64_t WallMicros() const override;
  [[nodiscard]] int64_t MonotonicMicros() const override;
};

// Stands still until told to move.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(int64_t wall_micros) : wall_(wall_micros) {}
  [[nodiscard]] int64_t WallMicros() const override { return wall_.load(); }
  [[nodiscard]] int64_t MonotonicMicros() const override { return monotonic_.load(); }
  void Advance(int64_t micros) {
    wall_ += micros;
    monotonic_ += micros;
  }
  // A wall clock that is set, as an operator or NTP would; the monotonic one does not care.
  void SetWall(int64_t wall_micros) { wall_ = wall_micros; }

 private:
  std::atomic<int64_t> wall_;
  std::atomic<int64_t> monotonic_{0};
};

}  // namespace kalamdb
