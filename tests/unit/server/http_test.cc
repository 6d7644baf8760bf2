// HTTP as clients see it: framing, limits, timeouts, order.
#include <sys/resource.h>

#include "../base/gzip.h"
#include "server/reply_channel.h"
#include "server/server_context.h"
#include "server/stream.h"
#include "server_fixture.h"

namespace kalamdb::server {
namespace {

class Http : public ServerTest {};

TEST_F(Http, HealthAnswersOnAKeptConnection) {
  Start();
  Client c(port());
  for (int i = 0; i < 3; ++i) {
    const HttpResponse r = c.Ask(Get("/health"));
    EXPECT_EQ(r.result_int(), 200U);
    EXPECT_EQ(r["content-type"], "application/json");
    EXPECT_EQ(r.body(),
              R"({"status":"healthy","version":"0.0.1","api_version":"v1","build_date":"today"})");
    EXPECT_TRUE(r.keep_alive());
  }
  EXPECT_EQ(server_->stats().connections, 1U);
  EXPECT_EQ(server_->stats().requests, 3U);
}

TEST_F(Http, PipelinedRequestsAreAnsweredInOrderWhoeverComputesThem) {
  Start();
  Client c(port());
  std::string all;
  for (int i = 0; i < 50; ++i) all += Sql(fmt::format("{} {}", i % 3 == 0 ? "later" : "echo", i));
  c.Send(all);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(c.Read().body(), fmt::format("{{\"echo\":\"{}\"}}", i));
}

TEST_F(Http, ARequestMayArriveByteByByte) {
  Start();
  Client c(port());
  const std::string request = "\r\n" + Sql("echo slow") + Get("/health");
  for (char b : request) c.Send({&b, 1});
  EXPECT_EQ(c.Read().body(), R"({"echo":"slow"})");
  EXPECT_EQ(c.Read().result_int(), 200U);
}

TEST_F(Http, ChunkedBodiesAreDecodedHoweverTheyAreCut) {
  Start();
  Client c(port());
  const std::string head =
      "POST /v1/api/sql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" + Bearer() +
      "Transfer-Encoding: chunked\r\n\r\n";
  const std::string body =
      "8;ext=1\r\n{\"sql\":\"\r\n9\r\necho cut\"\r\n1\r\n}\r\n0\r\nTrailer: 1\r\n\r\n";
  EXPECT_EQ(c.Ask(head + body).body(), R"({"echo":"cut"})");
  for (char b : head + body) c.Send({&b, 1});
  EXPECT_EQ(c.Read().body(), R"({"echo":"cut"})");
  EXPECT_EQ(c.Ask(Get("/health")).result_int(), 200U);
}

TEST_F(Http, GzippedBodiesAreInflatedWithinTheBodyLimit) {
  Start();
  Client c(port());
  auto post = [&](const std::string& body) {
    return c.Ask(Post("/v1/api/sql", body, Bearer() + "Content-Encoding: gzip\r\n"));
  };
  EXPECT_EQ(post(Gzip(R"({"sql":"echo packed"})")).body(), R"({"echo":"packed"})");
  HttpResponse r = post("no gzip at all");
  EXPECT_EQ(r.result_int(), 400U);
  EXPECT_NE(r.body().find("INVALID_INPUT"), std::string::npos);
  r = post(Gzip(std::string(50'000'000, ' ')));
  EXPECT_EQ(r.result_int(), 400U);
  EXPECT_NE(r.body().find("exceeds 2097152"), std::string::npos);
}

TEST_F(Http, HeadsBeyondTheirLimitsAre431) {
  Start();
  {
    Client c(port());
    std::string lines;
    for (int i = 0; i < 97; ++i) lines += fmt::format("X-{}: 1\r\n", i);
    const HttpResponse r = c.Ask("GET /health HTTP/1.1\r\n" + lines + "\r\n");
    EXPECT_EQ(r.result_int(), 431U);
    EXPECT_TRUE(r.body().empty());
    EXPECT_TRUE(c.Ended());
  }
  {
    Client c(port());
    EXPECT_EQ(c.Ask("GET /health HTTP/1.1\r\nX: " + std::string(140'000, 'x')).result_int(), 431U);
    EXPECT_TRUE(c.Ended());
  }
  Client c(port());
  EXPECT_EQ(c.Ask(Get("/health", "X: " + std::string(100'000, 'x') + "\r\n")).result_int(), 200U);
}

TEST_F(Http, MalformedHeadsAre400AndEndTheConnection) {
  Start();
  for (const char* bad :
       {"rubbish\r\n\r\n", "GET /health HTTP/3.0\r\n\r\n", "GET  HTTP/1.1\r\n\r\n",
        "GET /health HTTP/1.1\r\nno colon\r\n\r\n",
        "GET /health HTTP/1.1\r\nX: a\r\n folded\r\n\r\n",
        "POST /v1/api/sql HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        "POST /v1/api/sql HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST /v1/api/sql HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n",
        "GET /health HTTP/1.1\r\nX: a\x01\r\n\r\n"}) {
    Client c(port());
    const HttpResponse r = c.Ask(bad);
    EXPECT_EQ(r.result_int(), 400U) << bad;
    EXPECT_TRUE(r.body().empty());
    EXPECT_TRUE(c.Ended()) << bad;
  }
}

TEST_F(Http, AnotherProtocolIsRefusedAtItsFirstByte) {
  Start();
  Client c(port());
  EXPECT_EQ(c.Ask(std::string_view("\x16\x03\x01\x02\x00", 5)).result_int(), 400U);
  EXPECT_TRUE(c.Ended());
}

TEST_F(Http, AnIncompleteHeadASilentConnectionAndAStalledBodyTimeOutWith408) {
  config_.performance.client_request_timeout = 1;
  Start();
  Client silent(port()), head(port()), body(port());
  head.Send("GET /health HTT");
  body.Send("POST /v1/api/sql HTTP/1.1\r\nContent-Type: application/json\r\n" + Bearer() +
            "Content-Length: 100\r\n\r\n{");
  for (Client* c : {&silent, &head, &body}) {
    const HttpResponse r = c->Read();
    EXPECT_EQ(r.result_int(), 408U);
    EXPECT_FALSE(r.keep_alive());
    EXPECT_TRUE(c->Ended());
  }
}

TEST_F(Http, AnIdleConnectionIsClosedAfterTheKeepAliveTimeout) {
  config_.performance.keepalive_timeout = 1;
  Start();
  Client c(port());
  EXPECT_EQ(c.Ask(Get("/health")).result_int(), 200U);
  EXPECT_TRUE(c.Ended());
}

TEST_F(Http, HttpTenAndConnectionCloseEndAfterTheAnswer) {
  Start();
  Client one(port());
  EXPECT_EQ(one.Ask(Get("/health", "Connection: close\r\n")).result_int(), 200U);
  EXPECT_TRUE(one.Ended());
  Client two(port());
  EXPECT_EQ(two.Ask("GET /health HTTP/1.0\r\n\r\n").result_int(), 200U);
  EXPECT_TRUE(two.Ended());
  Client three(port());
  const HttpResponse r = three.Ask("GET /health HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(r["connection"], "keep-alive");
  EXPECT_EQ(three.Ask(Get("/health")).result_int(), 200U);
}

TEST_F(Http, ExpectContinueIsAnsweredBeforeTheBody) {
  Start();
  Client c(port());
  const std::string body = R"({"sql":"echo waited"})";
  c.Send(
      fmt::format("POST /v1/api/sql HTTP/1.1\r\nContent-Type: application/json\r\n{}Expect: "
                  "100-continue\r\nContent-Length: {}\r\n\r\n",
                  Bearer(), body.size()));
  EXPECT_EQ(c.Read().result_int(), 100U);
  EXPECT_EQ(c.Ask(body).body(), R"({"echo":"waited"})");
}

TEST_F(Http, ABodyBeyondTheProtectionLimitIsRefusedUnread) {
  Start();
  Client c(port());
  const HttpResponse r =
      c.Ask("POST /anything HTTP/1.1\r\nOrigin: http://a\r\nContent-Length: 10485761\r\n\r\n");
  EXPECT_EQ(r.result_int(), 413U);
  EXPECT_EQ(r["access-control-allow-origin"], "http://a");
  EXPECT_EQ(r.body(),
            R"({"error":"BODY_TOO_LARGE","message":"Request body exceeds maximum allowed size",)"
            R"("size_bytes":10485761,"max_bytes":10485760})");
  EXPECT_FALSE(r.keep_alive());
}

TEST_F(Http, AJsonBodyBeyondTwoMebibytesIsInvalidInputForSqlAnd413Elsewhere) {
  Start();
  Client sql(port());
  HttpResponse r = sql.Ask("POST /v1/api/sql HTTP/1.1\r\nContent-Type: application/json\r\n" +
                           Bearer() + "Content-Length: 2097153\r\n\r\n");
  EXPECT_EQ(r.result_int(), 400U);
  EXPECT_NE(r.body().find("INVALID_INPUT"), std::string::npos);
  Client login(port());
  r = login.Ask(
      "POST /v1/api/auth/login HTTP/1.1\r\nContent-Type: application/json\r\n"
      "Content-Length: 2097153\r\n\r\n");
  EXPECT_EQ(r.result_int(), 413U);
  // Without a length the same bound counts what arrives.
  Client chunked(port());
  chunked.Send("POST /v1/api/auth/login HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
  const std::string chunk = "10000\r\n" + std::string(65536, ' ') + "\r\n";
  for (int i = 0; i < 33; ++i) chunked.Send(chunk);
  EXPECT_EQ(chunked.Read().result_int(), 413U);
}

TEST_F(Http, UnknownPathsAndMethodsAre404WithoutBody) {
  Start();
  Client c(port());
  for (const std::string& request :
       {Get("/"), Get("/ui"), Get("/v1/api/sql"), Get("/v1/api/sql/"), Get("/health/"),
        Post("/health", "{}"), std::string("DELETE /health HTTP/1.1\r\n\r\n"),
        std::string("OPTIONS /health HTTP/1.1\r\n\r\n")}) {
    const HttpResponse r = c.Ask(request);
    EXPECT_EQ(r.result_int(), 404U) << request;
    EXPECT_TRUE(r.body().empty());
    EXPECT_TRUE(r.keep_alive());
  }
}

TEST_F(Http, ALargeAnswerReachesASlowReader) {
  Start();
  Client c(port(), 4096);
  c.Send(Sql("big 3000000") + Get("/health"));
  EXPECT_EQ(c.Read().body().size(), 3'000'000U);
  EXPECT_EQ(c.Read().result_int(), 200U);
}

TEST_F(Http, AStreamIsHeldBackByItsReaderAndArrivesWhole) {
  Start();
  Client c(port(), 4096);
  c.Send(Sql("stream 5000") + Sql("echo after"));
  const HttpResponse r = c.Read();
  EXPECT_TRUE(r.chunked());
  ASSERT_EQ(r.body().size(), 5'000'000U);
  for (size_t i = 0; i < 5000; ++i) ASSERT_EQ(r.body()[i * 1000], static_cast<char>('a' + i % 26));
  EXPECT_EQ(sql_.WaitForStream(), 5000U);
  EXPECT_EQ(c.Read().body(), R"({"echo":"after"})");
}

TEST_F(Http, AStreamToAClientThatLeftEndsItsWriter) {
  Start();
  {
    Client c(port(), 4096);
    c.Send(Sql("stream 100000"));
    char byte;
    c.socket().read_some(boost::asio::buffer(&byte, 1));
  }
  EXPECT_LT(sql_.WaitForStream(), 100'000U);
}

TEST_F(Http, AStreamForHttpTenEndsWithTheConnection) {
  Start();
  Client c(port());
  const std::string body = R"({"sql":"stream 3"})";
  const HttpResponse r = c.Ask(fmt::format(
      "POST /v1/api/sql HTTP/1.0\r\nConnection: keep-alive\r\nContent-Type: application/json\r\n{}"
      "Content-Length: {}\r\n\r\n{}",
      Bearer(), body.size(), body));
  EXPECT_EQ(r.body().size(), 3000U);
  EXPECT_FALSE(r.chunked());
  EXPECT_TRUE(c.Ended());
}

TEST_F(Http, HalfAStreamIsNotMistakenForAWholeOne) {
  Start();
  Client c(port());
  c.Send(Sql("break"));
  (void)c.Read();
  EXPECT_TRUE(c.error);
}

TEST_F(Http, ADroppedReplyIsA500) {
  Start();
  Client c(port());
  const HttpResponse r = c.Ask(Sql("drop"));
  EXPECT_EQ(r.result_int(), 500U);
  EXPECT_NE(r.body().find("INTERNAL_ERROR"), std::string::npos);
}

TEST_F(Http, AnAnswerForAClientThatLeftIsDropped) {
  Start();
  {
    Client c(port());
    c.Send(Sql("hold"));
    sql_.WaitForHeld(1);
  }
  sql_.Release();
  Client c(port());
  EXPECT_EQ(c.Ask(Get("/health")).result_int(), 200U);
}

TEST_F(Http, CorsEchoesOriginsAndAnswersPreflights) {
  config_.security.cors.allowed_origins = {"https://a.example"};
  config_.security.cors.allow_credentials = true;
  Start();
  Client c(port());
  HttpResponse r = c.Ask(Get("/nothing", "Origin: https://a.example\r\n"));
  EXPECT_EQ(r["access-control-allow-origin"], "https://a.example");
  EXPECT_EQ(r["access-control-allow-credentials"], "true");
  EXPECT_EQ(r["vary"], "Origin, Access-Control-Request-Method, Access-Control-Request-Headers");
  r = c.Ask(Get("/health", "Origin: https://b.example\r\n"));
  EXPECT_EQ(r.result_int(), 200U);
  EXPECT_EQ(r.count("access-control-allow-origin"), 0U);
  auto preflight = [&](std::string_view headers) {
    return c.Ask(fmt::format("OPTIONS /whatever HTTP/1.1\r\n{}\r\n", headers));
  };
  r = preflight(
      "Origin: https://a.example\r\nAccess-Control-Request-Method: POST\r\n"
      "Access-Control-Request-Headers: Content-Type, AUTHORIZATION\r\n");
  EXPECT_EQ(r.result_int(), 200U);
  EXPECT_EQ(r["access-control-max-age"], "3600");
  EXPECT_NE(r["access-control-allow-headers"].find("content-type"), std::string::npos);
  EXPECT_NE(r["access-control-allow-methods"].find("POST"), std::string::npos);
  for (const char* bad : {"Access-Control-Request-Method: POST\r\n",
                          "Origin: https://b.example\r\nAccess-Control-Request-Method: POST\r\n",
                          "Origin: https://a.example\r\nAccess-Control-Request-Method: TRACE\r\n",
                          "Origin: https://a.example\r\nAccess-Control-Request-Method: POST\r\n"
                          "Access-Control-Request-Headers: X-Other\r\n"}) {
    r = preflight(bad);
    EXPECT_EQ(r.result_int(), 400U) << bad;
    EXPECT_EQ(r.count("access-control-allow-origin"), 0U);
  }
}

TEST_F(Http, AProxyMakesARequestRemoteAndItsFloodIsBanned) {
  config_.rate_limit.max_requests_per_ip_per_sec = 5;
  Start();
  Client c(port());
  const std::string request = Get("/health", "X-Forwarded-For: 203.0.113.8, 10.0.0.1\r\n");
  int forbidden = 0, limited = 0;
  HttpResponse r;
  for (int i = 0; i < 40; ++i) {
    r = c.Ask(request);
    forbidden += r.result_int() == 403;
    limited += r.result_int() == 429;
    if (r.body().find("IP_BANNED") != std::string::npos) break;
  }
  EXPECT_GE(forbidden, 5);
  EXPECT_GE(limited, 10);
  EXPECT_NE(r.body().find("IP_BANNED"), std::string::npos);
  EXPECT_EQ(r["retry-after"], "300");
  // This machine itself is exempt, and a proxy cannot pretend to be it.
  EXPECT_EQ(c.Ask(Get("/health", "X-Forwarded-For: 127.0.0.1\r\n")).result_int(), 200U);
}

TEST_F(Http, ThousandsOfSilentConnectionsCostLittleAndAreAllServed) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  const size_t count =
      std::min<size_t>(10'000, limit.rlim_cur > 300 ? (limit.rlim_cur - 200) / 2 : 50);
  config_.performance.client_request_timeout = 60;
  Start();
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port());
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::vector<int> sockets;
  for (size_t i = 0; i < count; ++i) {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    ASSERT_GE(fd, 0);
    ASSERT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    sockets.push_back(fd);
  }
  Client c(port());
  EXPECT_EQ(c.Ask(Get("/health")).result_int(), 200U);
  const std::string request = Get("/health");
  for (size_t i = 0; i < count; i += 997) {
    ASSERT_EQ(::send(sockets[i], request.data(), request.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(request.size()));
    char answer[256];
    const ssize_t got = ::recv(sockets[i], answer, sizeof answer, 0);
    ASSERT_GT(got, 0);
    EXPECT_TRUE(std::string_view(answer, static_cast<size_t>(got)).starts_with("HTTP/1.1 200"));
  }
  for (int fd : sockets) ::close(fd);
}

TEST_F(Http, StoppingWaitsForTheRequestThatRuns) {
  Start();
  Client running(port()), idle(port());
  EXPECT_EQ(idle.Ask(Get("/health")).result_int(), 200U);
  running.Send(Sql("hold"));
  sql_.WaitForHeld(1);
  std::thread stop([this] { server_->Stop(); });
  EXPECT_TRUE(idle.Ended());
  sql_.Release();
  const HttpResponse r = running.Read();
  EXPECT_EQ(r.body(), R"({"echo":"held"})");
  EXPECT_FALSE(r.keep_alive());
  stop.join();
}

// Is closed by the end of its loop, and says so.
class LastStream final : public Stream {
 public:
  LastStream(IoLoop* loop, std::function<void()> on_close)
      : Stream(loop, Socket(), IpAddress()), on_close_(std::move(on_close)) {}
  void OnShutdown() override {}

 private:
  void OnReadable() override {}
  void OnDrained() override {}
  void OnReadDeadline(DeadlineClass) override {}
  void OnSendStalled() override {}
  void OnClose() override { on_close_(); }
  const std::function<void()> on_close_;
};

TEST_F(Http, AnAnswerThatBeginsInTheLastTurnOfItsLoopDoesNotWaitForEver) {
  ServerDeps deps;
  deps.config = &config_;
  deps.clock = &clock_;
  ServerContext context(deps);
  const auto loop = std::make_shared<IoLoop>(0, &context);
  loop->Start();
  const auto channel = std::make_shared<ReplyChannel>(loop, nullptr, AnswerContext());
  std::promise<void> begin, full, done;
  std::thread writer([&] {
    begin.get_future().wait();
    EXPECT_TRUE(channel->Begin(200));
    EXPECT_TRUE(channel->Write(std::string(ReplyChannel::kStreamBound + 1, 'x')));
    full.set_value();
    EXPECT_FALSE(channel->Write("no room"));
    done.set_value();
  });
  loop->Post([&] {
    new LastStream(loop.get(), [&] {  // the loop's reference
      begin.set_value();
      full.get_future().wait();
      channel->Detach();
    });
  });
  loop->StopAndJoin();
  EXPECT_EQ(done.get_future().wait_for(std::chrono::seconds(10)), std::future_status::ready);
  channel->Deliver();  // lets the writer go when nobody did
  writer.join();
}

}  // namespace
}  // namespace kalamdb::server
