// A bounded map that forgets what was not used lately.
//
// Two generations: entries are added to the young one; when it is full it becomes the old one and
// the old one is dropped. An entry that is found among the old ones and added again is young again.
// So every operation is O(1), there is no list to keep, and reading takes a shared lock only. Not
// synchronised by itself.
#pragma once

#include <cstddef>
#include <unordered_map>
#include <utility>

namespace kalamdb::auth {

template <typename Key, typename Value, typename Hash, typename Equal>
class GenerationCache {
 public:
  // Both generations together hold at most `max_entries` and `max_bytes`.
  GenerationCache(size_t max_entries, size_t max_bytes)
      : half_entries_(max_entries / 2), half_bytes_(max_bytes / 2) {}

  // Null: not cached. `*old`: it will be forgotten soon unless it is added again.
  template <typename K>
  const Value* Find(const K& key, bool* old) const {
    if (auto it = young_.find(key); it != young_.end()) {
      *old = false;
      return &it->second;
    }
    if (auto it = old_.find(key); it != old_.end()) {
      *old = true;
      return &it->second;
    }
    return nullptr;
  }
  // `bytes`: what the entry holds outside the map.
  void Add(Key key, Value value, size_t bytes) {
    bytes += kEntryBytes;
    if (bytes > half_bytes_) return;
    if (young_.size() >= half_entries_ || young_bytes_ + bytes > half_bytes_) {
      old_ = std::move(young_);
      old_bytes_ = young_bytes_;
      young_ = {};
      young_bytes_ = 0;
    }
    if (young_.insert_or_assign(std::move(key), std::move(value)).second) young_bytes_ += bytes;
  }
  template <typename K>
  void Erase(const K& key) {
    if (auto it = young_.find(key); it != young_.end()) young_.erase(it);
    if (auto it = old_.find(key); it != old_.end()) old_.erase(it);
    if (young_.empty()) young_bytes_ = 0;
    if (old_.empty()) old_bytes_ = 0;
  }
  void Clear() {
    young_ = {};
    old_ = {};
    young_bytes_ = old_bytes_ = 0;
  }
  [[nodiscard]] size_t size() const { return young_.size() + old_.size(); }
  // An upper bound: an erased entry is counted until its generation goes.
  [[nodiscard]] size_t bytes() const { return young_bytes_ + old_bytes_; }

 private:
  using Map = std::unordered_map<Key, Value, Hash, Equal>;
  // A node with its hash, its next pointer, the heap's header, and its share of the buckets.
  static constexpr size_t kEntryBytes = sizeof(typename Map::value_type) + 40;

  size_t half_entries_;
  size_t half_bytes_;
  Map young_, old_;
  size_t young_bytes_ = 0, old_bytes_ = 0;
};

}  // namespace kalamdb::auth
