// The low-level functions are deprecated since OpenSSL 3.0, and still its fastest way (sha256.h).
#define OPENSSL_API_COMPAT 10100
#include "auth/sha256.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <cstring>

namespace kalamdb::auth {

namespace {

constexpr size_t kBlock = 64;

class Hash {
 public:
  Hash() { SHA256_Init(&context_); }
  ~Hash() { OPENSSL_cleanse(&context_, sizeof(context_)); }
  Hash(const Hash&) = delete;
  Hash& operator=(const Hash&) = delete;
  void Add(const void* data, size_t n) { SHA256_Update(&context_, data, n); }
  Digest Finish() {
    Digest digest;
    SHA256_Final(digest.data(), &context_);
    return digest;
  }

 private:
  SHA256_CTX context_;
};

}  // namespace

Digest Sha256(std::string_view bytes) {
  Hash hash;
  hash.Add(bytes.data(), bytes.size());
  return hash.Finish();
}

Digest HmacSha256(std::string_view key, std::string_view message) {
  unsigned char block[kBlock] = {};
  if (key.size() > kBlock) {
    const Digest digest = Sha256(key);
    std::memcpy(block, digest.data(), digest.size());
  } else if (!key.empty()) {
    std::memcpy(block, key.data(), key.size());
  }
  for (unsigned char& c : block) c ^= 0x36;
  Hash inner;
  inner.Add(block, kBlock);
  inner.Add(message.data(), message.size());
  const Digest inside = inner.Finish();
  for (unsigned char& c : block) c ^= 0x36 ^ 0x5c;
  Hash outer;
  outer.Add(block, kBlock);
  outer.Add(inside.data(), inside.size());
  OPENSSL_cleanse(block, kBlock);
  return outer.Finish();
}

bool SameBytes(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace kalamdb::auth
