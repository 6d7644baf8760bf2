#include "engine/statement_cache.h"

#include "base/bytes.h"

namespace kalamdb::engine {

void StatementCache::AppendKey(std::string* key, std::string_view text, std::string_view ns,
                               std::span<const Value> params) {
  AppendVarint(key, params.size());
  for (const Value& p : params) key->push_back(static_cast<char>(p.datum().kind));
  AppendLengthPrefixed(key, ns);
  key->append(text);
}

CachedStatementPtr StatementCache::Find(std::string_view key, int64_t now_micros) {
  std::lock_guard lock(mutex_);
  const auto found = index_.find(key);
  if (found == index_.end()) return nullptr;
  const auto it = found->second;
  if (it->statement->stale()) {
    Remove(it);
    return nullptr;
  }
  it->used_micros = now_micros;
  if (it != entries_.begin()) entries_.splice(entries_.begin(), entries_, it);
  return it->statement;
}

void StatementCache::Insert(std::string key, CachedStatementPtr statement, int64_t now_micros) {
  const size_t bytes = sizeof(Entry) + 64 + key.size() + statement->memory_bytes();
  if (max_entries_ == 0 || bytes > max_bytes_ / 4) return;
  std::lock_guard lock(mutex_);
  if (const auto found = index_.find(key); found != index_.end()) Remove(found->second);
  entries_.push_front(Entry{std::move(key), std::move(statement), bytes, now_micros});
  index_.emplace(entries_.front().key, entries_.begin());
  bytes_ += bytes;
  while (entries_.size() > max_entries_ || bytes_ > max_bytes_) Remove(std::prev(entries_.end()));
}

void StatementCache::Trim(int64_t now_micros, bool all) {
  std::lock_guard lock(mutex_);
  while (!entries_.empty() && (all || now_micros - entries_.back().used_micros > ttl_micros_)) {
    Remove(std::prev(entries_.end()));
  }
}

size_t StatementCache::entries() const {
  std::lock_guard lock(mutex_);
  return entries_.size();
}

size_t StatementCache::bytes() const {
  std::lock_guard lock(mutex_);
  return bytes_;
}

void StatementCache::Remove(std::list<Entry>::iterator it) {
  bytes_ -= it->bytes;
  index_.erase(it->key);
  entries_.erase(it);
}

}  // namespace kalamdb::engine
