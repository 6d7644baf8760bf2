// Construction of the shared state; here because the router is complete only here.
#include "server/server_context.h"

#include "server/router.h"

namespace kalamdb::server {

ServerContext::ServerContext(const ServerDeps& d)
    : deps(d),
      config(*d.config),
      cors(config.security.cors),
      sql_limiter(config.rate_limit.max_queries_per_sec),
      auth_limiter(config.rate_limit.max_auth_requests_per_ip_per_sec),
      guard(config.rate_limit) {}

ServerContext::~ServerContext() = default;

}  // namespace kalamdb::server
