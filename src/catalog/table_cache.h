// The tables in memory: a bounded cache for the next use, and the register that keeps every table
// to one live instance.
#pragma once

#include <atomic>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "catalog/table.h"

namespace kalamdb::catalog {

// Thread-safe. A hit takes a shared lock and allocates nothing.
//
// Loading races with DDL: a reader may have read a record just before the commit that replaces it
// and come to insert it just after. `epoch()` is asked before the record is read, and Insert
// refuses what was read in an earlier one.
class TableCache {
 public:
  explicit TableCache(size_t max_cached) : max_cached_(max_cached) {}

  // Null: not in memory.
  [[nodiscard]] TablePtr Find(std::string_view ns, std::string_view name) const;
  [[nodiscard]] TablePtr Find(TableId id) const;
  [[nodiscard]] uint64_t epoch() const { return epoch_.load(std::memory_order_acquire); }
  // The instance to use from now on: `loaded`, or the live one that was there first. Null when a
  // DDL statement took effect since `epoch`: read the record again.
  TablePtr Insert(TablePtr loaded, uint64_t epoch);
  // What DDL committed: `current` is the table now, null when it is dropped. Flags the instance
  // that was live.
  void Replace(TableId id, const TablePtr& current);
  // Forgets every table that nobody else holds.
  void Trim();

  [[nodiscard]] size_t cached() const;
  // Of cached tables without their schemas, and of the register.
  [[nodiscard]] size_t memory_bytes() const;

 private:
  struct Entry {
    TableId id = 0;
    std::string ns, name;  // by_name_ points at these
    std::weak_ptr<const TableInfo> live;
    TablePtr cached;                        // null: only registered
    size_t ring = 0;                        // place in ring_ while cached
    mutable std::atomic<bool> used{false};  // since the clock hand passed last
  };
  using Name = std::pair<std::string_view, std::string_view>;
  struct NameHash {
    size_t operator()(const Name& n) const {
      return std::hash<std::string_view>{}(n.first) * 31 + std::hash<std::string_view>{}(n.second);
    }
  };

  static TablePtr Use(const Entry& entry);
  Entry* Register(const TablePtr& table);
  void Cache(Entry* entry, const TablePtr& table);
  void Uncache(Entry* entry);
  void Erase(Entry* entry);
  void SweepExpired();

  const size_t max_cached_;
  std::atomic<uint64_t> epoch_{0};
  mutable std::shared_mutex mutex_;
  std::unordered_map<TableId, std::unique_ptr<Entry>> by_id_;
  std::unordered_map<Name, Entry*, NameHash> by_name_;
  std::vector<Entry*> ring_;  // cached entries; second chance
  size_t hand_ = 0;
  size_t sweep_at_ = 64;  // registered entries
};

}  // namespace kalamdb::catalog
