// JSON Web Tokens in compact form: header.payload.signature, each base64url (RFC 7515, RFC 7519).
//
// Reading does not verify: a Jwt says what a token claims until VerifyHs256 says that we wrote it.
// The only algorithm is HS256; "none" and everything else never verifies.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kalamdb::auth {

inline constexpr std::string_view kIssuer = "kalamdb";
inline constexpr int64_t kLeewaySeconds = 60;
// A longer token is refused unread: ours have some 250 bytes.
inline constexpr size_t kMaxTokenBytes = 8192;

struct Claims {
  std::string issuer;
  std::string subject;
  int64_t expires = 0;  // Unix seconds, as all times here
  int64_t issued_at = 0;
  std::optional<int64_t> not_before;
  std::optional<std::string> email;  // written as null when missing
  std::optional<std::string> role;
  std::optional<std::string> token_type;  // "access" or "refresh"
};

struct Jwt {
  std::string algorithm;
  std::string issuer;       // empty: no such claim, or no text
  std::string signed_part;  // header and payload as they were sent
  std::string signature;
  std::string payload;  // JSON, an object
};

// Nothing when the token is malformed: not three parts, no JSON objects, no algorithm.
std::optional<Jwt> ReadJwt(std::string_view token);
bool VerifyHs256(const Jwt& jwt, std::string_view secret);
// Nothing when sub, exp, iat or iss is missing or a claim is of the wrong kind. Verify first.
std::optional<Claims> ReadClaims(const Jwt& jwt);

std::string SignHs256(const Claims& claims, std::string_view secret);

}  // namespace kalamdb::auth
