// The body of POST /v1/api/sql, as JSON or as a multipart form.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "types/datum.h"

namespace kalamdb::server {

struct SqlBody {
  std::string sql;
  std::vector<Value> params;
  bool has_params = false;  // a non-empty array
  std::string ns;           // empty: not given
};

// More parameters than this are refused while reading; how many a statement may have is for the
// engine to say.
inline constexpr size_t kMaxReadParams = 1024;
inline constexpr size_t kMaxSqlBytes = 1048576;

// kInvalidInput: malformed body. kInvalidParameter: array or object as a parameter.
// kParameterBinding: too many of them. kInvalidSql: text too long. kEmptySql: a form without
// statement.
Status ParseSqlJson(std::string_view body, SqlBody* out);
Status ParseSqlForm(std::string_view content_type, std::string_view body, SqlBody* out);

}  // namespace kalamdb::server
