#include "catalog/records.h"

#include "base/bytes.h"

namespace kalamdb::catalog {
namespace {

constexpr char kRecordVersion = 1;

}  // namespace

std::string EncodeNamespace(const NamespaceInfo& ns) {
  std::string out(1, kRecordVersion);
  AppendVarint(&out, static_cast<uint64_t>(ns.created_millis));
  AppendLengthPrefixed(&out, ns.options_json);
  return out;
}

Result<NamespaceInfo> DecodeNamespace(std::string_view name, std::string_view record) {
  ByteReader in(record);
  const bool known = in.Byte() == kRecordVersion;
  NamespaceInfo ns;
  ns.name = name;
  ns.created_millis = static_cast<int64_t>(in.Varint());
  ns.options_json = in.LengthPrefixed();
  if (!known || !in.ok()) return Corruption(fmt::format("namespace record '{}' is damaged", name));
  return ns;
}

std::string EncodeStorage(const StorageInfo& s) {
  std::string out(1, kRecordVersion);
  AppendVarint(&out, static_cast<uint64_t>(s.created_millis));
  AppendVarint(&out, static_cast<uint64_t>(s.updated_millis));
  for (const std::string* text :
       {&s.name, &s.description, &s.type, &s.base_directory, &s.credentials_json, &s.config_json,
        &s.shared_template, &s.user_template}) {
    AppendLengthPrefixed(&out, *text);
  }
  return out;
}

Result<StorageInfo> DecodeStorage(std::string_view id, std::string_view record) {
  ByteReader in(record);
  const bool known = in.Byte() == kRecordVersion;
  StorageInfo s;
  s.id = id;
  s.created_millis = static_cast<int64_t>(in.Varint());
  s.updated_millis = static_cast<int64_t>(in.Varint());
  for (std::string* text :
       {&s.name, &s.description, &s.type, &s.base_directory, &s.credentials_json, &s.config_json,
        &s.shared_template, &s.user_template}) {
    *text = in.LengthPrefixed();
  }
  if (!known || !in.ok()) return Corruption(fmt::format("storage record '{}' is damaged", id));
  return s;
}

}  // namespace kalamdb::catalog
