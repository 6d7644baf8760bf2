// The way to change anything.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/logging.h"
#include "shard/change_set.h"
#include "shard/command.h"
#include "storage/hot_store.h"

namespace kalamdb::shard {

class CommandExecutor {
 public:
  virtual ~CommandExecutor() = default;
  // Takes ownership; `done` is called exactly once, on another thread. kUnavailable through `done`
  // when the queue is full or the server is shutting down (then possibly on this thread, before
  // Submit returns).
  virtual void Submit(Command command) = 0;
  // Submits and waits. Not on an I/O thread, not on the commit thread.
  CommandOutcome Execute(Command command);
};

// Shards are domains of ordering: "meta", "user-00".."user-07" by hash of the owner, "shared-00".
struct ShardMap {
  int user_shards =
      8;  // fixed for the life of a data directory (storage/format_file.h), as is the hash: FNV-1a
  [[nodiscard]] int Count() const { return user_shards + 2; }
  // Index of the shard of one owner's part of a table.
  [[nodiscard]] int Of(const catalog::TableInfo& table, std::string_view owner) const;
  [[nodiscard]] std::string Name(int shard) const;
};

// The highest _seq that `snapshot` contains for the shard of (table, owner): every row of the
// snapshot in that shard is at or below it, every later change above it. 0 when nothing was ever
// written.
Result<int64_t> SnapshotBoundary(const storage::HotStore& store, const ShardMap& shards,
                                 const storage::Snapshot& snapshot, const catalog::TableInfo& table,
                                 std::string_view owner);

struct PipelineOptions {
  ShardMap shards;
  int worker_id = 1;  // node id, part of every _seq
  size_t max_queued_commands = 16384;
  size_t max_queued_bytes =
      64 << 20;  // keys and rows of queued commands; one command may be larger
  size_t max_batch_bytes = 4 << 20;
};

// One commit thread for all shards: takes the commands that wait, checks each against the newest
// versions (those before it in the batch included), writes one batch with one sync, applies meta
// changes, publishes change sets, calls `done`. A command with a meta change is the last of its
// batch. Sleeps without a timer when nothing waits.
class LocalExecutor final : public CommandExecutor {
 public:
  static Result<std::unique_ptr<LocalExecutor>> Open(storage::HotStore* store, const Clock* clock,
                                                     Logger* log, const PipelineOptions& options);
  ~LocalExecutor() override;
  // Finishes what was submitted and ends the commit thread; what comes later is refused. Nobody is
  // called back any more once it returns, so that those who are may end then. Safe to call again.
  void Stop();
  void Submit(Command command) override;
  // Set before the first Submit; not owned. Null: none.
  void set_listener(ChangeListener* listener);
  [[nodiscard]] const ShardMap& shards() const;
  struct Stats {
    uint64_t commands;   // submitted and taken, whatever came of them
    uint64_t batches;    // written
    uint64_t rows;       // inserted, updated or deleted
    uint64_t retries;    // commands sent back with kRetry
    uint64_t conflicts;  // primary key violations
    uint64_t clock_regressions;
  };
  [[nodiscard]] Stats stats() const;

 private:
  struct Impl;
  explicit LocalExecutor(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace kalamdb::shard
