// Access tokens whose signature and claims were found good, by their digest: a digest tells nothing
// about the token, and nobody can steer it. What may change (time, the account) is checked at each
// use by the caller. Thread-safe, bounded in entries and bytes.
#pragma once

#include <atomic>
#include <cstring>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>

#include "auth/generation_cache.h"
#include "auth/sha256.h"
#include "base/ids.h"

namespace kalamdb::auth {

struct VerifiedToken {
  std::string user;
  int64_t expires = 0;     // Unix seconds
  int64_t not_before = 0;  // likewise
  int64_t issued_at = 0;
  std::optional<Role> role;  // the role claim, when there is one
  // At this version of the accounts the user existed with the claimed role; at another one it has
  // to be looked up again. Stays 0 without a role claim: then the stored role is looked up each
  // time.
  std::atomic<uint64_t> users_version{0};
};

class TokenCache {
 public:
  TokenCache(size_t max_entries, size_t max_bytes) : cache_(max_entries, max_bytes) {}

  std::shared_ptr<VerifiedToken> Find(const Digest& digest);
  void Add(const Digest& digest, std::shared_ptr<VerifiedToken> token);
  void Erase(const Digest& digest);
  void Clear();
  [[nodiscard]] size_t bytes() const;

 private:
  struct Hash {
    size_t operator()(const Digest& digest) const {
      size_t h;
      std::memcpy(&h, digest.data(), sizeof(h));
      return h;
    }
  };

  mutable std::shared_mutex mutex_;
  GenerationCache<Digest, std::shared_ptr<VerifiedToken>, Hash, std::equal_to<>> cache_;
};

}  // namespace kalamdb::auth
