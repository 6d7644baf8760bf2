// Reads what a subscription missed or never saw: pages of a snapshot, and what a resume or a
// lagging subscription catches up. Rows come in _seq order, each key once with its newest version.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "live/subscription_query.h"
#include "live/wire_writer.h"

namespace kalamdb::live {

struct PageRequest {
  SubscriptionQueryPtr query;
  Serialization serialization = Serialization::kJson;  // of the rows
  int64_t after = 0;                                   // exclusive lower bound of _seq
  int64_t boundary = 0;                                // inclusive upper bound
  uint64_t limit = 1000;                               // rows, and deletes where they are reported
  std::optional<uint32_t> last_rows;                   // the newest n instead, ascending
  // Report keys that are gone or no longer match and were first inserted at or before this _seq;
  // none: a plain snapshot.
  std::optional<int64_t> known_until;
};

struct PageRow {
  bool is_delete = false;
  int64_t seq = 0;
  std::string encoded;  // the row's map; for a delete its key and _seq
};

struct Page {
  std::vector<PageRow> rows;
  std::optional<int64_t> last_seq;  // the last _seq that was looked at
  bool has_more = false;
};

// A page ends at its limit or at some MiB of rows. With `scan_budget`: kNeedsPool when more rows
// would have to be looked at; 0: no bound.
Result<Page> ReadPage(const query::Sources& sources, const PageRequest& request,
                      const storage::SnapshotPtr& snapshot, int64_t now_micros, size_t scan_budget);

}  // namespace kalamdb::live
