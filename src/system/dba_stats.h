// dba.stats: snapshots of system.stats over time. Nothing here owns a timer: whoever calls decides
// when.
#pragma once

#include <string_view>

#include "shard/executor.h"
#include "system/sources.h"

namespace kalamdb::system {

// Writes one row for each metric that is a finite number. Waits for the commit: worker threads
// only.
Status RecordStatsSnapshot(const SystemSources& sources, shard::CommandExecutor* executor);

// Removes rows that were sampled before `before_millis` (Unix), in commits of at most 1000 rows,
// without leaving tombstones. Returns how many went.
Result<size_t> PruneStats(const SystemSources& sources, shard::CommandExecutor* executor,
                          int64_t before_millis);

// "MB", "percent", "seconds", "bytes", "count"; empty: none.
std::string_view MetricUnit(std::string_view metric_name);

}  // namespace kalamdb::system
