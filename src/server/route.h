// One route: what it says to a request's head, and how it answers the whole request.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "auth/authenticator.h"
#include "server/client_address.h"
#include "server/request.h"
#include "server/response.h"

namespace kalamdb::server {

class HttpConnection;
class ReplyChannel;
struct ServerContext;

// A request being answered. The views end with the call that shows it.
struct Exchange {
  ServerContext* context = nullptr;
  HttpConnection* connection = nullptr;
  RequestHead head;
  IpAddress client;            // after the proxy rules
  auth::Identity identity;     // set by Admit of routes that need a token
  std::string_view body;       // decoded: neither chunked nor compressed
  int64_t started_micros = 0;  // monotonic

  // This machine, as far as anybody can tell.
  [[nodiscard]] bool local() const { return client.loopback(); }
  [[nodiscard]] double took_millis() const;
  // Exactly one of the two, once.
  void Answer(Response response);
  [[nodiscard]] std::shared_ptr<ReplyChannel> Defer();
};

enum class BodyFault : uint8_t {
  kTooLarge,     // above body_limit, compressed or not
  kBadEncoding,  // Content-Encoding that is not understood, or not what it says
};

// Immutable; called on every I/O thread.
class Route {
 public:
  virtual ~Route() = default;
  // The head is there, the body need not be: an answer refuses the request before its body is read.
  virtual std::optional<Response> Admit(Exchange*) const { return std::nullopt; }
  [[nodiscard]] virtual size_t body_limit(const RequestHead& head) const = 0;
  [[nodiscard]] virtual Response RefuseBody(const Exchange& exchange, BodyFault fault) const = 0;
  virtual void Handle(Exchange* exchange) const = 0;
};

}  // namespace kalamdb::server
