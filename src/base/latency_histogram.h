// How long something took lately, as percentiles, in a fixed two kilobytes a window.
//
// Buckets are an eighth of a power of two wide: a percentile is exact to 12.5 %. Two windows follow
// each other, so that what is asked covers the last one to two minutes.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

namespace kalamdb {

class LatencyHistogram {
 public:
  static constexpr int kSteps = 8;  // of each power of two
  static constexpr int kBuckets = 32 * kSteps;

  struct Counts {
    std::array<uint64_t, kBuckets> buckets{};
    uint64_t total = 0;

    void Add(const Counts& other);
    // Upper end of the bucket where the `share` (0 to 1) of all values lies; 0 when there are none.
    [[nodiscard]] uint64_t Percentile(double share) const;
  };

  // One thread. `now_micros`: monotonic.
  void Record(int64_t micros, int64_t now_micros);
  // Any thread; values that are being recorded may or may not be in it.
  [[nodiscard]] Counts Recent(int64_t now_micros) const;

 private:
  struct Window {
    std::atomic<int64_t> begin{INT64_MIN / 2};  // long ago
    std::array<std::atomic<uint32_t>, kBuckets> buckets{};
  };
  static int BucketOf(uint64_t micros);
  static uint64_t UpperEnd(int bucket);

  std::array<Window, 2> windows_;
  std::atomic<int> current_{0};
};

}  // namespace kalamdb
