// Every form of the format, written and read, and bytes that are none.
#include "base/msgpack.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace kalamdb::msgpack {
namespace {

std::string Hex(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    char text[3];
    snprintf(text, sizeof text, "%02x", static_cast<unsigned char>(c));
    out += text;
  }
  return out;
}

template <class... Args>
std::string Written(void (*append)(std::string*, Args...), Args... args) {
  std::string out;
  append(&out, args...);
  return out;
}
std::string Integer(int64_t v) { return Written(AppendInteger, v); }
std::string Text(std::string_view v) { return Written(AppendText, v); }

Token Read(std::string_view bytes) {
  Reader reader(bytes);
  Result<Token> token = reader.Next();
  EXPECT_TRUE(token.ok()) << Hex(bytes) << ": " << token.status().message();
  return token.ok() ? token.Take() : Token();
}

TEST(MsgpackWriting, TakesTheShortestFormOfAnInteger) {
  const std::pair<int64_t, const char*> cases[] = {
      {0, "00"},
      {127, "7f"},
      {128, "cc80"},
      {255, "ccff"},
      {256, "cd0100"},
      {65535, "cdffff"},
      {65536, "ce00010000"},
      {4294967295, "ceffffffff"},
      {4294967296, "cf0000000100000000"},
      {INT64_MAX, "cf7fffffffffffffff"},
      {-1, "ff"},
      {-32, "e0"},
      {-33, "d0df"},
      {-128, "d080"},
      {-129, "d1ff7f"},
      {-32768, "d18000"},
      {-32769, "d2ffff7fff"},
      {INT32_MIN, "d280000000"},
      {int64_t{INT32_MIN} - 1, "d3ffffffff7fffffff"},
      {INT64_MIN, "d38000000000000000"},
  };
  for (const auto& [v, hex] : cases) {
    EXPECT_EQ(Hex(Integer(v)), hex) << v;
    const Token token = Read(Integer(v));
    EXPECT_EQ(token.kind, Token::Kind::kInteger);
    EXPECT_EQ(token.integer, v);
  }
}

TEST(MsgpackWriting, GivesTextTheHeadOfItsLength) {
  for (const auto& [size, head] : {std::pair<size_t, const char*>{0, "a0"},
                                   {31, "bf"},
                                   {32, "d920"},
                                   {255, "d9ff"},
                                   {256, "da0100"},
                                   {65535, "daffff"},
                                   {65536, "db00010000"}}) {
    const std::string text(size, 'x'), bytes = Text(text);
    EXPECT_EQ(Hex(bytes.substr(0, bytes.size() - size)), head);
    EXPECT_EQ(Read(bytes).bytes, text);
  }
}

TEST(MsgpackWriting, ReplacesBytesThatAreNoText) {
  EXPECT_EQ(Hex(Text("a\xff\xc3")),
            "a7"
            "61"
            "efbfbd"
            "efbfbd");
  EXPECT_EQ(Read(Text("gr\xc3\xbc\xc3\x9f")).bytes, "gr\xc3\xbc\xc3\x9f");
}

TEST(MsgpackWriting, ClosesAMapWithTheMembersThatCame) {
  for (const size_t at_most : {3u, 15u, 16u, 300u, 70'000u}) {
    std::string out = "x";
    const size_t head = BeginMap(&out, at_most);
    AppendText(&out, "k");
    AppendNil(&out);
    EndMap(&out, head, 1);
    const Token token = Read(std::string_view(out).substr(1));
    EXPECT_EQ(token.kind, Token::Kind::kMap) << at_most;
    EXPECT_EQ(token.members, 1u) << at_most;
  }
}

TEST(MsgpackReading, KnowsEveryForm) {
  using Kind = Token::Kind;
  using namespace std::string_literals;
  EXPECT_EQ(Read("\xc0").kind, Kind::kNil);
  EXPECT_TRUE(Read("\xc3").boolean);
  EXPECT_FALSE(Read("\xc2").boolean);
  EXPECT_EQ(Read("\xca\x3f\x80\x00\x00"s).real, 1.0);
  EXPECT_EQ(Read(Written(AppendDouble, 1e300)).real, 1e300);
  EXPECT_TRUE(std::isnan(Read(Written(AppendDouble, std::nan(""))).real));
  const Token large = Read("\xcf\xff\xff\xff\xff\xff\xff\xff\xff"s);
  EXPECT_EQ(large.kind, Kind::kUnsigned);
  EXPECT_EQ(large.unsigned_integer, UINT64_MAX);
  // Longer forms than needed are read all the same.
  EXPECT_EQ(Read("\xd3\x00\x00\x00\x00\x00\x00\x00\x05"s).integer, 5);
  EXPECT_EQ(Read("\xd0\xff").integer, -1);
  EXPECT_EQ(Read("\xdb\x00\x00\x00\x01z"s).bytes, "z");
  for (const std::string& bytes : {"\xc4\x02zz"s, "\xc5\x00\x02zz"s, "\xc6\x00\x00\x00\x02zz"s}) {
    EXPECT_EQ(Read(bytes).kind, Kind::kBytes);
    EXPECT_EQ(Read(bytes).bytes, "zz");
  }
  for (const std::string& bytes :
       {"\xd5\x01zz"s, "\xc7\x02\x01zz"s, "\xc8\x00\x02\x01zz"s, "\xc9\x00\x00\x00\x02\x01zz"s}) {
    EXPECT_EQ(Read(bytes).kind, Kind::kExtension) << Hex(bytes);
    EXPECT_EQ(Read(bytes).bytes, "zz");
  }
  for (const std::string& bytes :
       {"\x92\xc0\xc0"s, "\xdc\x00\x02\xc0\xc0"s, "\xdd\x00\x00\x00\x02\xc0\xc0"s}) {
    EXPECT_EQ(Read(bytes).kind, Kind::kArray);
    EXPECT_EQ(Read(bytes).members, 2u);
  }
  for (const std::string& bytes :
       {"\x81\xc0\xc0"s, "\xde\x00\x01\xc0\xc0"s, "\xdf\x00\x00\x00\x01\xc0\xc0"s}) {
    EXPECT_EQ(Read(bytes).kind, Kind::kMap);
    EXPECT_EQ(Read(bytes).members, 1u);
  }
}

TEST(MsgpackReading, RefusesWhatEndsTooEarlyOrIsNothing) {
  using namespace std::string_literals;
  for (const std::string& bytes :
       {""s, "\xc1"s, "\xcc"s, "\xcb\x00"s, "\xa1"s, "\xd9\x05zz"s, "\xdb\xff\xff\xff\xff"s,
        "\xdd\xff\xff\xff\xff"s, "\xdf\x7f\xff\xff\xff\xc0"s, "\x91"s, "\x81\xc0"s, "\xc7\x01"s,
        "\xd8\x01z"s}) {
    Reader reader(bytes);
    EXPECT_FALSE(reader.Next().ok()) << Hex(bytes);
  }
}

TEST(MsgpackReading, PassesOverAValueHoweverDeepItGoes) {
  std::string bytes(100'000, '\x91');  // arrays of one array of one array ...
  bytes += "\x82\xa1k\x92\x01\x02\xc0\xc4\x01z";
  bytes += "\x07";
  Reader reader(bytes);
  EXPECT_TRUE(reader.Skip().ok());
  Result<Token> next = reader.Next();
  ASSERT_TRUE(next.ok());
  EXPECT_EQ(next->integer, 7);
  EXPECT_TRUE(reader.AtEnd());
  Reader early(std::string_view(bytes).substr(0, bytes.size() - 3));
  EXPECT_FALSE(early.Skip().ok());
}

}  // namespace
}  // namespace kalamdb::msgpack
