// Tables whose rows are computed when they are read: system.* and information_schema.*.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string_view>

#include "base/ids.h"
#include "types/schema.h"

namespace kalamdb::query {

class VirtualTable {
 public:
  virtual ~VirtualTable() = default;
  // Without _seq and _deleted.
  [[nodiscard]] virtual const SchemaPtr& schema() const = 0;
  [[nodiscard]] virtual std::string_view ns() const = 0;
  [[nodiscard]] virtual std::string_view name() const = 0;
  // Only dba and system may read it.
  [[nodiscard]] virtual bool admin_only() const = 0;
  // Calls `emit` for each row; its Datums need to live for the call only. `emit` returns false to stop.
  virtual Status Scan(std::string_view user, Role role,
                      const std::function<bool(std::span<const Datum>)>& emit) const = 0;
};

class VirtualTables {
 public:
  virtual ~VirtualTables() = default;
  // Aliases (system.system_users) included; null when there is none.
  [[nodiscard]] virtual std::shared_ptr<const VirtualTable> Find(std::string_view ns,
                                                                 std::string_view name) const = 0;
};

}  // namespace kalamdb::query
