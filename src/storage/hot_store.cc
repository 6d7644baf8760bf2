#include "storage/hot_store.h"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <filesystem>

#include "storage/rocksdb_options.h"
#include "storage/write_batch_impl.h"

namespace kalamdb::storage {
namespace {

rocksdb::Slice ToSlice(std::string_view s) { return {s.data(), s.size()}; }
std::string_view ToView(const rocksdb::Slice& s) { return {s.data(), s.size()}; }

Status ToStatus(const rocksdb::Status& s, std::string_view doing) {
  if (s.ok()) return Status::Ok();
  std::string message = fmt::format("{}: {}", doing, s.ToString());
  return {s.IsCorruption() ? ErrorCode::kCorruption : ErrorCode::kStorage, std::move(message)};
}

// RocksDB reports a LOCK file that somebody holds as an ordinary I/O error; only the text tells.
bool IsLockHeld(const rocksdb::Status& s) {
  if (!s.IsIOError()) return false;
  const std::string text = s.ToString();
  return text.find("While lock file") != std::string::npos ||
         text.find("lock hold by current process") != std::string::npos;
}

}  // namespace

struct Snapshot::Impl {
  rocksdb::DB* db;
  const rocksdb::Snapshot* snapshot;
  ~Impl() { db->ReleaseSnapshot(snapshot); }
};

Snapshot::Snapshot(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Snapshot::~Snapshot() = default;

struct Iterator::Impl {
  std::string lower, upper;
  rocksdb::Slice lower_slice, upper_slice;
  std::unique_ptr<rocksdb::Iterator> it;
};

Iterator::Iterator(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Iterator::~Iterator() = default;
Iterator::Iterator(Iterator&&) noexcept = default;
Iterator& Iterator::operator=(Iterator&&) noexcept = default;
bool Iterator::Valid() const { return impl_->it->Valid(); }
void Iterator::Seek(std::string_view key) { impl_->it->Seek(ToSlice(key)); }
void Iterator::SeekForPrev(std::string_view key) { impl_->it->SeekForPrev(ToSlice(key)); }
void Iterator::SeekToFirst() { impl_->it->SeekToFirst(); }
void Iterator::SeekToLast() { impl_->it->SeekToLast(); }
void Iterator::Next() { impl_->it->Next(); }
void Iterator::Prev() { impl_->it->Prev(); }
std::string_view Iterator::key() const { return ToView(impl_->it->key()); }
std::string_view Iterator::value() const { return ToView(impl_->it->value()); }
Status Iterator::status() const { return ToStatus(impl_->it->status(), "scan"); }

struct HotStore::Impl {
  bool sync_writes = true;
  std::shared_ptr<rocksdb::Cache> cache;
  std::unique_ptr<rocksdb::DB> db;
  std::vector<rocksdb::ColumnFamilyHandle*> families;  // by Family

  ~Impl() {
    for (auto* family : families) (void)db->DestroyColumnFamilyHandle(family);
  }
  [[nodiscard]] rocksdb::ColumnFamilyHandle* handle(Family f) const {
    return families[static_cast<size_t>(f)];
  }
  [[nodiscard]] uint64_t Sum(const std::string& property) const {
    uint64_t value = 0;
    return db->GetAggregatedIntProperty(property, &value) ? value : 0;
  }
};

HotStore::HotStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HotStore::~HotStore() = default;

Result<std::unique_ptr<HotStore>> HotStore::Open(const std::string& path,
                                                 const StoreOptions& options) {
  std::error_code ec;
  std::filesystem::create_directories(path, ec);
  if (ec) return StorageError(fmt::format("create '{}': {}", path, ec.message()));

  auto impl = std::make_unique<Impl>();
  impl->sync_writes = options.sync_writes;
  rocksdb::LRUCacheOptions cache;
  cache.capacity = options.block_cache_bytes;
  cache.num_shard_bits = options.block_cache_bytes >= (8 << 20) ? 4 : 1;
  cache.high_pri_pool_ratio = 0.5;
  impl->cache = rocksdb::NewLRUCache(cache);

  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  for (int f = 0; f < kFamilies; ++f) {
    const auto family = static_cast<Family>(f);
    descriptors.emplace_back(FamilyName(family), MakeFamilyOptions(family, options, impl->cache));
  }
  rocksdb::DB* db = nullptr;
  const rocksdb::Status s =
      rocksdb::DB::Open(MakeDbOptions(options), path, descriptors, &impl->families, &db);
  impl->db.reset(db);
  if (IsLockHeld(s)) {
    return Status(ErrorCode::kUnavailable,
                  fmt::format("the store in '{}' is in use by another process", path));
  }
  KDB_RETURN_IF_ERROR(ToStatus(s, fmt::format("open the store in '{}'", path)));
  return std::unique_ptr<HotStore>(new HotStore(std::move(impl)));
}

Result<bool> HotStore::Get(Family family, std::string_view key, const Snapshot* snapshot,
                           std::string* value) const {
  rocksdb::ReadOptions read;
  if (snapshot != nullptr) read.snapshot = snapshot->impl_->snapshot;
  const rocksdb::Status s = impl_->db->Get(read, impl_->handle(family), ToSlice(key), value);
  if (s.ok()) return true;
  if (s.IsNotFound()) return false;
  return ToStatus(s, "read");
}

Iterator HotStore::NewIterator(Family family, std::string_view lower, std::string_view upper,
                               const Snapshot* snapshot) const {
  auto impl = std::make_unique<Iterator::Impl>();
  impl->lower = lower;
  impl->upper = upper;
  impl->lower_slice = impl->lower;
  impl->upper_slice = impl->upper;
  rocksdb::ReadOptions read;
  if (snapshot != nullptr) read.snapshot = snapshot->impl_->snapshot;
  if (!lower.empty()) read.iterate_lower_bound = &impl->lower_slice;
  if (!upper.empty()) read.iterate_upper_bound = &impl->upper_slice;
  impl->it.reset(impl_->db->NewIterator(read, impl_->handle(family)));
  return Iterator(std::move(impl));
}

SnapshotPtr HotStore::GetSnapshot() const {
  auto impl = std::make_unique<Snapshot::Impl>();
  impl->db = impl_->db.get();
  impl->snapshot = impl_->db->GetSnapshot();
  return SnapshotPtr(new Snapshot(std::move(impl)));
}

Status HotStore::Write(WriteBatch&& batch, bool sync) {
  rocksdb::WriteBatch writes(batch.bytes() + 64);
  rocksdb::Status added;
  batch.impl_->ForEach(
      [&](WriteKind kind, Family family, std::string_view key, std::string_view value) {
        if (!added.ok()) return;
        rocksdb::ColumnFamilyHandle* handle = impl_->handle(family);
        switch (kind) {
          case WriteKind::kPut:
            added = writes.Put(handle, ToSlice(key), ToSlice(value));
            break;
          case WriteKind::kDelete:
            added = writes.Delete(handle, ToSlice(key));
            break;
          case WriteKind::kDeleteRange:
            added = writes.DeleteRange(handle, ToSlice(key), ToSlice(value));
            break;
        }
      });
  batch.Clear();
  KDB_RETURN_IF_ERROR(ToStatus(added, "build a batch"));
  rocksdb::WriteOptions write;
  write.sync = sync && impl_->sync_writes;
  return ToStatus(impl_->db->Write(write, &writes), "write");
}

Status HotStore::FlushMemtables() {
  rocksdb::FlushOptions flush;
  flush.wait = true;
  flush.allow_write_stall = true;
  return ToStatus(impl_->db->Flush(flush, impl_->families), "flush memtables");
}

size_t HotStore::MemtableBytes() const {
  return impl_->Sum(rocksdb::DB::Properties::kCurSizeAllMemTables);
}

std::vector<std::pair<std::string, uint64_t>> HotStore::Stats() const {
  using Properties = rocksdb::DB::Properties;
  std::vector<std::pair<std::string, uint64_t>> stats;
  stats.emplace_back("rocksdb_memtable_bytes", MemtableBytes());
  stats.emplace_back("rocksdb_block_cache_capacity_bytes", impl_->cache->GetCapacity());
  stats.emplace_back("rocksdb_block_cache_bytes", impl_->cache->GetUsage());
  stats.emplace_back("rocksdb_block_cache_pinned_bytes", impl_->cache->GetPinnedUsage());
  stats.emplace_back("rocksdb_table_reader_bytes",
                     impl_->Sum(Properties::kEstimateTableReadersMem));
  stats.emplace_back("rocksdb_live_file_bytes", impl_->Sum(Properties::kLiveSstFilesSize));
  stats.emplace_back("rocksdb_pending_compaction_bytes",
                     impl_->Sum(Properties::kEstimatePendingCompactionBytes));
  // These are of the whole store already, whatever family is asked.
  const auto one = [&](const char* name, const std::string& property) {
    uint64_t value = 0;
    if (impl_->db->GetIntProperty(property, &value)) stats.emplace_back(name, value);
  };
  one("rocksdb_running_flushes", Properties::kNumRunningFlushes);
  one("rocksdb_running_compactions", Properties::kNumRunningCompactions);
  one("rocksdb_background_errors", Properties::kBackgroundErrors);
  one("rocksdb_snapshots", Properties::kNumSnapshots);
  static constexpr std::pair<Family, const char*> kKeys[] = {{Family::kMeta, "rocksdb_meta_keys"},
                                                             {Family::kRows, "rocksdb_row_keys"},
                                                             {Family::kSeqs, "rocksdb_seq_keys"}};
  for (const auto& [family, name] : kKeys) {
    uint64_t value = 0;
    if (impl_->db->GetIntProperty(impl_->handle(family), Properties::kEstimateNumKeys, &value)) {
      stats.emplace_back(name, value);
    }
  }
  return stats;
}

}  // namespace kalamdb::storage
