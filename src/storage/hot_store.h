// The hot tier: RocksDB behind an interface of ours. Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "storage/keys.h"

namespace kalamdb::storage {

struct StoreOptions {
  bool sync_writes = true;
  size_t block_cache_bytes = 2 << 20;
  size_t write_buffer_bytes[kFamilies] = {1 << 20, 4 << 20, 2 << 20};
  int max_background_jobs = 2;
  int max_open_files = 512;
  // Tests put a fault-injecting file system here (a rocksdb::Env*, not owned).
  void* env = nullptr;
};

// A consistent view of all families at one moment. Destroy it soon: it holds back compaction.
class Snapshot {
 public:
  ~Snapshot();
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

 private:
  friend class HotStore;
  struct Impl;
  explicit Snapshot(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};
using SnapshotPtr = std::shared_ptr<const Snapshot>;

// Writes in the order in which they take effect. Not thread-safe. Keys and values up to 4 GiB.
class WriteBatch {
 public:
  WriteBatch();
  ~WriteBatch();
  WriteBatch(WriteBatch&&) noexcept;
  WriteBatch& operator=(WriteBatch&&) noexcept;
  void Put(Family family, std::string_view key, std::string_view value);
  void Delete(Family family, std::string_view key);
  // Every key in [begin, end).
  void DeleteRange(Family family, std::string_view begin, std::string_view end);
  void Append(const WriteBatch& other);
  [[nodiscard]] size_t bytes() const;
  [[nodiscard]] bool empty() const;
  void Clear();
  // Takes back what was added since bytes() was `bytes`.
  void Rollback(size_t bytes);
  // Gives memory back when more than `max_bytes` is held; the batch must be empty.
  void ShrinkBuffer(size_t max_bytes);

 private:
  friend class HotStore;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Walks the keys in [lower, upper) of one family. Slices are valid until the next move.
class Iterator {
 public:
  ~Iterator();
  Iterator(Iterator&&) noexcept;
  Iterator& operator=(Iterator&&) noexcept;
  [[nodiscard]] bool Valid() const;
  void Seek(std::string_view key);         // first key >= key
  void SeekForPrev(std::string_view key);  // last key <= key
  void SeekToFirst();
  void SeekToLast();
  void Next();
  void Prev();
  [[nodiscard]] std::string_view key() const;
  [[nodiscard]] std::string_view value() const;
  // OK, or why the walk ended early. Check it when Valid() turns false.
  [[nodiscard]] Status status() const;

 private:
  friend class HotStore;
  struct Impl;
  explicit Iterator(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

class HotStore {
 public:
  // Opens or creates the store in `path`. kUnavailable when another process holds it.
  static Result<std::unique_ptr<HotStore>> Open(const std::string& path,
                                                const StoreOptions& options);
  ~HotStore();

  // False without an error: no such key. A null snapshot reads the newest state.
  Result<bool> Get(Family family, std::string_view key, const Snapshot* snapshot,
                   std::string* value) const;
  [[nodiscard]] Iterator NewIterator(Family family, std::string_view lower, std::string_view upper,
                                     const Snapshot* snapshot) const;
  [[nodiscard]] SnapshotPtr GetSnapshot() const;
  // Atomic. `sync`: on the disk when it returns (if the store syncs at all). Whatever the outcome,
  // the batch is empty afterwards and keeps its buffer, so that it can be filled again.
  Status Write(WriteBatch&& batch, bool sync);

  // Writes memtables to files and returns memory; for the quiet step. Blocks.
  Status FlushMemtables();
  // Name and value pairs for system.stats and /metrics/memory.
  [[nodiscard]] std::vector<std::pair<std::string, uint64_t>> Stats() const;
  [[nodiscard]] size_t MemtableBytes() const;

 private:
  struct Impl;
  explicit HotStore(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace kalamdb::storage
