// The server put together: opens the rooms in the order of their dependencies, and closes them in
// reverse.
#pragma once

#include <memory>
#include <string>

#include "base/activity.h"
#include "base/logging.h"
#include "base/status.h"
#include "config/config.h"

namespace kalamdb::server {

class Assembly {
 public:
  // `config` is kept. Serves from the moment it returns. Errors: data directory of another format
  // or in use, address taken, ...
  static Result<std::unique_ptr<Assembly>> Open(ServerConfig config, std::unique_ptr<Logger> log);
  // Stops serving, finishes what was submitted, closes the store.
  ~Assembly();

  [[nodiscard]] ActivityMonitor& activity();
  [[nodiscard]] Logger& log();
  [[nodiscard]] uint16_t port() const;
  // Nothing happened for a while: gives back caches, memtables, free heap and the pages of code
  // that only start-up needed. Blocks for some milliseconds.
  void BecomeQuiet();
  // Once in a while as long as there is work. Returns the microseconds until it wants to be called
  // again at the latest, 0: no wish.
  int64_t Tick();

 private:
  struct Impl;
  explicit Assembly(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace kalamdb::server
