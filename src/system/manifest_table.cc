// system.manifest. This build writes no cold segments: it has no rows.
#include "system/table_families.h"

namespace kalamdb::system {

namespace {

constexpr ColumnSpec kManifest[] = {
    {"cache_key", T, kKey}, {"namespace_id", T},    {"table_name", T},     {"scope", T},
    {"etag", T, kNullable}, {"last_refreshed", Ts}, {"last_accessed", Ts}, {"in_memory", Flag},
    {"sync_state", T},      {"manifest_json", J}};

constexpr TableSpec kSpecs[] = {{"system", "manifest", true, kManifest, nullptr}};

}  // namespace

std::span<const TableSpec> ManifestTables() { return kSpecs; }

}  // namespace kalamdb::system
