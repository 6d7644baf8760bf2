// Making scalar functions of ours known to a DuckDB connection. Internal to the analytical engine.
#pragma once

#include "query/duckdb_library.h"

namespace kalamdb::query {

// One function under construction.
class Registration {
 public:
  Registration(const DuckDbApi& api, const char* name, duckdb_type result,
               duckdb_scalar_function_t function)
      : api_(api),
        name_(name),
        function_(api.destroy_scalar_function, api.create_scalar_function()) {
    api.scalar_function_set_name(function_.get(), name);
    DuckDbType type(api.destroy_logical_type, api.create_logical_type(result));
    api.scalar_function_set_return_type(function_.get(), type.get());
    api.scalar_function_set_function(function_.get(), function);
  }
  Registration& Parameter(duckdb_type parameter) {
    DuckDbType type(api_.destroy_logical_type, api_.create_logical_type(parameter));
    api_.scalar_function_add_parameter(function_.get(), type.get());
    return *this;
  }
  // Any number of arguments of any type; NULL is the function's own affair.
  Registration& Anything() {
    DuckDbType type(api_.destroy_logical_type, api_.create_logical_type(DUCKDB_TYPE_ANY));
    api_.scalar_function_set_varargs(function_.get(), type.get());
    api_.scalar_function_set_special_handling(function_.get());
    return *this;
  }
  [[nodiscard]] duckdb_scalar_function get() const { return function_.get(); }
  Status Register(duckdb_connection connection) {
    if (api_.register_scalar_function(connection, function_.get()) == DuckDBSuccess) {
      return Status::Ok();
    }
    return InternalError(fmt::format("DuckDB does not accept {}", name_));
  }

 private:
  const DuckDbApi& api_;
  const char* name_;
  DuckDbHandle<duckdb_scalar_function> function_;
};

// kdb_add and its kin, kdb_nonzero.
Status RegisterArithmetic(const DuckDbApi& api, duckdb_connection connection);

}  // namespace kalamdb::query
