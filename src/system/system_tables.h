// system.* and information_schema.*: the way in for the query room.
#pragma once

#include <memory>
#include <string_view>

#include "query/virtual_table.h"
#include "system/sources.h"

namespace kalamdb::system {

// Thread-safe. Holds nothing per table: one is put together when it is asked for.
class SystemTables final : public query::VirtualTables {
 public:
  explicit SystemTables(SystemSources sources) : sources_(std::move(sources)) {}
  [[nodiscard]] std::shared_ptr<const query::VirtualTable> Find(
      std::string_view ns, std::string_view name) const override;
  [[nodiscard]] const SystemSources& sources() const { return sources_; }

 private:
  SystemSources sources_;
};

}  // namespace kalamdb::system
