// Turns commands into one atomic batch: the place where versions are compared and _seq is given
// out.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/snowflake.h"
#include "shard/batch_overlay.h"
#include "shard/command.h"
#include "shard/executor.h"
#include "types/datum.h"

namespace kalamdb::shard {

// A write of a command that changed something.
struct AppliedWrite {
  uint32_t row_command;  // index into Command::rows
  uint32_t write;        // index into its writes
  RowChange::Kind kind;
  int64_t seq;
  std::string_view old_row;  // kUpdate, kDelete; valid until ShardWriter::Clear
};

// Belongs to the commit thread: Add, Add, ..., Commit, Clear.
//
// The rows of an added command are completed in place (versions patched, tombstones made, keys of
// events set) and are referred to from here: commands must stay where they are until Clear.
class ShardWriter {
 public:
  // Recovers every shard's last _seq.
  static Result<std::unique_ptr<ShardWriter>> Open(storage::HotStore* store, const Clock* clock,
                                                   const PipelineOptions& options);

  // Adds `command` whole, or returns why not and leaves no trace of it in the batch.
  Status Add(Command* command);
  // Writes what was added, with the shards' counters; waits for the disk when any of it asks for
  // that. On failure nothing was written. Does nothing when no command changed anything.
  Status Commit();
  void Clear();
  // Returns buffers that grew large. After Clear.
  void Shrink();

  [[nodiscard]] size_t batch_bytes() const { return batch_.bytes(); }
  // Of all added commands, in order.
  [[nodiscard]] const std::vector<AppliedWrite>& applied() const { return applied_; }
  [[nodiscard]] uint64_t clock_regressions() const;

 private:
  struct Shard {
    SnowflakeGenerator seq;
    std::string counter_key;
    bool written = false;  // in this batch
  };
  // Where the write at hand goes.
  struct Target {
    const catalog::TableInfo* table;
    std::string prefix;  // of the owner's part of the table
    Shard* shard;
    uint32_t row_command;
  };

  ShardWriter(storage::HotStore* store, const PipelineOptions& options)
      : store_(store), shards_map_(options.shards) {}

  Status AddRows(RowCommand* rows, uint32_t index);
  Status AddWrite(const Target& to, RowWrite* w, uint32_t index);
  Status AddStreamWrite(const Target& to, RowWrite* w, uint32_t index);
  Status AddMutation(const Target& to, RowWrite* w, uint32_t index, const RowView* newest);

  // The newest version of the row whose key is in row_key_: of this batch, or of the store. Empty:
  // there is none. A copy in old_rows_: the rows of commands move on to listeners before their
  // successors' changes are told.
  Result<std::string_view> Newest();
  // Stores w->row as the version after `newest` (null: the first).
  Status Put(const Target& to, RowWrite* w, uint32_t index, RowChange::Kind kind,
             const RowView* newest);
  void BuildKey(const Target& to, std::string_view key);
  std::string_view SeqKey(const Target& to, int64_t seq);

  storage::HotStore* store_;
  ShardMap shards_map_;
  std::vector<Shard> shards_;
  storage::WriteBatch batch_;
  BatchOverlay overlay_;
  std::vector<AppliedWrite> applied_;
  Arena old_rows_;
  bool needs_sync_ = false;
  std::string row_key_, seq_key_, read_buffer_;
};

}  // namespace kalamdb::shard
