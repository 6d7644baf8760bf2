// Promises of key prefixes.
#include "storage/keys.h"

#include <gtest/gtest.h>

namespace kalamdb::storage {
namespace {

TEST(Keys, SeparateTablesAndOwners) {
  const std::string alice = OwnerPrefix(5, "alice");
  EXPECT_TRUE(alice.starts_with(TablePrefix(5)));
  EXPECT_FALSE(alice.starts_with(TablePrefix(6)));
  // One owner's name is the beginning of the other's; their keys are not.
  EXPECT_FALSE(OwnerPrefix(5, "alice2").starts_with(alice));
  EXPECT_FALSE(OwnerPrefix(5, std::string_view("alice\0", 6)).starts_with(alice));
  EXPECT_FALSE(OwnerPrefix(5, "alice").starts_with(OwnerPrefix(5, "")));
}

TEST(Keys, OrderTablesByNumber) {
  EXPECT_LT(TablePrefix(1), TablePrefix(256));
  EXPECT_LT(TablePrefix(255), TablePrefix(256));
  EXPECT_LT(TablePrefix(0x7fffffff), TablePrefix(0x80000000));
}

TEST(Keys, OrderSequencesByNumber) {
  std::string low = OwnerPrefix(1, "a");
  std::string high = low;
  AppendSeqKey(&low, 255);
  AppendSeqKey(&high, 256);
  EXPECT_LT(low, high);
}

TEST(Keys, EndBehindEverythingThatBeginsAlike) {
  EXPECT_EQ(PrefixEnd("ab"), "ac");
  EXPECT_EQ(PrefixEnd("a\xff"), "b");
  EXPECT_EQ(PrefixEnd("\xff\xff"), "");
  EXPECT_EQ(PrefixEnd(""), "");
  const std::string prefix = TablePrefix(0x00ffffff);
  EXPECT_EQ(PrefixEnd(prefix), std::string("\x01", 1));
  EXPECT_LT(prefix + "\xff\xff\xff", PrefixEnd(prefix));
  EXPECT_LE(PrefixEnd(prefix), TablePrefix(0x01000000));
}

}  // namespace
}  // namespace kalamdb::storage
