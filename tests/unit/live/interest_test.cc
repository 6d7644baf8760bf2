// Which loops have subscribers of what.
#include "live/interest.h"

#include <gtest/gtest.h>

namespace kalamdb::live {
namespace {

TEST(InterestIndex, TellsEveryLoopOnceHoweverManySubscribersItHas) {
  InterestIndex index;
  EXPECT_EQ(index.Loops(1, "ann"), 0u);
  index.Add(1, "ann", 0);
  index.Add(1, "ann", 0);
  index.Add(1, "ann", 63);
  EXPECT_EQ(index.Loops(1, "ann"), (uint64_t{1} << 63) | 1);
  EXPECT_EQ(index.Loops(1, "bob"), 0u);
  EXPECT_EQ(index.Loops(2, "ann"), 0u);
  EXPECT_EQ(index.size(), 3u);
}

TEST(InterestIndex, ALoopStaysUntilItsLastSubscriberGoes) {
  InterestIndex index;
  index.Add(1, "ann", 2);
  index.Add(1, "ann", 2);
  index.Remove(1, "ann", 2);
  EXPECT_EQ(index.Loops(1, "ann"), 4u);
  index.Remove(1, "ann", 2);
  EXPECT_EQ(index.Loops(1, "ann"), 0u);
  EXPECT_EQ(index.size(), 0u);
}

TEST(InterestIndex, WhatWasNeverAddedCanBeRemoved) {
  InterestIndex index;
  index.Add(1, "", 0);
  index.Remove(1, "", 1);
  index.Remove(2, "", 0);
  EXPECT_EQ(index.Loops(1, ""), 1u);
  EXPECT_EQ(index.size(), 1u);
}

}  // namespace
}  // namespace kalamdb::live
