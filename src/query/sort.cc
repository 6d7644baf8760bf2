// See sort.h.
#include "query/sort.h"

#include <new>

namespace kalamdb::query {

int RowSorter::CompareKeys(const Datum* a, const Datum* b) const {
  for (size_t i = 0; i < keys_.size(); ++i) {
    if (a[i].null || b[i].null) {
      if (a[i].null && b[i].null) continue;
      return a[i].null == keys_[i].nulls_first ? -1 : 1;
    }
    int c = CompareDatums(a[i], b[i]);
    if (c != 0) return keys_[i].descending ? -c : c;
  }
  return 0;
}

bool RowSorter::Before(const Row& a, const Row& b) const {
  int c = CompareKeys(datums(a), datums(b));
  return c != 0 ? c < 0 : a.order < b.order;
}

bool RowSorter::Wants(std::span<const Datum> key) const {
  if (rows_.size() < keep_) return true;
  // A later row with equal keys comes behind those that are kept.
  return keep_ > 0 && CompareKeys(key.data(), datums(rows_.front())) < 0;
}

Status RowSorter::Add(std::span<const Datum> key, std::span<const Datum> cells) {
  if (!Wants(key)) return Status::Ok();
  cells_ = cells.size();
  size_t count = key.size() + cells.size();
  size_t bytes = count * sizeof(Datum);
  for (std::span<const Datum> part : {key, cells}) {
    for (const Datum& d : part) bytes += d.has_bytes() ? d.s.size : 0;
  }
  Row row;
  row.order = added_++;
  row.bytes = bytes;
  row.block = std::make_unique_for_overwrite<char[]>(std::max<size_t>(bytes, 1));
  char* at = row.block.get();
  char* text = at + count * sizeof(Datum);
  for (std::span<const Datum> part : {key, cells}) {
    for (Datum d : part) {
      if (d.has_bytes()) {
        if (d.s.size > 0) std::memcpy(text, d.s.data, d.s.size);
        d.s.data = text;
        text += d.s.size;
      }
      new (at) Datum(d);
      at += sizeof(Datum);
    }
  }
  auto before = [this](const Row& a, const Row& b) { return Before(a, b); };
  if (rows_.size() >= keep_) {
    std::pop_heap(rows_.begin(), rows_.end(), before);
    bytes_ -= rows_.back().bytes;
    rows_.back() = std::move(row);
  } else {
    rows_.push_back(std::move(row));
  }
  bytes_ += bytes;
  if (bytes_ + rows_.size() * sizeof(Row) > kSortMemoryBytes) {
    return NeedsAnalytics("a sort larger than the row engine's memory");
  }
  if (rows_.size() == keep_) {
    if (added_ == keep_) {
      std::make_heap(rows_.begin(), rows_.end(), before);
    } else {
      std::push_heap(rows_.begin(), rows_.end(), before);
    }
  }
  return Status::Ok();
}

void RowSorter::Finish() {
  std::sort(rows_.begin(), rows_.end(),
            [this](const Row& a, const Row& b) { return Before(a, b); });
}

std::span<const Datum> RowSorter::cells(size_t rank) const {
  return {datums(rows_[rank]) + keys_.size(), cells_};
}

}  // namespace kalamdb::query
