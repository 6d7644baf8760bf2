#include "catalog/table_cache.h"

#include <mutex>

namespace kalamdb::catalog {

TablePtr TableCache::Use(const Entry& entry) {
  if (entry.cached == nullptr) return entry.live.lock();
  // Written only when it changes: readers on many cores share the line.
  if (!entry.used.load(std::memory_order_relaxed))
    entry.used.store(true, std::memory_order_relaxed);
  return entry.cached;
}

TablePtr TableCache::Find(std::string_view ns, std::string_view name) const {
  std::shared_lock lock(mutex_);
  const auto it = by_name_.find(Name(ns, name));
  return it == by_name_.end() ? nullptr : Use(*it->second);
}

TablePtr TableCache::Find(TableId id) const {
  std::shared_lock lock(mutex_);
  const auto it = by_id_.find(id);
  return it == by_id_.end() ? nullptr : Use(*it->second);
}

TablePtr TableCache::Insert(TablePtr loaded, uint64_t epoch) {
  std::unique_lock lock(mutex_);
  if (epoch_.load(std::memory_order_relaxed) != epoch) return nullptr;
  if (const auto it = by_id_.find(loaded->id); it != by_id_.end()) {
    if (TablePtr live = it->second->live.lock()) {
      if (it->second->cached == nullptr) Cache(it->second.get(), live);
      return live;
    }
  }
  Cache(Register(loaded), loaded);
  return loaded;
}

void TableCache::Replace(TableId id, const TablePtr& current) {
  std::unique_lock lock(mutex_);
  epoch_.fetch_add(1, std::memory_order_release);
  const auto it = by_id_.find(id);
  const bool was_cached = it != by_id_.end() && it->second->cached != nullptr;
  if (it != by_id_.end()) {
    if (const TablePtr live = it->second->live.lock(); live != nullptr && live != current) {
      live->stale.store(true, std::memory_order_release);
    }
    Erase(it->second.get());
  }
  if (current == nullptr) return;
  // A new table is only registered: it costs nothing until somebody uses it.
  Entry* entry = Register(current);
  if (was_cached) Cache(entry, current);
}

TableCache::Entry* TableCache::Register(const TablePtr& table) {
  if (const auto it = by_id_.find(table->id); it != by_id_.end()) Erase(it->second.get());
  if (by_id_.size() >= sweep_at_) {
    SweepExpired();
    sweep_at_ = std::max<size_t>(64, by_id_.size() * 2);
  }
  auto owned = std::make_unique<Entry>();
  Entry* entry = owned.get();
  entry->id = table->id;
  entry->ns = table->ns;
  entry->name = table->name;
  entry->live = table;
  // A dropped table of the same name may still be registered because somebody holds it.
  const Name name(entry->ns, entry->name);
  if (const auto it = by_name_.find(name); it != by_name_.end()) Erase(it->second);
  by_name_.emplace(name, entry);
  by_id_.emplace(entry->id, std::move(owned));
  return entry;
}

void TableCache::Cache(Entry* entry, const TablePtr& table) {
  if (ring_.size() < max_cached_) {
    entry->ring = ring_.size();
    ring_.push_back(entry);
  } else {
    // At most one turn and a step: the first turn clears every flag.
    while (ring_[hand_ %= ring_.size()]->used.exchange(false, std::memory_order_relaxed)) ++hand_;
    Entry* victim = ring_[hand_];
    victim->cached.reset();
    entry->ring = hand_++;
    ring_[entry->ring] = entry;
    if (victim->live.expired()) {
      by_name_.erase(Name(victim->ns, victim->name));
      by_id_.erase(victim->id);
    }
  }
  entry->cached = table;
}

void TableCache::Uncache(Entry* entry) {
  if (entry->cached == nullptr) return;
  entry->cached.reset();
  ring_.back()->ring = entry->ring;
  ring_[entry->ring] = ring_.back();
  ring_.pop_back();
}

void TableCache::Erase(Entry* entry) {
  Uncache(entry);
  by_name_.erase(Name(entry->ns, entry->name));
  by_id_.erase(entry->id);
}

void TableCache::SweepExpired() {
  std::vector<Entry*> expired;
  for (const auto& [id, entry] : by_id_) {
    if (entry->live.expired()) expired.push_back(entry.get());
  }
  for (Entry* entry : expired) Erase(entry);
}

void TableCache::Trim() {
  std::unique_lock lock(mutex_);
  std::vector<Entry*> unused;
  for (Entry* entry : ring_) {
    if (entry->cached.use_count() == 1) unused.push_back(entry);
  }
  for (Entry* entry : unused) Erase(entry);
  SweepExpired();
  by_id_.rehash(0);
  by_name_.rehash(0);
  ring_.shrink_to_fit();
  sweep_at_ = std::max<size_t>(64, by_id_.size() * 2);
}

size_t TableCache::cached() const {
  std::shared_lock lock(mutex_);
  return ring_.size();
}

size_t TableCache::memory_bytes() const {
  std::shared_lock lock(mutex_);
  constexpr size_t kNode = 4 * sizeof(void*);
  size_t bytes =
      (by_id_.bucket_count() + by_name_.bucket_count() + ring_.capacity()) * sizeof(void*);
  bytes += by_id_.size() * (sizeof(Entry) + sizeof(Name) + 2 * kNode);
  for (const Entry* entry : ring_) {
    const TableInfo& t = *entry->cached;
    bytes += sizeof(TableInfo) + 2 * (t.ns.capacity() + t.name.capacity()) +
             t.versions.capacity() * (sizeof(SchemaPtr) + sizeof(int64_t));
  }
  return bytes;
}

}  // namespace kalamdb::catalog
