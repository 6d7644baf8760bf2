// /health, /v1/api/healthcheck and /v1/api/cluster/health: for this machine only.
#include <unistd.h>

#include "base/json_text.h"
#include "server/router.h"
#include "server/server_context.h"

namespace kalamdb::server {

namespace {

class LocalRoute : public Route {
 public:
  [[nodiscard]] size_t body_limit(const RequestHead&) const override { return 65536; }
  [[nodiscard]] Response RefuseBody(const Exchange&, BodyFault fault) const override {
    return Response::Empty(fault == BodyFault::kTooLarge ? 413 : 400);
  }
};

class HealthRoute final : public LocalRoute {
 public:
  void Handle(Exchange* x) const override {
    if (!x->local()) {
      return x->Answer(
          Response::Json(403, R"({"error":"Access denied. Health endpoint is localhost-only."})"));
    }
    std::string body = R"({"status":"healthy","version":)";
    AppendJsonString(&body, x->context->deps.version);
    body += R"(,"api_version":"v1","build_date":)";
    AppendJsonString(&body, x->context->deps.build_date);
    body += '}';
    x->Answer(Response::Json(200, std::move(body)));
  }
};

class ClusterHealthRoute final : public LocalRoute {
 public:
  void Handle(Exchange* x) const override {
    if (!x->local()) {
      return x->Answer(
          Response::Json(403, R"({"error":"Access denied. Cluster health is localhost-only."})"));
    }
    // A standalone server shows itself as a cluster of one. It runs no Raft group.
    char host[256] = "kalamdb";
    if (gethostname(host, sizeof host) != 0) std::strcpy(host, "kalamdb");
    host[sizeof host - 1] = '\0';
    const int64_t uptime =
        (x->context->deps.clock->MonotonicMicros() - x->context->started_micros) / 1'000'000;
    std::string body = R"({"status":"healthy","version":)";
    AppendJsonString(&body, x->context->deps.version);
    body += R"(,"build_date":)";
    AppendJsonString(&body, x->context->deps.build_date);
    body += R"(,"is_cluster_mode":true,"cluster_id":)";
    AppendJsonString(&body, host);
    body += R"(,"node_id":1,"is_leader":true,"total_groups":0,"groups_leading":0,)"
            R"("current_term":0,"last_applied":null,"millis_since_quorum_ack":null,)"
            R"("nodes":[{"node_id":1,"role":"leader","status":"active","api_addr":)";
    AppendJsonString(&body, x->context->api_address);
    body += R"(,"is_self":true,"is_leader":true,"replication_lag":null,)"
            R"("catchup_progress_pct":null,"hostname":)";
    AppendJsonString(&body, host);
    fmt::format_to(std::back_inserter(body),
                   R"(,"memory_usage_mb":{},"cpu_usage_percent":null,"uptime_seconds":{},)"
                   R"("uptime_human":"{}d {}h {}m {}s"}}]}})",
                   ResidentMegabytes(), uptime, uptime / 86400, uptime / 3600 % 24,
                   uptime / 60 % 60, uptime % 60);
    x->Answer(Response::Json(200, std::move(body)));
  }

 private:
  static long ResidentMegabytes() {
    long pages = 0;
    if (FILE* f = std::fopen("/proc/self/statm", "r")) {
      if (std::fscanf(f, "%*s %ld", &pages) != 1) pages = 0;
      std::fclose(f);
    }
    return pages * sysconf(_SC_PAGESIZE) / (1 << 20);
  }
};

}  // namespace

void AddHealthRoutes(Router* router) {
  router->Add(Method::kGet, "/health", std::make_unique<HealthRoute>());
  router->Add(Method::kGet, "/v1/api/healthcheck", std::make_unique<HealthRoute>());
  router->Add(Method::kGet, "/v1/api/cluster/health", std::make_unique<ClusterHealthRoute>());
}

}  // namespace kalamdb::server
