#include "system/system_tables.h"

#include "system/table_families.h"

namespace kalamdb::system {

namespace {

struct Alias {
  std::string_view alias;
  std::string_view name;
};

// Of the namespace `system`.
constexpr Alias kAliases[] = {
    {"system_users", "users"},         {"system_namespaces", "namespaces"},
    {"system_schemas", "schemas"},     {"system_storages", "storages"},
    {"system_jobs", "jobs"},           {"system_job_nodes", "job_nodes"},
    {"system_audit_log", "audit_log"}, {"manifest_cache", "manifest"},
    {"system_topics", "topics"},       {"system_topic_offsets", "topic_offsets"},
    {"system_tables", "tables"},       {"system_columns", "columns"}};

}  // namespace

void ForEachTableSpec(const std::function<bool(const TableSpec&)>& visit) {
  for (const std::span<const TableSpec> family :
       {AccountTables(), CatalogTables(), JobTables(), TopicTables(), ManifestTables(),
        SessionTables(), StatsTables(), SettingsTables(), ServerLogTables(), ClusterTables(),
        DatatypeTables(), InformationSchemaTables()}) {
    for (const TableSpec& spec : family) {
      if (!visit(spec)) return;
    }
  }
}

std::shared_ptr<const query::VirtualTable> SystemTables::Find(std::string_view ns,
                                                              std::string_view name) const {
  if (ns == "system") {
    for (const Alias& alias : kAliases) {
      if (alias.alias == name) name = alias.name;
    }
  }
  const TableSpec* found = nullptr;
  ForEachTableSpec([&](const TableSpec& spec) {
    if (spec.ns != ns || spec.name != name) return true;
    found = &spec;
    return false;
  });
  if (found == nullptr) return nullptr;
  return std::make_shared<const ComputedTable>(*found, &sources_);
}

}  // namespace kalamdb::system
