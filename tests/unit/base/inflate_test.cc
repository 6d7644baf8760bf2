// Compressed bytes from outside.
#include "base/inflate.h"

#include <gtest/gtest.h>
#include <zlib.h>

namespace kalamdb {
namespace {

std::string Gzip(std::string_view plain) {
  z_stream z{};
  EXPECT_EQ(deflateInit2(&z, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&z, plain.size()), '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  z.avail_in = static_cast<uInt>(plain.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&z, Z_FINISH), Z_STREAM_END);
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}

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
