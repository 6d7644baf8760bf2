// The stored form of one row version.
//
//   offset  size  what
//   0       1     format version: 1
//   1       1     flags: bit 0 deleted
//   2       8     _seq of this version                       little-endian
//   10      8     _seq of the version that first inserted the row (inherited over tombstones)
//   18      4     schema version that wrote it
//   22      2     n: number of slots
//   24      1     w: bytes of an end offset, 1, 2 or 4
//   25      (n+7)/8   bit set: slot is NULL
//   ...     n*w   end of each slot's bytes within the payload (a NULL's is that of the one before)
//   ...           payload: the slots' bytes back to back
//
// A slot's bytes: BOOLEAN 1; SMALLINT 2, INT 4, BIGINT 8, DATE 4, TIME 8, TIMESTAMP 8, DATETIME 8,
// FLOAT 4, DOUBLE 8, DECIMAL 16 (unscaled), UUID 16, EMBEDDING 4 a number; TEXT, JSON, FILE, BYTES
// as they are. Integers little-endian. One slot is found and read without touching the others.
//
// _seq is settled by the shard's writer, after the rest was encoded elsewhere: it patches
// bytes 1..17.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "types/schema.h"

namespace kalamdb {

inline constexpr uint8_t kRowFormatVersion = 1;
inline constexpr size_t kRowHeaderBytes = 25;

// Appends a row to `out`. `slots`: one Datum per stored column of the schema, already of the
// column's type (or NULL). _seq and the flags are left zero.
void EncodeRow(const Schema& schema, std::span<const Datum> slots, std::string* out);

inline void PatchRowVersion(char* row, int64_t seq, int64_t insert_seq, bool deleted) {
  row[1] = static_cast<char>(deleted ? 1 : 0);
  StoreFixed<int64_t>(row + 2, seq);
  StoreFixed<int64_t>(row + 10, insert_seq);
}

// A view over an encoded row; valid as long as its bytes are.
class RowView {
 public:
  RowView() = default;
  // Error when the bytes are no row of this format (truncated, unknown version, offsets out of
  // range).
  static Result<RowView> Parse(std::string_view bytes);

  [[nodiscard]] int64_t seq() const { return LoadFixed<int64_t>(bytes_.data() + 2); }
  [[nodiscard]] int64_t insert_seq() const { return LoadFixed<int64_t>(bytes_.data() + 10); }
  [[nodiscard]] bool deleted() const { return (bytes_[1] & 1) != 0; }
  [[nodiscard]] uint32_t schema_version() const { return LoadFixed<uint32_t>(bytes_.data() + 18); }
  [[nodiscard]] size_t slots() const { return n_; }
  [[nodiscard]] std::string_view bytes() const { return bytes_; }
  // The slot as a value of `type` (the type that the writing schema gave it). NULL when the row has
  // no such slot, or its bytes are none of that type.
  [[nodiscard]] Datum Slot(size_t slot, const DataType& type) const;

 private:
  std::string_view bytes_;
  uint16_t n_ = 0;
  uint8_t width_ = 1;
  uint32_t payload_ = 0;  // offset of the payload
};

// Appends the order-preserving key form of a value: bytewise order of keys is order of values.
//   BOOLEAN 1 byte; integers, dates and times 8 bytes big-endian with the sign bit flipped; FLOAT
//   and DOUBLE 8 bytes (IEEE, sign-folded); DECIMAL 16 bytes big-endian sign-flipped; UUID 16
//   bytes; text and bytes with 00 -> 00 FF and the terminator 00 01.
// Errors, which leave `out` as it was: NULL, NaN, a kind that has no order (EMBEDDING, lists), a
// key form of more than 1 KiB.
Status AppendKey(const Datum& d, std::string* out);
inline constexpr size_t kMaxKeyBytes = 1024;

// Escaped text with terminator: the owner part of storage keys.
void AppendEscaped(std::string_view text, std::string* out);
// Moves one escaped text from the front of `key` to `text`; false, and `key` as it was, if there is
// none.
bool ReadEscaped(std::string_view* key, std::string* text);

}  // namespace kalamdb
