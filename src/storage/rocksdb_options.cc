#include "storage/rocksdb_options.h"

#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>

namespace kalamdb::storage {
namespace {

// Small files keep their filter and index blocks small enough for a small block cache.
constexpr uint64_t kTargetFileBytes = 8 << 20;
constexpr uint64_t kLevelBaseBytes = 32 << 20;
// A family that is seldom written would keep old logs alive for ever; beyond this it is flushed.
constexpr uint64_t kMaxLogBytes = 32 << 20;
constexpr size_t kInfoLogBytes = 256 << 10;
constexpr int kBloomBitsPerKey = 10;

}  // namespace

const std::string& FamilyName(Family family) {
  // kMeta is RocksDB's own default family: it always exists, so it may as well be used.
  static const std::string names[kFamilies] = {rocksdb::kDefaultColumnFamilyName, "rows", "seqs"};
  return names[static_cast<int>(family)];
}

rocksdb::DBOptions MakeDbOptions(const StoreOptions& options) {
  rocksdb::DBOptions db;
  db.create_if_missing = true;
  db.create_missing_column_families = true;
  db.env =
      options.env != nullptr ? static_cast<rocksdb::Env*>(options.env) : rocksdb::Env::Default();
  db.max_background_jobs = options.max_background_jobs;
  db.max_subcompactions = 1;
  db.max_file_opening_threads = 1;
  db.max_open_files = options.max_open_files;
  db.table_cache_numshardbits = 2;
  db.max_total_wal_size = kMaxLogBytes;
  // A torn end of the log (power loss in the middle of a write that was not waited for) is cut off;
  // what was acknowledged with a sync lies before it. Log files are not recycled: this mode rules
  // it out.
  db.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  db.writable_file_max_buffer_size = 128 << 10;
  db.enable_write_thread_adaptive_yield = false;  // writers sleep instead of spinning
  db.skip_stats_update_on_db_open = true;
  db.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
  db.max_log_file_size = kInfoLogBytes;
  db.keep_log_file_num = 2;
  db.max_manifest_file_size = 4 << 20;
  DisablePeriodicWork(&db);
  return db;
}

rocksdb::ColumnFamilyOptions MakeFamilyOptions(Family family, const StoreOptions& options,
                                               const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::ColumnFamilyOptions cf;
  cf.write_buffer_size = options.write_buffer_bytes[static_cast<int>(family)];
  cf.max_write_buffer_number = 2;
  cf.arena_block_size = std::min<size_t>(64 << 10, cf.write_buffer_size / 8);
  cf.target_file_size_base = kTargetFileBytes;
  cf.target_file_size_multiplier = 2;
  cf.max_bytes_for_level_base = kLevelBaseBytes;
  cf.level_compaction_dynamic_level_bytes = true;
  cf.compression = family == Family::kMeta ? rocksdb::kNoCompression : rocksdb::kLZ4Compression;

  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  // Everything that is read from files is charged to the one bounded cache. Indexes and filters are
  // cut into blocks of a page, so that a look-up in a store much larger than the cache reads three
  // small blocks and not a whole filter.
  table.cache_index_and_filter_blocks = true;
  table.cache_index_and_filter_blocks_with_high_priority = true;
  table.pin_top_level_index_and_filter = true;
  table.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
  table.partition_filters = true;
  table.metadata_block_size = 4 << 10;
  table.format_version = 5;
  table.block_size = 4 << 10;
  if (family == Family::kRows) {
    // Primary keys are looked up one by one, most often in vain: an insert asks whether its key is
    // new.
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(kBloomBitsPerKey));
    table.data_block_index_type = rocksdb::BlockBasedTableOptions::kDataBlockBinaryAndHash;
  }
  cf.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return cf;
}

}  // namespace kalamdb::storage
