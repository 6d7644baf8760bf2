// A server on a real store, with a SQL service and live sessions that do what the test's text says.
#pragma once

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <condition_variable>
#include <filesystem>
#include <future>
#include <mutex>
#include <thread>

#include "server/http_server.h"
#include "shard/executor.h"

namespace kalamdb::server {

// Commands in place of SQL:
//   echo X       answers {"echo":"X"} at once      later X    the same from another thread
//   big N        N bytes from another thread       stream N   N chunks of 1000 bytes from another
//   thread break        streams half an answer            drop       lets go of the reply hold
//   keeps the reply until Release()
class FakeSql final : public engine::SqlService {
 public:
  ~FakeSql() override {
    for (std::thread& t : threads_) t.join();
  }
  void Execute(engine::SqlRequest request, engine::ReplyPtr reply) override {
    std::lock_guard lock(mutex_);
    last_ = request;
    ++executed_;
    const std::string sql = request.sql;
    if (sql.starts_with("echo "))
      return reply->Complete(200, "{\"echo\":\"" + sql.substr(5) + "\"}");
    if (sql == "drop") return;
    if (sql == "hold") {
      held_.push_back(reply);
      changed_.notify_all();
      return;
    }
    threads_.emplace_back([sql, reply, this] {
      if (sql.starts_with("later ")) {
        reply->Complete(200, "{\"echo\":\"" + sql.substr(6) + "\"}");
      } else if (sql.starts_with("big ")) {
        reply->Complete(200, std::string(std::stoul(sql.substr(4)), 'b'));
      } else if (sql.starts_with("stream ")) {
        bool ok = reply->Begin(200);
        const size_t n = std::stoul(sql.substr(7));
        size_t written = 0;
        while (ok && written < n) {
          ok = reply->Write(std::string(1000, static_cast<char>('a' + written % 26)));
          if (ok) ++written;
        }
        if (ok) reply->End();
        std::lock_guard inner(mutex_);
        chunks_written_ = written;
        stream_done_ = true;
        changed_.notify_all();
      } else if (sql == "break") {
        if (reply->Begin(200)) (void)reply->Write("half");
      }
    });
  }
  engine::SqlRequest last() {
    std::lock_guard lock(mutex_);
    return last_;
  }
  int executed() {
    std::lock_guard lock(mutex_);
    return executed_;
  }
  size_t WaitForStream() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return stream_done_; });
    return chunks_written_;
  }
  void WaitForHeld(size_t n) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return held_.size() >= n; });
  }
  void Release() {
    std::vector<engine::ReplyPtr> held;
    {
      std::lock_guard lock(mutex_);
      held.swap(held_);
    }
    for (const auto& reply : held) reply->Complete(200, "{\"echo\":\"held\"}");
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  engine::SqlRequest last_;
  int executed_ = 0;
  std::vector<engine::ReplyPtr> held_;
  std::vector<std::thread> threads_;
  size_t chunks_written_ = 0;
  bool stream_done_ = false;
};

// Echoes messages. The bearer token "bad" is refused. Commands: "auth" begins authentication,
// "attempt" takes an authentication attempt, "close C R" closes with code C and reason R, "flood N"
// sends N messages of 1000 bytes, "shared N" one message with a shared middle of N bytes, "call"
// calls what the test gave.
class FakeSession final : public live::Session {
 public:
  FakeSession(live::Loop* loop, live::Outbox* outbox, live::SessionRequest request,
              std::atomic<int>* open, std::function<void(live::Outbox*)> on_call)
      : loop_(loop),
        outbox_(outbox),
        request_(std::move(request)),
        open_(open),
        on_call_(std::move(on_call)) {
    ++*open_;
  }
  ~FakeSession() override { --*open_; }
  void OnOpen() override {
    auth_ = !request_.bearer_token.empty();
    if (request_.bearer_token == "bad") return outbox_->Close(1008, "Authentication failed");
    if (auth_) outbox_->Send(false, "hello " + request_.bearer_token + " " + request_.query);
  }
  void OnText(std::string_view message) override {
    if (message == "auth") auth_ = true;
    if (message == "attempt") {
      return outbox_->Send(false, outbox_->AllowAuthAttempt() ? "allowed" : "refused");
    }
    if (message.starts_with("close ")) {
      return outbox_->Close(std::stoi(std::string(message.substr(6, 4))), message.substr(11));
    }
    if (message.starts_with("flood ")) {
      const int n = std::stoi(std::string(message.substr(6)));
      for (int i = 0; i < n; ++i) outbox_->Send(false, std::string(1000, 'f'));
      return;
    }
    if (message.starts_with("shared ")) {
      const auto n = std::stoul(std::string(message.substr(7)));
      auto body = std::make_shared<const std::string>(n, 's');
      outbox_->SendShared("<", body, ">");
      return outbox_->SendSharedBinary("(", body, ")");
    }
    if (message == "call") {
      if (on_call_) on_call_(outbox_);
      return;
    }
    if (message.starts_with("flushed ")) {
      outbox_->Send(false, std::string(std::stoul(std::string(message.substr(8))), 'f'));
      loop_->PostFlushed(
          [this] { outbox_->Send(false, outbox_->queued_bytes() == 0 ? "written" : "queued"); });
      return;
    }
    outbox_->Send(false, std::string(message));
  }
  void OnBinary(std::string_view message) override { outbox_->Send(true, std::string(message)); }
  void OnTooLarge() override { outbox_->Send(false, "too large"); }
  void OnActivity() override {}
  [[nodiscard]] bool auth_started() const override { return auth_; }
  void OnAuthTimeout() override {
    outbox_->Send(false, "auth timeout");
    outbox_->Close(1008, "Authentication timeout");
  }
  void OnDrained() override { outbox_->Send(false, "drained"); }
  void OnClosed() override {}

 private:
  live::Loop* const loop_;
  live::Outbox* const outbox_;
  const live::SessionRequest request_;
  std::atomic<int>* const open_;
  const std::function<void(live::Outbox*)> on_call_;
  bool auth_ = false;
};

class FakeSessions final : public live::SessionFactory {
 public:
  std::unique_ptr<live::Session> NewSession(live::Loop* loop, live::Outbox* outbox,
                                            live::SessionRequest request) override {
    return std::make_unique<FakeSession>(loop, outbox, std::move(request), &open, on_call);
  }
  std::atomic<int> open{0};
  std::function<void(live::Outbox*)> on_call;  // the I/O thread; set before connecting
};

using HttpResponse = boost::beast::http::response<boost::beast::http::string_body>;

// A client that sends whatever bytes it is given and reads answers with Beast.
class Client {
 public:
  explicit Client(uint16_t port, int receive_buffer = 0) : socket_(io_) {
    const boost::asio::ip::tcp::endpoint server(boost::asio::ip::make_address_v4("127.0.0.1"),
                                                port);
    socket_.open(boost::asio::ip::tcp::v4());
    if (receive_buffer > 0) {
      socket_.set_option(boost::asio::socket_base::receive_buffer_size(receive_buffer));
    }
    socket_.connect(server);
    socket_.set_option(boost::asio::ip::tcp::no_delay(true));
  }
  void Send(std::string_view bytes) {
    boost::system::error_code ec;
    boost::asio::write(socket_, boost::asio::buffer(bytes.data(), bytes.size()), ec);
  }
  HttpResponse Read() {
    boost::beast::http::response_parser<boost::beast::http::string_body> parser;
    parser.body_limit(boost::none);
    boost::beast::http::read(socket_, buffer_, parser, error);
    return parser.release();
  }
  HttpResponse Ask(std::string_view bytes) {
    Send(bytes);
    return Read();
  }
  // Whether the server has ended the connection: blocks until it does or sends something.
  bool Ended() {
    if (buffer_.size() > 0) return false;
    char c;
    boost::system::error_code ec;
    socket_.read_some(boost::asio::buffer(&c, 1), ec);
    return static_cast<bool>(ec);
  }
  boost::asio::ip::tcp::socket& socket() { return socket_; }
  boost::system::error_code error;

 private:
  boost::asio::io_context io_;
  boost::asio::ip::tcp::socket socket_;
  boost::beast::flat_buffer buffer_;
};

class ServerTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    directory_ = std::filesystem::path(testing::TempDir()) /
                 (std::string("server_") + info->test_suite_name() + "_" + info->name() +
                  std::to_string(getpid()));
    std::filesystem::remove_all(directory_);
    config_.server.port = 0;
    config_.server.workers = 2;
    config_.auth.jwt_secret = "0123456789abcdef0123456789abcdef";
    config_.auth.bcrypt_cost = 4;
    config_.rate_limit.max_queries_per_sec = 100000;
    config_.performance.client_disconnect_timeout = 1;
    auto store = storage::HotStore::Open(directory_.string(), {});
    ASSERT_TRUE(store.ok()) << store.status().message();
    store_ = std::move(*store);
    auto executor = shard::LocalExecutor::Open(store_.get(), &clock_, log_.get(), {});
    ASSERT_TRUE(executor.ok()) << executor.status().message();
    executor_ = std::move(*executor);
    users_ = std::make_unique<auth::Users>(store_.get(), executor_.get(), &clock_);
    audit_ = std::make_unique<auth::AuditLog>(store_.get(), executor_.get(), &clock_);
    authenticator_ = std::make_unique<auth::Authenticator>(config_.auth, users_.get(), &clock_);
    workers_ = std::make_unique<engine::WorkerPool>(4, 64);
    auth::User user;
    user.id = "alice";
    user.role = Role::kUser;
    user.password_hash = *authenticator_->HashPassword("wonderland", 4);
    user.created_millis = user.updated_millis = 1'767'225'600'123;
    ASSERT_TRUE(users_->Create(user).ok());
    token_ = authenticator_->Issue(user).access;
  }
  // After the test has changed config_.
  void Start() {
    ServerDeps deps;
    deps.config = &config_;
    deps.clock = &clock_;
    deps.log = log_.get();
    deps.authenticator = authenticator_.get();
    deps.users = users_.get();
    deps.audit = audit_.get();
    deps.workers = workers_.get();
    deps.sql = &sql_;
    deps.sessions = live_ ? &sessions_ : nullptr;
    deps.version = "0.0.1";
    deps.build_date = "today";
    auto server = HttpServer::Start(deps);
    ASSERT_TRUE(server.ok()) << server.status().message();
    server_ = std::move(*server);
  }
  void TearDown() override {
    sql_.Release();
    server_.reset();
    workers_.reset();
    authenticator_.reset();
    executor_.reset();
    audit_.reset();
    users_.reset();
    store_.reset();
    std::filesystem::remove_all(directory_);
  }
  [[nodiscard]] uint16_t port() const { return server_->port(); }
  [[nodiscard]] std::string Get(std::string_view path, std::string_view headers = "") const {
    return fmt::format("GET {} HTTP/1.1\r\nHost: x\r\n{}\r\n", path, headers);
  }
  [[nodiscard]] std::string Post(std::string_view path, std::string_view body,
                                 std::string_view headers = "") const {
    return fmt::format(
        "POST {} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n{}Content-Length: "
        "{}\r\n\r\n{}",
        path, headers, body.size(), body);
  }
  [[nodiscard]] std::string Bearer() const { return "Authorization: Bearer " + token_ + "\r\n"; }
  // `sql` as a request of alice.
  [[nodiscard]] std::string Sql(std::string_view sql) const {
    return Post("/v1/api/sql", fmt::format("{{\"sql\":\"{}\"}}", sql), Bearer());
  }

  ServerConfig config_;
  SystemClock clock_;
  std::unique_ptr<Logger> log_ = Logger::Null();
  std::filesystem::path directory_;
  std::unique_ptr<storage::HotStore> store_;
  std::unique_ptr<shard::LocalExecutor> executor_;
  std::unique_ptr<auth::Users> users_;
  std::unique_ptr<auth::AuditLog> audit_;
  std::unique_ptr<auth::Authenticator> authenticator_;
  std::unique_ptr<engine::WorkerPool> workers_;
  FakeSql sql_;
  FakeSessions sessions_;
  bool live_ = true;
  std::string token_;
  std::unique_ptr<HttpServer> server_;
};

}  // namespace kalamdb::server
