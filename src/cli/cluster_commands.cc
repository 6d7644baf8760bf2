// A node replicates when it has a Raft role and a term: a single server calls itself leader, of
// nothing.
#include "cli/cluster_commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <map>

#include "client/text.h"

namespace kalamdb::cli {
namespace {

using client::Trim;

constexpr size_t kMaxListedGroups = 5;
constexpr size_t kMaxFailedGroups = 10;
constexpr size_t kSampledGroups = 8;

constexpr std::string_view kNodesQuery =
    "SELECT cluster_id, node_id, role, status, rpc_addr, api_addr, is_self, is_leader, "
    "groups_leading, total_groups, current_term, last_applied_log, leader_last_log_index, "
    "snapshot_index, catchup_progress_pct, replication_lag, hostname, memory_usage_mb, "
    "cpu_usage_percent, uptime_human FROM system.cluster ORDER BY is_leader DESC, node_id ASC";
constexpr std::string_view kGroupsQuery =
    "SELECT group_id, group_type, current_term, last_applied, snapshot, state, current_leader "
    "FROM system.cluster_groups ORDER BY group_id";

Status ParseError(std::string message) {
  return {ErrorCode::kInvalidInput, "Parse error: " + std::move(message)};
}

std::string_view TakeWord(std::string_view* rest) {
  *rest = Trim(*rest);
  const std::string_view word = rest->substr(0, rest->find_first_of(" \t\r\n"));
  *rest = Trim(rest->substr(word.size()));
  return word;
}

bool IsNumber(std::string_view text) {
  return !text.empty() && text.size() < 20 &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

// The first result of an answer, its cells by column name.
class Table {
 public:
  explicit Table(const client::SqlReply& reply)
      : result_(reply.results.empty() ? nullptr : &reply.results[0]) {}
  [[nodiscard]] size_t rows() const {
    const boost::json::array* all = result_ == nullptr ? nullptr : result_->rows();
    return all == nullptr ? 0 : all->size();
  }
  [[nodiscard]] bool Has(std::string_view column) const { return Ordinal(column).has_value(); }
  // "" for NULL and for columns that the answer lacks.
  [[nodiscard]] std::string Text(size_t row, std::string_view column) const {
    const std::optional<size_t> ordinal = Ordinal(column);
    return ordinal ? result_->Text(row, *ordinal) : std::string();
  }
  [[nodiscard]] bool True(size_t row, std::string_view column) const {
    return Text(row, column) == "true";
  }

 private:
  [[nodiscard]] std::optional<size_t> Ordinal(std::string_view column) const {
    for (size_t i = 0; result_ != nullptr && i < result_->columns.size(); ++i) {
      if (result_->columns[i].name == column) return i;
    }
    return std::nullopt;
  }
  const client::SqlResult* result_;
};

void PrintIf(const char* name, const std::string& value) {
  if (!value.empty()) PrintLine(fmt::format("{}: {}", name, value));
}

// What "CLUSTER SNAPSHOT" and the like answer: one row for each group.
void PrintGroupActions(const Table& table) {
  size_t succeeded = 0;
  std::string action;
  std::map<std::string, std::string> common;  // values that every row repeats
  std::vector<std::string> indexes;
  std::vector<std::string> failures;
  for (size_t i = 0; i < table.rows(); ++i) {
    if (action.empty()) action = table.Text(i, "action");
    for (const char* name : {"upto", "target_node_id", "snapshots_dir"}) {
      if (std::string value = table.Text(i, name); !value.empty()) common[name] = std::move(value);
    }
    const std::string group = table.Text(i, "group_id");
    if (!table.True(i, "success")) {
      failures.push_back(fmt::format("  ✗ {}: {}", group, table.Text(i, "error")));
      continue;
    }
    ++succeeded;
    if (const std::string index = table.Text(i, "snapshot_index"); !index.empty()) {
      indexes.push_back(fmt::format("  - {}: index {}", group, index));
    }
  }
  std::replace(action.begin(), action.end(), '_', ' ');
  PrintLine(fmt::format("Cluster {} completed: {}/{} groups succeeded", client::AsciiLower(action),
                        succeeded, table.rows()));
  PrintIf("Upto index", common["upto"]);
  PrintIf("Target node", common["target_node_id"]);
  PrintIf("Snapshots directory", common["snapshots_dir"]);
  const auto print = [](const std::vector<std::string>& lines, size_t most) {
    for (size_t i = 0; i < std::min(lines.size(), most); ++i) PrintLine(lines[i]);
    if (lines.size() > most) PrintLine(fmt::format("  ... and {} more", lines.size() - most));
  };
  print(indexes, kMaxListedGroups);
  if (!failures.empty()) PrintLine("Failed groups:");
  print(failures, kMaxFailedGroups);
}

void PrintJoin(const Table& table) {
  for (size_t i = 0; i < table.rows(); ++i) {
    PrintLine(fmt::format("Cluster join completed: node {} (rpc {}, api {})",
                          table.Text(i, "node_id"), table.Text(i, "rpc_addr"),
                          table.Text(i, "api_addr")));
    PrintLine(fmt::format("Rebalance requested: {}",
                          table.True(i, "rebalance_requested") ? "yes" : "no"));
  }
}

void PrintClear(const Table& table) {
  for (size_t i = 0; i < table.rows(); ++i) {
    PrintLine(fmt::format("Cluster clear completed: {}/{} snapshots cleared ({} of {} bytes)",
                          table.Text(i, "snapshots_cleared"),
                          table.Text(i, "total_snapshots_found"),
                          table.Text(i, "cleared_size_bytes"), table.Text(i, "total_size_bytes")));
    std::string directory = table.Text(i, "snapshots_dir");
    if (!directory.empty() && !table.True(i, "snapshots_dir_exists")) {
      directory += " (does not exist)";
    }
    PrintIf("Snapshots directory", directory);
    if (const std::string errors = table.Text(i, "error_count"); errors != "0") {
      PrintIf("Errors", errors);
    }
    PrintIf("Error", table.Text(i, "error"));
  }
}

// Sends a statement and tells what its rows say, as far as they are known.
Status RunAction(Context* context, std::string_view sql) {
  KDB_ASSIGN_OR_RETURN(const client::SqlReply reply, Execute(context, sql));
  const Table table(reply);
  if (!reply.ok() || context->output.format() != client::OutputFormat::kTable) {
    return context->output.Print(reply);
  }
  if (table.Has("success") && table.Has("group_id")) {
    PrintGroupActions(table);
  } else if (table.Has("rebalance_requested")) {
    PrintJoin(table);
  } else if (table.Has("snapshots_cleared")) {
    PrintClear(table);
  } else {
    return context->output.Print(reply);
  }
  return Status::Ok();
}

bool Replicates(const Table& nodes, size_t row) {
  const std::string role = client::AsciiLower(nodes.Text(row, "role"));
  const bool raft =
      role == "leader" || role == "follower" || role == "learner" || role == "candidate";
  return raft && !nodes.Text(row, "current_term").empty();
}

ClusterView ViewOf(const Table& nodes) {
  ClusterView view;
  for (size_t i = 0; i < nodes.rows(); ++i) {
    if (view.id.empty()) view.id = nodes.Text(i, "cluster_id");
    const std::string status = nodes.Text(i, "status");
    ++view.nodes;
    view.active += status == "active" ? 1 : 0;
    view.offline += status == "offline" ? 1 : 0;
    if (Replicates(nodes, i)) view.standalone = false;
  }
  return view;
}

std::string OrDash(std::string text) { return text.empty() ? "-" : text; }

std::string GroupLabel(const Table& groups, size_t row) {
  const std::string type = groups.Text(row, "group_type");
  const std::string id = groups.Text(row, "group_id");
  int64_t number = 0;
  std::from_chars(id.data(), id.data() + id.size(), number);
  if (type == "meta") return "Meta";
  if (type == "user_data") return fmt::format("U{}", number - 100);
  if (type == "shared_data") return fmt::format("S{}", number - 200);
  return id;
}

void PrintGroups(const Table& groups, size_t most) {
  for (size_t i = 0; i < std::min(groups.rows(), most); ++i) {
    PrintLine(
        fmt::format("  {:<6} {:<10} term {:<6} applied {:<10} snapshot {:<10} leader {}",
                    GroupLabel(groups, i), OrDash(groups.Text(i, "state")),
                    OrDash(groups.Text(i, "current_term")), OrDash(groups.Text(i, "last_applied")),
                    OrDash(groups.Text(i, "snapshot")), OrDash(groups.Text(i, "current_leader"))));
  }
  if (groups.rows() > most) PrintLine(fmt::format("  ... and {} more", groups.rows() - most));
}

void PrintNode(const Table& nodes, size_t row) {
  std::string line =
      fmt::format("  node {} {} {} {}{}{}", nodes.Text(row, "node_id"), nodes.Text(row, "role"),
                  nodes.Text(row, "status"), nodes.Text(row, "api_addr"),
                  nodes.True(row, "is_self") ? " (this node)" : "",
                  nodes.True(row, "is_leader") ? " (leader)" : "");
  const auto add = [&](const char* column, const char* before, const char* after) {
    if (const std::string value = nodes.Text(row, column); !value.empty()) {
      line += fmt::format(", {}{}{}", before, value, after);
    }
  };
  if (Replicates(nodes, row)) {
    line += fmt::format(", rpc {}, leads {}/{} groups", nodes.Text(row, "rpc_addr"),
                        nodes.Text(row, "groups_leading"), nodes.Text(row, "total_groups"));
    add("last_applied_log", "applied ", "");
    add("replication_lag", "lag ", "");
    add("catchup_progress_pct", "caught up ", "%");
  }
  add("hostname", "host ", "");
  add("memory_usage_mb", "", " MB");
  if (const std::string cpu = nodes.Text(row, "cpu_usage_percent"); !cpu.empty()) {
    line += fmt::format(", CPU {:.1f}%", std::strtod(cpu.c_str(), nullptr));
  }
  add("uptime_human", "up ", "");
  PrintLine(line);
}

void PrintOverview(const Table& nodes, const ClusterView& view) {
  PrintLine("CLUSTER OVERVIEW");
  PrintLine(fmt::format("  Cluster: {}", OrDash(view.id)));
  PrintLine(fmt::format("  Mode: {}", view.standalone ? "Standalone" : "Cluster"));
  PrintLine(fmt::format("  Nodes: {} total, {} active, {} offline", view.nodes, view.active,
                        view.offline));
  PrintLine("\nNODES");
  for (size_t i = 0; i < nodes.rows(); ++i) PrintNode(nodes, i);
}

void PrintGroupSummary(const Table& groups) {
  std::map<std::string, std::map<std::string, size_t>> states;  // by type
  for (size_t i = 0; i < groups.rows(); ++i) {
    ++states[groups.Text(i, "group_type")][OrDash(groups.Text(i, "state"))];
  }
  PrintLine("\nGROUP STATUS SUMMARY");
  for (const auto& [type, counts] : states) {
    std::string line = fmt::format("  {}:", type);
    for (const auto& [state, count] : counts) line += fmt::format(" {} {}", count, state);
    PrintLine(line);
  }
}

Status List(Context* context, bool groups_only) {
  if (context->output.format() != client::OutputFormat::kTable) {
    return RunSql(context, groups_only ? kGroupsQuery : kNodesQuery);
  }
  KDB_ASSIGN_OR_RETURN(const client::SqlReply reply, Execute(context, kNodesQuery));
  if (!reply.ok()) return context->output.Print(reply);
  const Table nodes(reply);
  const ClusterView view = ViewOf(nodes);
  if (!groups_only) PrintOverview(nodes, view);
  if (view.standalone) {
    if (groups_only) PrintLine("Mode: Standalone (no Raft groups)");
    return Status::Ok();
  }
  KDB_ASSIGN_OR_RETURN(const client::SqlReply answer, Execute(context, kGroupsQuery));
  if (!answer.ok()) return context->output.Print(answer);
  const Table groups(answer);
  PrintGroupSummary(groups);
  PrintLine(groups_only ? "\nGROUPS" : "\nGROUP SAMPLE");
  PrintGroups(groups, groups_only ? groups.rows() : kSampledGroups);
  return Status::Ok();
}

}  // namespace

Result<ClusterView> AskCluster(Context* context) {
  KDB_ASSIGN_OR_RETURN(const client::SqlReply reply, Execute(context, kNodesQuery));
  if (!reply.ok()) return reply.ToStatus();
  return ViewOf(Table(reply));
}

Status RunClusterCommand(Context* context, std::string_view rest) {
  rest = Trim(rest);
  while (!rest.empty() && rest.back() == ';') rest = Trim(rest.substr(0, rest.size() - 1));
  const std::string_view command = TakeWord(&rest);
  if (command == "list" || command == "ls") {
    if (!rest.empty() && rest != "groups") {
      return ParseError(fmt::format("Unknown cluster subcommand: list {}", rest));
    }
    return List(context, rest == "groups");
  }
  if (command == "snapshot") return RunAction(context, "CLUSTER SNAPSHOT");
  if (command == "rebalance") return RunAction(context, "CLUSTER REBALANCE");
  if (command == "clear") return RunAction(context, "CLUSTER CLEAR");
  if (command == "stepdown" || command == "step-down") {
    return RunAction(context, "CLUSTER STEPDOWN");
  }
  if (command == "trigger-election" || (command == "trigger" && rest == "election")) {
    return RunAction(context, "CLUSTER TRIGGER ELECTION");
  }
  if (command == "purge") {
    std::string_view number = TakeWord(&rest);
    if (number == "--upto") number = TakeWord(&rest);
    if (!IsNumber(number)) return ParseError("\\cluster purge requires a log index");
    // "--upto" is a comment to those servers that read it as SQL.
    return RunAction(context, fmt::format("CLUSTER PURGE {}", number));
  }
  if (command == "transfer-leader" || command == "transfer") {
    std::string_view number = TakeWord(&rest);
    if (command == "transfer" && number == "leader") number = TakeWord(&rest);
    if (!IsNumber(number)) return ParseError("\\cluster transfer-leader requires a node id");
    return RunAction(context, fmt::format("CLUSTER TRANSFER-LEADER {}", number));
  }
  if (command == "join") {
    const std::string_view id = TakeWord(&rest);
    const std::string_view rpc = TakeWord(&rest);
    const std::string_view api = TakeWord(&rest);
    if (!IsNumber(id) || rpc.empty() || api.empty()) {
      return ParseError("\\cluster join requires: ID RPC_ADDRESS API_ADDRESS");
    }
    return RunAction(context, fmt::format("CLUSTER JOIN {} {} {}", id, rpc, api));
  }
  if (command.empty()) return ParseError("\\cluster requires a subcommand; see \\help");
  return ParseError(fmt::format("Unknown cluster subcommand: {}", command));
}

}  // namespace kalamdb::cli
