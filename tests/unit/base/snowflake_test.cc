#include "base/snowflake.h"

#include <gtest/gtest.h>

#include <set>

#include "base/id_source.h"

namespace kalamdb {
namespace {

constexpr int64_t kSomeMicros = (kSnowflakeEpochMillis + 1'000'000) * 1000;

TEST(Snowflake, RisesAlsoWhenTheClockGoesBack) {
  ManualClock clock(kSomeMicros);
  SnowflakeGenerator ids(&clock, 1, 0);
  int64_t last = 0;
  for (int i = 0; i < 20000; ++i) {
    if (i == 10000) clock.SetWall(kSomeMicros - 5'000'000);
    const int64_t id = ids.Next();
    ASSERT_GT(id, last);
    last = id;
  }
  EXPECT_GT(ids.clock_regressions(), 0U);
}

TEST(Snowflake, TakesTheNextMillisecondWhenTheCounterOverflows) {
  ManualClock clock(kSomeMicros);
  SnowflakeGenerator ids(&clock, 3, 0);
  const int64_t first = ids.Next();
  for (int i = 1; i < 4096; ++i) ASSERT_EQ(SnowflakeMillis(ids.Next()), SnowflakeMillis(first));
  EXPECT_EQ(SnowflakeMillis(ids.Next()), SnowflakeMillis(first) + 1);
}

TEST(Snowflake, GoesOnBehindTheLastIdOfAnEarlierRunWithAnotherWorker) {
  ManualClock clock(kSomeMicros);
  SnowflakeGenerator before(&clock, 900, 0);
  const int64_t last = before.Next();
  SnowflakeGenerator after(&clock, 1, last);
  EXPECT_GT(after.Next(), last);
}

TEST(IdSource, NeverRepeatsAnIdAfterARestartWithTheClockSetBack) {
  ManualClock clock(kSomeMicros);
  int64_t durable_mark = 0;
  const auto reserve = [&](int64_t mark) {
    durable_mark = mark;
    return true;
  };
  IdSource first(&clock, 1, 0, reserve);
  const int64_t id = first.Snowflake();
  clock.SetWall(kSomeMicros - 3'600'000'000);
  IdSource second(&clock, 1, durable_mark, reserve);
  EXPECT_GT(second.Snowflake(), id);
}

TEST(IdSource, MakesDistinctRisingVersion7Uuids) {
  ManualClock clock(kSomeMicros);
  IdSource ids(&clock, 1, 0, nullptr);
  std::string last;
  for (int i = 0; i < 5000; ++i) {
    const auto bytes = ids.UuidV7();
    const std::string text = FormatUuid(bytes.data());
    EXPECT_EQ(text[14], '7');
    EXPECT_NE(std::string("89ab").find(text[19]), std::string::npos);
    ASSERT_GT(text, last);
    last = text;
  }
}

TEST(IdSource, MakesUlidsOf26CrockfordDigits) {
  ManualClock clock(kSomeMicros);
  IdSource ids(&clock, 1, 0, nullptr);
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    const std::string ulid = ids.Ulid();
    EXPECT_EQ(ulid.size(), 26U);
    EXPECT_EQ(ulid.find_first_not_of("0123456789ABCDEFGHJKMNPQRSTVWXYZ"), std::string::npos);
    EXPECT_TRUE(seen.insert(ulid).second);
  }
}

TEST(Uuid, ReadsTheUsualFormsAndNothingElse) {
  unsigned char out[16];
  const std::string canonical = "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b";
  for (const std::string& text :
       {canonical, std::string("0190A1B2-C3D4-7E5F-8A9B-0C1D2E3F4A5B"),
        std::string("0190a1b2c3d47e5f8a9b0c1d2e3f4a5b"), "{" + canonical + "}", "urn:uuid:" + canonical}) {
    ASSERT_TRUE(ParseUuid(text, out)) << text;
    EXPECT_EQ(FormatUuid(out), canonical);
  }
  EXPECT_FALSE(ParseUuid("0190a1b2-c3d4-7e5f-8a9b0c1d2e3f4a5b-", out));
  EXPECT_FALSE(ParseUuid("0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5g", out));
  EXPECT_FALSE(ParseUuid("", out));
}

}  // namespace
}  // namespace kalamdb
