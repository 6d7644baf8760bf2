// Keeps RocksDB from waking the process up while nothing happens.
//
// The two statistics timers have options. The third, which flushes the info log every 10 seconds on
// a thread of its own, has none: the program is linked with
//
//   -Wl,--wrap=_ZN7rocksdb6DBImpl26StartPeriodicTaskSchedulerEv
//
// and the function that starts the timers is then the one below. Without the flag everything works,
// one wake-up in 10 s richer. It stands beside DisablePeriodicWork so that the archive member is
// always linked.
#include <rocksdb/options.h>
#include <rocksdb/status.h>

#include "storage/rocksdb_options.h"

namespace kalamdb::storage {
// Named by its symbol: it takes the place of a member function that returns a Status and takes only
// `this`.
rocksdb::Status StartNoPeriodicTasks(void* db) __asm__(
    "__wrap__ZN7rocksdb6DBImpl26StartPeriodicTaskSchedulerEv");
rocksdb::Status StartNoPeriodicTasks(void* /*db*/) { return rocksdb::Status::OK(); }

void DisablePeriodicWork(rocksdb::DBOptions* options) {
  options->stats_dump_period_sec = 0;
  options->stats_persist_period_sec = 0;
  options->stats_history_buffer_size = 0;
}

}  // namespace kalamdb::storage
