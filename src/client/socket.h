// A TCP connection with deadlines, with TLS inside when the endpoint asks for it. Owns its
// descriptor; not for two threads at once.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "base/status.h"
#include "client/endpoint.h"
#include "client/timeouts.h"
#include "client/tls.h"

namespace kalamdb::client {

class Socket {
 public:
  struct Arrival {
    enum class Kind { kData, kEnd, kTimeout, kInterrupted };
    Kind kind;
    size_t bytes = 0;  // of kData
  };

  Socket() = default;
  ~Socket() { Close(); }
  Socket(Socket&& other) noexcept : fd_(other.fd_), tls_(std::move(other.tls_)) { other.fd_ = -1; }
  Socket& operator=(Socket&& other) noexcept;
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  // Tries every address of the host until one answers; a TLS handshake counts for the timeout. The
  // errors' texts are for people: kUnavailable and kTimeout, of the network; kExecution for what
  // trying again does not change, as a certificate that does not hold.
  static Result<Socket> Connect(const Endpoint& endpoint, std::chrono::milliseconds timeout);

  Status Write(std::string_view bytes, Deadline deadline);
  // Waits for bytes, the end of the stream, the deadline, or until interrupt_fd (-1: none) is
  // readable.
  Result<Arrival> Read(char* buffer, size_t size, Deadline deadline, int interrupt_fd = -1);
  // True when the peer has closed, or sent what nobody asked for: the connection cannot be used
  // again.
  [[nodiscard]] bool IsStale();
  [[nodiscard]] bool IsOpen() const { return fd_ >= 0; }
  void Close();

 private:
  explicit Socket(int fd) : fd_(fd) {}
  Status StartTls(const Endpoint& endpoint, Deadline deadline);
  Transfer TryWrite(std::string_view bytes);
  Transfer TryRead(char* buffer, size_t size);

  int fd_ = -1;
  std::unique_ptr<TlsChannel> tls_;  // null: plain
};

}  // namespace kalamdb::client
