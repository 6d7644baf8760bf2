#include "catalog/schema_interner.h"

#include "catalog/table_record.h"

namespace kalamdb::catalog {

Result<SchemaPtr> SchemaInterner::Intern(uint32_t version, std::string_view encoded_columns) {
  const uint64_t hash = std::hash<std::string_view>{}(encoded_columns) ^ version;
  std::lock_guard lock(mutex_);
  auto [it, end] = by_hash_.equal_range(hash);
  for (; it != end; ++it) {
    SchemaPtr schema = it->second.lock();
    if (schema == nullptr || schema->version() != version) continue;
    std::string bytes;
    EncodeColumns(*schema, &bytes);
    if (bytes == encoded_columns) return schema;
  }
  KDB_ASSIGN_OR_RETURN(std::vector<Column> columns, DecodeColumns(encoded_columns));
  SchemaPtr schema = std::make_shared<const Schema>(version, std::move(columns));
  if (by_hash_.size() >= trim_at_) {
    TrimLocked();
    trim_at_ = std::max<size_t>(64, by_hash_.size() * 2);
  }
  by_hash_.emplace(hash, schema);
  return schema;
}

void SchemaInterner::Trim() {
  std::lock_guard lock(mutex_);
  TrimLocked();
  by_hash_.rehash(0);
}

void SchemaInterner::TrimLocked() {
  std::erase_if(by_hash_, [](const auto& entry) { return entry.second.expired(); });
}

size_t SchemaInterner::memory_bytes() const {
  std::lock_guard lock(mutex_);
  size_t bytes = by_hash_.bucket_count() * sizeof(void*);
  for (const auto& [hash, weak] : by_hash_) {
    bytes += sizeof(hash) + sizeof(weak) + 2 * sizeof(void*);
    if (const SchemaPtr schema = weak.lock()) bytes += schema->memory_bytes();
  }
  return bytes;
}

}  // namespace kalamdb::catalog
