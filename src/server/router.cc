// Finding routes.
#include "server/router.h"

namespace kalamdb::server {

void Router::Add(Method method, std::string path, std::unique_ptr<Route> route) {
  entries_.push_back({method, false, std::move(path), std::move(route)});
}

void Router::AddPrefix(Method method, std::string prefix, std::unique_ptr<Route> route) {
  entries_.push_back({method, true, std::move(prefix), std::move(route)});
}

const Route* Router::Find(Method method, std::string_view path) const {
  for (const Entry& e : entries_) {
    if (e.method != method) continue;
    if (e.prefix ? path.starts_with(e.path) : path == e.path) return e.route.get();
  }
  return nullptr;
}

std::unique_ptr<Router> MakeRouter() {
  auto router = std::make_unique<Router>();
  AddSqlRoute(router.get());
  AddHealthRoutes(router.get());
  AddAuthRoutes(router.get());
  AddAbsentRoutes(router.get());
  return router;
}

}  // namespace kalamdb::server
