// Whose rows a scan may see, and which of them: the one place that adds the owner to a storage key,
// hides tombstones and hides expired STREAM rows.
#pragma once

#include <string>

#include "query/context.h"

namespace kalamdb::query {

// Appends the prefix of all storage keys that this run may touch in `table`.
void AppendVisiblePrefix(const catalog::TableInfo& table, const RunContext& context,
                         std::string* key);

class Visibility {
 public:
  Visibility(const catalog::TableInfo& table, const RunContext& context, bool include_deleted);
  [[nodiscard]] bool Sees(const RowView& row) const {
    return (include_deleted_ || !row.deleted()) && row.seq() >= oldest_seq_;
  }
  // Rows below it have expired; 0 when rows of the table do not.
  [[nodiscard]] int64_t oldest_seq() const { return oldest_seq_; }

 private:
  bool include_deleted_;
  int64_t oldest_seq_ = 0;
};

}  // namespace kalamdb::query
