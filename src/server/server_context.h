// What all connections of a server share. Made before the first thread, gone after the last.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "server/client_address.h"
#include "server/cors.h"
#include "server/http_server.h"
#include "server/io_loop.h"
#include "server/rate_limiter.h"

namespace kalamdb::server {

class Router;

struct ServerContext {
  explicit ServerContext(const ServerDeps& d);
  ~ServerContext();

  const ServerDeps deps;
  const ServerConfig& config;
  ProxyRules proxies;
  const Cors cors;
  KeyedLimiter sql_limiter;   // by user
  KeyedLimiter auth_limiter;  // by client address
  AddressGuard guard;
  std::unique_ptr<Router> router;
  std::string api_address;  // host:port, as clients reach it
  const int64_t started_micros = deps.clock->MonotonicMicros();

  std::atomic<bool> shutting_down{false};
  std::atomic<size_t> websockets{0};
  std::atomic<size_t> websockets_peak{0};
  std::atomic<uint64_t> slow_clients_closed{0};
};

}  // namespace kalamdb::server
