// Keys of the hot tier.
//
// Families: kMeta (catalog, users, marks), kRows (newest version of each row), kSeqs (order of versions).
//
//   kRows   table id, 4 bytes big-endian | owner, escaped text | primary key (AppendKey)  -> encoded row
//           STREAM tables: the key part is _seq, 8 bytes big-endian: every row is an event of its own
//   kSeqs   table id | owner | _seq, 8 bytes big-endian -> primary key part of the kRows key
//           one entry for each row, tombstones too; none for STREAM tables, whose kRows are in that order
//   kMeta   one byte of kind, then what the owning room defines (catalog/meta_keys.h)
//
// The owner of SHARED rows is the empty text. DROP TABLE is one range delete per family; ids are never
// used twice, so nothing of a dropped table can come back.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "types/row_codec.h"

namespace kalamdb::storage {

enum class Family : uint8_t { kMeta = 0, kRows = 1, kSeqs = 2 };
inline constexpr int kFamilies = 3;

// Prefix of everything that one owner has in one table, in kRows and in kSeqs alike.
std::string OwnerPrefix(TableId table, std::string_view owner);
// Prefix of a whole table.
std::string TablePrefix(TableId table);
// First key behind every key that starts with `prefix`; empty when there is none.
std::string PrefixEnd(std::string_view prefix);

inline void AppendSeqKey(std::string* key, int64_t seq) {
  AppendBigEndian64(key, static_cast<uint64_t>(seq));
}

}  // namespace kalamdb::storage
