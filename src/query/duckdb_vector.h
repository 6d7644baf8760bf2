// Our types and values as DuckDB's, and back. Internal to the analytical engine.
//
//   BOOLEAN, SMALLINT, INT, BIGINT, FLOAT, DOUBLE, DATE, TIME, DECIMAL(p, s), UUID    the type of
//   the same name TEXT, JSON, FILE     VARCHAR            TIMESTAMP, DATETIME   TIMESTAMP
//   (microseconds, no zone) BYTES                BLOB               EMBEDDING(n)          FLOAT[n]
//
// What only DuckDB has comes back as the wire shows it: HUGEINT as BIGINT (or an error), small and
// unsigned integers as numbers, UBIGINT as text, lists as JSON text (kList), intervals, structs,
// maps and enums as text.
#pragma once

#include <string>
#include <vector>

#include "query/context.h"
#include "query/duckdb_library.h"
#include "types/datum.h"

namespace kalamdb::query {

// The caller destroys it.
duckdb_logical_type MakeDuckDbType(const DuckDbApi& api, const DataType& type);

// A DuckDB type, taken apart once per result.
struct VectorType {
  duckdb_type id = DUCKDB_TYPE_INVALID;
  duckdb_type internal = DUCKDB_TYPE_INVALID;  // DECIMAL, ENUM: how it is stored
  uint8_t width = 0, scale = 0;                // DECIMAL
  uint64_t array_size = 0;                     // ARRAY
  std::vector<VectorType> children;  // LIST, ARRAY: one; MAP: key and value; STRUCT: its fields
  std::vector<std::string> names;    // STRUCT: of the fields; ENUM: its values
};
// kNotImplemented for types without any form on the wire.
Result<VectorType> DescribeType(const DuckDbApi& api, duckdb_logical_type type);

// The type that values read from such a vector have, and its name on the wire when it differs.
DataType ReadType(const VectorType& type);
std::string ReadWireType(const VectorType& type);

// Reads one flat vector. Valid as long as the chunk and `type`.
class VectorReader {
 public:
  VectorReader(const DuckDbApi& api, const VectorType& type, duckdb_vector vector);

  // Text points into the vector where it can, else into `arena`. kExecution when a HUGEINT is no
  // BIGINT.
  Result<Datum> Read(uint64_t row, Arena* arena) const;

 private:
  [[nodiscard]] bool IsNull(uint64_t row) const {
    return validity_ != nullptr && ((validity_[row >> 6] >> (row & 63)) & 1) == 0;
  }
  template <typename T>
  [[nodiscard]] T At(uint64_t row) const {
    return static_cast<const T*>(data_)[row];
  }
  // Appends the value as JSON; bounded by kMaxNesting.
  Status AppendJson(uint64_t row, int depth, Arena* arena, std::string* out) const;
  Status AppendElements(uint64_t begin, uint64_t size, int depth, Arena* arena,
                        std::string* out) const;

  const DuckDbApi* api_;
  const VectorType* type_;
  const void* data_;
  const uint64_t* validity_;
  std::vector<VectorReader> children_;
};

// Writes values of `type` into a fresh flat vector. Values of another kind must not be given.
class VectorWriter {
 public:
  VectorWriter(const DuckDbApi& api, const DataType& type, duckdb_vector vector);
  void Write(uint64_t row, const Datum& value);

 private:
  void WriteNull(uint64_t row);

  const DuckDbApi* api_;
  DataType type_;
  duckdb_vector vector_;
  void* data_;
  uint64_t* validity_ = nullptr;  // made when the first NULL comes
};

// "1 year 2 mons 3 days 04:05:06.5".
void AppendInterval(std::string* out, const duckdb_interval& interval);

}  // namespace kalamdb::query
