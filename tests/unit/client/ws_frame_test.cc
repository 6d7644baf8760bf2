// Frames against the examples of RFC 6455, 5.7, and against servers that break the rules.
#include "client/ws_frame.h"

#include <gtest/gtest.h>

namespace kalamdb::client {
namespace {

std::string Bytes(std::initializer_list<int> values) {
  std::string out;
  for (const int v : values) out.push_back(static_cast<char>(v));
  return out;
}

TEST(WsFrame, MasksAsTheStandardShows) {
  std::string out;
  AppendClientFrame(&out, WsOpcode::kText, "Hello", 0x37fa213d);
  EXPECT_EQ(out, Bytes({0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58}));
}

TEST(WsFrame, WritesAllThreeFormsOfLength) {
  for (const size_t size : {size_t{125}, size_t{126}, size_t{65535}, size_t{65536}}) {
    std::string out;
    AppendClientFrame(&out, WsOpcode::kBinary, std::string(size, 'x'), 0);
    const size_t header = size < 126 ? 2 : size <= 65535 ? 4 : 10;
    EXPECT_EQ(out.size(), header + 4 + size);
    EXPECT_EQ(static_cast<uint8_t>(out[1]) & 0x7f, size < 126 ? size : size <= 65535 ? 126u : 127u);
  }
}

TEST(WsReader, ReassemblesFragmentsAroundAPingInAnyPieces) {
  const std::string stream =
      Bytes({0x01, 0x03, 'H', 'e', 'l', 0x89, 0x02, 'h', 'i', 0x80, 0x02, 'l', 'o', 0x82, 0x01, 0});
  for (size_t piece = 1; piece <= stream.size(); ++piece) {
    WsReader reader;
    for (size_t at = 0; at < stream.size(); at += piece) {
      ASSERT_TRUE(reader.Feed(std::string_view(stream).substr(at, piece)).ok());
    }
    WsMessage m;
    ASSERT_TRUE(reader.Next(&m));
    EXPECT_EQ(m.opcode, WsOpcode::kPing);
    EXPECT_EQ(m.payload, "hi");
    ASSERT_TRUE(reader.Next(&m));
    EXPECT_EQ(m.opcode, WsOpcode::kText);
    EXPECT_EQ(m.payload, "Hello");
    ASSERT_TRUE(reader.Next(&m));
    EXPECT_EQ(m.opcode, WsOpcode::kBinary);
    EXPECT_EQ(m.payload.size(), 1u);
    EXPECT_FALSE(reader.Next(&m));
  }
}

TEST(WsReader, ReadsLongFrames) {
  for (const size_t size : {size_t{126}, size_t{70000}}) {
    std::string frame = size <= 65535 ? Bytes({0x81, 126}) : Bytes({0x81, 127, 0, 0, 0, 0, 0});
    const int bytes = size <= 65535 ? 2 : 3;
    for (int i = bytes - 1; i >= 0; --i) frame.push_back(static_cast<char>(size >> (8 * i)));
    frame += std::string(size, 'y');
    WsReader reader;
    ASSERT_TRUE(reader.Feed(frame).ok());
    WsMessage m;
    ASSERT_TRUE(reader.Next(&m));
    EXPECT_EQ(m.payload, std::string(size, 'y'));
  }
}

TEST(WsReader, RefusesServersThatBreakTheRules) {
  const std::string cases[] = {
      Bytes({0x81, 0x80, 0, 0, 0, 0}),                // masked
      Bytes({0xc1, 0x00}),                            // reserved bit
      Bytes({0x83, 0x00}),                            // unknown opcode
      Bytes({0x80, 0x00}),                            // continuation of nothing
      Bytes({0x01, 0x00, 0x81, 0x00}),                // message inside a message
      Bytes({0x09, 0x00}),                            // fragmented ping
      Bytes({0x89, 126, 0, 126}),                     // long ping
      Bytes({0x81, 127, 0x80, 0, 0, 0, 0, 0, 0, 0}),  // absurd length
      Bytes({0x81, 127, 0, 0, 0, 0, 0x10, 0, 0, 0}),  // over the limit
  };
  for (const std::string& bytes : cases) {
    WsReader reader;
    EXPECT_FALSE(reader.Feed(bytes).ok()) << static_cast<int>(bytes[0]);
  }
}

}  // namespace
}  // namespace kalamdb::client
