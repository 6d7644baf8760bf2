// Type spellings with their parenthesised arguments, shared by CREATE TABLE and CAST.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/status.h"
#include "types/data_type.h"

namespace kalamdb::sql {

// `name` is lower case with single blanks; `args` are the arguments as written. Errors are
// kInvalidSql with the texts of the dialect.
Result<DataType> ResolveTypeSpelling(std::string_view name, std::span<const std::string> args);

}  // namespace kalamdb::sql
