// ORDER BY in bounded memory: all rows, or only the first n of them in a heap.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "base/status.h"
#include "types/datum.h"

namespace kalamdb::query {

inline constexpr size_t kSortMemoryBytes = 32 << 20;

struct SortKey {
  bool descending = false;
  bool nulls_first = false;
};

// Rows with equal keys keep the order in which they came.
class RowSorter {
 public:
  // `keep`: only that many first rows are wanted.
  RowSorter(std::vector<SortKey> keys, uint64_t keep) : keys_(std::move(keys)), keep_(keep) {}

  // Whether a row with these key values would be among the first `keep` of those so far.
  [[nodiscard]] bool Wants(std::span<const Datum> key) const;
  // Copies key and cells. kNeedsAnalytics when the memory is used up.
  Status Add(std::span<const Datum> key, std::span<const Datum> cells);
  // Orders what was added; then rows can be read by rank.
  void Finish();
  [[nodiscard]] size_t size() const { return rows_.size(); }
  [[nodiscard]] std::span<const Datum> cells(size_t rank) const;

 private:
  struct Row {
    std::unique_ptr<char[]>
        block;  // the datums of key and cells, then the bytes that they point at
    uint64_t order = 0;
    size_t bytes = 0;
  };
  [[nodiscard]] const Datum* datums(const Row& row) const {
    return reinterpret_cast<const Datum*>(row.block.get());
  }
  [[nodiscard]] int CompareKeys(const Datum* a, const Datum* b) const;
  [[nodiscard]] bool Before(const Row& a, const Row& b) const;

  std::vector<SortKey> keys_;
  uint64_t keep_;
  std::vector<Row> rows_;  // a heap with the last row on top once `keep` rows are there
  size_t cells_ = 0;
  uint64_t added_ = 0;
  size_t bytes_ = 0;
};

}  // namespace kalamdb::query
