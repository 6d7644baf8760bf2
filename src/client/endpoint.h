// Where a server is: what of its URL a client needs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"

namespace kalamdb::client {

inline constexpr uint16_t kDefaultPort = 8080;

struct Endpoint {
  bool tls = false;
  std::string host;  // a name or an address; IPv6 without brackets
  uint16_t port = kDefaultPort;
  std::string prefix;  // path before /v1, without a trailing slash; mostly empty

  // host:port, brackets around IPv6: the Host header and what a prompt shows.
  [[nodiscard]] std::string Authority() const;
  [[nodiscard]] std::string Url() const;
  [[nodiscard]] bool IsLoopback() const;
};

// Reads a URL or a bare host[:port]. Without a scheme it is http for loopback and https for the
// rest. User info, a query, a fragment and other schemes are configuration errors; the message says
// so.
Result<Endpoint> ParseServerUrl(std::string_view text);

// localhost, 127.0.0.0/8 or ::1.
bool IsLoopbackHost(std::string_view host);

}  // namespace kalamdb::client
