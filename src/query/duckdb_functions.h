// Scalar functions of ours inside DuckDB: generated ids, and whatever has to mean exactly what the
// row engine means, by running the row engine's own expressions over DuckDB's vectors. Internal to
// the analytical engine.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "types/data_type.h"

namespace kalamdb::query {

inline constexpr std::string_view kSnowflakeIdFunction = "kdb_snowflake_id";
inline constexpr std::string_view kUuidV7Function = "kdb_uuid_v7";
inline constexpr std::string_view kUlidFunction = "kdb_ulid";
// kdb_nonzero(x): x, or the error "division by zero".
inline constexpr std::string_view kNonZeroFunction = "kdb_nonzero";
// + - * / of two FLOATs or two DOUBLEs, with the errors of leaving the range.
inline constexpr std::string_view kAddFunction = "kdb_add";
inline constexpr std::string_view kSubtractFunction = "kdb_subtract";
inline constexpr std::string_view kMultiplyFunction = "kdb_multiply";
inline constexpr std::string_view kDivideFunction = "kdb_divide";
// kdb_average(sum of decimals, count): the quotient as text with kAverageDigits more digits,
// rounded half away from zero.
inline constexpr std::string_view kAverageFunction = "kdb_average";
inline constexpr int kAverageDigits = 4;

// SQL that does what expr::MakeCall(name, args) does; `name` is one that the table of functions or
// the operators have, `type` what it returns. DECIMAL comes as text with a cast around it.
// `json_args`: positions of arguments that are JSON, which DuckDB takes for text.
std::string EvaluatedCall(std::string_view name, const std::vector<std::string>& args,
                          const DataType& type, const std::vector<size_t>& json_args = {});

// The function that does what expr::MakeCast to a type without parameters does; null for other
// types.
struct EvaluatedCast {
  TypeKind to;
  bool try_cast;
  const char* function;
};
const EvaluatedCast* FindEvaluatedCast(TypeKind to, bool try_cast);

}  // namespace kalamdb::query
