// An IP address or a CIDR block, as in security.trusted_proxy_ranges.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace kalamdb::config {

class IpRange {
 public:
  // "10.0.0.0/8", "192.0.2.7", "fd00::/8", "::1". Nothing when the text is neither.
  static std::optional<IpRange> Parse(std::string_view text);
  // `address` is a bare literal; an IPv4 address mapped into IPv6 counts as IPv4. False for
  // anything else.
  [[nodiscard]] bool Contains(std::string_view address) const;

 private:
  std::array<unsigned char, 16> base_{};  // IPv4 stands in its mapped form
  int prefix_ = 128;                      // bits of base_ that count
};

// 127.0.0.0/8, ::1, and the name localhost, with or without brackets.
bool IsLoopbackHost(std::string_view host);

}  // namespace kalamdb::config
