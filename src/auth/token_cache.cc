#include "auth/token_cache.h"

#include <mutex>

namespace kalamdb::auth {

namespace {
// The shared block: control block and heap header included.
size_t BytesOf(const VerifiedToken& token) {
  return sizeof(VerifiedToken) + 32 + (token.user.size() > 15 ? token.user.capacity() + 16 : 0);
}
}  // namespace

std::shared_ptr<VerifiedToken> TokenCache::Find(const Digest& digest) {
  std::shared_ptr<VerifiedToken> token;
  {
    const std::shared_lock lock(mutex_);
    bool old = false;
    const auto* found = cache_.Find(digest, &old);
    if (found == nullptr) return nullptr;
    token = *found;
    if (!old) return token;
  }
  Add(digest, token);
  return token;
}

void TokenCache::Add(const Digest& digest, std::shared_ptr<VerifiedToken> token) {
  const size_t bytes = BytesOf(*token);
  const std::unique_lock lock(mutex_);
  cache_.Add(digest, std::move(token), bytes);
}

void TokenCache::Erase(const Digest& digest) {
  const std::unique_lock lock(mutex_);
  cache_.Erase(digest);
}

void TokenCache::Clear() {
  const std::unique_lock lock(mutex_);
  cache_.Clear();
}

size_t TokenCache::bytes() const {
  const std::shared_lock lock(mutex_);
  return cache_.bytes();
}

}  // namespace kalamdb::auth
