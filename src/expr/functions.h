// The one table of functions: what is allowed at all, what the row engine has, what DuckDB calls
// it.
#pragma once

#include <span>
#include <string_view>

namespace kalamdb::expr {

enum class FunctionKind : unsigned char { kScalar, kAggregate, kWindow, kTable };

struct FunctionInfo {
  std::string_view name;  // lower case, as SQL spells it
  FunctionKind kind;
  int min_args;
  int max_args;     // -1: any number
  bool row_engine;  // whether expr::MakeCall has it (scalars) or the row engine's aggregates do
  // DuckDB's spelling: a plain name, or a template in which $1..$9 stand for the arguments and $*
  // for all of them joined by commas, e.g. "(instr($1, $2))". Empty: not available there.
  std::string_view duckdb;
};

// DuckDB's spelling for a call with `args` arguments: FunctionInfo::duckdb, unless the number of
// arguments decides. Spellings rely on DuckDB's setting integer_division = true. Empty: not
// available there; where row_engine is set, a function of DuckDB that runs the row engine's own
// expression can take its place.
std::string_view DuckdbSpelling(const FunctionInfo& function, int args);

// Null: no such function; the text of the error is "Invalid function 'x'."
const FunctionInfo* FindFunction(std::string_view lower_name);
std::span<const FunctionInfo> AllFunctions();

}  // namespace kalamdb::expr
