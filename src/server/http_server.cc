// Listening, handing sockets to the loops, and stopping.
#include "server/http_server.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "server/io_loop.h"
#include "server/router.h"
#include "server/server_context.h"

namespace kalamdb::server {

namespace {

constexpr int64_t kGraceMillis = 5000;
// After running out of descriptors, and while every connection slot is taken.
constexpr auto kAcceptPause = std::chrono::milliseconds(50);
constexpr int kAcceptsPerTurn = 64;

Result<int> Listen(const std::string& host, uint16_t port, int backlog) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const std::string service = std::to_string(port);
  const int rc = getaddrinfo(host.empty() ? nullptr : host.c_str(), service.c_str(), &hints, &list);
  if (rc != 0) {
    return InvalidOperation(
        fmt::format("cannot resolve server.host '{}': {}", host, gai_strerror(rc)));
  }
  std::string why = "no address";
  int listening = -1;
  // A name with both kinds of address binds the IPv4 one, which is what clients of `localhost` try
  // last or only.
  for (const int family : {AF_INET, AF_INET6}) {
    for (const addrinfo* a = list; a && listening < 0; a = a->ai_next) {
      if (a->ai_family != family) continue;
      const int fd = ::socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
      if (fd < 0) {
        why = std::strerror(errno);
        continue;
      }
      const int one = 1;
      setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);  // accepted sockets inherit it
      if (::bind(fd, a->ai_addr, a->ai_addrlen) == 0 && ::listen(fd, backlog) == 0) {
        listening = fd;
      } else {
        why = std::strerror(errno);
        ::close(fd);
      }
    }
  }
  freeaddrinfo(list);
  if (listening < 0) {
    return InvalidOperation(fmt::format("cannot listen on {}:{}: {}", host, port, why));
  }
  return listening;
}

uint16_t BoundPort(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  return ntohs(address.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6*>(&address)->sin6_port
                                             : reinterpret_cast<sockaddr_in*>(&address)->sin_port);
}

// Accepts on the first loop and deals sockets out in turn, so that few connections spread evenly
// too (the kernel's own spreading, SO_REUSEPORT, goes by a hash and leaves cores idle with a
// handful of clients).
class Acceptor {
 public:
  Acceptor(int fd, std::vector<std::shared_ptr<IoLoop>>* loops, ServerContext* context)
      : loops_(loops),
        context_(context),
        socket_((*loops)[0]->io(), fd),
        pause_((*loops)[0]->io()) {}

  void Wait() {
    socket_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                       [this](const boost::system::error_code& ec) {
                         if (!ec) AcceptAll();
                       });
  }
  // The acceptor's loop.
  void Close() {
    boost::system::error_code ignored;
    socket_.close(ignored);
    pause_.cancel();
  }

 private:
  void AcceptAll() {
    if (!socket_.is_open()) return;
    for (int i = 0; i < kAcceptsPerTurn; ++i) {
      if (Full()) return Pause();
      sockaddr_storage peer{};
      socklen_t size = sizeof peer;
      const int fd = ::accept4(socket_.native_handle(), reinterpret_cast<sockaddr*>(&peer), &size,
                               SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd < 0) {
        if (errno == EAGAIN || errno == EWOULDBLOCK) break;
        if (errno == EINTR || errno == ECONNABORTED) continue;
        context_->deps.log->Warn("server", "accept failed: {}", std::strerror(errno));
        return Pause();
      }
      const IpAddress address = IpAddress::FromSockaddr(peer);
      IoLoop* loop = (*loops_)[next_++ % loops_->size()].get();
      if (loop->InThread()) {
        loop->Adopt(fd, address);
      } else {
        ++handed_over_;
        loop->Post([this, loop, fd, address] {
          loop->Adopt(fd, address);
          --handed_over_;
        });
      }
    }
    Wait();
  }
  [[nodiscard]] bool Full() const {
    size_t open = handed_over_;
    for (const auto& loop : *loops_) open += loop->connections();
    return open >= context_->config.performance.max_connections * loops_->size();
  }
  void Pause() {
    pause_.expires_after(kAcceptPause);
    pause_.async_wait([this](const boost::system::error_code& ec) {
      if (!ec) AcceptAll();
    });
  }

  std::vector<std::shared_ptr<IoLoop>>* const loops_;
  ServerContext* const context_;
  boost::asio::posix::stream_descriptor socket_;
  boost::asio::steady_timer pause_;
  std::atomic<size_t> handed_over_{0};
  size_t next_ = 0;
};

}  // namespace

struct HttpServer::Impl {
  explicit Impl(const ServerDeps& deps) : context(deps) {}
  ServerContext context;
  std::vector<std::shared_ptr<IoLoop>> loops;
  std::unique_ptr<Acceptor> acceptor;
  uint16_t port = 0;
  bool stopped = false;
};

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

HttpServer::~HttpServer() { Stop(); }

Result<std::unique_ptr<HttpServer>> HttpServer::Start(const ServerDeps& deps) {
  auto impl = std::make_unique<Impl>(deps);
  ServerContext& context = impl->context;
  const ServerConfig& config = *deps.config;
  KDB_ASSIGN_OR_RETURN(context.proxies, ProxyRules::Parse(config.security.trusted_proxy_ranges));
  context.router = MakeRouter();
  KDB_ASSIGN_OR_RETURN(const int fd,
                       Listen(config.server.host, config.server.port, config.performance.backlog));
  impl->port = BoundPort(fd);
  context.api_address = fmt::format("{}:{}", config.server.host, impl->port);
  const unsigned threads = std::max(1U, config.io_threads());
  for (unsigned i = 0; i < threads; ++i) {
    impl->loops.push_back(std::make_shared<IoLoop>(static_cast<int>(i), &context));
  }
  impl->acceptor = std::make_unique<Acceptor>(fd, &impl->loops, &context);
  impl->acceptor->Wait();
  for (const auto& loop : impl->loops) loop->Start();
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

void HttpServer::Stop() {
  if (impl_->stopped) return;
  impl_->stopped = true;
  impl_->context.shutting_down = true;
  impl_->loops[0]->Post([a = impl_->acceptor.get()] { a->Close(); });
  for (const auto& loop : impl_->loops) loop->Post([l = loop.get()] { l->BeginShutdown(); });
  const int64_t until = IoLoop::NowMillis() + kGraceMillis;
  for (const auto& loop : impl_->loops) {
    loop->WaitUntilEmpty(std::max<int64_t>(0, until - IoLoop::NowMillis()));
  }
  for (const auto& loop : impl_->loops) loop->StopAndJoin();
  impl_->acceptor.reset();
}

uint16_t HttpServer::port() const { return impl_->port; }
int HttpServer::loops() const { return static_cast<int>(impl_->loops.size()); }
live::Loop* HttpServer::loop(int index) { return impl_->loops[static_cast<size_t>(index)].get(); }

ServerStats HttpServer::stats() const {
  ServerStats s;
  for (const auto& loop : impl_->loops) {
    s.connections += loop->connections();
    s.requests += loop->requests();
  }
  const ServerContext& c = impl_->context;
  s.websockets = c.websockets.load();
  s.websockets_peak = c.websockets_peak.load();
  s.rate_limit_entries = c.sql_limiter.entries() + c.auth_limiter.entries() + c.guard.entries();
  return s;
}

void HttpServer::ReleaseMemory() {
  const int64_t now = IoLoop::NowMillis();
  impl_->context.sql_limiter.Trim(now);
  impl_->context.auth_limiter.Trim(now);
  impl_->context.guard.Trim(now);
  for (const auto& loop : impl_->loops) loop->Post([l = loop.get()] { l->ReleaseMemory(); });
}

}  // namespace kalamdb::server
