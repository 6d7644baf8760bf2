// What a WriteBatch holds until a store writes it. Internal to this room.
//
//   one write   1 byte     WriteKind << 4 | family
//               4 bytes    length of the key (of `begin`)
//               4 bytes    length of the value (of `end`; 0 for a delete)
//               key, value
#pragma once

#include <string>

#include "base/bytes.h"
#include "storage/hot_store.h"

namespace kalamdb::storage {

enum class WriteKind : uint8_t { kPut = 0, kDelete = 1, kDeleteRange = 2 };

struct WriteBatch::Impl {
  std::string writes;

  void Add(WriteKind kind, Family family, std::string_view key, std::string_view value);
  // Calls visit(kind, family, key, value) for each write, in order.
  template <typename Visit>
  void ForEach(Visit&& visit) const {
    const char* p = writes.data();
    const char* end = p + writes.size();
    while (p < end) {
      const auto tag = static_cast<uint8_t>(*p);
      const auto key_size = LoadFixed<uint32_t>(p + 1);
      const auto value_size = LoadFixed<uint32_t>(p + 5);
      const char* key = p + 9;
      p = key + key_size + value_size;
      visit(static_cast<WriteKind>(tag >> 4), static_cast<Family>(tag & 15),
            std::string_view(key, key_size), std::string_view(key + key_size, value_size));
    }
  }
};

}  // namespace kalamdb::storage
