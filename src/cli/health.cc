// GET /v1/api/healthcheck, then GET /v1/api/cluster/health.
#include "cli/health.h"

#include <fmt/format.h>

#include "client/json.h"

namespace kalamdb::cli {
namespace {

using client::BoolMember;
using client::IntMember;
using client::StringMember;

constexpr int kForbidden = 403;

std::string Nullable(const boost::json::object& node, const char* name) {
  const boost::json::value* value = node.if_contains(name);
  return value == nullptr || value->is_null() ? "-" : client::CompactJson(*value);
}

void PrintNode(const boost::json::object& node) {
  std::string line =
      fmt::format("  node {} {} {} {}{}{}", IntMember(node, "node_id"), StringMember(node, "role"),
                  StringMember(node, "status"), StringMember(node, "api_addr"),
                  BoolMember(node, "is_self") ? " (this node)" : "",
                  BoolMember(node, "is_leader") ? " (leader)" : "");
  if (const auto up = StringMember(node, "uptime_human"); !up.empty())
    line += fmt::format(", up {}", up);
  if (const std::string memory = Nullable(node, "memory_usage_mb"); memory != "-")
    line += fmt::format(", {} MB", memory);
  PrintLine(line);
}

void PrintCluster(const boost::json::object& root) {
  int64_t total = 0;
  int64_t active = 0;
  int64_t offline = 0;
  const boost::json::array* nodes = client::ArrayMember(root, "nodes");
  if (nodes != nullptr) {
    for (const boost::json::value& node : *nodes) {
      if (!node.is_object()) continue;
      ++total;
      active += StringMember(node.get_object(), "status") == "active" ? 1 : 0;
      offline += StringMember(node.get_object(), "status") == "offline" ? 1 : 0;
    }
  }
  const std::string_view status = StringMember(root, "status");
  PrintLine(fmt::format("{} Cluster health: {}", status == "healthy" ? "✓" : "⚠", status));
  const std::string_view id = StringMember(root, "cluster_id");
  PrintLine(fmt::format("Cluster: {} | Nodes: {} total, {} active, {} offline",
                        id.empty() ? "standalone" : id, total, active, offline));
  PrintLine(fmt::format("Meta term: {} | Groups: {}/{}", IntMember(root, "current_term"),
                        IntMember(root, "groups_leading"), IntMember(root, "total_groups")));
  if (nodes == nullptr) return;
  for (const boost::json::value& node : *nodes) {
    if (node.is_object()) PrintNode(node.get_object());
  }
}

}  // namespace

ServerVersion AskVersion(Context* context) {
  ServerVersion version;
  const Result<client::HttpResponse> response = context->session->Get("/v1/api/healthcheck");
  if (!response.ok() || response->status != 200) return version;
  const Result<boost::json::value> document = client::ParseJson(response->body);
  if (!document.ok() || !document->is_object()) return version;
  version.version = StringMember(document->get_object(), "version");
  version.api_version = StringMember(document->get_object(), "api_version");
  version.build_date = StringMember(document->get_object(), "build_date");
  return version;
}

Status ShowHealth(Context* context) {
  KDB_ASSIGN_OR_RETURN(const client::HttpResponse health,
                       context->session->Get("/v1/api/healthcheck"));
  KDB_ASSIGN_OR_RETURN(const client::HttpResponse cluster,
                       context->session->Get("/v1/api/cluster/health"));
  if (health.status == kForbidden && cluster.status == kForbidden) {
    PrintLine("Health endpoints are localhost-only for this connection");
    return Status::Ok();
  }
  const Result<boost::json::value> document = client::ParseJson(cluster.body);
  if (cluster.status == 200 && document.ok() && document->is_object()) {
    PrintCluster(document->get_object());
    return Status::Ok();
  }
  if (health.status != 200) {
    return {ErrorCode::kUnavailable,
            fmt::format("Server error ({}): {}", health.status, client::ErrorText(health.body))};
  }
  PrintLine("✓ Server is healthy");
  return Status::Ok();
}

}  // namespace kalamdb::cli
