// Token buckets of the application (per user, per address) and the protection of the whole server
// against one address.
//
// Both refill continuously and hold a bounded number of entries: what is forgotten first is what
// equals a fresh entry.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "config/config.h"
#include "server/client_address.h"

namespace kalamdb::server {

// Capacity equals the rate per second. Times are monotonic milliseconds.
struct TokenBucket {
  double tokens = 0;
  int64_t at_millis = 0;
  // False: nothing left.
  bool Take(uint32_t rate, int64_t now_millis);
};

// One bucket per key. Thread-safe. An entry idle for a second is full again and can be forgotten,
// so the table holds about as many entries as there were keys in the last second.
class KeyedLimiter {
 public:
  explicit KeyedLimiter(uint32_t per_second) : rate_(per_second) {}
  bool Allow(std::string_view key, int64_t now_millis);
  [[nodiscard]] size_t entries() const;
  void Trim(int64_t now_millis);

 private:
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view s) const { return std::hash<std::string_view>()(s); }
  };
  void Sweep(int64_t now_millis);

  static constexpr size_t kMaxEntries = 65536;
  const uint32_t rate_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, TokenBucket, Hash, std::equal_to<>> buckets_;
  size_t sweep_at_ = 64;
};

// Connection protection: requests per second and open WebSockets of one address, and the bans that
// follow. Thread-safe. Loopback is exempt; callers need not ask for it.
class AddressGuard {
 public:
  explicit AddressGuard(const RateLimitSection& config) : config_(config) {}
  enum class Verdict : uint8_t { kAllowed, kTooManyRequests, kBanned };
  Verdict OnRequest(const IpAddress& address, int64_t now_millis);
  [[nodiscard]] bool Banned(const IpAddress& address, int64_t now_millis);
  // False when the address has its share already; `current` is what it has then.
  bool OpenSocket(const IpAddress& address, int64_t now_millis, uint32_t* current);
  void CloseSocket(const IpAddress& address);
  [[nodiscard]] size_t entries() const;
  void Trim(int64_t now_millis);

 private:
  struct Entry {
    TokenBucket bucket;
    uint32_t violations = 0;
    uint32_t sockets = 0;
    int64_t banned_until = 0;
    int64_t seen = 0;
  };
  Entry* Find(const IpAddress& address, int64_t now_millis);
  void MakeRoom(int64_t now_millis);

  const RateLimitSection config_;
  mutable std::mutex mutex_;
  std::unordered_map<IpAddress, Entry, IpAddressHash> entries_;
};

}  // namespace kalamdb::server
