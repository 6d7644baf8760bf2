#include "base/latency_histogram.h"

#include <gtest/gtest.h>

namespace kalamdb {
namespace {

constexpr int64_t kMinute = 60'000'000;

TEST(LatencyHistogram, PercentilesAreExactToAnEighth) {
  LatencyHistogram h;
  for (int64_t i = 1; i <= 100'000; ++i) h.Record(i, kMinute);
  const auto counts = h.Recent(kMinute);
  EXPECT_EQ(counts.total, 100'000u);
  for (const double share : {0.01, 0.5, 0.9, 0.99, 1.0}) {
    const double exact = share * 100'000;
    const auto got = static_cast<double>(counts.Percentile(share));
    EXPECT_GE(got, exact * 0.99) << share;
    EXPECT_LE(got, exact * 1.13) << share;
  }
}

TEST(LatencyHistogram, SmallValuesAreExact) {
  LatencyHistogram h;
  for (int i = 0; i < 8; ++i) h.Record(i, 1);
  EXPECT_EQ(h.Recent(1).Percentile(0), 0u);
  EXPECT_EQ(h.Recent(1).Percentile(1), 7u);
}

TEST(LatencyHistogram, ForgetsWhatIsOlderThanTwoMinutes) {
  LatencyHistogram h;
  h.Record(1'000'000, kMinute);
  h.Record(10, 2 * kMinute);
  EXPECT_EQ(h.Recent(2 * kMinute).total, 2u);
  h.Record(20, 3 * kMinute);
  EXPECT_EQ(h.Recent(3 * kMinute).total, 2u);
  EXPECT_LT(h.Recent(3 * kMinute).Percentile(1), 30u);
  EXPECT_EQ(h.Recent(5 * kMinute).total, 0u);
}

TEST(LatencyHistogram, AnythingFits) {
  LatencyHistogram h;
  h.Record(-5, kMinute);
  h.Record(INT64_MAX, kMinute);
  EXPECT_EQ(h.Recent(kMinute).total, 2u);
  EXPECT_EQ(h.Recent(kMinute).Percentile(0), 0u);
  EXPECT_EQ(LatencyHistogram().Recent(kMinute).Percentile(0.5), 0u);
}

TEST(LatencyHistogram, SumsOfThreads) {
  LatencyHistogram a, b;
  a.Record(1, kMinute);
  b.Record(1000, kMinute);
  auto counts = a.Recent(kMinute);
  counts.Add(b.Recent(kMinute));
  EXPECT_EQ(counts.total, 2u);
  EXPECT_EQ(counts.Percentile(0), 1u);
  EXPECT_GE(counts.Percentile(1), 1000u);
}

}  // namespace
}  // namespace kalamdb
