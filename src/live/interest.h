// Which I/O threads have subscribers of which part of a table. The one structure of live queries
// that the commit thread looks at: a write to a table that nobody watches costs one lookup here,
// and nothing at all while nobody watches anything.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/ids.h"

namespace kalamdb::live {

inline constexpr int kMaxLoops = 64;

class InterestIndex {
 public:
  // Bit i is set when loop i has a subscriber.
  [[nodiscard]] uint64_t Loops(TableId table, std::string_view owner) const;
  void Add(TableId table, std::string_view owner, int loop);
  void Remove(TableId table, std::string_view owner, int loop);
  [[nodiscard]] size_t size() const { return total_.load(std::memory_order_relaxed); }

 private:
  struct Key {
    TableId table;
    std::string owner;
  };
  struct KeyView {
    TableId table;
    std::string_view owner;
  };
  struct Hash {
    using is_transparent = void;
    size_t operator()(const Key& k) const { return (*this)(KeyView{k.table, k.owner}); }
    size_t operator()(const KeyView& k) const {
      return std::hash<std::string_view>()(k.owner) * 31 + k.table;
    }
  };
  struct Equal {
    using is_transparent = void;
    template <typename A, typename B>
    bool operator()(const A& a, const B& b) const {
      return a.table == b.table && a.owner == b.owner;
    }
  };
  struct Entry {
    uint64_t mask = 0;
    std::vector<std::pair<uint8_t, uint32_t>> counts;  // loop, subscribers
  };

  mutable std::shared_mutex mutex_;
  std::unordered_map<Key, Entry, Hash, Equal> entries_;
  std::atomic<size_t> total_{0};
};

}  // namespace kalamdb::live
