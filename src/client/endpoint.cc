// URLs of servers: the few rules a database client needs, not the whole of RFC 3986.
#include "client/endpoint.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <charconv>

#include "client/text.h"

namespace kalamdb::client {
namespace {

constexpr size_t kMaxUrlBytes = 2048;

Status Bad(std::string_view text, std::string_view why) {
  return {ErrorCode::kInvalidInput,
          fmt::format("Configuration error: Invalid server URL '{}': {}", text, why)};
}

bool IsHostByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_';
}

}  // namespace

std::string Endpoint::Authority() const {
  if (host.find(':') != std::string::npos) return fmt::format("[{}]:{}", host, port);
  return fmt::format("{}:{}", host, port);
}

std::string Endpoint::Url() const {
  return fmt::format("{}://{}{}", tls ? "https" : "http", Authority(), prefix);
}

bool Endpoint::IsLoopback() const { return IsLoopbackHost(host); }

bool IsLoopbackHost(std::string_view host) {
  const std::string name = AsciiLower(host);
  if (name == "localhost") return true;
  in_addr v4{};
  if (inet_pton(AF_INET, name.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  in6_addr v6{};
  return inet_pton(AF_INET6, name.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

Result<Endpoint> ParseServerUrl(std::string_view text) {
  std::string_view rest = Trim(text);
  if (rest.empty()) return Bad(text, "it is empty");
  if (rest.size() > kMaxUrlBytes) return Bad("...", "it is too long");
  Endpoint endpoint;
  bool scheme_given = false;
  if (const size_t colon = rest.find("://"); colon != std::string_view::npos) {
    const std::string scheme = AsciiLower(rest.substr(0, colon));
    if (scheme != "http" && scheme != "https") return Bad(text, "use http:// or https://");
    endpoint.tls = scheme == "https";
    scheme_given = true;
    rest.remove_prefix(colon + 3);
  }
  if (rest.find('?') != std::string_view::npos) return Bad(text, "a query is not allowed");
  if (rest.find('#') != std::string_view::npos) return Bad(text, "a fragment is not allowed");
  std::string_view authority = rest.substr(0, rest.find('/'));
  std::string_view path = rest.substr(authority.size());
  while (!path.empty() && path.back() == '/') path.remove_suffix(1);
  for (const char c : path) {
    if (c <= ' ' || c == 0x7f) return Bad(text, "blanks are not allowed in the path");
  }
  endpoint.prefix = path;
  if (authority.find('@') != std::string_view::npos) {
    return Bad(text, "user and password belong to --user and --password");
  }
  std::string_view port;
  if (!authority.empty() && authority.front() == '[') {
    const size_t close = authority.find(']');
    if (close == std::string_view::npos) return Bad(text, "']' is missing");
    endpoint.host = authority.substr(1, close - 1);
    in6_addr v6{};
    if (inet_pton(AF_INET6, endpoint.host.c_str(), &v6) != 1) {
      return Bad(text, "no IPv6 address between the brackets");
    }
    port = authority.substr(close + 1);
    if (!port.empty() && port.front() != ':') return Bad(text, "no port after ']'");
  } else {
    endpoint.host = authority.substr(0, authority.find(':'));
    port = authority.substr(endpoint.host.size());
    if (endpoint.host.empty()) return Bad(text, "the host is missing");
    for (const char c : endpoint.host) {
      if (!IsHostByte(c)) return Bad(text, "the host has a character that no host name has");
    }
  }
  if (!scheme_given) endpoint.tls = !IsLoopbackHost(endpoint.host);
  if (!port.empty()) {
    port.remove_prefix(1);
    const auto [end, error] =
        std::from_chars(port.data(), port.data() + port.size(), endpoint.port);
    if (error != std::errc() || end != port.data() + port.size() || endpoint.port == 0) {
      return Bad(text, "the port is no number from 1 to 65535");
    }
  } else if (endpoint.tls) {
    endpoint.port = 443;
  } else {
    endpoint.port = scheme_given ? 80 : kDefaultPort;
  }
  return endpoint;
}

}  // namespace kalamdb::client
