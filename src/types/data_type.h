// The data types of SQL as KalamDB names them, and their spelling on the wire and in SQL.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"

namespace kalamdb {

// The numbers are stored (row schemas, index keys): never renumber.
enum class TypeKind : uint8_t {
  kNull = 0x00,  // the type of a bare NULL or an unbound parameter
  kBoolean = 0x01,
  kInt = 0x02,
  kBigInt = 0x03,
  kDouble = 0x04,
  kFloat = 0x05,
  kText = 0x06,
  kTimestamp = 0x07,  // microseconds since the epoch, no zone
  kDate = 0x08,       // days since the epoch
  kDateTime = 0x09,   // microseconds since the epoch, UTC
  kTime = 0x0a,       // microseconds since midnight
  kJson = 0x0b,       // text
  kBytes = 0x0c,
  kEmbedding = 0x0d,  // `dimension` 32-bit floats
  kUuid = 0x0e,       // 16 bytes
  kDecimal = 0x0f,    // 128-bit integer, `scale` digits behind the point
  kSmallInt = 0x10,
  kFile = 0x11,  // text: FileRef JSON
  kList = 0x20,  // results only, never stored: JSON text of an array, sent as it is
};

struct DataType {
  TypeKind kind = TypeKind::kNull;
  uint8_t precision = 0;   // kDecimal
  uint8_t scale = 0;       // kDecimal
  uint16_t dimension = 0;  // kEmbedding

  static DataType Of(TypeKind kind) { return {kind, 0, 0, 0}; }
  static DataType Decimal(uint8_t precision, uint8_t scale) {
    return {TypeKind::kDecimal, precision, scale, 0};
  }
  static DataType Embedding(uint16_t n) { return {TypeKind::kEmbedding, 0, 0, n}; }
  friend bool operator==(const DataType&, const DataType&) = default;
};

inline constexpr uint16_t kMaxEmbeddingDimension = 8192;
inline constexpr uint8_t kMaxDecimalPrecision = 38;

inline bool IsInteger(TypeKind k) {
  return k == TypeKind::kSmallInt || k == TypeKind::kInt || k == TypeKind::kBigInt;
}
inline bool IsFloating(TypeKind k) { return k == TypeKind::kFloat || k == TypeKind::kDouble; }
inline bool IsNumeric(TypeKind k) {
  return IsInteger(k) || IsFloating(k) || k == TypeKind::kDecimal;
}
// Held as bytes of UTF-8.
inline bool IsTextual(TypeKind k) {
  return k == TypeKind::kText || k == TypeKind::kJson || k == TypeKind::kFile;
}
// A set of kinds as one word, so that membership is a shift.
template <typename... Kinds>
constexpr uint64_t KindSet(Kinds... kinds) {
  return ((uint64_t{1} << static_cast<unsigned>(kinds)) | ...);
}
constexpr bool KindIn(TypeKind k, uint64_t set) {
  return ((set >> static_cast<unsigned>(k)) & 1) != 0;
}
// Held as a 64-bit integer: integers, dates and times.
inline constexpr uint64_t kInt64Kinds =
    KindSet(TypeKind::kSmallInt, TypeKind::kInt, TypeKind::kBigInt, TypeKind::kTimestamp,
            TypeKind::kDateTime, TypeKind::kDate, TypeKind::kTime);
// Held as bytes outside the value.
inline constexpr uint64_t kByteKinds =
    KindSet(TypeKind::kText, TypeKind::kJson, TypeKind::kFile, TypeKind::kBytes, TypeKind::kUuid,
            TypeKind::kEmbedding, TypeKind::kList);
inline bool IsDateTimeKind(TypeKind k) {
  return k == TypeKind::kTimestamp || k == TypeKind::kDateTime;
}

// JSON text of the wire's data_type: "BigInt" (with quotes), {"Embedding":384},
// {"Decimal":{"precision":10,"scale":2}}. kNull and kList are "Text".
std::string WireTypeJson(const DataType& type);
// The same without the members: "BigInt", "Decimal".
std::string_view WireTypeName(TypeKind kind);
// "BIGINT", "DECIMAL(10, 2)", "EMBEDDING(3)".
std::string SqlTypeName(const DataType& type);
// The type that a SQL spelling names; `name` is lower-case with single blanks ("double precision",
// "timestamp with time zone", "int8"), `args` the numbers in parentheses, `has_args` tells "()"
// from none. Errors are the texts of the dialect ("Unsupported data type: ...", DECIMAL and
// EMBEDDING bounds). Array types ("text[]") and enum spellings are the caller's to map to TEXT.
struct TypeArgs {
  int count = 0;
  int64_t value[2] = {0, 0};
};
Result<DataType> ResolveSqlType(std::string_view name, const TypeArgs& args);
// SERIAL family: the column gets DEFAULT SNOWFLAKE_ID().
bool IsSerialTypeName(std::string_view name);

}  // namespace kalamdb
