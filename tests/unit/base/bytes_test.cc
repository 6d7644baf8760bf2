#include "base/bytes.h"

#include <gtest/gtest.h>

namespace kalamdb {
namespace {

TEST(ByteReader, ReadsBackWhatWasAppended) {
  std::string s;
  AppendVarint(&s, 0);
  AppendVarint(&s, 127);
  AppendVarint(&s, 128);
  AppendVarint(&s, UINT64_MAX);
  AppendLengthPrefixed(&s, "abc");
  AppendFixed<int64_t>(&s, -5);
  ByteReader r(s);
  EXPECT_EQ(r.Varint(), 0U);
  EXPECT_EQ(r.Varint(), 127U);
  EXPECT_EQ(r.Varint(), 128U);
  EXPECT_EQ(r.Varint(), UINT64_MAX);
  EXPECT_EQ(r.LengthPrefixed(), "abc");
  EXPECT_EQ(r.Fixed<int64_t>(), -5);
  EXPECT_TRUE(r.ok());
  EXPECT_TRUE(r.empty());
}

TEST(ByteReader, FailsForGoodBehindTheEnd) {
  ByteReader r(std::string_view("\x05""ab", 3));
  EXPECT_EQ(r.LengthPrefixed(), "");
  EXPECT_FALSE(r.ok());
  EXPECT_EQ(r.Byte(), 0);
  EXPECT_FALSE(r.ok());
}

TEST(ByteReader, RefusesAVarintOfElevenBytes) {
  const std::string endless(11, '\xff');
  ByteReader r(endless);
  r.Varint();
  EXPECT_FALSE(r.ok());
}

TEST(BigEndian, OrdersAsNumbersDo) {
  std::string a, b;
  AppendBigEndian64(&a, 255);
  AppendBigEndian64(&b, 256);
  EXPECT_LT(a, b);
  EXPECT_EQ(LoadBigEndian64(b.data()), 256U);
}

TEST(Base64Url, DecodesOnlyTheOneFormOfItsBytes) {
  std::string out;
  for (const std::string& bytes : {std::string(""), std::string("a"), std::string("ab"), std::string("abc\xff")}) {
    ASSERT_TRUE(Base64UrlDecode(Base64UrlEncode(bytes), &out));
    EXPECT_EQ(out, bytes);
  }
  EXPECT_FALSE(Base64UrlDecode("YQ==", &out));  // padded
  EXPECT_FALSE(Base64UrlDecode("YR", &out));    // left-over bits are not zero
  EXPECT_FALSE(Base64UrlDecode("Y", &out));
  EXPECT_FALSE(Base64UrlDecode("Y+9v", &out));
}

}  // namespace
}  // namespace kalamdb
