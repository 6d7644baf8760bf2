// Stored forms of namespaces and storages. Texts are a varint length and bytes.
//
//   NamespaceRecord   byte version 1 | varint created, ms | text options JSON          (name: the
//   key) StorageRecord     byte version 1 | varint created, updated, ms | texts name, description,
//   type, base directory,
//                     credentials JSON, config JSON, template for shared tables, for user tables
//                     (id: the key)
#pragma once

#include <string>
#include <string_view>

#include "catalog/catalog.h"

namespace kalamdb::catalog {

std::string EncodeNamespace(const NamespaceInfo& ns);
Result<NamespaceInfo> DecodeNamespace(std::string_view name, std::string_view record);
std::string EncodeStorage(const StorageInfo& storage);
Result<StorageInfo> DecodeStorage(std::string_view id, std::string_view record);

}  // namespace kalamdb::catalog
