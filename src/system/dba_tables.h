// The tables of the namespace `dba` that the server itself keeps: ordinary SHARED tables, made at
// start.
#pragma once

#include "catalog/catalog.h"
#include "shard/executor.h"

namespace kalamdb::system {

inline constexpr std::string_view kDbaNamespace = "dba";
inline constexpr std::string_view kNotificationsTable = "notifications";
inline constexpr std::string_view kStatsTable = "stats";

// Creates what is missing, and gives an existing table its access level back. Columns that an
// administrator added stay. Waits for commits: at start or on worker threads.
Status EnsureDbaTables(catalog::Catalog* catalog, shard::CommandExecutor* executor,
                       int64_t now_millis);

}  // namespace kalamdb::system
