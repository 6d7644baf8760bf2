// What ends a statement, and that nothing else does.
#include "base/stop_token.h"

#include <gtest/gtest.h>

namespace kalamdb {
namespace {

constexpr int64_t kSecond = 1'000'000;

TEST(StopToken, WithoutReasonsNothingEverStops) {
  const StopToken token;
  EXPECT_TRUE(token.Check().ok());
}

TEST(StopToken, TimeIsOverAtTheDeadlineAndNotBefore) {
  ManualClock clock(0);
  clock.Advance(77);
  StopToken token;
  token.LimitTime(&clock, 3);
  clock.Advance(3 * kSecond - 1);
  EXPECT_TRUE(token.Check().ok());
  clock.Advance(1);
  const Status status = token.Check();
  EXPECT_EQ(status.code(), ErrorCode::kTimeout);
  EXPECT_EQ(status.message(), "the statement exceeded execution.handler_timeout_seconds (3)");
}

TEST(StopToken, TimeMayBeGivenBackAndTakenAgain) {
  ManualClock clock(0);
  StopToken token, huge;
  token.LimitTime(&clock, 3);
  huge.LimitTime(&clock, UINT64_MAX);
  token.Extend(2 * kSecond);
  token.Extend(-kSecond);
  huge.Extend(1'000'000 * kSecond);
  clock.Advance(4 * kSecond - 1);
  EXPECT_TRUE(token.Check().ok());
  clock.Advance(1);
  EXPECT_EQ(token.Check().code(), ErrorCode::kTimeout);
  EXPECT_TRUE(huge.Check().ok());
}

TEST(StopToken, TheWallClockDoesNotMatter) {
  ManualClock clock(0);
  StopToken token;
  token.LimitTime(&clock, 3);
  clock.SetWall(1'000'000 * kSecond);
  EXPECT_TRUE(token.Check().ok());
}

TEST(StopToken, ZeroSecondsAreNoLimitAndHugeOnesDoNotOverflow) {
  ManualClock clock(0);
  clock.Advance(5 * kSecond);
  StopToken unlimited, huge;
  unlimited.LimitTime(&clock, 0);
  huge.LimitTime(&clock, UINT64_MAX);
  clock.Advance(1'000'000 * kSecond);
  EXPECT_TRUE(unlimited.Check().ok());
  EXPECT_TRUE(huge.Check().ok());
}

TEST(StopToken, TheServersEndAndTheClientsAreSeenWhenTheyCome) {
  std::atomic<bool> stopping{false}, gone{false};
  StopToken token;
  token.WatchServer(&stopping);
  token.WatchClient(&gone);
  EXPECT_TRUE(token.Check().ok());
  gone = true;
  EXPECT_EQ(token.Check().code(), ErrorCode::kUnavailable);
  EXPECT_EQ(token.Check().message(), "the client has gone");
  stopping = true;
  EXPECT_EQ(token.Check().message(), "the server is shutting down");
}

TEST(StopProbe, SeesTheTokenWithinItsNumberOfSteps) {
  std::atomic<bool> stopping{true};
  StopToken token;
  token.WatchServer(&stopping);
  StopProbe probe(&token);
  uint32_t steps = 1;
  while (probe.Step().ok()) {
    ASSERT_LE(++steps, StopProbe::kStepsPerLook);
  }
  EXPECT_EQ(steps, StopProbe::kStepsPerLook);
}

TEST(StopProbe, WithoutATokenNeverEndsALoop) {
  StopProbe probe(nullptr);
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(probe.Step().ok());
}

}  // namespace
}  // namespace kalamdb
