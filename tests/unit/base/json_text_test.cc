#include "base/json_text.h"

#include <gtest/gtest.h>

#include "base/ids.h"

namespace kalamdb {
namespace {

std::string Quoted(std::string_view text) {
  std::string out;
  AppendJsonString(&out, text);
  return out;
}

TEST(JsonText, EscapesWhatMustBeEscaped) {
  EXPECT_EQ(Quoted("a\"b\\c\n\t\x01"), "\"a\\\"b\\\\c\\n\\t\\u0001\"");
  EXPECT_EQ(Quoted(std::string_view("\0", 1)), "\"\\u0000\"");
  EXPECT_EQ(Quoted("é😀"), "\"é😀\"");
}

TEST(JsonText, StaysValidWhateverTheBytesAre) {
  EXPECT_EQ(Quoted("a\xff""b"), "\"a\xef\xbf\xbd""b\"");
  EXPECT_EQ(Quoted("\xc3"), "\"\xef\xbf\xbd\"");              // cut off
  EXPECT_TRUE(IsValidUtf8(Quoted("\xed\xa0\x80\xf5\xc0\x80")));  // surrogate, out of range, overlong
}

TEST(Utf8, RefusesOverlongFormsSurrogatesAndCutOffSequences) {
  EXPECT_TRUE(IsValidUtf8("plain, é, €, 😀"));
  for (std::string_view bad : {"\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf0\x9f\x98", "\x80"}) {
    EXPECT_FALSE(IsValidUtf8(bad));
  }
}

TEST(Ids, RefusesWhatCouldBecomeAPath) {
  EXPECT_TRUE(BadIdReason("alice").empty());
  EXPECT_TRUE(BadIdReason("a.b@c-d e").empty());
  for (std::string_view bad : {std::string_view(""), std::string_view("a/b"), std::string_view("a\\b"),
                               std::string_view(".."), std::string_view("a\0b", 3)}) {
    EXPECT_FALSE(BadIdReason(bad).empty());
  }
  EXPECT_FALSE(BadIdReason(std::string(10000, 'x')).empty());
}

}  // namespace
}  // namespace kalamdb
