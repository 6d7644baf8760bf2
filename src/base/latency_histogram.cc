#include "base/latency_histogram.h"

#include <algorithm>
#include <bit>

namespace kalamdb {

namespace {

constexpr int64_t kWindowMicros = 60'000'000;
constexpr int kStepBits = 3;
static_assert(1 << kStepBits == LatencyHistogram::kSteps);

}  // namespace

// 0..7 have buckets of their own; above, the highest bit chooses the power and the three bits below
// it the step.
int LatencyHistogram::BucketOf(uint64_t micros) {
  if (micros < kSteps) return static_cast<int>(micros);
  const int power = 63 - std::countl_zero(micros);
  const auto step = static_cast<int>((micros >> (power - kStepBits)) & (kSteps - 1));
  return std::min((power - kStepBits + 1) * kSteps + step, kBuckets - 1);
}

uint64_t LatencyHistogram::UpperEnd(int bucket) {
  if (bucket < kSteps) return static_cast<uint64_t>(bucket);
  const int power = bucket / kSteps + kStepBits - 1;
  const auto step = static_cast<uint64_t>(bucket % kSteps);
  return ((kSteps + step + 1) << (power - kStepBits)) - 1;
}

void LatencyHistogram::Record(int64_t micros, int64_t now_micros) {
  Window* w = &windows_[static_cast<size_t>(current_.load(std::memory_order_relaxed))];
  if (now_micros - w->begin.load(std::memory_order_relaxed) >= kWindowMicros) {
    const int next = 1 - current_.load(std::memory_order_relaxed);
    w = &windows_[static_cast<size_t>(next)];
    for (auto& b : w->buckets) b.store(0, std::memory_order_relaxed);
    w->begin.store(now_micros, std::memory_order_relaxed);
    current_.store(next, std::memory_order_relaxed);
  }
  auto& bucket = w->buckets[static_cast<size_t>(
      BucketOf(static_cast<uint64_t>(std::max<int64_t>(0, micros))))];
  bucket.store(bucket.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

LatencyHistogram::Counts LatencyHistogram::Recent(int64_t now_micros) const {
  Counts out;
  for (const Window& w : windows_) {
    const int64_t begin = w.begin.load(std::memory_order_relaxed);
    if (now_micros - begin >= 2 * kWindowMicros) continue;
    for (size_t i = 0; i < w.buckets.size(); ++i) {
      const uint64_t n = w.buckets[i].load(std::memory_order_relaxed);
      out.buckets[i] += n;
      out.total += n;
    }
  }
  return out;
}

void LatencyHistogram::Counts::Add(const Counts& other) {
  for (size_t i = 0; i < buckets.size(); ++i) buckets[i] += other.buckets[i];
  total += other.total;
}

uint64_t LatencyHistogram::Counts::Percentile(double share) const {
  if (total == 0) return 0;
  const auto rank = static_cast<uint64_t>(share * static_cast<double>(total - 1)) + 1;
  uint64_t seen = 0;
  for (int i = 0; i < kBuckets; ++i) {
    seen += buckets[static_cast<size_t>(i)];
    if (seen >= rank) return UpperEnd(i);
  }
  return UpperEnd(kBuckets - 1);
}

}  // namespace kalamdb
