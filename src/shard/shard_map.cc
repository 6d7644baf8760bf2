#include "base/bytes.h"
#include "catalog/meta_keys.h"
#include "shard/executor.h"

namespace kalamdb::shard {
namespace {

// FNV-1a, 64 bits (Fowler, Noll, Vo). Stored data depends on it: storage::kOwnerHashName names it
// in FORMAT.
uint64_t OwnerHash(std::string_view owner) {
  uint64_t hash = 14695981039346656037ull;
  for (const char c : owner) {
    hash ^= static_cast<uint8_t>(c);
    hash *= 1099511628211ull;
  }
  return hash;
}

}  // namespace

int ShardMap::Of(const catalog::TableInfo& table, std::string_view owner) const {
  if (!table.owned()) return user_shards + 1;
  return 1 + static_cast<int>(OwnerHash(owner) % static_cast<uint64_t>(user_shards));
}

std::string ShardMap::Name(int shard) const {
  if (shard == 0) return "meta";
  if (shard <= user_shards) return fmt::format("user-{:02}", shard - 1);
  return fmt::format("shared-{:02}", shard - user_shards - 1);
}

Result<int64_t> SnapshotBoundary(const storage::HotStore& store, const ShardMap& shards,
                                 const storage::Snapshot& snapshot, const catalog::TableInfo& table,
                                 std::string_view owner) {
  const std::string key = catalog::CounterKey("shard/" + shards.Name(shards.Of(table, owner)));
  std::string value;
  KDB_ASSIGN_OR_RETURN(const bool found, store.Get(storage::Family::kMeta, key, &snapshot, &value));
  if (!found) return int64_t{0};
  if (value.size() != 8) return Corruption("shard counter is damaged");
  return LoadFixed<int64_t>(value.data());
}

}  // namespace kalamdb::shard
