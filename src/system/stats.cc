#include "system/stats.h"

#include <fmt/format.h>
#include <unistd.h>

#include <map>
#include <string>

#include "base/process_memory.h"
#include "system/table_families.h"

namespace kalamdb::system {

namespace {

constexpr uint64_t kMiB = 1 << 20;

class Metrics {
 public:
  explicit Metrics(const std::function<void(std::string_view, std::string)>& visit)
      : visit_(visit) {}
  template <typename T>
  void Add(std::string_view name, const T& value) {
    visit_(name, fmt::format("{}", value));
  }
  // `<name>_bytes` and `<name>_mb`.
  void AddSize(const std::string& name, uint64_t bytes) {
    Add(name + "_bytes", bytes);
    Add(name + "_mb", bytes / kMiB);
  }

 private:
  const std::function<void(std::string_view, std::string)>& visit_;
};

void AddProcess(const SystemSources& sources, const Machine& machine, Metrics* m) {
  m->Add("server_uptime_seconds", sources.uptime_seconds());
  m->Add("server_uptime_human", HumanUptime(sources.uptime_seconds()));
  const ProcessMemory memory = ReadProcessMemory();
  if (memory.rss_bytes != 0) m->AddSize("memory_usage", memory.rss_bytes);
  m->Add("memory_usage_source", "rss");
  if (memory.rss_bytes != 0) {
    m->AddSize("memory_rss", memory.rss_bytes);
    m->AddSize("memory_virtual", memory.virtual_bytes);
    // The footprint is what would be lost without the process: its pages of no file. The gap to the
    // resident size is page cache.
    m->AddSize("memory_rss_gap", memory.rss_bytes > memory.anonymous_bytes
                                     ? memory.rss_bytes - memory.anonymous_bytes
                                     : 0);
    m->AddSize("memory_physical_footprint", memory.anonymous_bytes);
  }
  m->Add("cpu_usage_percent", fmt::format("{:.2f}", sources.cpu->UsagePercent()));
  m->Add("system_total_memory_mb", machine.total_memory_bytes / kMiB);
  m->Add("system_used_memory_mb", machine.used_memory_bytes / kMiB);
  if (const std::optional<int64_t> threads = ThreadCount()) m->Add("thread_count", *threads);
  m->Add("pid", getpid());
  m->Add("allocator_name", "glibc");
}

void AddLimits(const ServerConfig& config, const Machine& machine, Metrics* m) {
  m->Add("cpu_logical_cores", machine.logical_cores);
  m->Add("cpu_physical_cores", machine.physical_cores);
  m->Add("server_workers_configured", config.server.workers);
  m->Add("server_workers_effective", config.io_threads());
  m->Add("max_connections", config.performance.max_connections);
  m->Add("connection_backlog", config.performance.backlog);
  m->Add("worker_max_blocking_threads", config.performance.worker_max_blocking_threads);
  m->Add("datafusion_query_parallelism", config.datafusion.query_parallelism);
  m->Add("datafusion_max_partitions", config.datafusion.max_partitions);
  m->Add("datafusion_memory_limit_mb", config.datafusion.memory_limit / kMiB);
}

void AddFiles(Metrics* m) {
  const OpenFiles files = CountOpenFiles();
  m->Add("open_files_total", files.total);
  m->Add("open_files_regular", files.regular);
  m->Add("open_files_directories", files.directories);
  m->Add("open_files_kqueue", 0);
  m->Add("open_files_unix", files.unix_sockets);
  m->Add("open_files_ipv4", files.ip_sockets);
  m->Add("open_files_other", files.other);
}

Status AddCounts(const SystemSources& sources, Metrics* m) {
  size_t users = 0;
  size_t namespaces = 0;
  size_t tables = 0;
  if (sources.users != nullptr) {
    KDB_ASSIGN_OR_RETURN(users, sources.users->Count());
  }
  if (sources.catalog != nullptr) {
    KDB_ASSIGN_OR_RETURN(const auto list, sources.catalog->ListNamespaces());
    namespaces = list.size();
    KDB_ASSIGN_OR_RETURN(tables, sources.catalog->CountTables(""));
  }
  m->Add("total_users", users);
  m->Add("total_namespaces", namespaces);
  m->Add("total_tables", tables);
  return {};
}

void AddStorageEngine(const SystemSources& sources, Metrics* m) {
  std::map<std::string, std::string> sorted = {
      {"storage_backend", "rocksdb"},
      {"storage_partition_count", std::to_string(storage::kFamilies)},
      {"rocksdb_physical_cf_count", std::to_string(storage::kFamilies)}};
  if (sources.store != nullptr) {
    uint64_t keys = 0;
    for (const auto& [name, value] : sources.store->Stats()) {
      sorted[name] = std::to_string(value);
      if (name.ends_with("_keys")) keys += value;
    }
    sorted["rocksdb_estimate_num_keys"] = std::to_string(keys);
    sorted["rocksdb_memtables_size_bytes"] = std::to_string(sources.store->MemtableBytes());
  }
  for (const auto& [name, value] : sorted) m->Add(name, value);
}

Status AddJobsAndStorages(const SystemSources& sources, const ConnectionCounters& counters,
                          Metrics* m) {
  size_t storages = 0;
  if (sources.catalog != nullptr) {
    KDB_ASSIGN_OR_RETURN(const auto list, sources.catalog->ListStorages());
    storages = list.size();
  }
  for (const char* name : {"total_jobs", "jobs_running", "jobs_queued", "jobs_failed"}) {
    m->Add(name, 0);
  }
  m->Add("total_storages", storages);
  m->Add("total_live_queries", counters.subscriptions);
  return {};
}

void AddConnections(const SystemSources& sources, const ConnectionCounters& counters, Metrics* m) {
  m->Add("active_connections", counters.connections);
  m->Add("active_connections_peak", counters.connections_peak);
  if (sources.config != nullptr) {
    m->Add("max_connections_configured", sources.config->performance.max_connections);
  }
  m->Add("active_subscriptions", counters.subscriptions);
  m->Add("active_subscriptions_peak", counters.subscriptions_peak);
  m->Add("websocket_sessions", counters.websocket_sessions);
  m->Add("websocket_sessions_peak", counters.websocket_sessions_peak);
  m->Add("subscriptions_fell_behind", counters.subscriptions_fell_behind);
  m->Add("slow_clients_closed", counters.slow_clients_closed);
  m->Add("live_delay_samples", counters.live_delays);
  m->Add("live_delay_p50_micros", counters.live_delay_p50_micros);
  m->Add("live_delay_p99_micros", counters.live_delay_p99_micros);
}

void AddCaches(const SystemSources& sources, Metrics* m) {
  const size_t tables = sources.catalog == nullptr ? 0 : sources.catalog->cached_tables();
  m->Add("schema_cache_size", tables);
  m->Add("schema_registry_size", tables);
  m->Add("schema_cache_total_entries", tables);
  if (sources.cached_plans) m->Add("plan_cache_size", sources.cached_plans());
  m->Add("topic_cache_topic_count", 0);
  m->Add("topic_cache_table_route_count", 0);
  m->Add("topic_cache_total_routes", 0);
  m->Add("string_interner_unique_strings", 0);
}

void AddIdentity(const SystemSources& sources, Metrics* m) {
  m->Add("node_id", sources.node_id);
  m->Add("server_version", sources.build.version);
  m->Add("server_build_date", sources.build.date);
  m->Add("server_git_branch", sources.build.git_branch);
  m->Add("server_git_commit", sources.build.git_commit);
  m->Add("cluster_mode", false);
}

constexpr ColumnSpec kStats[] = {{"metric_name", T}, {"metric_value", T}};

Status FillStats(const ScanContext& context, RowWriter& rows) {
  bool more = true;
  return CollectStats(context.sources, [&](std::string_view name, std::string value) {
    if (more) more = rows.Text(name).Owned(std::move(value)).Emit();
  });
}

constexpr TableSpec kSpecs[] = {{"system", "stats", false, kStats, FillStats}};

}  // namespace

Status CollectStats(const SystemSources& sources,
                    const std::function<void(std::string_view name, std::string value)>& visit) {
  Metrics metrics(visit);
  const Machine machine = ReadMachine();
  const ConnectionCounters counters =
      sources.connections ? sources.connections() : ConnectionCounters();
  AddProcess(sources, machine, &metrics);
  if (sources.config != nullptr) AddLimits(*sources.config, machine, &metrics);
  AddFiles(&metrics);
  KDB_RETURN_IF_ERROR(AddCounts(sources, &metrics));
  AddStorageEngine(sources, &metrics);
  KDB_RETURN_IF_ERROR(AddJobsAndStorages(sources, counters, &metrics));
  AddConnections(sources, counters, &metrics);
  AddCaches(sources, &metrics);
  AddIdentity(sources, &metrics);
  return {};
}

std::span<const TableSpec> StatsTables() { return kSpecs; }

}  // namespace kalamdb::system
