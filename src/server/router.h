// Paths to routes.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "server/route.h"

namespace kalamdb::server {

// Immutable after Start.
class Router {
 public:
  void Add(Method method, std::string path, std::unique_ptr<Route> route);
  // Every path that starts with `prefix`.
  void AddPrefix(Method method, std::string prefix, std::unique_ptr<Route> route);
  // Null: 404. A known path with another method is unknown too.
  [[nodiscard]] const Route* Find(Method method, std::string_view path) const;

 private:
  struct Entry {
    Method method;
    bool prefix;
    std::string path;
    std::unique_ptr<Route> route;
  };
  std::vector<Entry> entries_;  // a dozen: walking them beats hashing
};

// The server's routes.
std::unique_ptr<Router> MakeRouter();

// One function per family of routes, each in a file of its own.
void AddHealthRoutes(Router* router);
void AddAuthRoutes(Router* router);
void AddSqlRoute(Router* router);
void AddAbsentRoutes(Router* router);

}  // namespace kalamdb::server
