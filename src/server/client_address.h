// Who a request comes from: the peer's address, or what a trusted proxy says.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "config/ip_range.h"
#include "server/request.h"

namespace kalamdb::server {

// An IPv4 or IPv6 address; IPv4-mapped IPv6 counts as IPv4.
struct IpAddress {
  std::array<unsigned char, 16> bytes{};
  uint8_t family = 0;  // 4, 6, or 0: unknown

  static std::optional<IpAddress> Parse(std::string_view text);
  static IpAddress FromSockaddr(const sockaddr_storage& address);
  [[nodiscard]] bool known() const { return family != 0; }
  [[nodiscard]] bool loopback() const;
  [[nodiscard]] std::string ToString() const;  // empty when unknown
  friend bool operator==(const IpAddress& a, const IpAddress& b) = default;
};

struct IpAddressHash {
  size_t operator()(const IpAddress& a) const;
};

// `security.trusted_proxy_ranges`: addresses and CIDR blocks.
class ProxyRules {
 public:
  static Result<ProxyRules> Parse(const std::vector<std::string>& ranges);
  // The client behind `peer`, going by X-Forwarded-For and X-Real-IP when the peer is loopback or
  // trusted.
  [[nodiscard]] IpAddress Resolve(const IpAddress& peer, const RequestHead& head) const;

 private:
  std::vector<config::IpRange> ranges_;
};

// Whether X-Forwarded-Proto or Forwarded say that the client speaks https.
bool SchemeIsHttps(const RequestHead& head);

}  // namespace kalamdb::server
