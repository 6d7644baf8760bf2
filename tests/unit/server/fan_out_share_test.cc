// The time of an I/O thread in a burst of changes.
#include "server/fan_out_share.h"

#include <gtest/gtest.h>

namespace kalamdb::server {
namespace {

constexpr int64_t kBegin = 1'000'000;

// Microseconds of `span`, from `from` on, that are the requests' alone, when a request comes every
// `pause` (0: none does).
int64_t Yielded(FanOutShare* share, int64_t from, int64_t span, int64_t pause) {
  int64_t yielded = 0;
  for (int64_t now = from; now < from + span; now += 10) {
    if (pause > 0 && (now - from) % pause == 0 && share->bursting()) share->NoteRequest(now);
    if (share->Yields(now)) yielded += 10;
  }
  return yielded;
}

TEST(FanOutShare, ShortWorkIsNeverPutOff) {
  FanOutShare share;
  EXPECT_EQ(Yielded(&share, kBegin, FanOutShare::kBurstMicros, 100), 0);
  share.Idle();
  EXPECT_EQ(Yielded(&share, kBegin + 5000, FanOutShare::kBurstMicros, 100), 0);
}

TEST(FanOutShare, WithoutRequestsABurstHasAllTheTime) {
  FanOutShare share;
  EXPECT_EQ(Yielded(&share, kBegin, 1'000'000, 0), 0);
}

TEST(FanOutShare, RequestsThatNeverPauseGetFourFifths) {
  FanOutShare share;
  EXPECT_NEAR(static_cast<double>(Yielded(&share, kBegin, 1'000'000, 100)), 800'000, 8000);
}

TEST(FanOutShare, OnceRequestsStopTheBurstGoesOn) {
  FanOutShare share;
  EXPECT_GT(Yielded(&share, kBegin, 3000, 100), 0);
  EXPECT_TRUE(share.yielding());
  EXPECT_LE(Yielded(&share, kBegin + 3000, 100'000, 0), FanOutShare::kRequestMicros + 10);
  EXPECT_FALSE(share.yielding());
}

TEST(FanOutShare, ABurstThatEndedIsForgotten) {
  FanOutShare share;
  EXPECT_GT(Yielded(&share, kBegin, 3000, 100), 0);
  share.Idle();
  EXPECT_FALSE(share.yielding());
  EXPECT_FALSE(share.bursting());
  share.NoteRequest(kBegin + 3000);
  EXPECT_FALSE(share.Yields(kBegin + 3000));
}

}  // namespace
}  // namespace kalamdb::server
