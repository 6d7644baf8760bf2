// Namespaces, tables and storages: read from kMeta when asked for, cached within a bound.
//
// Reading is thread-safe. Changes are prepared here as writes for the commit pipeline and applied
// to the cache by the commit thread (`Applied`), so that what is read is always what is committed.
// One DDL statement is prepared and committed at a time: hold `ddl_lock()` over both.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "catalog/table.h"
#include "storage/hot_store.h"

namespace kalamdb::catalog {

inline constexpr size_t kMaxCachedTables = 256;

struct NamespaceInfo {
  std::string name;
  int64_t created_millis = 0;
  std::string options_json = "{}";
};

struct StorageInfo {
  std::string id, name, description, type, base_directory;
  std::string credentials_json, config_json;  // empty: NULL
  std::string shared_template, user_template;
  int64_t created_millis = 0, updated_millis = 0;
};

// Writes for kMeta (and range deletes of row families) that one DDL statement makes, and what to do
// in memory once they are committed.
struct MetaChange {
  storage::WriteBatch batch;
  std::function<void()>
      applied;  // runs on the commit thread, before any later command is looked at
};

class Catalog {
 public:
  // Creates the namespaces `default` and `dba` and the storage `local` on an empty store (a direct
  // write: nothing else runs yet).
  static Result<std::unique_ptr<Catalog>> Open(storage::HotStore* store,
                                               const std::string& local_base_directory,
                                               const std::string& shared_template,
                                               const std::string& user_template,
                                               int64_t now_millis);
  ~Catalog();

  // kTableNotFound: "Table not found: ns.t" is the engine's wording; here the message is
  // "<ns>.<name>", or "#<id>".
  Result<TablePtr> FindTable(std::string_view ns, std::string_view name);
  Result<TablePtr> FindTableById(TableId id);
  Result<std::optional<NamespaceInfo>> FindNamespace(std::string_view name);
  Result<std::vector<NamespaceInfo>> ListNamespaces();
  // In order of namespace and name; `ns` empty: all. Not cached: walks the store, calling `visit`
  // for each.
  Status ForEachTable(std::string_view ns, const std::function<bool(const TableInfo&)>& visit);
  Result<size_t> CountTables(std::string_view ns);
  Result<std::optional<StorageInfo>> FindStorage(std::string_view id);
  Result<std::vector<StorageInfo>> ListStorages();

  std::mutex& ddl_lock();
  // The caller has checked names and rights. Each returns the writes; nothing is changed before
  // they are committed. kAlreadyExists and kNotFound when the object is there or not, kRetry when
  // the table given is stale.
  Result<MetaChange> PrepareCreateNamespace(const NamespaceInfo& ns);
  Result<MetaChange> PrepareAlterNamespace(const NamespaceInfo& ns);
  Result<MetaChange> PrepareDropNamespace(std::string_view ns);  // and its tables
  // `table.id` and `schema` are set here from `columns` (ids 1..n, then _seq and _deleted).
  Result<MetaChange> PrepareCreateTable(TableInfo table_without_schema, std::vector<Column> columns,
                                        TablePtr* created);
  // A new version (or, with the same schema, new options) of `old`.
  Result<MetaChange> PrepareAlterTable(const TablePtr& old, SchemaPtr schema,
                                       const TableOptions& options, int64_t now_millis,
                                       TablePtr* altered);
  Result<MetaChange> PrepareDropTable(const TablePtr& table);

  // Called with every table whose version was replaced (`current` is the new one) or that was
  // dropped (`current` null); on the commit thread. Set once, before the server runs.
  void set_on_table_changed(std::function<void(const TableInfo& old, const TablePtr& current)> f);

  // Drops what is cached and not in use; the quiet step.
  void TrimCache();
  // Tables kept in memory for the next use; at most kMaxCachedTables.
  [[nodiscard]] size_t cached_tables() const;
  [[nodiscard]] size_t memory_bytes() const;

 private:
  struct Impl;
  explicit Catalog(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace kalamdb::catalog
