// Datum: one typed value that does not own its bytes. Value: one that does.
//
// Engines compute with Datums: rows decode to Datums that point into the stored bytes, computed
// text lives in an Arena. Whatever outlives the row or the arena is a Value.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/int128.h"
#include "types/data_type.h"

namespace kalamdb {

inline constexpr int64_t kMicrosPerDay = 86'400'000'000;

// 24 bytes, trivially copyable. Which member counts follows from `kind`:
//   kBoolean                                   b
//   kSmallInt kInt kBigInt kTimestamp kDateTime kDate kTime   i
//   kFloat kDouble                             d (a FLOAT is kept widened)
//   kDecimal                                   decimal(), with `scale`
//   kText kJson kFile kBytes                   text()
//   kUuid                                      text(), 16 bytes
//   kEmbedding                                 text(), 4 bytes little-endian float each
//   kList                                      text(), JSON of an array; of results only
// A NULL has `null` set and keeps its kind.
struct Datum {
  struct ByteSpan {
    const char* data;
    uint64_t size;
  };
  TypeKind kind = TypeKind::kNull;
  bool null = true;
  uint8_t scale = 0;
  union {
    bool b;
    int64_t i;
    double d;
    uint64_t words[2] = {0, 0};
    ByteSpan s;
  };

  static Datum Null(TypeKind kind = TypeKind::kNull) {
    Datum v;
    v.kind = kind;
    return v;
  }
  static Datum Bool(bool x) {
    Datum v;
    v.kind = TypeKind::kBoolean;
    v.null = false;
    v.b = x;
    return v;
  }
  static Datum Int(TypeKind kind, int64_t x) {
    Datum v;
    v.kind = kind;
    v.null = false;
    v.i = x;
    return v;
  }
  static Datum BigInt(int64_t x) { return Int(TypeKind::kBigInt, x); }
  static Datum Real(TypeKind kind, double x) {
    Datum v;
    v.kind = kind;
    v.null = false;
    v.d = x;
    return v;
  }
  static Datum Bytes(TypeKind kind, std::string_view x) {
    Datum v;
    v.kind = kind;
    v.null = false;
    v.s.data = x.data();
    v.s.size = x.size();
    return v;
  }
  static Datum Text(std::string_view x) { return Bytes(TypeKind::kText, x); }
  static Datum Decimal(Int128 unscaled, uint8_t scale) {
    Datum v;
    v.kind = TypeKind::kDecimal;
    v.null = false;
    v.scale = scale;
    v.words[0] = static_cast<uint64_t>(unscaled);
    v.words[1] = static_cast<uint64_t>(unscaled >> 64);
    return v;
  }
  [[nodiscard]] std::string_view text() const { return {s.data, s.size}; }
  [[nodiscard]] Int128 decimal() const {
    return static_cast<Int128>((static_cast<UInt128>(words[1]) << 64) | words[0]);
  }
  // Whether the value points at bytes outside itself.
  [[nodiscard]] bool has_bytes() const { return !null && KindIn(kind, kByteKinds); }
};
static_assert(sizeof(Datum) == 24);  // kind, null and scale share the first word

// Memory for the text that expressions compute; freed all at once. Not thread-safe.
class Arena {
 public:
  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  char* Allocate(size_t n);
  std::string_view Copy(std::string_view bytes);
  // Forgets everything, keeps one small block.
  void Reset();
  [[nodiscard]] size_t bytes() const { return total_; }

 private:
  struct Block {
    std::unique_ptr<char[]> data;
    size_t size;
  };
  std::vector<Block> blocks_;
  size_t used_ = 0;   // of the last block
  size_t total_ = 0;  // of all blocks
};

class Value {
 public:
  Value() = default;
  explicit Value(const Datum& d) { *this = d; }
  Value(const Value& other) { *this = other.datum_; }
  Value(Value&& other) noexcept;
  Value& operator=(const Value& other) {
    if (this != &other) *this = other.datum_;
    return *this;
  }
  Value& operator=(Value&& other) noexcept;
  Value& operator=(const Datum& d);
  static Value Text(std::string text);

  [[nodiscard]] const Datum& datum() const { return datum_; }
  [[nodiscard]] bool null() const { return datum_.null; }

 private:
  Datum datum_;
  std::string bytes_;  // what datum_ points at, when it points at anything
};

// The sign of a bytewise comparison, the order of SQL text.
inline int CompareBytes(std::string_view a, std::string_view b) {
  const size_t n = a.size() < b.size() ? a.size() : b.size();
  if (const int c = n == 0 ? 0 : std::memcmp(a.data(), b.data(), n); c != 0) return c;
  return (a.size() > b.size()) - (a.size() < b.size());
}

// CompareDatums for the pairs that it does not settle inline.
int CompareUnlikeDatums(const Datum& a, const Datum& b);

// SQL comparison of two non-null values of comparable kinds: numbers of any kind with each other
// (exactly: integers and decimals are never compared through doubles), text with text bytewise,
// TIMESTAMP with DATETIME and DATE by instant. NaN is the greatest and equals itself.
// <0, 0, >0. Aborts when the kinds cannot be compared; IsComparable tells.
inline int CompareDatums(const Datum& a, const Datum& b) {
  if (a.kind == b.kind) {
    if (a.kind == TypeKind::kText) return CompareBytes(a.text(), b.text());
    if (KindIn(a.kind, kInt64Kinds)) return (a.i > b.i) - (a.i < b.i);
  }
  return CompareUnlikeDatums(a, b);
}
// kNull, the kind of a bare NULL, is comparable with everything: the answer is NULL.
bool IsComparable(TypeKind a, TypeKind b);
// Equal in value and NULL-ness; what UPDATE takes for "nothing changed".
bool SameValue(const Datum& a, const Datum& b);
// Equal values of comparable kinds hash alike.
uint64_t HashDatum(const Datum& d);

}  // namespace kalamdb
