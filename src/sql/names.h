// What namespaces, tables and columns may be called.
#pragma once

#include <string>
#include <string_view>

namespace kalamdb::sql {

inline constexpr size_t kMaxNameLength = 64;

// Each returns the reason why the name cannot be given to something new, empty when it can. Any
// case.
std::string BadNamespaceNameReason(std::string_view name);
std::string BadTableNameReason(std::string_view name);
// Complete: "Invalid column name 'c': <reason>".
std::string BadColumnNameReason(std::string_view name);

// system, information_schema, pg_catalog, datafusion: no DDL and no DML of users.
bool IsSystemNamespace(std::string_view name);
// Names of system columns, in use or kept free (_seq, _deleted, _id, ...).
bool IsReservedColumn(std::string_view name);
// Words that the grammar needs for itself.
bool IsReservedWord(std::string_view word);

}  // namespace kalamdb::sql
