// Answers byte by byte, and what a broken server may send.
#include "client/http_response.h"

#include <gtest/gtest.h>

namespace kalamdb::client {
namespace {

// Feeds in pieces of every size, so that no boundary is special.
Result<HttpResponse> Parse(std::string_view text, size_t piece) {
  HttpResponseParser parser;
  while (!text.empty() && !parser.done()) {
    const std::string_view part = text.substr(0, piece);
    KDB_ASSIGN_OR_RETURN(const size_t used, parser.Feed(part));
    text.remove_prefix(used);
  }
  KDB_RETURN_IF_ERROR(parser.End());
  return parser.Take();
}

TEST(HttpResponse, ReadsABodyOfAnnouncedLengthInAnyPieces) {
  const std::string_view text =
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\nhello world";
  for (size_t piece = 1; piece <= text.size(); ++piece) {
    const Result<HttpResponse> response = Parse(text, piece);
    ASSERT_TRUE(response.ok()) << response.status().message();
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(response->body, "hello world");
    EXPECT_EQ(*response->Header("content-type"), "application/json");
    EXPECT_TRUE(response->keep_alive);
  }
}

TEST(HttpResponse, JoinsChunksAndSkipsExtensionsAndTrailers) {
  const std::string_view text =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n6\r\n "
      "world\r\n0\r\nX-Trailer: 1\r\n\r\n";
  for (size_t piece = 1; piece <= text.size(); ++piece) {
    const Result<HttpResponse> response = Parse(text, piece);
    ASSERT_TRUE(response.ok()) << response.status().message();
    EXPECT_EQ(response->body, "hello world");
  }
}

TEST(HttpResponse, ReadsUpToTheEndWhereNoLengthIsGiven) {
  const Result<HttpResponse> response = Parse("HTTP/1.0 500 Oops\r\n\r\nall of this", 4);
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(response->body, "all of this");
  EXPECT_FALSE(response->keep_alive);
}

TEST(HttpResponse, SkipsInterimAnswersAndStopsAtAnUpgrade) {
  const Result<HttpResponse> response =
      Parse("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n", 7);
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(response->status, 204);
  EXPECT_FALSE(response->keep_alive);

  HttpResponseParser parser;
  const std::string_view head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n";
  const Result<size_t> used = parser.Feed(std::string(head) + "\x81\x02hi");
  ASSERT_TRUE(used.ok());
  EXPECT_EQ(*used, head.size());
  EXPECT_TRUE(parser.done());
}

TEST(HttpResponse, RefusesWhatIsNoAnswer) {
  for (const char* text :
       {"SSH-2.0-OpenSSH\r\n\r\n", "HTTP/1.1 OK\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n"}) {
    EXPECT_FALSE(Parse(text, 1000).ok()) << text;
  }
}

TEST(HttpResponse, TellsACutAnswerFromAWholeOne) {
  EXPECT_FALSE(Parse("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc", 100).ok());
  EXPECT_FALSE(Parse("HTTP/1.1 200 OK\r\nContent-Le", 100).ok());
  EXPECT_FALSE(Parse("", 100).ok());
}

TEST(HttpResponse, BoundsTheHead) {
  std::string text = "HTTP/1.1 200 OK\r\nX: ";
  text.append(HttpResponseParser::kMaxHeadBytes, 'x');
  EXPECT_FALSE(Parse(text, 4096).ok());
  text = "HTTP/1.1 200 OK\r\n";
  for (size_t i = 0; i <= HttpResponseParser::kMaxHeaders; ++i) text += "a:b\r\n";
  EXPECT_FALSE(Parse(text + "\r\n", 4096).ok());
}

}  // namespace
}  // namespace kalamdb::client
