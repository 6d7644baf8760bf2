// POSIX sockets and poll(): a client has one connection at a time and needs no event loop.
#include "client/socket.h"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstring>
#include <memory>

namespace kalamdb::client {
namespace {

// What poll() takes: -1 waits for ever.
int Milliseconds(Deadline deadline) {
  if (deadline == kNoDeadline) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
  if (left <= 0) return 0;
  return left > INT_MAX ? INT_MAX : static_cast<int>(left);
}

Status Broken(std::string_view what, int error) {
  return {ErrorCode::kUnavailable, fmt::format("{}: {}", what, std::strerror(error))};
}

// 0 when `fd` is ready, ETIMEDOUT, or the error of poll().
int WaitFor(int fd, short events, Deadline deadline) {
  pollfd entry{fd, events, 0};
  for (;;) {
    const int n = poll(&entry, 1, Milliseconds(deadline));
    if (n > 0) return 0;
    if (n == 0) return ETIMEDOUT;
    if (errno != EINTR) return errno;
  }
}

int ConnectOne(const addrinfo& address, Deadline deadline, int* error) {
  const int fd = socket(address.ai_family, address.ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC,
                        address.ai_protocol);
  if (fd < 0) {
    *error = errno;
    return -1;
  }
  *error = 0;
  if (connect(fd, address.ai_addr, address.ai_addrlen) != 0) {
    *error = errno;
    if (errno == EINPROGRESS || errno == EINTR) {
      *error = WaitFor(fd, POLLOUT, deadline);
      socklen_t size = sizeof *error;
      if (*error == 0) getsockopt(fd, SOL_SOCKET, SO_ERROR, error, &size);
    }
  }
  if (*error != 0) {
    close(fd);
    return -1;
  }
  const int one = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  return fd;
}

}  // namespace

Socket& Socket::operator=(Socket&& other) noexcept {
  if (this != &other) {
    Close();
    fd_ = other.fd_;
    tls_ = std::move(other.tls_);
    other.fd_ = -1;
  }
  return *this;
}

Result<Socket> Socket::Connect(const Endpoint& endpoint, std::chrono::milliseconds timeout) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  if (const int rc =
          getaddrinfo(endpoint.host.c_str(), std::to_string(endpoint.port).c_str(), &hints, &list);
      rc != 0) {
    return Status(ErrorCode::kUnavailable,
                  fmt::format("cannot find host '{}': {}", endpoint.host, gai_strerror(rc)));
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> addresses(list, freeaddrinfo);
  const Deadline deadline = In(timeout);
  const Status late(ErrorCode::kTimeout,
                    fmt::format("no connection to {} within {} s", endpoint.Authority(),
                                timeout.count() / 1000.0));
  int error = EADDRNOTAVAIL;
  for (const addrinfo* a = list; a != nullptr; a = a->ai_next) {
    const int fd = ConnectOne(*a, deadline, &error);
    if (fd < 0) continue;
    Socket socket(fd);
    if (endpoint.tls) {
      const Status status = socket.StartTls(endpoint, deadline);
      if (status.code() == ErrorCode::kTimeout) return late;
      KDB_RETURN_IF_ERROR(status);
    }
    return socket;
  }
  if (error == ETIMEDOUT) return late;
  return Broken(fmt::format("cannot connect to {}", endpoint.Authority()), error);
}

Status Socket::StartTls(const Endpoint& endpoint, Deadline deadline) {
  KDB_ASSIGN_OR_RETURN(tls_, TlsChannel::Make(fd_, endpoint));
  for (;;) {
    Transfer t = tls_->Handshake();
    if (t.kind == Transfer::Kind::kDone) return Status::Ok();
    if (t.kind == Transfer::Kind::kFailed) return std::move(t.status);
    if (t.kind == Transfer::Kind::kEnd) return Broken("TLS handshake", ECONNRESET);
    if (const int error = WaitFor(fd_, t.events, deadline); error != 0) {
      return error == ETIMEDOUT ? Status(ErrorCode::kTimeout, "timeout in the TLS handshake")
                                : Broken("TLS handshake", error);
    }
  }
}

Transfer Socket::TryWrite(std::string_view bytes) {
  if (tls_ != nullptr) return tls_->Write(bytes);
  ssize_t n = 0;
  do {
    n = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  } while (n < 0 && errno == EINTR);
  if (n >= 0) return {Transfer::Kind::kDone, static_cast<size_t>(n)};
  if (errno == EAGAIN || errno == EWOULDBLOCK) return {Transfer::Kind::kWait, 0, POLLOUT};
  return {Transfer::Kind::kFailed, 0, 0, Broken("cannot send", errno)};
}

Transfer Socket::TryRead(char* buffer, size_t size) {
  if (tls_ != nullptr) return tls_->Read(buffer, size);
  ssize_t n = 0;
  do {
    n = recv(fd_, buffer, size, 0);
  } while (n < 0 && errno == EINTR);
  if (n > 0) return {Transfer::Kind::kDone, static_cast<size_t>(n)};
  if (n == 0) return {Transfer::Kind::kEnd};
  if (errno == EAGAIN || errno == EWOULDBLOCK) return {Transfer::Kind::kWait, 0, POLLIN};
  return {Transfer::Kind::kFailed, 0, 0, Broken("cannot receive", errno)};
}

Status Socket::Write(std::string_view bytes, Deadline deadline) {
  while (!bytes.empty()) {
    Transfer t = TryWrite(bytes);
    if (t.kind == Transfer::Kind::kFailed) return std::move(t.status);
    if (t.kind == Transfer::Kind::kEnd) return Broken("cannot send", EPIPE);
    if (t.kind == Transfer::Kind::kDone) {
      bytes.remove_prefix(t.bytes);
      continue;
    }
    if (const int error = WaitFor(fd_, t.events, deadline); error == ETIMEDOUT) {
      return {ErrorCode::kTimeout, "timeout while sending"};
    } else if (error != 0) {
      return Broken("cannot send", error);
    }
  }
  return Status::Ok();
}

Result<Socket::Arrival> Socket::Read(char* buffer, size_t size, Deadline deadline,
                                     int interrupt_fd) {
  for (;;) {
    // A stream that never pauses must not hide an interruption: ask before taking more.
    pollfd interrupt{interrupt_fd, POLLIN, 0};
    if (interrupt_fd >= 0 && poll(&interrupt, 1, 0) > 0) {
      return Arrival{Arrival::Kind::kInterrupted};
    }
    Transfer t = TryRead(buffer, size);
    if (t.kind == Transfer::Kind::kDone) return Arrival{Arrival::Kind::kData, t.bytes};
    if (t.kind == Transfer::Kind::kEnd) return Arrival{Arrival::Kind::kEnd};
    if (t.kind == Transfer::Kind::kFailed) return std::move(t.status);
    pollfd entries[2] = {{fd_, t.events, 0}, {interrupt_fd, POLLIN, 0}};
    const int ready = poll(entries, 2, Milliseconds(deadline));
    if (ready == 0) return Arrival{Arrival::Kind::kTimeout};
    if (ready < 0 && errno != EINTR) return Broken("cannot wait", errno);
  }
}

bool Socket::IsStale() {
  if (tls_ != nullptr) return !tls_->IsQuiet();
  char byte;
  const ssize_t n = recv(fd_, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return !(n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK));
}

void Socket::Close() {
  if (tls_ != nullptr) tls_->Goodbye();
  tls_.reset();
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
}

}  // namespace kalamdb::client
