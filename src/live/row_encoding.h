// Rows as live messages show them: maps of column name and cell (docs/websocket.md, "Changes").
#pragma once

#include <string>
#include <string_view>

#include "live/subscription_query.h"
#include "live/wire_writer.h"
#include "query/scan.h"

namespace kalamdb::live {

// Whether ordinary users see a column's values as "***", as in the answers of SQL. Names are in
// lower case.
bool IsSecretColumn(std::string_view name);

// {"id":1,...,"_seq":"123"}: the projection and _seq; for * also _deleted. Snapshot rows and
// inserts. `seq` and `deleted` are given apart, since a delete shows the last live values under the
// tombstone's _seq. `with_key` adds the primary key when it is not projected.
void AppendRow(std::string* out, Serialization serialization, const SubscriptionQuery& query,
               const query::StoredRow& row, int64_t seq, bool deleted, bool with_key);
// The new row of an update: _seq, the key, and each projected column that is not null.
void AppendUpdatedRow(std::string* out, Serialization serialization, const SubscriptionQuery& query,
                      const query::StoredRow& row);
// What the update replaced: the old _seq, the key, and each projected column whose value differs.
void AppendReplacedValues(std::string* out, Serialization serialization,
                          const SubscriptionQuery& query, const query::StoredRow& old_row,
                          const query::StoredRow& new_row);
// Key and _seq alone: a delete of a resume.
void AppendKeyAndSeq(std::string* out, Serialization serialization, const SubscriptionQuery& query,
                     const query::StoredRow& row);

}  // namespace kalamdb::live
