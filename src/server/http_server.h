// The HTTP and WebSocket server: sockets, limits and routes between the network and the rooms
// below.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "auth/audit.h"
#include "auth/authenticator.h"
#include "auth/users.h"
#include "base/activity.h"
#include "base/clock.h"
#include "base/latency_histogram.h"
#include "base/logging.h"
#include "base/status.h"
#include "config/config.h"
#include "engine/sql_service.h"
#include "engine/worker_pool.h"
#include "live/session.h"

namespace kalamdb::server {

// What the server works with; everything outlives it. `sessions` null: built without live queries,
// /v1/ws is 404.
struct ServerDeps {
  const ServerConfig* config = nullptr;
  const Clock* clock = nullptr;
  Logger* log = nullptr;
  auth::Authenticator* authenticator = nullptr;
  auth::Users* users = nullptr;
  auth::AuditLog* audit = nullptr;
  engine::WorkerPool* workers = nullptr;
  engine::SqlService* sql = nullptr;
  live::SessionFactory* sessions = nullptr;
  ActivityMonitor* activity = nullptr;  // may be null; touched by every request
  std::string version;
  std::string build_date;
};

struct ServerStats {
  size_t connections = 0;  // open sockets, WebSockets included
  size_t websockets = 0;
  size_t websockets_peak = 0;
  uint64_t requests = 0;
  uint64_t slow_clients_closed = 0;      // WebSockets, 1013
  LatencyHistogram::Counts live_delays;  // see IoLoop::live_delays
  size_t rate_limit_entries = 0;
};

class HttpServer {
 public:
  // Binds and listens on server.host and server.port (0: any free port), and serves from then on.
  static Result<std::unique_ptr<HttpServer>> Start(const ServerDeps& deps);
  // Stops if Stop was not called. Loops given to sessions end here.
  ~HttpServer();

  // Stops accepting, closes idle connections and WebSockets (1001), gives running requests and
  // closing handshakes five seconds, drops the rest and joins the I/O threads. Replies and posts
  // that come later are dropped.
  void Stop();
  [[nodiscard]] uint16_t port() const;
  [[nodiscard]] int loops() const;
  live::Loop* loop(int index);
  [[nodiscard]] ServerStats stats() const;
  // Gives back what idle connections and empty tables hold; the quiet step.
  void ReleaseMemory();

 private:
  struct Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace kalamdb::server
