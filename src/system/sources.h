// What the system tables read. Every pointer may be null and every function empty where a program
// has no such part: the tables that show it are then empty, and counts are 0. Nothing here is
// owned.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "auth/audit.h"
#include "auth/users.h"
#include "base/clock.h"
#include "catalog/catalog.h"
#include "config/config.h"
#include "storage/hot_store.h"
#include "system/process_metrics.h"

namespace kalamdb::system {

// One subscription, as system.live shows it. Times are Unix milliseconds.
struct LiveRow {
  std::string user, connection_id, subscription_id;
  std::string ns, table;
  std::string query;
  std::string options_json;  // empty: NULL
  std::string status = "active";
  int64_t created_millis = 0, last_update_millis = 0, last_ping_millis = 0;
  int64_t changes = 0;  // notifications sent
};
// Calls `visit` for each subscription of this node until it returns false. On worker threads.
using LiveView = std::function<Status(const std::function<bool(const LiveRow&)>& visit)>;

struct ConnectionCounters {
  uint64_t connections = 0, connections_peak = 0;  // HTTP and WebSocket together
  uint64_t websocket_sessions = 0, websocket_sessions_peak = 0;
  uint64_t subscriptions = 0, subscriptions_peak = 0;
  uint64_t subscriptions_fell_behind = 0;  // since the start, each time counted
  uint64_t slow_clients_closed = 0;        // since the start
  // From a commit to the return of the write() that took the last byte of its changes for a
  // subscriber's socket, over the last one to two minutes; sockets that were full do not count.
  uint64_t live_delays = 0, live_delay_p50_micros = 0, live_delay_p99_micros = 0;
};

struct BuildInfo {
  std::string version = "0.1.0";
  std::string date = "unknown";
  std::string git_branch = "unknown";
  std::string git_commit = "unknown";
  // Optional parts and whether this build has them; the last rows of system.settings.
  std::vector<std::pair<std::string, bool>> parts;
};

struct SystemSources {
  storage::HotStore* store = nullptr;
  catalog::Catalog* catalog = nullptr;
  auth::Users* users = nullptr;
  auth::AuditLog* audit = nullptr;
  const ServerConfig* config = nullptr;
  const Clock* clock = nullptr;          // required
  int64_t started_monotonic_micros = 0;  // when the server began, by the clock
  int64_t node_id = 1;
  BuildInfo build;
  LiveView live;
  std::function<ConnectionCounters()> connections;
  std::function<size_t()> cached_plans;
  // Remembers the last look at the process's CPU time.
  std::shared_ptr<CpuMeter> cpu = std::make_shared<CpuMeter>();

  [[nodiscard]] int64_t uptime_seconds() const {
    return (clock->MonotonicMicros() - started_monotonic_micros) / 1'000'000;
  }
};

}  // namespace kalamdb::system
