// Which peers a proxy range means.
#include "config/ip_range.h"

#include <gtest/gtest.h>

namespace kalamdb::config {
namespace {

bool In(const char* range, const char* address) {
  auto r = IpRange::Parse(range);
  EXPECT_TRUE(r.has_value()) << range;
  return r.has_value() && r->Contains(address);
}

TEST(IpRange, ContainsItsOwnAddressesOnly) {
  EXPECT_TRUE(In("10.0.0.0/8", "10.255.0.1"));
  EXPECT_FALSE(In("10.0.0.0/8", "11.0.0.1"));
  EXPECT_TRUE(In("192.0.2.0/25", "192.0.2.127"));
  EXPECT_FALSE(In("192.0.2.0/25", "192.0.2.128"));
  EXPECT_TRUE(In("192.0.2.7", "192.0.2.7"));
  EXPECT_FALSE(In("192.0.2.7", "192.0.2.8"));
  EXPECT_TRUE(In("fd00::/8", "fdff::1"));
  EXPECT_FALSE(In("fd00::/8", "fe80::1"));
  EXPECT_TRUE(In("0.0.0.0/0", "8.8.8.8"));
  EXPECT_FALSE(In("0.0.0.0/0", "::1"));
}

TEST(IpRange, TakesMappedAddressesForIPv4) { EXPECT_TRUE(In("10.0.0.0/8", "::ffff:10.1.2.3")); }

TEST(IpRange, MatchesNoGarbage) {
  for (const char* text : {"", "localhost", "10.0.0.1:80", "10.0.0.1/8", "999.0.0.1"}) {
    EXPECT_FALSE(In("0.0.0.0/0", text)) << text;
  }
}

TEST(IpRange, KnowsLoopbackHosts) {
  for (const char* host : {"localhost", "LocalHost", "127.0.0.1", "127.9.9.9", "::1", "[::1]"}) {
    EXPECT_TRUE(IsLoopbackHost(host)) << host;
  }
  for (const char* host : {"", "0.0.0.0", "::", "10.0.0.1", "localhost.example", "db"}) {
    EXPECT_FALSE(IsLoopbackHost(host)) << host;
  }
}

}  // namespace
}  // namespace kalamdb::config
