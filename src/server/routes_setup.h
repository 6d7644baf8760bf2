// First-run bootstrap: /v1/api/auth/setup and /v1/api/auth/status.
#pragma once

namespace kalamdb::server {

class Router;
void AddSetupRoutes(Router* router);

}  // namespace kalamdb::server
