// Prefixes of the hot tier's keys.
#include "storage/keys.h"

namespace kalamdb::storage {

std::string TablePrefix(TableId table) {
  std::string key;
  AppendBigEndian32(&key, table);
  return key;
}

std::string OwnerPrefix(TableId table, std::string_view owner) {
  std::string key;
  key.reserve(sizeof(TableId) + owner.size() + 2);
  AppendBigEndian32(&key, table);
  AppendEscaped(owner, &key);
  return key;
}

std::string PrefixEnd(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty() && static_cast<unsigned char>(end.back()) == 0xff) end.pop_back();
  if (!end.empty()) end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
  return end;
}

}  // namespace kalamdb::storage
