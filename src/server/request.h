// The head of an HTTP request as views into the bytes it was read from.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace kalamdb::server {

enum class Method : uint8_t { kGet, kPost, kOptions, kHead, kOther };

// The header fields that the server reads. Of a field that comes twice the first counts.
enum class Header : uint8_t {
  kAuthorization,
  kContentType,
  kContentEncoding,
  kOrigin,
  kCookie,
  kRequestId,
  kForwardedFor,
  kRealIp,
  kForwardedProto,
  kForwarded,
  kPreflightMethod,   // Access-Control-Request-Method
  kPreflightHeaders,  // Access-Control-Request-Headers
  kUpgrade,
  kConnection,
  kWebSocketKey,
  kWebSocketVersion,
  kExpect,
  kTransferEncoding,
  kCount
};

struct RequestHead {
  Method method = Method::kOther;
  bool http10 = false;
  bool keep_alive = true;
  bool chunked = false;
  uint64_t content_length = 0;  // 0 also when the request has none
  std::string_view method_text;
  std::string_view target;
  std::array<std::string_view, static_cast<size_t>(Header::kCount)> values{};
  uint32_t present = 0;  // bit per Header: an empty value is not a missing one

  [[nodiscard]] bool has(Header h) const { return (present >> static_cast<unsigned>(h)) & 1U; }
  [[nodiscard]] std::string_view value(Header h) const { return values[static_cast<size_t>(h)]; }
  [[nodiscard]] std::string_view path() const { return target.substr(0, target.find('?')); }
  // Without the '?'.
  [[nodiscard]] std::string_view query() const {
    const size_t at = target.find('?');
    return at == std::string_view::npos ? std::string_view() : target.substr(at + 1);
  }
  // After the bytes behind the views were copied from `from` to `to`.
  void Rebase(const char* from, const char* to);
};

bool EqualsIgnoreCase(std::string_view a, std::string_view b);
bool StartsWithIgnoreCase(std::string_view text, std::string_view prefix);
std::string_view TrimBlanks(std::string_view text);
// Whether a comma-separated header value names `token`, in any case.
bool ListHasToken(std::string_view list, std::string_view token);

}  // namespace kalamdb::server
