// Positions that a schema works out once, so that rows need not search.
#include "types/schema.h"

#include <cassert>
#include <limits>
#include <utility>

namespace kalamdb {

Schema::Schema(uint32_t version, std::vector<Column> columns)
    : version_(version), columns_(std::move(columns)) {
  assert(columns_.size() <= std::numeric_limits<int16_t>::max());
  seq_ = deleted_ = columns_.size();
  slots_.reserve(columns_.size());
  for (size_t i = 0; i < columns_.size(); ++i) {
    const Column& column = columns_[i];
    if (column.name == kSeqColumn) seq_ = i;
    if (column.name == kDeletedColumn) deleted_ = i;
    if (column.primary_key && !primary_key_) primary_key_ = i;
    if (column.is_system()) {
      slots_.push_back(-1);
    } else {
      slots_.push_back(static_cast<int16_t>(stored_.size()));
      stored_.push_back(static_cast<uint16_t>(i));
    }
  }
  stored_.shrink_to_fit();
}

std::optional<size_t> Schema::Find(std::string_view lower_name) const {
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (columns_[i].name == lower_name) return i;
  }
  return std::nullopt;
}

std::optional<size_t> Schema::FindById(uint32_t column_id) const {
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (columns_[i].id == column_id) return i;
  }
  return std::nullopt;
}

size_t Schema::memory_bytes() const {
  const size_t kInline = std::string().capacity();
  const auto heap = [&](size_t capacity) { return capacity > kInline ? capacity + 1 : 0; };
  size_t bytes = sizeof *this + columns_.capacity() * sizeof(Column) +
                 stored_.capacity() * sizeof(uint16_t) + slots_.capacity() * sizeof(int16_t);
  for (const Column& column : columns_) {
    bytes += heap(column.name.capacity()) + heap(column.comment.capacity());
    const Datum& literal = column.default_value.literal.datum();
    if (literal.has_bytes()) bytes += heap(literal.s.size);
  }
  return bytes;
}

}  // namespace kalamdb
