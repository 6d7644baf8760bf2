// system.cluster and system.cluster_groups. A stand-alone server is a cluster of one node that
// leads its three groups.
#include <fmt/format.h>

#include "base/process_memory.h"
#include "system/table_families.h"

namespace kalamdb::system {

namespace {

constexpr int kGroups = 3;

std::string ClusterId(const Machine& machine) {
  return machine.hostname.empty() ? "kalamdb" : machine.hostname;
}

constexpr ColumnSpec kCluster[] = {{"cluster_id", T},
                                   {"node_id", B},
                                   {"role", T},
                                   {"status", T},
                                   {"rpc_addr", T},
                                   {"api_addr", T},
                                   {"is_self", Flag},
                                   {"is_leader", Flag},
                                   {"groups_leading", I},
                                   {"total_groups", I},
                                   {"current_term", B, kNullable},
                                   {"last_applied_log", B, kNullable},
                                   {"leader_last_log_index", B, kNullable},
                                   {"snapshot_index", B, kNullable},
                                   {"catchup_progress_pct", S, kNullable},
                                   {"replication_lag", B, kNullable},
                                   {"hostname", T, kNullable},
                                   {"version", T, kNullable},
                                   {"memory_mb", B, kNullable},
                                   {"memory_usage_mb", B, kNullable},
                                   {"cpu_usage_percent", F, kNullable},
                                   {"uptime_seconds", B, kNullable},
                                   {"uptime_human", T, kNullable},
                                   {"os", T, kNullable},
                                   {"arch", T, kNullable}};

Status FillCluster(const ScanContext& context, RowWriter& rows) {
  const SystemSources& sources = context.sources;
  const Machine machine = ReadMachine();
  const int64_t uptime = sources.uptime_seconds();
  const auto mib = [](uint64_t bytes) { return static_cast<int64_t>(bytes >> 20); };
  std::string address = "127.0.0.1:0";
  if (sources.config != nullptr) {
    const std::string& host = sources.config->server.host;
    const bool bare_v6 = host.find(':') != std::string::npos && !host.starts_with('[');
    address = fmt::format("{}:{}", bare_v6 ? "[" + host + "]" : host, sources.config->server.port);
  }
  rows.Owned(ClusterId(machine))
      .Number(sources.node_id)
      .Text("leader")
      .Text("active")
      .Text("127.0.0.1:0")
      .Text(address)
      .Bool(true)
      .Bool(true)
      .Number(kGroups)
      .Number(kGroups);
  for (int i = 0; i < 6; ++i) rows.Null();  // there is no replicated log
  rows.TextOrNull(machine.hostname)
      .Text(sources.build.version)
      .Number(mib(machine.total_memory_bytes))
      .Number(mib(ReadProcessMemory().rss_bytes))
      .Real(sources.cpu->UsagePercent())
      .Number(uptime)
      .Owned(HumanUptime(uptime))
      .TextOrNull(machine.os)
      .TextOrNull(machine.arch);
  rows.Emit();
  return {};
}

constexpr ColumnSpec kClusterGroups[] = {{"group_id", B},
                                         {"cluster_id", T},
                                         {"node_id", B},
                                         {"group_type", T},
                                         {"current_term", B, kNullable},
                                         {"vote", J, kNullable},
                                         {"last_log_index", B, kNullable},
                                         {"last_applied", B, kNullable},
                                         {"snapshot", B, kNullable},
                                         {"purged", B, kNullable},
                                         {"committed", B, kNullable},
                                         {"state", T, kNullable},
                                         {"current_leader", B, kNullable},
                                         {"millis_since_quorum_ack", B, kNullable}};

struct Group {
  int64_t id;
  std::string_view type;
};
constexpr Group kStandaloneGroups[kGroups] = {
    {10, "meta"}, {100, "user_data"}, {200, "shared_data"}};

Status FillClusterGroups(const ScanContext& context, RowWriter& rows) {
  const std::string cluster = ClusterId(ReadMachine());
  for (const Group& group : kStandaloneGroups) {
    rows.Number(group.id).Text(cluster).Number(context.sources.node_id).Text(group.type);
    for (int i = 0; i < 7; ++i) rows.Null();  // there is no replicated log
    if (!rows.Text("Leader").Number(context.sources.node_id).Null().Emit()) break;
  }
  return {};
}

constexpr TableSpec kSpecs[] = {
    {"system", "cluster", false, kCluster, FillCluster},
    {"system", "cluster_groups", false, kClusterGroups, FillClusterGroups}};

}  // namespace

std::span<const TableSpec> ClusterTables() { return kSpecs; }

}  // namespace kalamdb::system
