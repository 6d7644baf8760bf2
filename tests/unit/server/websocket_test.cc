// WebSockets as a client of another make (Beast) and a client of bare bytes see them.
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/websocket.hpp>

#include "server/websocket_upgrade.h"
#include "server_fixture.h"

namespace kalamdb::server {
namespace {

namespace websocket = boost::beast::websocket;

class WebSocket : public ServerTest {
 protected:
  using Stream = websocket::stream<boost::asio::ip::tcp::socket>;
  std::unique_ptr<Stream> Connect(std::string_view target = "/v1/ws?compress=false",
                                  std::string_view bearer = "", int receive_buffer = 0) {
    boost::asio::ip::tcp::socket socket(io_);
    socket.open(boost::asio::ip::tcp::v4());
    if (receive_buffer > 0) {
      socket.set_option(boost::asio::socket_base::receive_buffer_size(receive_buffer));
    }
    socket.connect({boost::asio::ip::make_address_v4("127.0.0.1"), port()});
    auto ws = std::make_unique<Stream>(std::move(socket));
    ws->read_message_max(0);
    ws->auto_fragment(false);
    ws->set_option(websocket::stream_base::decorator([=](websocket::request_type& request) {
      if (!bearer.empty()) request.set("Authorization", "Bearer " + std::string(bearer));
    }));
    ws->handshake("x", std::string(target));
    return ws;
  }
  static std::string Read(Stream* ws) {
    boost::beast::flat_buffer buffer;
    boost::system::error_code ec;
    ws->read(buffer, ec);
    if (ec) return "error: " + ec.message();
    return boost::beast::buffers_to_string(buffer.data());
  }
  static std::string Echo(Stream* ws, const std::string& text, bool binary = false) {
    ws->binary(binary);
    ws->write(boost::asio::buffer(text));
    return Read(ws);
  }
  // A raw connection after its handshake.
  std::unique_ptr<Client> Raw() {
    auto c = std::make_unique<Client>(port());
    c->Send(Handshake());
    const std::string answer = ReadBytes(c.get(), "\r\n\r\n");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 101 ")) << answer;
    return c;
  }
  static std::string Handshake(std::string_view headers = "") {
    return fmt::format(
        "GET /v1/ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: keep-alive, "
        "Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{}\r\n",
        headers);
  }
  static std::string ReadBytes(Client* c, std::string_view until) {
    std::string got;
    char byte;
    boost::system::error_code ec;
    while (!got.ends_with(until) && c->socket().read_some(boost::asio::buffer(&byte, 1), ec) == 1) {
      got += byte;
    }
    return got;
  }
  static std::string ReadToEnd(Client* c) { return ReadBytes(c, std::string_view("\0never\0", 7)); }
  static std::string Masked(unsigned char first, std::string payload, bool mask = true) {
    std::string f(1, static_cast<char>(first));
    const auto bit = static_cast<unsigned char>(mask ? 0x80 : 0);
    if (payload.size() < 126) {
      f += static_cast<char>(bit | payload.size());
    } else {
      f += static_cast<char>(bit | 126);
      f += static_cast<char>(payload.size() >> 8);
      f += static_cast<char>(payload.size());
    }
    const char key[4] = {1, 2, 3, 4};
    if (mask) {
      f.append(key, 4);
      for (size_t i = 0; i < payload.size(); ++i)
        payload[i] = static_cast<char>(payload[i] ^ key[i & 3]);
    }
    return f + payload;
  }
  static std::string CloseFrame(int code, std::string_view reason) {
    std::string f = "\x88";
    f += static_cast<char>(2 + reason.size());
    f += static_cast<char>(code >> 8);
    f += static_cast<char>(code);
    return f.append(reason);
  }
  boost::asio::io_context io_;
};

TEST_F(WebSocket, TheHandshakeIsThatOfTheStandard) {
  EXPECT_EQ(WebSocketAccept("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  Start();
  Client c(port());
  c.Send(Handshake());
  const std::string answer = ReadBytes(&c, "\r\n\r\n");
  EXPECT_NE(answer.find("sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"),
            std::string::npos);
}

TEST_F(WebSocket, MessagesOfEveryLengthClassComeBack) {
  Start();
  auto ws = Connect();
  for (size_t n : {0, 1, 125, 126, 127, 1000, 65535, 65536, 65537, 300'000, 1'048'576}) {
    const std::string text(n, 'x');
    ASSERT_EQ(Echo(ws.get(), text), text) << n;
    EXPECT_TRUE(ws->got_text());
    ASSERT_EQ(Echo(ws.get(), std::string(n, '\xff'), true), std::string(n, '\xff')) << n;
    EXPECT_TRUE(ws->got_binary());
  }
}

TEST_F(WebSocket, FragmentsAreReassembledAroundControlFrames) {
  Start();
  auto ws = Connect();
  ws->write_some(false, boost::asio::buffer(std::string("one ")));
  ws->ping("p");
  ws->write_some(false, boost::asio::buffer(std::string("")));
  ws->write_some(false, boost::asio::buffer(std::string(70'000, 'm')));
  ws->write_some(true, boost::asio::buffer(std::string(" end")));
  EXPECT_EQ(Read(ws.get()), "one " + std::string(70'000, 'm') + " end");
}

TEST_F(WebSocket, AFrameMayArriveByteByByteAndBehindTheHandshake) {
  Start();
  Client c(port());
  const std::string bytes =
      Handshake() + Masked(0x81, "first") + Masked(0x89, "") + Masked(0x81, "second");
  for (char b : bytes) c.Send({&b, 1});
  (void)ReadBytes(&c, "\r\n\r\n");
  EXPECT_EQ(ReadBytes(&c, "second"), std::string("\x81\x05"
                                                 "first"
                                                 "\x8a\x00"
                                                 "\x81\x06"
                                                 "second",
                                                 17));
  Client whole(port());
  whole.Send(bytes);
  (void)ReadBytes(&whole, "\r\n\r\n");
  EXPECT_EQ(ReadBytes(&whole, "second").size(), 17U);
}

TEST_F(WebSocket, APingIsAnsweredWithItsPayload) {
  Start();
  auto ws = Connect();
  std::string pong;
  ws->control_callback([&](websocket::frame_type kind, boost::beast::string_view payload) {
    if (kind == websocket::frame_type::pong) pong = std::string(payload);
  });
  ws->ping("are you there");
  EXPECT_EQ(Echo(ws.get(), "x"), "x");
  EXPECT_EQ(pong, "are you there");
}

TEST_F(WebSocket, ViolationsOfTheFramingEndWithTheirCloseCode) {
  Start();
  struct Case {
    std::string bytes;
    int code;
  };
  const Case cases[] = {
      {Masked(0x81, "unmasked", false), 1002},
      {Masked(0xC1, "reserved bit"), 1002},
      {Masked(0x83, "unknown opcode"), 1002},
      {Masked(0x8B, ""), 1002},
      {Masked(0x09, "fragmented ping"), 1002},
      {Masked(0x89, std::string(126, 'p')), 1002},
      {Masked(0x80, "continues nothing"), 1002},
      {Masked(0x01, "a") + Masked(0x81, "b"), 1002},
      {Masked(0x88, "x"), 1002},
      {Masked(0x88, std::string("\x03\xed", 2)), 1002},  // 1005 is never sent
      {Masked(0x88, std::string("\x03\xe8\xff", 3)), 1007},
      {Masked(0x81, "\xc3\x28"), 1007},
      {Masked(0x01, "\xe2\x82") + Masked(0x80, "x"), 1007},
      {std::string("\x81\xfe\x00\x05", 4) + std::string(9, 'l'), 1002},  // not the shortest length
  };
  for (const Case& x : cases) {
    auto c = Raw();
    c->Send(x.bytes);
    const std::string end = ReadToEnd(c.get());
    ASSERT_GE(end.size(), 4U) << HexEncode(x.bytes);
    EXPECT_EQ(static_cast<unsigned char>(end[0]), 0x88U);
    EXPECT_EQ((static_cast<unsigned char>(end[2]) << 8) + static_cast<unsigned char>(end[3]),
              x.code)
        << HexEncode(x.bytes);
  }
}

TEST_F(WebSocket, AMessageBeyondTheLimitIsSkippedWhole) {
  config_.security.max_ws_message_size = 1000;
  Start();
  auto ws = Connect();
  EXPECT_EQ(Echo(ws.get(), std::string(1000, 'a')), std::string(1000, 'a'));
  EXPECT_EQ(Echo(ws.get(), std::string(1001, 'a')), "too large");
  EXPECT_EQ(Echo(ws.get(), std::string(200'000, '\xff')), "too large");
  ws->text(true);
  for (int i = 0; i < 3; ++i) ws->write_some(i == 2, boost::asio::buffer(std::string(400, 'b')));
  EXPECT_EQ(Read(ws.get()), "too large");
  EXPECT_EQ(Echo(ws.get(), "still here"), "still here");
}

TEST_F(WebSocket, TheClientsCloseIsEchoed) {
  Start();
  auto c = Raw();
  c->Send(Masked(0x88, std::string("\x0f\xa1"
                                   "bye",
                                   5)));
  EXPECT_EQ(ReadToEnd(c.get()), CloseFrame(4001, "bye"));
  auto empty = Raw();
  empty->Send(Masked(0x88, ""));
  EXPECT_EQ(ReadToEnd(empty.get()), std::string("\x88\x00", 2));
  EXPECT_EQ(server_->stats().websockets, 0U);
  EXPECT_EQ(sessions_.open.load(), 0);
}

TEST_F(WebSocket, TheServersCloseComesAfterWhatWasSent) {
  Start();
  auto ws = Connect();
  const std::string reason(200, 'r');
  EXPECT_EQ(Echo(ws.get(), "flood 2"), std::string(1000, 'f'));
  ws->write(boost::asio::buffer("close 1008 " + reason));
  EXPECT_EQ(Read(ws.get()), std::string(1000, 'f'));
  EXPECT_TRUE(Read(ws.get()).starts_with("error"));
  EXPECT_EQ(ws->reason().code, 1008);
  EXPECT_EQ(ws->reason().reason.size(), 123U);
}

TEST_F(WebSocket, SharedMiddlesArriveAsOneMessage) {
  Start();
  auto ws = Connect();
  for (size_t n : {10, 5000, 200'000}) {
    EXPECT_EQ(Echo(ws.get(), fmt::format("shared {}", n)), "<" + std::string(n, 's') + ">");
    EXPECT_TRUE(ws->got_text());
    EXPECT_EQ(Read(ws.get()), "(" + std::string(n, 's') + ")");
    EXPECT_TRUE(ws->got_binary());
  }
}

TEST_F(WebSocket, WhatWaitsForTheFlushRunsWhenTheSocketHasIt) {
  Start();
  auto ws = Connect();
  EXPECT_EQ(Echo(ws.get(), "flushed 20000"), std::string(20000, 'f'));
  EXPECT_EQ(Read(ws.get()), "written");
}

TEST_F(WebSocket, TheSessionLearnsTokenAndQueryOfTheUpgrade) {
  Start();
  auto ws = Connect("/v1/ws?compress=false&serialization=msgpack", "abc");
  EXPECT_EQ(Read(ws.get()), "hello abc compress=false&serialization=msgpack");
}

TEST_F(WebSocket, AClientThatIsRefusedAtOnceCannotStay) {
  config_.websocket.client_timeout_secs = 1;
  config_.websocket.heartbeat_interval_secs = 1;
  Start();
  Client c(port());
  c.Send(Handshake("Authorization: Bearer bad\r\n"));
  EXPECT_TRUE(ReadBytes(&c, "\r\n\r\n").starts_with("HTTP/1.1 101 "));
  // It neither answers the Close frame nor ends: the server does, and pings nobody to whom it said
  // goodbye.
  EXPECT_EQ(ReadToEnd(&c), CloseFrame(1008, "Authentication failed"));
}

TEST_F(WebSocket, WithoutAuthenticationTheConnectionEnds) {
  config_.websocket.auth_timeout_secs = 1;
  Start();
  auto late = Connect(), authenticated = Connect();
  EXPECT_EQ(Echo(authenticated.get(), "auth"), "auth");
  late->ping("does not count");
  EXPECT_EQ(Read(late.get()), "auth timeout");
  EXPECT_TRUE(Read(late.get()).starts_with("error"));
  EXPECT_EQ(late->reason().code, 1008);
  EXPECT_EQ(late->reason().reason, "Authentication timeout");
  EXPECT_EQ(Echo(authenticated.get(), "x"), "x");
}

TEST_F(WebSocket, AuthenticationAttemptsShareTheirBucketWithLogins) {
  config_.rate_limit.max_auth_requests_per_ip_per_sec = 3;
  Start();
  auto ws = Connect();
  int allowed = 0;
  while (Echo(ws.get(), "attempt") == "allowed") ASSERT_LT(++allowed, 1000);
  EXPECT_GE(allowed, 3);
  Client c(port());
  EXPECT_EQ(c.Ask(Post("/v1/api/auth/login", R"({"user":"nobody","password":"x"})")).result_int(),
            429U);
}

TEST_F(WebSocket, ASilentClientIsPingedOnceAndThenClosed) {
  config_.websocket.client_timeout_secs = 1;
  config_.websocket.heartbeat_interval_secs = 1;
  Start();
  auto c = Raw();
  c->Send(Masked(0x81, "auth"));
  EXPECT_EQ(ReadToEnd(c.get()), std::string("\x81\x04"
                                            "auth"
                                            "\x89\x00",
                                            8) +
                                    CloseFrame(1000, "Heartbeat timeout"));
  // Beast answers the ping while it reads.
  auto alive = Connect();
  EXPECT_EQ(Echo(alive.get(), "auth"), "auth");
  int pings = 0;
  alive->control_callback([&](websocket::frame_type kind, boost::beast::string_view) {
    pings += kind == websocket::frame_type::ping;
    if (pings == 2) alive->close(websocket::close_code::normal);
  });
  EXPECT_TRUE(Read(alive.get()).starts_with("error"));
  EXPECT_EQ(pings, 2);
}

TEST_F(WebSocket, ASocketThatStaysFullIsClosedWith1013) {
  config_.websocket.slow_client_secs = 1;
  Start();
  auto ws = Connect("/v1/ws", "t", 4096);
  EXPECT_EQ(Read(ws.get()).substr(0, 5), "hello");
  ws->write(boost::asio::buffer(std::string("flood 20000")));
  while (sessions_.open.load() != 0)
    std::this_thread::yield();  // ends when the server has given up
  std::string got;
  size_t messages = 0;
  while (!(got = Read(ws.get())).starts_with("error")) ++messages;
  EXPECT_LT(messages, 20'001U);
  EXPECT_TRUE(ws->reason().code == 0 || ws->reason().code == 1013) << ws->reason().code;
}

TEST_F(WebSocket, AFloodReachesAReaderThatTakesItsTime) {
  config_.server.workers = 1;
  std::promise<bool> held;
  sessions_.on_call = [&](live::Outbox* outbox) {
    server_->loop(0)->PostFlushed([&, outbox] { held.set_value(outbox->queued_bytes() > 0); });
  };
  Start();
  auto ws = Connect("/v1/ws", "t", 4096);
  EXPECT_EQ(Read(ws.get()).substr(0, 5), "hello");
  // More than a socket takes from a client that does not read.
  ws->write(boost::asio::buffer(std::string("flood 20000")));
  ws->write(boost::asio::buffer(std::string("call")));
  ASSERT_TRUE(held.get_future().get());
  for (int i = 0; i < 20'000; ++i) ASSERT_EQ(Read(ws.get()).size(), 1000U);
  EXPECT_EQ(Read(ws.get()), "drained");
  EXPECT_EQ(Echo(ws.get(), "x"), "x");
}

TEST_F(WebSocket, AClientThatWasNotReadFromIsReadAgainWhoeverEmptiesTheQueue) {
  config_.server.workers = 1;
  config_.websocket.max_queued_bytes = 1000;
  live::Outbox* outbox = nullptr;
  std::promise<void> first_call, second_call;
  sessions_.on_call = [&](live::Outbox* o) {
    std::exchange(outbox, o) == nullptr ? first_call.set_value() : second_call.set_value();
  };
  Start();
  Client c(port(), 4096);
  c.Send(Handshake("Authorization: Bearer t\r\n"));
  (void)ReadBytes(&c, "\r\n\r\n");
  c.Send(Masked(0x81, "call"));
  first_call.get_future().wait();
  // Fills the socket; the next frame is the last that is read then.
  std::promise<void> full;
  const auto fill = [&](auto self) -> void {
    server_->loop(0)->Post([&, self] {
      if (outbox->queued_bytes() > 1000) return full.set_value();
      outbox->Send(false, std::string(2000, 'f'));
      self(self);
    });
  };
  fill(fill);
  full.get_future().wait();
  c.Send(Masked(0x81, "call"));
  second_call.get_future().wait();
  // In one turn the client reads everything and the session sends something, so that the queue is
  // empty before the loop hears that the socket takes bytes again.
  bool empty = false;
  while (!empty) {
    std::promise<void> turn;
    server_->loop(0)->Post([&] {
      char bytes[65536];
      while (::recv(c.socket().native_handle(), bytes, sizeof bytes, MSG_DONTWAIT) > 0) {
      }
      outbox->Send(false, "x");
      server_->loop(0)->PostFlushed([&] {
        empty = outbox->queued_bytes() == 0;
        turn.set_value();
      });
    });
    turn.get_future().wait();
  }
  c.Send(Masked(0x81, "read again"));
  EXPECT_TRUE(ReadBytes(&c, "read again").ends_with("read again"));
}

TEST_F(WebSocket, UpgradesAreRefusedInOrder) {
  config_.security.cors.allowed_origins = {"https://a.example"};
  config_.security.strict_ws_origin_check = true;
  config_.performance.max_connections = 2;
  config_.rate_limit.max_connections_per_ip = 1;
  Start();
  Client c(port());
  HttpResponse r = c.Ask(Get("/v1/ws", "Origin: https://b.example\r\n"));
  EXPECT_EQ(r.result_int(), 403U);
  EXPECT_EQ(r.body(), "Origin not allowed");
  r = c.Ask(Get("/v1/ws"));
  EXPECT_EQ(r.body(), "Origin header required");
  const std::string origin = "Origin: https://a.example\r\n";
  r = c.Ask(Get("/v1/ws", origin));
  EXPECT_EQ(r.result_int(), 400U);
  EXPECT_TRUE(r.body().empty());
  EXPECT_EQ(c.Ask(Get("/v1/ws/")).result_int(), 404U);
  EXPECT_EQ(c.Ask(Get("/ws")).result_int(), 404U);

  Client one(port()), two(port()), three(port());
  const std::string proxied = origin + "X-Forwarded-For: 203.0.113.9\r\n";
  one.Send(Handshake(proxied));
  EXPECT_NE(ReadBytes(&one, "\r\n\r\n").find(" 101 "), std::string::npos);
  r = two.Ask(Handshake(proxied));
  EXPECT_EQ(r.result_int(), 503U);
  EXPECT_EQ(r["retry-after"], "5");
  EXPECT_NE(r.body().find(R"("TOO_MANY_CONNECTIONS")"), std::string::npos);
  EXPECT_NE(r.body().find(R"("current":1,"max":1)"), std::string::npos);
  two.Send(Handshake(origin));
  EXPECT_NE(ReadBytes(&two, "\r\n\r\n").find(" 101 "), std::string::npos);
  r = three.Ask(Handshake(origin));
  EXPECT_EQ(r.result_int(), 503U);
  EXPECT_EQ(r.body(), "Too many live connections");
  // A closed one makes room.
  one.Send(Masked(0x88, ""));
  EXPECT_EQ(ReadToEnd(&one), std::string("\x88\x00", 2));
  while (server_->stats().websockets != 1) std::this_thread::yield();
  three.Send(Handshake(proxied));
  EXPECT_NE(ReadBytes(&three, "\r\n\r\n").find(" 101 "), std::string::npos);
}

TEST_F(WebSocket, BuiltWithoutLiveQueriesThereIsNoSocket) {
  live_ = false;
  Start();
  Client c(port());
  EXPECT_EQ(c.Ask(Handshake()).result_int(), 404U);
}

TEST_F(WebSocket, AnUpgradeMayFollowPipelinedRequests) {
  Start();
  Client c(port());
  c.Send(Get("/health") + Handshake() + Masked(0x81, "x"));
  EXPECT_NE(ReadBytes(&c, "}").find("200 OK"), std::string::npos);
  EXPECT_NE(ReadBytes(&c, "\r\n\r\n").find(" 101 "), std::string::npos);
  EXPECT_EQ(ReadBytes(&c, "x"), "\x81\x01x");
}

TEST_F(WebSocket, StoppingSaysGoodbye) {
  Start();
  auto ws = Connect();
  EXPECT_EQ(Echo(ws.get(), "auth"), "auth");
  std::thread stop([this] { server_->Stop(); });
  EXPECT_TRUE(Read(ws.get()).starts_with("error"));
  EXPECT_EQ(ws->reason().code, 1001);
  EXPECT_EQ(ws->reason().reason, "Server shutting down");
  stop.join();
  EXPECT_EQ(sessions_.open.load(), 0);
}

TEST_F(WebSocket, AClientThatVanishesLeavesNothing) {
  Start();
  for (int i = 0; i < 20; ++i) {
    auto c = Raw();
    c->Send(Masked(0x01, "half a message"));
  }
  while (server_->stats().websockets != 0 || server_->stats().connections != 0)
    std::this_thread::yield();
  EXPECT_EQ(sessions_.open.load(), 0);
  EXPECT_GE(server_->stats().websockets_peak, 1U);
}

}  // namespace
}  // namespace kalamdb::server
