// Bodies and headers of the protection layer (they are not the SQL envelope).
#include "server/protection.h"

#include "server/server_context.h"

namespace kalamdb::server {

Response TooManyRequests() {
  Response r =
      Response::Json(429, R"({"error":"RATE_LIMIT_EXCEEDED","message":"Too many requests from )"
                          R"(your IP address","retry_after_seconds":1})");
  r.headers = "retry-after: 1\r\nx-ratelimit-reset: 1\r\n";
  return r;
}

Response AddressBanned() {
  Response r =
      Response::Json(429, R"({"error":"IP_BANNED","message":"Your IP has been temporarily )"
                          R"(banned due to excessive requests","retry_after_seconds":300})");
  r.headers = "retry-after: 300\r\nx-ratelimit-reset: 300\r\n";
  return r;
}

Response TooManyConnections(uint32_t current, uint32_t max) {
  Response r = Response::Json(
      503, fmt::format(R"({{"error":"TOO_MANY_CONNECTIONS","message":"Too many connections from )"
                       R"(your IP address","current":{},"max":{}}})",
                       current, max));
  r.headers = "retry-after: 5\r\n";
  return r;
}

std::optional<Response> Protect(ServerContext* context, const RequestHead& head,
                                const IpAddress& client) {
  const RateLimitSection& limits = context->config.rate_limit;
  if (!limits.enable_connection_protection) return std::nullopt;
  if (head.content_length > limits.request_body_limit_bytes) {
    return Response::Json(
        413, fmt::format(R"({{"error":"BODY_TOO_LARGE","message":"Request body exceeds maximum )"
                         R"(allowed size","size_bytes":{},"max_bytes":{}}})",
                         head.content_length, limits.request_body_limit_bytes));
  }
  if (client.loopback()) return std::nullopt;
  switch (context->guard.OnRequest(client, IoLoop::NowMillis())) {
    case AddressGuard::Verdict::kAllowed:
      return std::nullopt;
    case AddressGuard::Verdict::kBanned:
      return AddressBanned();
    case AddressGuard::Verdict::kTooManyRequests:
      return TooManyRequests();
  }
  return std::nullopt;
}

}  // namespace kalamdb::server
