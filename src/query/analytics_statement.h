// A SELECT as it is given to DuckDB: SQL that names only what we looked up, and what its parts
// stand for. Internal to the analytical engine.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "query/binder.h"
#include "query/scan.h"

namespace kalamdb::query {

// One call of kdb_scan(n) in the SQL: the n-th of these.
struct ScanSource {
  TableLookup lookup;
  // A stored table: how it is read. A virtual table: only `predicate` is used.
  ScanSpec spec;
  [[nodiscard]] const Schema& schema() const {
    return lookup.table != nullptr ? *lookup.table->schema : *lookup.virtual_table->schema();
  }
};

// What $k of the SQL stands for.
struct BoundValue {
  enum class Kind : uint8_t { kParam, kUser, kRole, kNow, kLiteral } kind = Kind::kParam;
  size_t param = 0;  // kParam: index into the parameters of the request
  Value literal;     // kLiteral: text that cannot stand in SQL
};

struct StatementColumn {
  std::string name;
  std::optional<DataType> type;  // when we know better than DuckDB (JSON, DATETIME, ...)
  bool primary_key = false;
  bool not_null = false;
  bool masked = false;
};

struct AnalyticalStatement {
  std::string sql;
  std::vector<ScanSource> scans;
  std::vector<BoundValue> values;
  std::vector<StatementColumn> columns;
  bool has_limit = false;  // a LIMIT or OFFSET anywhere
};

}  // namespace kalamdb::query
