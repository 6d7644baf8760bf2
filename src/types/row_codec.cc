// Rows in their stored form.
#include "types/row_codec.h"

#include <array>
#include <cassert>
#include <limits>

namespace kalamdb {

namespace {

// Bytes of a slot by kind, 0 when they vary.
constexpr std::array<uint8_t, 0x12> kSlotBytes = [] {
  std::array<uint8_t, 0x12> n{};
  const auto set = [&](TypeKind k, uint8_t bytes) { n[static_cast<size_t>(k)] = bytes; };
  set(TypeKind::kBoolean, 1);
  set(TypeKind::kSmallInt, 2);
  set(TypeKind::kInt, 4);
  set(TypeKind::kBigInt, 8);
  set(TypeKind::kDate, 4);
  set(TypeKind::kTime, 8);
  set(TypeKind::kTimestamp, 8);
  set(TypeKind::kDateTime, 8);
  set(TypeKind::kFloat, 4);
  set(TypeKind::kDouble, 8);
  set(TypeKind::kDecimal, 16);
  set(TypeKind::kUuid, 16);
  return n;
}();

size_t SlotBytes(TypeKind kind) {
  const auto k = static_cast<size_t>(kind);
  return k < kSlotBytes.size() ? kSlotBytes[k] : 0;
}

// Whether a value can be written as it is into a column of `type`.
[[maybe_unused]] bool Stores(const DataType& type, const Datum& d) {
  switch (type.kind) {
    case TypeKind::kNull:
    case TypeKind::kList:
      return false;
    case TypeKind::kDecimal:
      return d.kind == type.kind && d.scale == type.scale;
    case TypeKind::kUuid:
      return d.kind == type.kind && d.s.size == 16;
    case TypeKind::kText:
    case TypeKind::kJson:
    case TypeKind::kFile:
      return IsTextual(d.kind);
    case TypeKind::kTimestamp:
    case TypeKind::kDateTime:
      return IsDateTimeKind(d.kind);
    case TypeKind::kEmbedding:
      return d.kind == type.kind && d.s.size == type.dimension * sizeof(float);
    default:
      return d.kind == type.kind;
  }
}

void WriteSlot(char* p, TypeKind kind, const Datum& d) {
  switch (kind) {
    case TypeKind::kBoolean:
      *p = static_cast<char>(d.b);
      break;
    case TypeKind::kSmallInt:
      StoreFixed(p, static_cast<int16_t>(d.i));
      break;
    case TypeKind::kInt:
    case TypeKind::kDate:
      StoreFixed(p, static_cast<int32_t>(d.i));
      break;
    case TypeKind::kBigInt:
    case TypeKind::kTime:
    case TypeKind::kTimestamp:
    case TypeKind::kDateTime:
      StoreFixed(p, d.i);
      break;
    case TypeKind::kFloat:
      StoreFixed(p, static_cast<float>(d.d));
      break;
    case TypeKind::kDouble:
      StoreFixed(p, d.d);
      break;
    case TypeKind::kDecimal:
      StoreFixed(p, d.words[0]);
      StoreFixed(p + 8, d.words[1]);
      break;
    default:
      if (d.s.size != 0) std::memcpy(p, d.s.data, d.s.size);
  }
}

// An end offset, little-endian in `width` bytes.
uint32_t LoadEnd(const char* p, uint8_t width) {
  switch (width) {
    case 1:
      return static_cast<uint8_t>(*p);
    case 2:
      return LoadFixed<uint16_t>(p);
    default:
      return LoadFixed<uint32_t>(p);
  }
}

// Whether `n` ends never fall and the last one is `size`.
template <typename T>
bool EndsAreSound(const char* p, size_t n, size_t size) {
  T last = 0;
  bool falls = false;
  for (size_t i = 0; i < n; ++i) {
    const T end = LoadFixed<T>(p + i * sizeof(T));
    falls |= end < last;
    last = end;
  }
  return !falls && last == size;
}

}  // namespace

void EncodeRow(const Schema& schema, std::span<const Datum> slots, std::string* out) {
  const std::vector<uint16_t>& stored = schema.stored();
  const size_t n = stored.size();
  assert(slots.size() == n);
  size_t payload = 0;
  for (size_t i = 0; i < n; ++i) {
    const Datum& d = slots[i];
    if (d.null) continue;
    const DataType& type = schema.column(stored[i]).type;
    assert(Stores(type, d));
    const size_t fixed = SlotBytes(type.kind);
    payload += fixed != 0 ? fixed : d.s.size;
  }
  assert(payload <= std::numeric_limits<uint32_t>::max());
  const uint8_t width = payload <= 0xff ? 1 : payload <= 0xffff ? 2 : 4;
  const size_t bitmap = (n + 7) / 8;
  const size_t start = out->size();
  out->resize(start + kRowHeaderBytes + bitmap + n * width + payload);

  char* const row = out->data() + start;
  row[0] = static_cast<char>(kRowFormatVersion);
  StoreFixed<uint32_t>(row + 18, schema.version());
  StoreFixed<uint16_t>(row + 22, static_cast<uint16_t>(n));
  row[24] = static_cast<char>(width);
  char* const nulls = row + kRowHeaderBytes;
  char* ends = nulls + bitmap;
  char* const first = ends + n * width;
  char* at = first;
  for (size_t i = 0; i < n; ++i, ends += width) {
    const Datum& d = slots[i];
    if (d.null) {
      nulls[i / 8] = static_cast<char>(nulls[i / 8] | (1 << (i % 8)));
    } else {
      const TypeKind kind = schema.column(stored[i]).type.kind;
      const size_t fixed = SlotBytes(kind);
      WriteSlot(at, kind, d);
      at += fixed != 0 ? fixed : d.s.size;
    }
    const auto end = static_cast<uint32_t>(at - first);
    std::memcpy(ends, &end, width);
  }
}

Result<RowView> RowView::Parse(std::string_view bytes) {
  if (bytes.size() < kRowHeaderBytes) return Corruption("row is truncated");
  if (static_cast<uint8_t>(bytes[0]) != kRowFormatVersion) {
    return Corruption(fmt::format("unknown row format {}", static_cast<uint8_t>(bytes[0])));
  }
  RowView row;
  row.bytes_ = bytes;
  row.n_ = LoadFixed<uint16_t>(bytes.data() + 22);
  row.width_ = static_cast<uint8_t>(bytes[24]);
  const size_t ends = kRowHeaderBytes + (row.n_ + 7u) / 8;
  const size_t payload = ends + size_t{row.n_} * row.width_;
  if (payload > bytes.size()) return Corruption("row is truncated");
  row.payload_ = static_cast<uint32_t>(payload);
  const size_t size = bytes.size() - payload;
  bool sound = false;
  switch (row.width_) {
    case 1:
      sound = EndsAreSound<uint8_t>(bytes.data() + ends, row.n_, size);
      break;
    case 2:
      sound = EndsAreSound<uint16_t>(bytes.data() + ends, row.n_, size);
      break;
    case 4:
      sound = EndsAreSound<uint32_t>(bytes.data() + ends, row.n_, size);
      break;
    default:
      break;
  }
  if (!sound) return Corruption("offsets of a row are out of range");
  return row;
}

Datum RowView::Slot(size_t slot, const DataType& type) const {
  if (slot >= n_) return Datum::Null(type.kind);
  const char* const nulls = bytes_.data() + kRowHeaderBytes;
  if (((nulls[slot / 8] >> (slot % 8)) & 1) != 0) return Datum::Null(type.kind);
  const char* const end_at = nulls + (n_ + 7u) / 8 + slot * width_;
  const uint32_t begin = slot == 0 ? 0 : LoadEnd(end_at - width_, width_);
  const size_t size = LoadEnd(end_at, width_) - begin;
  const char* const p = bytes_.data() + payload_ + begin;
  if (const size_t fixed = SlotBytes(type.kind); fixed != 0 && size != fixed) {
    return Datum::Null(type.kind);
  }
  switch (type.kind) {
    case TypeKind::kBoolean:
      return Datum::Bool(*p != 0);
    case TypeKind::kSmallInt:
      return Datum::Int(type.kind, LoadFixed<int16_t>(p));
    case TypeKind::kInt:
    case TypeKind::kDate:
      return Datum::Int(type.kind, LoadFixed<int32_t>(p));
    case TypeKind::kBigInt:
    case TypeKind::kTime:
    case TypeKind::kTimestamp:
    case TypeKind::kDateTime:
      return Datum::Int(type.kind, LoadFixed<int64_t>(p));
    case TypeKind::kFloat:
      return Datum::Real(type.kind, static_cast<double>(LoadFixed<float>(p)));
    case TypeKind::kDouble:
      return Datum::Real(type.kind, LoadFixed<double>(p));
    case TypeKind::kDecimal:
      return Datum::Decimal(LoadFixed<Int128>(p), type.scale);
    case TypeKind::kEmbedding:
      if (size != type.dimension * sizeof(float)) return Datum::Null(type.kind);
      return Datum::Bytes(type.kind, {p, size});
    case TypeKind::kUuid:
    case TypeKind::kText:
    case TypeKind::kJson:
    case TypeKind::kFile:
    case TypeKind::kBytes:
      return Datum::Bytes(type.kind, {p, size});
    case TypeKind::kNull:
    case TypeKind::kList:
      break;
  }
  return Datum::Null(type.kind);
}

}  // namespace kalamdb
