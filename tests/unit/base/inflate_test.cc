// Compressed bytes from outside.
#include "base/inflate.h"

#include <gtest/gtest.h>

#include "gzip.h"

namespace kalamdb {
namespace {

TEST(Inflate, GivesBackWhatWasPacked) {
  for (const size_t size : {0u, 1u, 16383u, 16384u, 100'000u}) {
    const std::string plain(size, 'x');
    std::string out = "old";
    EXPECT_EQ(InflateGzip(Gzip(plain), size, &out), InflateOutcome::kOk) << size;
    EXPECT_EQ(out, plain);
  }
}

TEST(Inflate, StopsAtTheLimitHoweverSmallThePackedBytesAre) {
  std::string out;
  EXPECT_EQ(InflateGzip(Gzip(std::string(50'000'000, 'x')), 1000, &out), InflateOutcome::kTooLarge);
  EXPECT_LE(out.capacity(), 100'000u);
}

TEST(Inflate, RefusesWhatIsCutDamagedOrFollowedByMore) {
  const std::string packed = Gzip(std::string(5000, 'x') + "end");
  std::string out, damaged = packed;
  damaged[packed.size() / 2] = static_cast<char>(~damaged[packed.size() / 2]);
  for (const std::string& bytes : {std::string(), packed.substr(0, packed.size() - 1), damaged,
                                   packed + "x", std::string("\x1f\x8b", 2)}) {
    EXPECT_EQ(InflateGzip(bytes, 100'000, &out), InflateOutcome::kMalformed);
  }
}

}  // namespace
}  // namespace kalamdb
