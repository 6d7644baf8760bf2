// Keys of Family::kMeta, one byte of kind first.
//
//   'N' namespace name                     -> NamespaceRecord
//   'T' table id, 4 bytes big-endian       -> TableRecord
//   'n' namespace, escaped | table name    -> table id, 4 bytes big-endian
//   'U' user id                            -> auth's user record
//   'G' storage id                         -> StorageRecord
//   'A' audit id                           -> audit record
//   'C' counter name                       -> 8 bytes little-endian
//
// Counters: "table_id" the highest table id ever used, "snowflake" the high-water mark of
// SNOWFLAKE_ID(), "shard/<name>" the last _seq of a shard: written in every batch of the shard, so
// that a snapshot tells exactly up to which _seq it sees that shard.
#pragma once

#include <string>
#include <string_view>

#include "base/ids.h"

namespace kalamdb::catalog {

std::string NamespaceKey(std::string_view name);
std::string TableKey(TableId id);
std::string TableNameKey(std::string_view ns, std::string_view table);
std::string TableNamePrefix(std::string_view ns);
std::string UserKey(std::string_view user);
std::string StorageKey(std::string_view storage);
std::string AuditKey(std::string_view audit_id);
std::string CounterKey(std::string_view name);

}  // namespace kalamdb::catalog
