// Tables that look alike share one Schema: a thousand users' tables of the same shape cost one.
#pragma once

#include <memory>
#include <mutex>
#include <string_view>
#include <unordered_map>

#include "base/status.h"
#include "types/schema.h"

namespace kalamdb::catalog {

// Thread-safe. Holds schemas weakly: one that no table uses any more is gone.
class SchemaInterner {
 public:
  // The schema with this version and these columns (EncodeColumns), made when nobody has it.
  Result<SchemaPtr> Intern(uint32_t version, std::string_view encoded_columns);
  void Trim();
  // Of the schemas in use and of the index.
  [[nodiscard]] size_t memory_bytes() const;

 private:
  void TrimLocked();

  mutable std::mutex mutex_;
  std::unordered_multimap<uint64_t, std::weak_ptr<const Schema>> by_hash_;
  size_t trim_at_ = 64;  // entries
};

}  // namespace kalamdb::catalog
