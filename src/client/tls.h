// TLS over a connected, non-blocking descriptor: certificates are verified against the system's
// store (or what SSL_CERT_FILE and SSL_CERT_DIR name) and the name that was asked for.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"
#include "client/endpoint.h"

struct ssl_st;

namespace kalamdb::client {

// What one attempt to move bytes came to.
struct Transfer {
  enum class Kind {
    kDone,  // `bytes` were moved
    kWait,  // nothing moved: try again when poll() reports `events`
    kEnd,   // the peer has ended the stream
    kFailed,
  };
  Kind kind = Kind::kDone;
  size_t bytes = 0;
  short events = 0;
  Status status = {};  // of kFailed
};

// Does not own the descriptor, which outlives it. Not for two threads at once.
class TlsChannel {
 public:
  ~TlsChannel();
  TlsChannel(const TlsChannel&) = delete;
  TlsChannel& operator=(const TlsChannel&) = delete;

  // Errors: kInternal when the library or the store of certificates cannot be set up.
  static Result<std::unique_ptr<TlsChannel>> Make(int fd, const Endpoint& endpoint);

  // Until kDone. kExecution for what another attempt would not change (a certificate that does not
  // hold, a server without TLS), kUnavailable for a connection that broke.
  Transfer Handshake();
  Transfer Read(char* buffer, size_t size);
  Transfer Write(std::string_view bytes);
  // No bytes, no end, no error is waiting to be read.
  [[nodiscard]] bool IsQuiet();
  // Tells the peer, as far as that goes without waiting.
  void Goodbye();

 private:
  TlsChannel(ssl_st* ssl, std::string host) : ssl_(ssl), host_(std::move(host)) {}
  Transfer Outcome(int result, std::string_view what);
  [[nodiscard]] Status HandshakeFailure(unsigned long error) const;

  ssl_st* ssl_;
  std::string host_;
};

}  // namespace kalamdb::client
