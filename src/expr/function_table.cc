// The table of functions. Sorted by name: a new row goes where its name belongs.
//
// DuckDB's spelling is given where its function means what PostgreSQL's means, if need be with a
// cast or a case around it. Where it does not (other errors, another notation), it is empty, and
// the row engine's code has to run there too. Statement time and identity are empty as well: they
// are values of the statement, to be bound as such.
#include "expr/functions.h"

#include <algorithm>
#include <iterator>

namespace kalamdb::expr {
namespace {

constexpr FunctionKind kScalar = FunctionKind::kScalar;
constexpr FunctionKind kAggregate = FunctionKind::kAggregate;
constexpr FunctionKind kWindow = FunctionKind::kWindow;
constexpr FunctionKind kTable = FunctionKind::kTable;

// The third to last column is -1 for any number of arguments; then: does the row engine have it.
constexpr FunctionInfo kFunctions[] = {
    {"abs", kScalar, 1, 1, true, "abs"},
    {"acos", kScalar, 1, 1, true, "acos"},
    {"acosh", kScalar, 1, 1, true,
     "(CASE WHEN $1 < 1 THEN error('input is out of range') ELSE acosh($1) END)"},
    {"age", kScalar, 1, 2, false, "age"},
    {"any_value", kAggregate, 1, 1, false, "any_value"},
    {"approx_count_distinct", kAggregate, 1, 1, false, "approx_count_distinct"},
    {"approx_distinct", kAggregate, 1, 1, false, "approx_count_distinct"},
    {"approx_median", kAggregate, 1, 1, false, "approx_quantile($1, 0.5)"},
    {"approx_percentile_cont", kAggregate, 2, 2, false, "approx_quantile"},
    {"array_agg", kAggregate, 1, 1, false, "array_agg"},
    {"array_append", kScalar, 2, 2, false, "list_append"},
    {"array_cat", kScalar, 2, 2, false, "list_concat"},
    {"array_concat", kScalar, 2, 2, false, "list_concat"},
    {"array_contains", kScalar, 2, 2, false, "list_contains"},
    {"array_distinct", kScalar, 1, 1, false, "list_distinct"},
    {"array_has", kScalar, 2, 2, false, "list_contains"},
    {"array_length", kScalar, 1, 2, false, "CAST(nullif(len($1), 0) AS INTEGER)"},
    {"array_max", kScalar, 1, 1, false, "list_max"},
    {"array_min", kScalar, 1, 1, false, "list_min"},
    {"array_position", kScalar, 2, 2, false, "CAST(nullif(list_position($1, $2), 0) AS INTEGER)"},
    {"array_prepend", kScalar, 2, 2, false, "list_prepend"},
    {"array_push_back", kScalar, 2, 2, false, "list_append"},
    {"array_remove", kScalar, 2, 2, false,
     "list_filter($1, lambda kdb_x: kdb_x IS DISTINCT FROM $2)"},
    {"array_reverse", kScalar, 1, 1, false, "list_reverse"},
    {"array_sort", kScalar, 1, 1, false, "list_sort"},
    {"array_to_string", kScalar, 2, 2, false, "array_to_string"},
    {"ascii", kScalar, 1, 1, true, "ascii"},
    {"asin", kScalar, 1, 1, true, "asin"},
    {"asinh", kScalar, 1, 1, true, "asinh"},
    {"atan", kScalar, 1, 1, true, "atan"},
    {"atan2", kScalar, 2, 2, true, "atan2"},
    {"atanh", kScalar, 1, 1, true, "atanh"},
    {"avg", kAggregate, 1, 1, true, "avg"},
    {"bit_and", kAggregate, 1, 1, false, "bit_and"},
    {"bit_length", kScalar, 1, 1, true, ""},
    {"bit_or", kAggregate, 1, 1, false, "bit_or"},
    {"bit_xor", kAggregate, 1, 1, false, "bit_xor"},
    {"bool_and", kAggregate, 1, 1, false, "bool_and"},
    {"bool_or", kAggregate, 1, 1, false, "bool_or"},
    {"btrim", kScalar, 1, 2, true, "trim"},
    {"cardinality", kScalar, 1, 1, false, "CAST(len($1) AS INTEGER)"},
    {"cbrt", kScalar, 1, 1, true, "cbrt"},
    {"ceil", kScalar, 1, 1, true, "ceil"},
    {"ceiling", kScalar, 1, 1, true, "ceil"},
    {"char_length", kScalar, 1, 1, true, "CAST(length($1) AS INTEGER)"},
    {"character_length", kScalar, 1, 1, true, "CAST(length($1) AS INTEGER)"},
    {"chr", kScalar, 1, 1, true, ""},
    {"coalesce", kScalar, 1, -1, true, "coalesce"},
    {"concat", kScalar, 1, -1, true, "concat"},
    {"concat_ws", kScalar, 2, -1, true, "concat_ws"},
    {"contains", kScalar, 2, 2, true, "contains"},
    {"corr", kAggregate, 2, 2, false, "corr"},
    {"cos", kScalar, 1, 1, true, "cos"},
    {"cosh", kScalar, 1, 1, true, "cosh"},
    {"cosine_distance", kScalar, 2, 2, true, ""},
    {"cot", kScalar, 1, 1, true, ""},
    {"count", kAggregate, 0, 1, true, "count"},
    {"covar_pop", kAggregate, 2, 2, false, "covar_pop"},
    {"covar_samp", kAggregate, 2, 2, false, "covar_samp"},
    {"cume_dist", kWindow, 0, 0, false, "cume_dist"},
    {"current_catalog", kScalar, 0, 0, true, ""},
    {"current_database", kScalar, 0, 0, true, ""},
    {"current_date", kScalar, 0, 0, true, ""},
    {"current_role", kScalar, 0, 0, true, ""},
    {"current_schema", kScalar, 0, 0, true, ""},
    {"current_time", kScalar, 0, 0, true, ""},
    {"current_timestamp", kScalar, 0, 0, true, ""},
    {"current_user", kScalar, 0, 0, true, ""},
    {"current_user_id", kScalar, 0, 0, true, ""},
    {"date", kScalar, 1, 1, true, "CAST($1 AS DATE)"},
    {"date_bin", kScalar, 2, 3, false,
     "time_bucket(CAST($1 AS INTERVAL), CAST($2 AS TIMESTAMP), CAST($3 AS TIMESTAMP))"},
    {"date_part", kScalar, 2, 2, true,
     "(CASE WHEN lower($1) IN ('second', 'seconds', 'sec') THEN CAST(date_part('microseconds', $2) "
     "AS DOUBLE) / 1000000 WHEN lower($1) IN ('millisecond', 'milliseconds', 'ms') THEN "
     "CAST(date_part('microseconds', $2) AS DOUBLE) / 1000 ELSE CAST(date_part($1, $2) AS DOUBLE) "
     "END)"},
    {"date_trunc", kScalar, 2, 2, true, "CAST(date_trunc($1, CAST($2 AS TIMESTAMP)) AS TIMESTAMP)"},
    {"decode", kScalar, 2, 2, true, ""},
    {"degrees", kScalar, 1, 1, true, "degrees"},
    {"dense_rank", kWindow, 0, 0, false, "dense_rank"},
    {"div", kScalar, 2, 2, true, ""},
    {"encode", kScalar, 2, 2, true, ""},
    {"ends_with", kScalar, 2, 2, true, "ends_with"},
    {"every", kAggregate, 1, 1, false, "bool_and"},
    {"exp", kScalar, 1, 1, true, ""},
    {"extract", kScalar, 2, 2, true,
     "(CASE WHEN lower($1) IN ('second', 'seconds', 'sec') THEN CAST(date_part('microseconds', $2) "
     "AS DOUBLE) / 1000000 WHEN lower($1) IN ('millisecond', 'milliseconds', 'ms') THEN "
     "CAST(date_part('microseconds', $2) AS DOUBLE) / 1000 ELSE CAST(date_part($1, $2) AS DOUBLE) "
     "END)"},
    {"factorial", kScalar, 1, 1, true, ""},
    {"first_value", kWindow, 1, 1, false, "first_value"},
    {"floor", kScalar, 1, 1, true, "floor"},
    {"format", kScalar, 1, -1, true, ""},
    {"gcd", kScalar, 2, 2, true, ""},
    {"gen_random_uuid", kScalar, 0, 0, true, "gen_random_uuid"},
    {"generate_series", kTable, 2, 3, false, "generate_series"},
    {"greatest", kScalar, 1, -1, true, "greatest"},
    {"grouping", kAggregate, 1, -1, false, "grouping"},
    {"initcap", kScalar, 1, 1, true, ""},
    {"isnan", kScalar, 1, 1, true, "isnan(CAST($1 AS DOUBLE))"},
    {"json_agg", kAggregate, 1, 1, false, "('[' || string_agg($1, ',') || ']')"},
    {"json_array_length", kScalar, 1, 1, true, ""},
    {"json_as_text", kScalar, 1, -1, true, ""},
    {"json_build_array", kScalar, 0, -1, true, ""},
    {"json_build_object", kScalar, 0, -1, true, ""},
    {"json_contains", kScalar, 1, -1, true, ""},
    {"json_extract_path", kScalar, 2, -1, true, ""},
    {"json_extract_path_text", kScalar, 2, -1, true, ""},
    {"json_from_scalar", kScalar, 1, 1, true, ""},
    {"json_get", kScalar, 1, -1, true, ""},
    {"json_get_array", kScalar, 1, -1, true, ""},
    {"json_get_bool", kScalar, 1, -1, true, ""},
    {"json_get_float", kScalar, 1, -1, true, ""},
    {"json_get_int", kScalar, 1, -1, true, ""},
    {"json_get_json", kScalar, 1, -1, true, ""},
    {"json_get_str", kScalar, 1, -1, true, ""},
    {"json_length", kScalar, 1, -1, true, ""},
    {"json_object_agg", kAggregate, 2, 2, false,
     "('{' || string_agg($1 || ':' || $2, ',') || '}')"},
    {"json_object_keys", kScalar, 1, -1, true, ""},
    {"json_typeof", kScalar, 1, 1, true, ""},
    {"json_valid", kScalar, 1, 1, true, ""},
    {"jsonb_agg", kAggregate, 1, 1, false, "('[' || string_agg($1, ',') || ']')"},
    {"jsonb_array_length", kScalar, 1, 1, true, ""},
    {"jsonb_build_array", kScalar, 0, -1, true, ""},
    {"jsonb_build_object", kScalar, 0, -1, true, ""},
    {"jsonb_extract_path", kScalar, 2, -1, true, ""},
    {"jsonb_extract_path_text", kScalar, 2, -1, true, ""},
    {"jsonb_object_agg", kAggregate, 2, 2, false,
     "('{' || string_agg($1 || ':' || $2, ',') || '}')"},
    {"jsonb_typeof", kScalar, 1, 1, true, ""},
    {"kdb_current_role", kScalar, 0, 0, true, ""},
    {"kdb_current_user", kScalar, 0, 0, true, ""},
    {"lag", kWindow, 1, 3, false, "lag"},
    {"last_value", kWindow, 1, 1, false, "last_value"},
    {"lcm", kScalar, 2, 2, true, ""},
    {"lead", kWindow, 1, 3, false, "lead"},
    {"least", kScalar, 1, -1, true, "least"},
    {"left", kScalar, 2, 2, true, "left"},
    {"length", kScalar, 1, 1, true, "CAST(length($1) AS INTEGER)"},
    {"levenshtein", kScalar, 2, 2, false, "CAST(levenshtein($1, $2) AS INTEGER)"},
    {"ln", kScalar, 1, 1, true, "ln"},
    {"localtime", kScalar, 0, 0, true, ""},
    {"localtimestamp", kScalar, 0, 0, true, ""},
    {"log", kScalar, 1, 2, true, ""},
    {"log10", kScalar, 1, 1, true, "log10"},
    {"log2", kScalar, 1, 1, true, "log2"},
    {"lower", kScalar, 1, 1, true, "lower"},
    {"lpad", kScalar, 2, 3, true,
     "(CASE WHEN $2 > 16777216 AND $1 IS NOT NULL AND $3 IS NOT NULL THEN error('requested "
     "length too large') WHEN $3 = '' THEN left($1, (CASE WHEN $2 < 0 THEN 0 ELSE $2 END)) ELSE "
     "lpad($1, CAST((CASE WHEN $2 < 0 THEN 0 ELSE $2 END) AS INTEGER), $3) END)"},
    {"ltrim", kScalar, 1, 2, true, "ltrim"},
    {"make_array", kScalar, 0, -1, false, "list_value"},
    {"make_date", kScalar, 3, 3, true, "make_date"},
    {"make_time", kScalar, 3, 3, true, ""},
    {"make_timestamp", kScalar, 6, 6, true, ""},
    {"max", kAggregate, 1, 1, true, "max"},
    {"md5", kScalar, 1, 1, false, "md5"},
    {"median", kAggregate, 1, 1, false, "median"},
    {"min", kAggregate, 1, 1, true, "min"},
    {"mod", kScalar, 2, 2, true,
     "($1 % (CASE WHEN $2 = 0 AND $1 IS NOT NULL THEN error('division by zero') ELSE $2 END))"},
    {"mode", kAggregate, 0, 1, false, "mode"},
    {"now", kScalar, 0, 0, true, ""},
    {"nth_value", kWindow, 2, 2, false, "nth_value"},
    {"ntile", kWindow, 1, 1, false, "ntile"},
    {"nullif", kScalar, 2, 2, true, "nullif"},
    {"nvl", kScalar, 2, 2, true, "coalesce"},
    {"octet_length", kScalar, 1, 1, true, ""},
    {"overlay", kScalar, 3, 4, true, ""},
    {"percent_rank", kWindow, 0, 0, false, "percent_rank"},
    {"percentile_cont", kAggregate, 1, 1, false, "percentile_cont"},
    {"percentile_disc", kAggregate, 1, 1, false, "percentile_disc"},
    {"pg_typeof", kScalar, 1, 1, true, ""},
    {"pi", kScalar, 0, 0, true, "pi"},
    {"position", kScalar, 2, 2, true, "CAST(instr($1, $2) AS INTEGER)"},
    {"pow", kScalar, 2, 2, true, ""},
    {"power", kScalar, 2, 2, true, ""},
    {"quote_ident", kScalar, 1, 1, true, ""},
    {"quote_literal", kScalar, 1, 1, true, ""},
    {"radians", kScalar, 1, 1, true, "radians"},
    {"random", kScalar, 0, 0, true, "random"},
    {"rank", kWindow, 0, 0, false, "rank"},
    {"regexp_count", kScalar, 2, 2, false, "CAST(len(regexp_extract_all($1, $2)) AS INTEGER)"},
    {"regexp_like", kScalar, 2, 3, false, "regexp_matches"},
    {"regexp_replace", kScalar, 3, 4, false, "regexp_replace"},
    {"regexp_split_to_array", kScalar, 2, 2, false, "regexp_split_to_array"},
    {"regexp_split_to_table", kTable, 2, 2, false, "unnest(regexp_split_to_array($1, $2))"},
    {"regexp_substr", kScalar, 2, 2, false, "list_extract(regexp_extract_all($1, $2), 1)"},
    {"regr_avgx", kAggregate, 2, 2, false, "regr_avgx"},
    {"regr_avgy", kAggregate, 2, 2, false, "regr_avgy"},
    {"regr_count", kAggregate, 2, 2, false, "regr_count"},
    {"regr_intercept", kAggregate, 2, 2, false, "regr_intercept"},
    {"regr_r2", kAggregate, 2, 2, false, "regr_r2"},
    {"regr_slope", kAggregate, 2, 2, false, "regr_slope"},
    {"regr_sxx", kAggregate, 2, 2, false, "regr_sxx"},
    {"regr_sxy", kAggregate, 2, 2, false, "regr_sxy"},
    {"regr_syy", kAggregate, 2, 2, false, "regr_syy"},
    {"repeat", kScalar, 2, 2, true, ""},
    {"replace", kScalar, 3, 3, true, "replace"},
    {"reverse", kScalar, 1, 1, true, "reverse"},
    {"right", kScalar, 2, 2, true, "right"},
    {"round", kScalar, 1, 2, true, ""},
    {"row_number", kWindow, 0, 0, false, "row_number"},
    {"rpad", kScalar, 2, 3, true,
     "(CASE WHEN $2 > 16777216 AND $1 IS NOT NULL AND $3 IS NOT NULL THEN error('requested "
     "length too large') WHEN $3 = '' THEN left($1, (CASE WHEN $2 < 0 THEN 0 ELSE $2 END)) ELSE "
     "rpad($1, CAST((CASE WHEN $2 < 0 THEN 0 ELSE $2 END) AS INTEGER), $3) END)"},
    {"rtrim", kScalar, 1, 2, true, "rtrim"},
    {"session_user", kScalar, 0, 0, true, ""},
    {"sha256", kScalar, 1, 1, false, "unhex(sha256($1))"},
    {"sign", kScalar, 1, 1, true, "CAST(sign($1) AS DOUBLE)"},
    {"sin", kScalar, 1, 1, true, "sin"},
    {"sinh", kScalar, 1, 1, true, "sinh"},
    {"snowflake_id", kScalar, 0, 0, true, ""},
    {"split_part", kScalar, 3, 3, true,
     "(CASE WHEN $3 = 0 AND $1 IS NOT NULL AND $2 IS NOT NULL THEN error('field position must "
     "not be zero') WHEN $2 = '' THEN (CASE WHEN $3 IN (1, -1) THEN $1 ELSE left($1, $3 * 0) "
     "END) ELSE split_part($1, $2, $3) END)"},
    {"sqrt", kScalar, 1, 1, true, "sqrt"},
    {"starts_with", kScalar, 2, 2, true, "starts_with"},
    {"statement_timestamp", kScalar, 0, 0, true, ""},
    {"stddev", kAggregate, 1, 1, false, "stddev_samp"},
    {"stddev_pop", kAggregate, 1, 1, false, "stddev_pop"},
    {"stddev_samp", kAggregate, 1, 1, false, "stddev_samp"},
    {"string_agg", kAggregate, 2, 2, false, "string_agg"},
    {"string_to_array", kScalar, 2, 2, false, "string_split"},
    {"string_to_table", kTable, 2, 2, false, "unnest(string_split($1, $2))"},
    {"strpos", kScalar, 2, 2, true, "CAST(instr($1, $2) AS INTEGER)"},
    {"substr", kScalar, 2, 3, true,
     "(CASE WHEN $3 < 0 AND $1 IS NOT NULL AND $2 IS NOT NULL THEN error('negative substring "
     "length not allowed') WHEN $2 >= 1 THEN substring($1, $2, $3) WHEN $2 + $3 < 1 THEN "
     "left($1, 0) ELSE substring($1, 1, $2 + $3 - 1) END)"},
    {"substring", kScalar, 2, 3, true,
     "(CASE WHEN $3 < 0 AND $1 IS NOT NULL AND $2 IS NOT NULL THEN error('negative substring "
     "length not allowed') WHEN $2 >= 1 THEN substring($1, $2, $3) WHEN $2 + $3 < 1 THEN "
     "left($1, 0) ELSE substring($1, 1, $2 + $3 - 1) END)"},
    {"sum", kAggregate, 1, 1, true, "sum"},
    {"tan", kScalar, 1, 1, true, "tan"},
    {"tanh", kScalar, 1, 1, true, "tanh"},
    {"to_char", kScalar, 2, 2, true, ""},
    {"to_hex", kScalar, 1, 1, true, ""},
    {"to_json", kScalar, 1, 1, true, ""},
    {"to_jsonb", kScalar, 1, 1, true, ""},
    {"to_timestamp", kScalar, 1, 1, true, ""},
    {"transaction_timestamp", kScalar, 0, 0, true, ""},
    {"translate", kScalar, 3, 3, true, "translate"},
    {"trim", kScalar, 1, 2, true, "trim"},
    {"trunc", kScalar, 1, 2, true, ""},
    {"ulid", kScalar, 0, 0, true, ""},
    {"unnest", kTable, 1, 1, false, "unnest"},
    {"upper", kScalar, 1, 1, true, "upper"},
    {"user", kScalar, 0, 0, true, ""},
    {"uuid", kScalar, 0, 0, true, "CAST(gen_random_uuid() AS VARCHAR)"},
    {"uuid_v7", kScalar, 0, 0, true, ""},
    {"var", kAggregate, 1, 1, false, "var_samp"},
    {"var_pop", kAggregate, 1, 1, false, "var_pop"},
    {"var_samp", kAggregate, 1, 1, false, "var_samp"},
    {"variance", kAggregate, 1, 1, false, "var_samp"},
    {"vector_search", kTable, 3, 4, false, ""},
};

struct ByCount {
  std::string_view name;
  int args;
  std::string_view duckdb;
};
// Spellings for one number of arguments; any other number has that of the table above.
constexpr ByCount kByCount[] = {
    {"array_length", 2, "(CASE WHEN $2 = 1 THEN CAST(nullif(len($1), 0) AS INTEGER) END)"},
    {"date_bin", 2,
     "time_bucket(CAST($1 AS INTERVAL), CAST($2 AS TIMESTAMP), TIMESTAMP '1970-01-01 00:00:00')"},
    {"log", 1, "log10"},
    {"lpad", 2,
     "(CASE WHEN $2 > 16777216 AND $1 IS NOT NULL THEN error('requested length too large') ELSE "
     "lpad($1, CAST((CASE WHEN $2 < 0 THEN 0 ELSE $2 END) AS INTEGER), ' ') END)"},
    {"rpad", 2,
     "(CASE WHEN $2 > 16777216 AND $1 IS NOT NULL THEN error('requested length too large') ELSE "
     "rpad($1, CAST((CASE WHEN $2 < 0 THEN 0 ELSE $2 END) AS INTEGER), ' ') END)"},
    {"substr", 2, "(CASE WHEN $2 >= 1 THEN substring($1, $2) WHEN $2 < 1 THEN $1 END)"},
    {"substring", 2, "(CASE WHEN $2 >= 1 THEN substring($1, $2) WHEN $2 < 1 THEN $1 END)"},
};

constexpr bool Before(const FunctionInfo& f, std::string_view name) { return f.name < name; }
static_assert(std::is_sorted(std::begin(kFunctions), std::end(kFunctions),
                             [](const FunctionInfo& a, const FunctionInfo& b) {
                               return a.name < b.name;
                             }));

}  // namespace

const FunctionInfo* FindFunction(std::string_view lower_name) {
  const FunctionInfo* end = std::end(kFunctions);
  const FunctionInfo* f = std::lower_bound(std::begin(kFunctions), end, lower_name, Before);
  return f != end && f->name == lower_name ? f : nullptr;
}

std::span<const FunctionInfo> AllFunctions() { return kFunctions; }

std::string_view DuckdbSpelling(const FunctionInfo& function, int args) {
  for (const ByCount& by_count : kByCount) {
    if (by_count.args == args && by_count.name == function.name) return by_count.duckdb;
  }
  return function.duckdb;
}

}  // namespace kalamdb::expr
