// A table as the rest of the house sees it: immutable, shared, flagged when a newer version
// replaces it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "types/schema.h"

namespace kalamdb::catalog {

struct TableOptions {
  std::string storage_id = "local";
  bool use_user_storage = false;
  uint32_t flush_rows = 0;              // 0: not set
  uint32_t flush_interval_seconds = 0;  // 0: not set
  std::string compression = "snappy";
  AccessLevel access_level = AccessLevel::kPrivate;  // SHARED only
  uint64_t ttl_seconds = 0;                          // STREAM only
  std::string eviction_strategy = "time_based";      // STREAM only
  uint64_t max_stream_size_bytes = 0;                // STREAM only
};

// Raised once, by the commit thread. A copy of a table is another version and starts with its flag
// down.
class StaleFlag : public std::atomic<bool> {
 public:
  StaleFlag() : std::atomic<bool>(false) {}
  StaleFlag(const StaleFlag&) : StaleFlag() {}
  StaleFlag& operator=(const StaleFlag&) { return *this; }
  using std::atomic<bool>::operator=;
};

struct TableInfo {
  TableId id = 0;
  std::string ns;
  std::string name;
  TableKind kind = TableKind::kShared;
  TableOptions options;
  SchemaPtr schema;                     // the current version
  std::vector<SchemaPtr> versions;      // versions[v - 1]; rows name the version that wrote them
  std::vector<int64_t> version_millis;  // when each version was made
  int64_t created_millis = 0;
  uint32_t policy_version = 1;  // rises with every change of rights
  // Set by the commit thread once a DDL statement replaced or dropped this version: prepared
  // statements and commands that hold it prepare themselves again. There is at most one unflagged
  // TableInfo of a table.
  mutable StaleFlag stale;

  [[nodiscard]] std::string qualified() const { return ns + "." + name; }
  [[nodiscard]] const Schema* version(uint32_t v) const {
    return v >= 1 && v <= versions.size() ? versions[v - 1].get() : nullptr;
  }
  // Rows belong to users (USER, STREAM), or to nobody (SHARED).
  [[nodiscard]] bool owned() const {
    return kind == TableKind::kUser || kind == TableKind::kStream;
  }
};
using TablePtr = std::shared_ptr<const TableInfo>;

// JSON of system.schemas.options and system.schemas.columns (docs/sql.md, "System tables").
std::string OptionsJson(const TableInfo& table);
std::string ColumnsJson(const Schema& schema);
// "NOW()", "'x'", "5", "TRUE", "NULL" or nothing, as DESCRIBE prints defaults.
std::optional<std::string> DefaultText(const Column& column);

}  // namespace kalamdb::catalog
