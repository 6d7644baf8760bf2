// What a statement asks of the writer.
//
// A command is prepared outside, on a snapshot: rows are selected, encoded and coerced there. The
// writer only compares versions by key, gives every changed row its _seq and commits. Everything
// that depends on time, chance or a scan is settled in the command before it is submitted.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "catalog/catalog.h"
#include "catalog/table.h"

namespace kalamdb::shard {

enum class WriteOp : uint8_t {
  kInsert,  // fails with a primary key violation when the newest version of the key is live
  kInsertGenerated,  // the key was made by SNOWFLAKE_ID(), UUID_V7() or ULID(): no look-up
  kUpdate,           // needs `expected_seq` to be the newest version
  kDelete,           // likewise; `row` is empty, the tombstone keeps the last values
  kMutate,           // `mutation` decides on the newest version
  kStreamInsert,     // an event of its own: `key` is empty, its _seq becomes the key
  kStreamDelete,     // removes the event whose _seq is `expected_seq`
};

// Decides what happens to one key, looking at its newest version: INSERT ... ON CONFLICT, and
// UPDATE or DELETE by a fixed key. Runs on the commit thread: must be short, must not block.
// Expressions in it see this row alone.
class Mutation {
 public:
  enum class Action : uint8_t { kNothing, kInsert, kUpdate, kDelete };
  virtual ~Mutation() = default;
  // `current`: the newest version, null when there is none or it is a tombstone. For kInsert and
  // kUpdate `row` receives the encoded row.
  virtual Result<Action> Decide(const RowView* current, std::string* row) = 0;
};

struct RowWrite {
  WriteOp op = WriteOp::kInsert;
  std::string key;  // AppendKey of the primary key
  std::string row;  // EncodeRow, version fields unset
  int64_t expected_seq = 0;
  std::shared_ptr<Mutation> mutation;
};

// Writes to one owner's part of one table.
struct RowCommand {
  catalog::TablePtr table;
  std::string owner;  // empty for SHARED
  std::vector<RowWrite> writes;
  bool want_rows = false;  // RETURNING: outcome.rows holds the stored rows
};

struct CommandOutcome {
  // kRetry: a version was not the expected one, or the table changed: prepare again.
  // kAlreadyExists: primary key violation (message complete). Nothing was written then.
  Status status;
  size_t inserted = 0, updated = 0, deleted = 0;
  int64_t last_seq = 0;
  // Per write, when wanted: the stored row (kDelete: the tombstone; kStreamDelete: the event that
  // is gone), empty when nothing was written for it.
  std::vector<std::string> rows;
};

// All or nothing, in this order. The unit that is submitted, and that a Raft group will carry.
struct Command {
  std::vector<RowCommand> rows;
  std::optional<catalog::MetaChange> meta;
  // Runs on the commit thread after the sync (or on failure). Must be short and must not block.
  std::function<void(CommandOutcome)> done;
};

}  // namespace kalamdb::shard
