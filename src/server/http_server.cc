// Listening, handing sockets to the loops, and stopping.
#include "server/http_server.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/io_loop.h"
#include "server/router.h"
#include "server/server_context.h"

namespace kalamdb::server {

namespace {

constexpr int64_t kGraceMillis = 5000;
constexpr int kAcceptsPerTurn = 64;

Result<Socket> Listen(const std::string& host, uint16_t port, int backlog) {
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
  Socket listening;
  // A name with both kinds of address binds the IPv4 one, which is what clients of `localhost` try
  // last or only.
  for (const int family : {AF_INET, AF_INET6}) {
    for (const addrinfo* a = list; a && !listening.open(); a = a->ai_next) {
      if (a->ai_family != family) continue;
      Socket socket(::socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
      if (!socket.open()) {
        why = std::strerror(errno);
        continue;
      }
      const int one = 1;
      setsockopt(socket.fd(), SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
      // Accepted sockets inherit it.
      setsockopt(socket.fd(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
      if (::bind(socket.fd(), a->ai_addr, a->ai_addrlen) == 0 &&
          ::listen(socket.fd(), backlog) == 0) {
        listening = std::move(socket);
      } else {
        why = std::strerror(errno);
      }
    }
  }
  freeaddrinfo(list);
  if (!listening.open()) {
    return InvalidOperation(fmt::format("cannot listen on {}:{}: {}", host, port, why));
  }
  return listening;
}

Status OutOfDescriptors() {
  return InternalError(fmt::format("cannot wait for sockets: {}", std::strerror(errno)));
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
class Acceptor final : private Pollable, private Deadline {
 public:
  Acceptor(Socket socket, std::vector<std::shared_ptr<IoLoop>>* loops, ServerContext* context)
      : loops_(loops), context_(context), socket_(std::move(socket)) {}

  // Before the loops run.
  [[nodiscard]] bool Begin() { return own_loop()->poller().Add(socket_.fd(), this); }
  // The acceptor's loop.
  void Close() {
    socket_.Close();
    own_loop()->Disarm(this);
  }

 private:
  void OnEvents(uint32_t) override { AcceptAll(); }
  void OnDeadline(DeadlineClass) override { AcceptAll(); }
  [[nodiscard]] IoLoop* own_loop() const { return (*loops_)[0].get(); }

  void AcceptAll() {
    for (int i = 0; socket_.open(); ++i) {
      // The edge is used up: the others get their turn, and then this goes on.
      if (i == kAcceptsPerTurn) return own_loop()->Post([this] { AcceptAll(); });
      if (Full()) return Pause();
      sockaddr_storage peer{};
      socklen_t size = sizeof peer;
      const int fd = ::accept4(socket_.fd(), reinterpret_cast<sockaddr*>(&peer), &size,
                               SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd < 0) {
        if (errno == EAGAIN || errno == EWOULDBLOCK) return;
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
  }
  [[nodiscard]] bool Full() const {
    size_t open = handed_over_;
    for (const auto& loop : *loops_) open += loop->connections();
    return open >= context_->config.performance.max_connections * loops_->size();
  }
  void Pause() { own_loop()->Arm(this, DeadlineClass::kAcceptPause); }

  std::vector<std::shared_ptr<IoLoop>>* const loops_;
  ServerContext* const context_;
  Socket socket_;
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
  KDB_ASSIGN_OR_RETURN(Socket socket,
                       Listen(config.server.host, config.server.port, config.performance.backlog));
  impl->port = BoundPort(socket.fd());
  context.api_address = fmt::format("{}:{}", config.server.host, impl->port);
  const unsigned threads = std::max(1U, config.io_threads());
  for (unsigned i = 0; i < threads; ++i) {
    impl->loops.push_back(std::make_shared<IoLoop>(static_cast<int>(i), &context));
    if (!impl->loops.back()->poller().ok()) return OutOfDescriptors();
  }
  impl->acceptor = std::make_unique<Acceptor>(std::move(socket), &impl->loops, &context);
  if (!impl->acceptor->Begin()) return OutOfDescriptors();
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
    s.live_delays.Add(loop->live_delays().Recent(impl_->context.deps.clock->MonotonicMicros()));
  }
  const ServerContext& c = impl_->context;
  s.websockets = c.websockets.load();
  s.websockets_peak = c.websockets_peak.load();
  s.slow_clients_closed = c.slow_clients_closed.load();
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
