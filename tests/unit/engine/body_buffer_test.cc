// Answers of batches: in memory, in a file, and never half.
#include "engine/body_buffer.h"

#include <gtest/gtest.h>

#include <filesystem>

namespace kalamdb::engine {
namespace {

class Collected final : public Reply {
 public:
  void Complete(int http_status, std::string body) override {
    status = http_status;
    text = std::move(body);
    ended = true;
  }
  bool Begin(int http_status) override {
    status = http_status;
    return !gone;
  }
  bool Write(std::string chunk) override {
    largest = std::max(largest, chunk.size());
    text += chunk;
    return chunks_left-- > 0;
  }
  void End() override { ended = true; }
  int status = 0;
  std::string text;
  size_t largest = 0;
  bool ended = false, gone = false;
  int chunks_left = 1000;
};

std::string Directory() { return std::filesystem::temp_directory_path().string(); }

TEST(BodyBuffer, SmallAnswersAreOnePiece) {
  BodyBuffer buffer("/nowhere", 1000);
  buffer.tail()->append("abc");
  ASSERT_TRUE(buffer.Settle().ok());
  Collected reply;
  EXPECT_TRUE(buffer.SendTo(200, reply));
  EXPECT_EQ(reply.text, "abc");
  EXPECT_TRUE(reply.ended);
}

TEST(BodyBuffer, LargeOnesComeBackFromTheirFileInOrder) {
  BodyBuffer buffer(Directory(), 1000);
  std::string expected;
  for (int i = 0; i < 40'000; ++i) {
    const std::string piece = std::to_string(i) + ",";
    buffer.tail()->append(piece);
    expected += piece;
    ASSERT_TRUE(buffer.Settle().ok());
    ASSERT_LT(buffer.tail()->size(), 100'000u);
  }
  Collected reply;
  EXPECT_TRUE(buffer.SendTo(200, reply));
  EXPECT_EQ(reply.text, expected);
  EXPECT_LE(reply.largest, size_t{64} << 10);
  EXPECT_TRUE(reply.ended);
}

TEST(BodyBuffer, AClientThatGoesEndsTheSending) {
  BodyBuffer buffer(Directory(), 10);
  buffer.tail()->append(1 << 20, 'x');
  ASSERT_TRUE(buffer.Settle().ok());
  Collected leaving;
  leaving.chunks_left = 2;
  EXPECT_FALSE(buffer.SendTo(200, leaving));
  EXPECT_FALSE(leaving.ended);
  Collected gone;
  gone.gone = true;
  EXPECT_FALSE(buffer.SendTo(200, gone));
}

TEST(BodyBuffer, ErrorsOfTheFileAreErrors) {
  BodyBuffer nowhere("/nowhere", 10);
  nowhere.tail()->append(100, 'x');
  EXPECT_EQ(nowhere.Settle().code(), ErrorCode::kStorage);
  BodyBuffer bounded(Directory(), 10, 150);
  bounded.tail()->append(100, 'x');
  EXPECT_TRUE(bounded.Settle().ok());
  bounded.tail()->append(100'000, 'x');
  EXPECT_EQ(bounded.Settle().code(), ErrorCode::kExecution);
}

}  // namespace
}  // namespace kalamdb::engine
