#include "config/ip_range.h"

#include <arpa/inet.h>

#include <charconv>
#include <cstring>
#include <string>

namespace kalamdb::config {

namespace {

constexpr int kMappedPrefix = 96;
constexpr unsigned char kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool ParseAddress(std::string_view text, std::array<unsigned char, 16>* out, bool* v4) {
  if (text.empty() || text.size() > 45 || text.find('\0') != std::string_view::npos) return false;
  const std::string terminated(text);
  if (inet_pton(AF_INET, terminated.c_str(), out->data() + 12) == 1) {
    std::memcpy(out->data(), kMapped, sizeof(kMapped));
    *v4 = true;
    return true;
  }
  *v4 = false;
  return inet_pton(AF_INET6, terminated.c_str(), out->data()) == 1;
}

}  // namespace

std::optional<IpRange> IpRange::Parse(std::string_view text) {
  IpRange range;
  bool v4 = false;
  const size_t slash = text.find('/');
  if (!ParseAddress(text.substr(0, slash), &range.base_, &v4)) return std::nullopt;
  if (slash != std::string_view::npos) {
    const std::string_view bits = text.substr(slash + 1);
    const char* end = bits.data() + bits.size();
    int prefix = -1;
    auto [stop, error] = std::from_chars(bits.data(), end, prefix);
    if (error != std::errc() || stop != end || prefix < 0 || prefix > (v4 ? 32 : 128)) {
      return std::nullopt;
    }
    range.prefix_ = v4 ? kMappedPrefix + prefix : prefix;
  }
  return range;
}

bool IpRange::Contains(std::string_view address) const {
  std::array<unsigned char, 16> bytes{};
  bool v4 = false;
  if (!ParseAddress(address, &bytes, &v4)) return false;
  const auto whole = static_cast<size_t>(prefix_ / 8);
  if (std::memcmp(bytes.data(), base_.data(), whole) != 0) return false;
  const int rest = prefix_ % 8;
  if (rest == 0) return true;
  const int mask = 0xff << (8 - rest);
  return ((bytes[whole] ^ base_[whole]) & mask) == 0;
}

bool IsLoopbackHost(std::string_view host) {
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  constexpr std::string_view kName = "localhost";
  if (host.size() == kName.size()) {
    bool same = true;
    for (size_t i = 0; i < kName.size(); ++i) same = same && (host[i] | 0x20) == kName[i];
    if (same) return true;
  }
  return host == "::1" || IpRange::Parse("127.0.0.0/8")->Contains(host);
}

}  // namespace kalamdb::config
