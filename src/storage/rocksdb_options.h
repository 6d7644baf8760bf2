// How RocksDB is set up for the hot tier. Internal to this room.
#pragma once

#include <rocksdb/db.h>
#include <rocksdb/options.h>

#include <memory>
#include <string>

#include "storage/hot_store.h"

namespace kalamdb::storage {

// The name of a family inside RocksDB; its column family id is its number.
const std::string& FamilyName(Family family);

rocksdb::DBOptions MakeDbOptions(const StoreOptions& options);
// All families share `cache`.
rocksdb::ColumnFamilyOptions MakeFamilyOptions(Family family, const StoreOptions& options,
                                               const std::shared_ptr<rocksdb::Cache>& cache);

// No timer of RocksDB's runs in this process (rocksdb_wakeups.cc).
void DisablePeriodicWork(rocksdb::DBOptions* options);

}  // namespace kalamdb::storage
