// The FORMAT file of a data directory: what must be known before anything else in it can be read.
//
//   kalamdb-data
//   format 1          layout of keys and values
//   user_shards 8     into how many shards owners are hashed; fixed for the life of the directory
//   hash fnv1a64      by which hash
//
// Lines of key and value, each once, in this order. It is written before the store is made, so a
// store without it is not ours.
#pragma once

#include <string>

#include "base/status.h"

namespace kalamdb::storage {

inline constexpr int kFormatVersion = 1;
inline constexpr std::string_view kOwnerHashName = "fnv1a64";

// Makes the file (and the directory) on first start; later compares it. kInvalidOperation, with
// what was found and what is needed, when this program must not touch the directory; kStorage when
// it cannot be read or written.
Status CheckOrCreateFormat(const std::string& directory, int user_shards);

}  // namespace kalamdb::storage
