// Parsing addresses and applying the proxy rules.
#include "server/client_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

namespace kalamdb::server {

std::optional<IpAddress> IpAddress::Parse(std::string_view text) {
  char buffer[INET6_ADDRSTRLEN];
  if (text.empty() || text.size() >= sizeof buffer) return std::nullopt;
  std::memcpy(buffer, text.data(), text.size());
  buffer[text.size()] = '\0';
  if (std::strlen(buffer) != text.size()) return std::nullopt;
  IpAddress a;
  if (inet_pton(AF_INET, buffer, a.bytes.data()) == 1) {
    a.family = 4;
    return a;
  }
  sockaddr_storage storage{};
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&storage);
  v6->sin6_family = AF_INET6;
  if (inet_pton(AF_INET6, buffer, &v6->sin6_addr) != 1) return std::nullopt;
  return FromSockaddr(storage);
}

IpAddress IpAddress::FromSockaddr(const sockaddr_storage& address) {
  IpAddress a;
  if (address.ss_family == AF_INET) {
    a.family = 4;
    std::memcpy(a.bytes.data(), &reinterpret_cast<const sockaddr_in*>(&address)->sin_addr, 4);
  } else if (address.ss_family == AF_INET6) {
    const in6_addr& v6 = reinterpret_cast<const sockaddr_in6*>(&address)->sin6_addr;
    if (IN6_IS_ADDR_V4MAPPED(&v6)) {
      a.family = 4;
      std::memcpy(a.bytes.data(), v6.s6_addr + 12, 4);
    } else {
      a.family = 6;
      std::memcpy(a.bytes.data(), v6.s6_addr, 16);
    }
  }
  return a;
}

bool IpAddress::loopback() const {
  if (family == 4) return bytes[0] == 127;
  if (family != 6) return false;
  for (size_t i = 0; i < 15; ++i) {
    if (bytes[i] != 0) return false;
  }
  return bytes[15] == 1;
}

std::string IpAddress::ToString() const {
  if (!known()) return {};
  char buffer[INET6_ADDRSTRLEN];
  return inet_ntop(family == 4 ? AF_INET : AF_INET6, bytes.data(), buffer, sizeof buffer)
             ? std::string(buffer)
             : std::string();
}

size_t IpAddressHash::operator()(const IpAddress& a) const {
  return std::hash<std::string_view>()(
      std::string_view(reinterpret_cast<const char*>(a.bytes.data()), a.family == 4 ? 4 : 16));
}

Result<ProxyRules> ProxyRules::Parse(const std::vector<std::string>& ranges) {
  ProxyRules rules;
  for (const std::string& text : ranges) {
    auto range = config::IpRange::Parse(TrimBlanks(text));
    if (!range) {
      return Status(ErrorCode::kInvalidInput,
                    fmt::format("security.trusted_proxy_ranges: '{}' is no address range", text));
    }
    rules.ranges_.push_back(*range);
  }
  return rules;
}

IpAddress ProxyRules::Resolve(const IpAddress& peer, const RequestHead& head) const {
  if (!head.has(Header::kForwardedFor) && !head.has(Header::kRealIp)) return peer;
  if (!peer.loopback()) {
    const std::string text = peer.ToString();
    auto inside = [&](const config::IpRange& range) { return range.Contains(text); };
    if (std::none_of(ranges_.begin(), ranges_.end(), inside)) return peer;
  }
  // A proxy can never confer the standing of this machine.
  auto usable = [](std::string_view text) -> std::optional<IpAddress> {
    auto address = IpAddress::Parse(TrimBlanks(text));
    return address && !address->loopback() ? address : std::nullopt;
  };
  const std::string_view list = head.value(Header::kForwardedFor);
  if (auto a = usable(list.substr(0, list.find(',')))) return *a;
  if (auto a = usable(head.value(Header::kRealIp))) return *a;
  return peer;
}

bool SchemeIsHttps(const RequestHead& head) {
  if (head.has(Header::kForwarded)) {
    std::string_view first = head.value(Header::kForwarded);
    first = first.substr(0, first.find(','));
    while (!first.empty()) {
      const size_t semicolon = first.find(';');
      std::string_view pair = TrimBlanks(first.substr(0, semicolon));
      if (StartsWithIgnoreCase(pair, "proto=")) {
        pair.remove_prefix(6);
        if (pair.size() >= 2 && pair.front() == '"') pair = pair.substr(1, pair.size() - 2);
        return EqualsIgnoreCase(pair, "https");
      }
      if (semicolon == std::string_view::npos) break;
      first.remove_prefix(semicolon + 1);
    }
  }
  const std::string_view proto = head.value(Header::kForwardedProto);
  return EqualsIgnoreCase(TrimBlanks(proto.substr(0, proto.find(','))), "https");
}

}  // namespace kalamdb::server
