#include "auth/jwt.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "auth/sha256.h"
#include "base/bytes.h"
#include "base/json_text.h"

namespace kalamdb::auth {

namespace {

namespace json = boost::json;

// {"typ":"JWT","alg":"HS256"}
constexpr std::string_view kHeader = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9";

// A parsed object in memory of its own: most tokens fit into `buffer`.
class Document {
 public:
  explicit Document(std::string_view text)
      : resource_(buffer_, sizeof(buffer_)), value_(json::storage_ptr(&resource_)) {
    json::parse_options options;
    options.max_depth = 8;
    json::error_code error;
    value_ = json::parse(json::string_view(text.data(), text.size()), error,
                         json::storage_ptr(&resource_), options);
    if (error) value_ = nullptr;
  }
  [[nodiscard]] const json::object* object() const { return value_.if_object(); }

 private:
  unsigned char buffer_[2048];
  json::monotonic_resource resource_;
  json::value value_;
};

// Whether the claim is as it may be: missing, or (when it may be null) null, or of the kind.
bool OptionalText(const json::object& object, const char* name, std::optional<std::string>* out) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr || value->is_null()) return true;
  if (!value->is_string()) return false;
  out->emplace(value->get_string().data(), value->get_string().size());
  return true;
}

bool Seconds(const json::object& object, const char* name, int64_t* out) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr || !value->is_int64()) return false;
  *out = value->get_int64();
  // Later arithmetic stays far from overflow.
  constexpr int64_t kMost = int64_t{1} << 40;
  return *out > -kMost && *out < kMost;
}

}  // namespace

std::optional<Jwt> ReadJwt(std::string_view token) {
  if (token.size() > kMaxTokenBytes) return std::nullopt;
  const size_t first = token.find('.');
  const size_t last = token.rfind('.');
  if (first == std::string_view::npos || first == last) return std::nullopt;
  if (token.find('.', first + 1) != last) return std::nullopt;
  Jwt jwt;
  std::string header;
  if (!Base64UrlDecode(token.substr(0, first), &header) ||
      !Base64UrlDecode(token.substr(first + 1, last - first - 1), &jwt.payload) ||
      !Base64UrlDecode(token.substr(last + 1), &jwt.signature)) {
    return std::nullopt;
  }
  jwt.signed_part = std::string(token.substr(0, last));
  const Document head(header);
  if (head.object() == nullptr) return std::nullopt;
  const json::value* algorithm = head.object()->if_contains("alg");
  if (algorithm == nullptr || !algorithm->is_string()) return std::nullopt;
  jwt.algorithm.assign(algorithm->get_string().data(), algorithm->get_string().size());
  // An extension that we do not know must not be ignored (RFC 7515 4.1.11).
  if (head.object()->contains("crit")) return std::nullopt;
  const Document body(jwt.payload);
  if (body.object() == nullptr) return std::nullopt;
  std::optional<std::string> issuer;
  if (OptionalText(*body.object(), "iss", &issuer) && issuer) jwt.issuer = std::move(*issuer);
  return jwt;
}

bool VerifyHs256(const Jwt& jwt, std::string_view secret) {
  if (jwt.algorithm != "HS256") return false;
  return SameBytes(AsBytes(HmacSha256(secret, jwt.signed_part)), jwt.signature);
}

std::optional<Claims> ReadClaims(const Jwt& jwt) {
  const Document body(jwt.payload);
  const json::object* object = body.object();
  if (object == nullptr) return std::nullopt;
  Claims claims;
  std::optional<std::string> issuer;
  std::optional<std::string> subject;
  if (!OptionalText(*object, "iss", &issuer) || !issuer ||
      !OptionalText(*object, "sub", &subject) || !subject ||
      !Seconds(*object, "exp", &claims.expires) || !Seconds(*object, "iat", &claims.issued_at) ||
      !OptionalText(*object, "email", &claims.email) ||
      !OptionalText(*object, "role", &claims.role) ||
      !OptionalText(*object, "token_type", &claims.token_type)) {
    return std::nullopt;
  }
  claims.issuer = std::move(*issuer);
  claims.subject = std::move(*subject);
  if (const json::value* nbf = object->if_contains("nbf"); nbf != nullptr && !nbf->is_null()) {
    int64_t seconds = 0;
    if (!Seconds(*object, "nbf", &seconds)) return std::nullopt;
    claims.not_before = seconds;
  }
  return claims;
}

std::string SignHs256(const Claims& claims, std::string_view secret) {
  std::string payload = "{\"iss\":";
  AppendJsonString(&payload, claims.issuer);
  payload += ",\"sub\":";
  AppendJsonString(&payload, claims.subject);
  payload += fmt::format(",\"exp\":{},\"iat\":{}", claims.expires, claims.issued_at);
  if (claims.not_before) payload += fmt::format(",\"nbf\":{}", *claims.not_before);
  payload += ",\"email\":";
  if (claims.email) {
    AppendJsonString(&payload, *claims.email);
  } else {
    payload += "null";
  }
  if (claims.role) {
    payload += ",\"role\":";
    AppendJsonString(&payload, *claims.role);
  }
  if (claims.token_type) {
    payload += ",\"token_type\":";
    AppendJsonString(&payload, *claims.token_type);
  }
  payload += '}';
  std::string token(kHeader);
  token += '.';
  token += Base64UrlEncode(payload);
  const Digest signature = HmacSha256(secret, token);
  token += '.';
  token += Base64UrlEncode(AsBytes(signature));
  return token;
}

}  // namespace kalamdb::auth
