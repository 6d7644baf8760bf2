// What a commit changed, in commit order: the seam to live queries and topics.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "catalog/table.h"

namespace kalamdb::shard {

struct RowChange {
  enum class Kind : uint8_t { kInsert, kUpdate, kDelete };
  Kind kind = Kind::kInsert;
  std::string key;      // primary key part of the storage key
  std::string old_row;  // kUpdate, kDelete: the version before
  std::string new_row;  // kInsert, kUpdate: the row; kDelete: the tombstone (last values, new
                        // _seq); STREAM deletes: empty
  int64_t seq = 0;      // of the new version
};

// Changes of one owner's part of one table by one command.
struct ChangeSet {
  catalog::TablePtr table;
  std::string owner;
  std::vector<RowChange> changes;
  int64_t committed_micros = 0;  // monotonic clock, when the sync returned
};
using ChangeSetPtr = std::shared_ptr<const ChangeSet>;

class ChangeListener {
 public:
  virtual ~ChangeListener() = default;
  // Asked after the commit is durable and visible; false saves building the ChangeSet. Thread-safe,
  // cheap.
  virtual bool Wants(TableId table, std::string_view owner) = 0;
  // On the commit thread, in commit order. Must not block.
  virtual void OnCommit(const ChangeSetPtr& changes) = 0;
};

}  // namespace kalamdb::shard
