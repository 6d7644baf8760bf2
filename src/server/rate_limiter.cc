// Token buckets and the address guard.
#include "server/rate_limiter.h"

namespace kalamdb::server {

namespace {

constexpr uint32_t kViolationsBeforeBan = 10;
constexpr uint32_t kMaxBanFactor = 6;
constexpr int64_t kFullAgainMillis = 1000;

}  // namespace

bool TokenBucket::Take(uint32_t rate, int64_t now_millis) {
  if (at_millis == 0) {
    tokens = rate;
  } else if (now_millis > at_millis) {
    tokens = std::min<double>(rate,
                              tokens + static_cast<double>(now_millis - at_millis) * rate / 1000.0);
  }
  at_millis = std::max<int64_t>(now_millis, 1);
  if (tokens < 1.0) return false;
  tokens -= 1.0;
  return true;
}

bool KeyedLimiter::Allow(std::string_view key, int64_t now_millis) {
  std::lock_guard lock(mutex_);
  auto it = buckets_.find(key);
  if (it == buckets_.end()) {
    if (buckets_.size() >= sweep_at_) Sweep(now_millis);
    it = buckets_.emplace(std::string(key), TokenBucket{}).first;
  }
  return it->second.Take(rate_, now_millis);
}

void KeyedLimiter::Sweep(int64_t now_millis) {
  std::erase_if(buckets_, [&](const auto& entry) {
    return now_millis - entry.second.at_millis >= kFullAgainMillis;
  });
  // More keys than this within one second: start afresh rather than grow.
  if (buckets_.size() >= kMaxEntries) buckets_.clear();
  sweep_at_ = std::min(kMaxEntries, std::max<size_t>(64, buckets_.size() * 2));
}

size_t KeyedLimiter::entries() const {
  std::lock_guard lock(mutex_);
  return buckets_.size();
}

void KeyedLimiter::Trim(int64_t now_millis) {
  std::lock_guard lock(mutex_);
  Sweep(now_millis);
  if (buckets_.empty()) decltype(buckets_)().swap(buckets_);
}

AddressGuard::Entry* AddressGuard::Find(const IpAddress& address, int64_t now_millis) {
  auto it = entries_.find(address);
  if (it == entries_.end()) {
    if (entries_.size() >= config_.cache_max_entries) MakeRoom(now_millis);
    it = entries_.emplace(address, Entry{}).first;
  }
  it->second.seen = now_millis;
  return &it->second;
}

void AddressGuard::MakeRoom(int64_t now_millis) {
  const auto ttl = static_cast<int64_t>(config_.cache_ttl_seconds) * 1000;
  std::erase_if(entries_, [&](const auto& e) {
    return e.second.sockets == 0 && e.second.banned_until <= now_millis &&
           (now_millis - e.second.seen >= ttl ||
            (e.second.violations == 0 && now_millis - e.second.seen >= kFullAgainMillis));
  });
  while (!entries_.empty() && entries_.size() >= config_.cache_max_entries) {
    auto oldest = entries_.end();
    for (auto it = entries_.begin(); it != entries_.end(); ++it) {
      if (it->second.sockets != 0) continue;  // their number is bounded by max_connections
      if (oldest == entries_.end() || it->second.seen < oldest->second.seen) oldest = it;
    }
    if (oldest == entries_.end()) return;
    entries_.erase(oldest);
  }
}

AddressGuard::Verdict AddressGuard::OnRequest(const IpAddress& address, int64_t now_millis) {
  std::lock_guard lock(mutex_);
  Entry* e = Find(address, now_millis);
  if (e->banned_until > now_millis) return Verdict::kBanned;
  if (e->bucket.Take(config_.max_requests_per_ip_per_sec, now_millis)) return Verdict::kAllowed;
  ++e->violations;
  if (e->violations >= kViolationsBeforeBan) {
    const uint32_t factor = std::min(e->violations / kViolationsBeforeBan, kMaxBanFactor);
    e->banned_until =
        now_millis + static_cast<int64_t>(config_.ban_duration_seconds) * 1000 * factor;
  }
  return Verdict::kTooManyRequests;
}

bool AddressGuard::Banned(const IpAddress& address, int64_t now_millis) {
  std::lock_guard lock(mutex_);
  auto it = entries_.find(address);
  return it != entries_.end() && it->second.banned_until > now_millis;
}

bool AddressGuard::OpenSocket(const IpAddress& address, int64_t now_millis, uint32_t* current) {
  std::lock_guard lock(mutex_);
  Entry* e = Find(address, now_millis);
  *current = e->sockets;
  if (e->sockets >= config_.max_connections_per_ip) return false;
  ++e->sockets;
  return true;
}

void AddressGuard::CloseSocket(const IpAddress& address) {
  std::lock_guard lock(mutex_);
  auto it = entries_.find(address);
  if (it != entries_.end() && it->second.sockets > 0) --it->second.sockets;
}

size_t AddressGuard::entries() const {
  std::lock_guard lock(mutex_);
  return entries_.size();
}

void AddressGuard::Trim(int64_t now_millis) {
  std::lock_guard lock(mutex_);
  const auto ttl = static_cast<int64_t>(config_.cache_ttl_seconds) * 1000;
  std::erase_if(entries_, [&](const auto& e) {
    return e.second.sockets == 0 && e.second.banned_until <= now_millis &&
           (now_millis - e.second.seen >= ttl ||
            (e.second.violations == 0 && now_millis - e.second.seen >= kFullAgainMillis));
  });
  if (entries_.empty()) decltype(entries_)().swap(entries_);
}

}  // namespace kalamdb::server
