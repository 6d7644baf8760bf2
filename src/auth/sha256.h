// SHA-256 and HMAC-SHA-256 (FIPS 180-4, RFC 2104).
//
// They call OpenSSL's block functions directly. The EVP interface would load its provider
// machinery: 1.7 MiB of resident memory in a server that otherwise needs none of it, and four times
// the time on a token of usual length.
#pragma once

#include <array>
#include <span>
#include <string_view>

namespace kalamdb::auth {

using Digest = std::array<unsigned char, 32>;

Digest Sha256(std::string_view bytes);
Digest HmacSha256(std::string_view key, std::string_view message);
// Takes the same time wherever the bytes differ.
bool SameBytes(std::string_view a, std::string_view b);

inline std::string_view AsBytes(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

}  // namespace kalamdb::auth
