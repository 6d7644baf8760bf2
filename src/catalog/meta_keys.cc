#include "catalog/meta_keys.h"

#include "base/bytes.h"
#include "types/row_codec.h"

namespace kalamdb::catalog {
namespace {

std::string Key(char kind, std::string_view rest) {
  std::string key;
  key.reserve(1 + rest.size());
  key.push_back(kind);
  key.append(rest);
  return key;
}

}  // namespace

std::string NamespaceKey(std::string_view name) { return Key('N', name); }
std::string UserKey(std::string_view user) { return Key('U', user); }
std::string StorageKey(std::string_view storage) { return Key('G', storage); }
std::string AuditKey(std::string_view audit_id) { return Key('A', audit_id); }
std::string CounterKey(std::string_view name) { return Key('C', name); }

std::string TableKey(TableId id) {
  std::string key(1, 'T');
  AppendBigEndian32(&key, id);
  return key;
}

std::string TableNamePrefix(std::string_view ns) {
  std::string key(1, 'n');
  AppendEscaped(ns, &key);
  return key;
}

std::string TableNameKey(std::string_view ns, std::string_view table) {
  std::string key = TableNamePrefix(ns);
  key.append(table);
  return key;
}

}  // namespace kalamdb::catalog
