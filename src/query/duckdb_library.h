// libduckdb.so, opened with dlopen when it is first needed, as a table of the functions of its C
// API that we call. Internal to the analytical engine.
//
// The library is never closed again (that returns no memory and its thread-local destructors may
// still run); instead its read-only pages are given back with ReleasePages and come back from the
// page cache when they are used again.
#pragma once

#include <duckdb.h>

#include <memory>
#include <string>

#include "base/status.h"

namespace kalamdb::query {

// clang-format off
#define KDB_DUCKDB_FUNCTIONS(X) \
  X(add_scalar_function_to_set) X(array_type_array_size) X(array_type_child_type) \
  X(array_vector_get_child) X(bind_add_result_column) X(bind_blob) X(bind_boolean) X(bind_decimal) \
  X(bind_double) X(bind_get_extra_info) X(bind_get_parameter) X(bind_int64) X(bind_null) X(bind_set_bind_data) \
  X(bind_set_cardinality) X(bind_set_error) X(bind_timestamp) X(bind_varchar_length) \
  X(client_context_get_connection_id) X(close) X(column_count) X(column_logical_type) X(connect) \
  X(connection_get_client_context) X(create_array_type) X(create_config) X(create_decimal_type) \
  X(create_logical_type) X(create_scalar_function) X(create_scalar_function_set) X(create_table_function) \
  X(data_chunk_get_column_count) X(data_chunk_get_size) X(data_chunk_get_vector) X(data_chunk_set_size) \
  X(decimal_internal_type) X(decimal_scale) X(decimal_width) X(destroy_client_context) X(destroy_config) \
  X(destroy_data_chunk) X(destroy_error_data) X(destroy_expression) X(destroy_logical_type) X(destroy_prepare) X(destroy_result) \
  X(destroy_scalar_function) X(destroy_scalar_function_set) X(destroy_table_function) X(destroy_value) \
  X(disconnect) X(enum_dictionary_size) X(enum_dictionary_value) X(enum_internal_type) X(execute_prepared_streaming) \
  X(expression_fold) X(expression_is_foldable) X(expression_return_type) X(fetch_chunk) X(free) X(function_get_init_data) \
  X(function_set_error) X(get_int64) X(get_type_id) X(get_varchar) X(init_get_bind_data) X(init_get_column_count) \
  X(init_get_column_index) X(init_set_error) X(init_set_init_data) X(init_set_max_threads) X(interrupt) X(is_null_value) \
  X(library_version) X(list_type_child_type) X(list_vector_get_child) \
  X(map_type_key_type) X(map_type_value_type) X(open_ext) X(prepare) X(prepare_error) X(query) X(register_scalar_function) \
  X(register_scalar_function_set) X(register_table_function) X(result_error) X(result_error_type) \
  X(scalar_function_add_parameter) X(scalar_function_bind_get_argument) \
  X(scalar_function_bind_get_argument_count) X(scalar_function_bind_get_extra_info) \
  X(scalar_function_bind_set_error) X(scalar_function_get_bind_data) \
  X(scalar_function_get_client_context) X(scalar_function_get_extra_info) \
  X(scalar_function_set_bind) X(scalar_function_set_bind_data) X(scalar_function_set_bind_data_copy) \
  X(scalar_function_set_error) X(scalar_function_set_extra_info) X(scalar_function_set_function) \
  X(scalar_function_set_name) X(scalar_function_set_return_type) X(scalar_function_set_special_handling) \
  X(scalar_function_set_varargs) X(scalar_function_set_volatile) X(set_config) X(string_t_data) \
  X(string_t_length) X(struct_type_child_count) X(struct_type_child_name) X(struct_type_child_type) \
  X(struct_vector_get_child) X(table_function_add_parameter) X(table_function_get_client_context) \
  X(table_function_set_bind) X(table_function_set_extra_info) X(table_function_set_function) \
  X(table_function_set_init) X(table_function_set_name) X(table_function_supports_projection_pushdown) \
  X(vector_assign_string_element_len) X(vector_ensure_validity_writable) \
  X(vector_get_column_type) X(vector_get_data) X(vector_get_validity) X(vector_size)
// clang-format on

// `api.connect(...)` is duckdb_connect(...). Immutable once loaded.
struct DuckDbApi {
#define KDB_DECLARE(name) decltype(&duckdb_##name) name = nullptr;
  KDB_DUCKDB_FUNCTIONS(KDB_DECLARE)
#undef KDB_DECLARE
};

// The table for callbacks: DuckDB hands them an opaque pointer and nothing that leads to the
// functions that read it. Set by the first Load, never changed; only code that DuckDB calls may ask
// for it.
const DuckDbApi& CallbackApi();

class DuckDbLibrary {
 public:
  // `path` empty: libduckdb.so beside the executable, then wherever the system finds it.
  // kNotImplemented when there is none or it is not of the line 1.4, whose behaviour the SQL that
  // we write depends on.
  static Result<std::unique_ptr<DuckDbLibrary>> Load(const std::string& path);

  [[nodiscard]] const DuckDbApi& api() const { return api_; }
  // Unmaps the pages of the library that nobody writes. Nothing of it may run meanwhile.
  void ReleasePages() const;

 private:
  DuckDbLibrary() = default;

  DuckDbApi api_;
};

// Owns a handle of the C API; `destroy` takes its address.
template <typename T>
class DuckDbHandle {
 public:
  using Destroy = void (*)(T*);
  explicit DuckDbHandle(Destroy destroy, T handle = nullptr) : destroy_(destroy), handle_(handle) {}
  ~DuckDbHandle() {
    if (handle_ != nullptr) destroy_(&handle_);
  }
  DuckDbHandle(const DuckDbHandle&) = delete;
  DuckDbHandle& operator=(const DuckDbHandle&) = delete;
  [[nodiscard]] T get() const { return handle_; }
  T* out() { return &handle_; }

 private:
  Destroy destroy_;
  T handle_;
};
using DuckDbType = DuckDbHandle<duckdb_logical_type>;

}  // namespace kalamdb::query
