// Scalar functions over plain numbers, which DuckDB calls a chunk at a time: arithmetic with the
// errors that it does not have.
#include <cmath>
#include <utility>

#include "query/duckdb_database.h"
#include "query/duckdb_functions.h"
#include "query/duckdb_registration.h"

namespace kalamdb::query {
namespace {

bool IsZero(int64_t v) { return v == 0; }
bool IsZero(double v) { return v == 0; }
bool IsZero(const duckdb_hugeint& v) { return v.lower == 0 && v.upper == 0; }

// The argument `i` of a function whose result is NULL where an argument is.
template <typename T>
struct Operand {
  Operand(const DuckDbApi& api, duckdb_data_chunk chunk, idx_t i)
      : Operand(api, api.data_chunk_get_vector(chunk, i)) {}
  Operand(const DuckDbApi& api, duckdb_vector vector)
      : values(static_cast<const T*>(api.vector_get_data(vector))),
        validity(api.vector_get_validity(vector)) {}
  [[nodiscard]] bool null(idx_t row) const {
    return validity != nullptr && ((validity[row >> 6] >> (row & 63)) & 1) == 0;
  }
  const T* values;
  const uint64_t* validity;
};

// Made writable when the first NULL comes.
class NullMask {
 public:
  NullMask(const DuckDbApi& api, duckdb_vector vector) : api_(api), vector_(vector) {}
  void Set(idx_t row) {
    if (validity_ == nullptr) {
      api_.vector_ensure_validity_writable(vector_);
      validity_ = api_.vector_get_validity(vector_);
    }
    validity_[row >> 6] &= ~(uint64_t{1} << (row & 63));
  }

 private:
  const DuckDbApi& api_;
  duckdb_vector vector_;
  uint64_t* validity_ = nullptr;
};

template <typename T>
void NonZero(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  const DuckDbApi& api = CallbackApi();
  const Operand<T> in(api, input, 0);
  auto* out = static_cast<T*>(api.vector_get_data(output));
  NullMask nulls(api, output);
  for (idx_t i = 0, n = api.data_chunk_get_size(input); i < n; ++i) {
    if (in.null(i)) {
      nulls.Set(i);
    } else if (IsZero(in.values[i])) {
      api.scalar_function_set_error(info, "division by zero");
      return;
    } else {
      out[i] = in.values[i];
    }
  }
}

// One operation on two numbers; null: fine, else what is wrong.
template <typename T, char op>
const char* Compute(T a, T b, T* r) {
  if constexpr (op == '+') *r = a + b;
  if constexpr (op == '-') *r = a - b;
  if constexpr (op == '*') *r = a * b;
  if constexpr (op == '/') {
    if (b == 0 && !std::isnan(a)) return "division by zero";
    *r = a / b;
  }
  if (std::isinf(*r) && std::isfinite(a) && std::isfinite(b)) return "value out of range: overflow";
  if constexpr (op == '*' || op == '/') {
    if (*r == 0 && a != 0 && std::isfinite(b) && (op == '/' || b != 0)) {
      return "value out of range: underflow";
    }
  }
  return nullptr;
}

template <typename T, char op>
void Arithmetic(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  const DuckDbApi& api = CallbackApi();
  const Operand<T> left(api, input, 0), right(api, input, 1);
  auto* out = static_cast<T*>(api.vector_get_data(output));
  NullMask nulls(api, output);
  for (idx_t i = 0, n = api.data_chunk_get_size(input); i < n; ++i) {
    if (left.null(i) || right.null(i)) {
      nulls.Set(i);
    } else if (const char* wrong = Compute<T, op>(left.values[i], right.values[i], &out[i])) {
      api.scalar_function_set_error(info, wrong);
      return;
    }
  }
}

template <char op>
Status RegisterOperation(const DuckDbApi& api, duckdb_connection connection,
                         std::string_view name) {
  DuckDbHandle<duckdb_scalar_function_set> set(api.destroy_scalar_function_set,
                                               api.create_scalar_function_set(name.data()));
  const std::pair<duckdb_type, duckdb_scalar_function_t> overloads[] = {
      {DUCKDB_TYPE_FLOAT, Arithmetic<float, op>}, {DUCKDB_TYPE_DOUBLE, Arithmetic<double, op>}};
  for (const auto& [type, body] : overloads) {
    Registration function(api, name.data(), type, body);
    function.Parameter(type).Parameter(type);
    if (api.add_scalar_function_to_set(set.get(), function.get()) != DuckDBSuccess) {
      return InternalError(fmt::format("DuckDB does not accept an overload of {}", name));
    }
  }
  if (api.register_scalar_function_set(connection, set.get()) != DuckDBSuccess) {
    return InternalError(fmt::format("DuckDB does not accept {}", name));
  }
  return Status::Ok();
}

Status RegisterNonZero(const DuckDbApi& api, duckdb_connection connection) {
  DuckDbHandle<duckdb_scalar_function_set> set(
      api.destroy_scalar_function_set, api.create_scalar_function_set(kNonZeroFunction.data()));
  const std::pair<duckdb_type, duckdb_scalar_function_t> overloads[] = {
      {DUCKDB_TYPE_BIGINT, NonZero<int64_t>},
      {DUCKDB_TYPE_HUGEINT, NonZero<duckdb_hugeint>},
      {DUCKDB_TYPE_DOUBLE, NonZero<double>},
  };
  for (const auto& [type, body] : overloads) {
    Registration function(api, kNonZeroFunction.data(), type, body);
    function.Parameter(type);
    if (api.add_scalar_function_to_set(set.get(), function.get()) != DuckDBSuccess) {
      return InternalError("DuckDB does not accept an overload of kdb_nonzero");
    }
  }
  if (api.register_scalar_function_set(connection, set.get()) != DuckDBSuccess) {
    return InternalError("DuckDB does not accept kdb_nonzero");
  }
  return Status::Ok();
}

}  // namespace

Status RegisterArithmetic(const DuckDbApi& api, duckdb_connection connection) {
  KDB_RETURN_IF_ERROR(RegisterNonZero(api, connection));
  KDB_RETURN_IF_ERROR(RegisterOperation<'+'>(api, connection, kAddFunction));
  KDB_RETURN_IF_ERROR(RegisterOperation<'-'>(api, connection, kSubtractFunction));
  KDB_RETURN_IF_ERROR(RegisterOperation<'*'>(api, connection, kMultiplyFunction));
  return RegisterOperation<'/'>(api, connection, kDivideFunction);
}

}  // namespace kalamdb::query
