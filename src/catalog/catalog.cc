#include "catalog/catalog.h"

#include "base/bytes.h"
#include "catalog/meta_keys.h"
#include "catalog/records.h"
#include "catalog/schema_interner.h"
#include "catalog/table_cache.h"
#include "catalog/table_record.h"

namespace kalamdb::catalog {
namespace {

using storage::Family;

constexpr std::string_view kTableIdCounter = "table_id";
// How often a load may be overtaken by DDL statements before it gives up.
constexpr int kMaxLoads = 32;

struct Ids {
  TableId first, last;
};

// Range deletes of whole tables, neighbours together: each costs later reads a little until it is
// compacted away.
void DeleteRows(std::vector<TableId> ids, storage::WriteBatch* batch) {
  std::sort(ids.begin(), ids.end());
  std::vector<Ids> ranges;
  for (const TableId id : ids) {
    if (!ranges.empty() && ranges.back().last + 1 == id) {
      ranges.back().last = id;
    } else {
      ranges.push_back({id, id});
    }
  }
  for (const Ids& r : ranges) {
    const std::string begin = storage::TablePrefix(r.first);
    const std::string end = storage::TablePrefix(r.last + 1);
    batch->DeleteRange(Family::kRows, begin, end);
    batch->DeleteRange(Family::kSeqs, begin, end);
  }
}

void PutTable(const TableInfo& table, storage::WriteBatch* batch) {
  batch->Put(Family::kMeta, TableKey(table.id), EncodeTable(table));
}

void DeleteTable(const TableInfo& table, storage::WriteBatch* batch) {
  batch->Delete(Family::kMeta, TableKey(table.id));
  batch->Delete(Family::kMeta, TableNameKey(table.ns, table.name));
}

Status NoSuchNamespace(std::string_view ns) {
  return NotFound(fmt::format("Namespace '{}' not found", ns));
}

Status StaleTable(const TableInfo& table) {
  return {ErrorCode::kRetry, fmt::format("table {} changed", table.qualified())};
}

// Ids of versions that the caller kept: a version of the same number and columns is the old one.
bool SameColumns(const Schema& a, const Schema& b) {
  if (a.version() != b.version()) return false;
  std::string x, y;
  EncodeColumns(a, &x);
  EncodeColumns(b, &y);
  return x == y;
}

}  // namespace

struct Catalog::Impl {
  explicit Impl(storage::HotStore* s) : store(s), cache(kMaxCachedTables) {}

  storage::HotStore* store;
  SchemaInterner interner;
  TableCache cache;
  std::mutex ddl;
  std::function<void(const TableInfo&, const TablePtr&)> on_changed;

  // Commit thread.
  void Apply(const TablePtr& old, const TablePtr& current) {
    if (old != nullptr) old->stale.store(true, std::memory_order_release);
    cache.Replace(current != nullptr ? current->id : old->id, current);
    if (old != nullptr && on_changed) on_changed(*old, current);
  }

  // Reads until no DDL statement came between. `read` gets a snapshot and returns the table.
  template <typename Read>
  Result<TablePtr> Load(Read&& read) {
    for (int i = 0; i < kMaxLoads; ++i) {
      const uint64_t epoch = cache.epoch();
      const storage::SnapshotPtr snapshot = store->GetSnapshot();
      KDB_ASSIGN_OR_RETURN(const std::shared_ptr<TableInfo> loaded, read(*snapshot));
      if (TablePtr table = cache.Insert(loaded, epoch)) return table;
    }
    return Status(ErrorCode::kUnavailable, "the catalog is changing too fast to be read");
  }

  Result<std::shared_ptr<TableInfo>> ReadTable(TableId id, const storage::Snapshot& snapshot,
                                               SchemaInterner* schemas) const {
    std::string record;
    KDB_ASSIGN_OR_RETURN(const bool found,
                         store->Get(Family::kMeta, TableKey(id), &snapshot, &record));
    if (!found) return Status(ErrorCode::kTableNotFound, fmt::format("#{}", id));
    return DecodeTable(id, record, schemas);
  }

  Result<bool> Exists(std::string_view key) const {
    std::string ignored;
    return store->Get(Family::kMeta, key, nullptr, &ignored);
  }

  // Ids of the tables of `ns` (all when empty) in order of names.
  Status WalkNames(std::string_view ns, const storage::Snapshot* snapshot,
                   const std::function<bool(TableId)>& visit) const {
    const std::string prefix = ns.empty() ? std::string("n") : TableNamePrefix(ns);
    storage::Iterator it =
        store->NewIterator(Family::kMeta, prefix, storage::PrefixEnd(prefix), snapshot);
    for (it.SeekToFirst(); it.Valid(); it.Next()) {
      if (it.value().size() != sizeof(TableId)) return Corruption("table name entry is damaged");
      if (!visit(LoadBigEndian32(it.value().data()))) return Status::Ok();
    }
    return it.status();
  }

  // Calls visit(rest of the key, value) for every record of one kind.
  Status WalkKind(char kind,
                  const std::function<Status(std::string_view, std::string_view)>& visit) const {
    const std::string prefix(1, kind);
    storage::Iterator it =
        store->NewIterator(Family::kMeta, prefix, storage::PrefixEnd(prefix), nullptr);
    for (it.SeekToFirst(); it.Valid(); it.Next()) {
      KDB_RETURN_IF_ERROR(visit(it.key().substr(1), it.value()));
    }
    return it.status();
  }

  Result<TableId> NextTableId() const {
    std::string value;
    KDB_ASSIGN_OR_RETURN(const bool found,
                         store->Get(Family::kMeta, CounterKey(kTableIdCounter), nullptr, &value));
    if (!found) return TableId{1};
    if (value.size() != 8) return Corruption("counter 'table_id' is damaged");
    const auto last = LoadFixed<uint64_t>(value.data());
    // The last id stays free: a table's rows end where those of the next id begin.
    if (last >= UINT32_MAX - 1) return InternalError("all table ids are used up");
    return static_cast<TableId>(last + 1);
  }

  // The shared copy of a schema that came from outside.
  Result<SchemaPtr> Share(const Schema& schema) {
    std::string columns;
    EncodeColumns(schema, &columns);
    return interner.Intern(schema.version(), columns);
  }
};

Catalog::Catalog(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Catalog::~Catalog() = default;

Result<std::unique_ptr<Catalog>> Catalog::Open(storage::HotStore* store,
                                               const std::string& local_base_directory,
                                               const std::string& shared_template,
                                               const std::string& user_template,
                                               int64_t now_millis) {
  std::unique_ptr<Catalog> catalog(new Catalog(std::make_unique<Impl>(store)));
  KDB_ASSIGN_OR_RETURN(const bool seeded, catalog->impl_->Exists(NamespaceKey("default")));
  if (seeded) return catalog;

  storage::WriteBatch batch;
  for (const char* name : {"default", "dba"}) {
    NamespaceInfo ns;
    ns.name = name;
    ns.created_millis = now_millis;
    batch.Put(Family::kMeta, NamespaceKey(ns.name), EncodeNamespace(ns));
  }
  StorageInfo local;
  local.id = "local";
  local.name = "Local Filesystem";
  local.description = "Default local filesystem storage";
  local.type = "filesystem";
  local.base_directory = local_base_directory;
  local.shared_template = shared_template;
  local.user_template = user_template;
  local.created_millis = local.updated_millis = now_millis;
  batch.Put(Family::kMeta, StorageKey(local.id), EncodeStorage(local));
  KDB_RETURN_IF_ERROR(store->Write(std::move(batch), true));
  return catalog;
}

Result<TablePtr> Catalog::FindTable(std::string_view ns, std::string_view name) {
  if (TablePtr table = impl_->cache.Find(ns, name)) return table;
  return impl_->Load([&](const storage::Snapshot& snapshot) -> Result<std::shared_ptr<TableInfo>> {
    std::string id;
    KDB_ASSIGN_OR_RETURN(const bool found,
                         impl_->store->Get(Family::kMeta, TableNameKey(ns, name), &snapshot, &id));
    if (!found) return Status(ErrorCode::kTableNotFound, fmt::format("{}.{}", ns, name));
    if (id.size() != sizeof(TableId)) return Corruption("table name entry is damaged");
    return impl_->ReadTable(LoadBigEndian32(id.data()), snapshot, &impl_->interner);
  });
}

Result<TablePtr> Catalog::FindTableById(TableId id) {
  if (TablePtr table = impl_->cache.Find(id)) return table;
  return impl_->Load([&](const storage::Snapshot& snapshot) {
    return impl_->ReadTable(id, snapshot, &impl_->interner);
  });
}

Result<std::optional<NamespaceInfo>> Catalog::FindNamespace(std::string_view name) {
  std::string record;
  KDB_ASSIGN_OR_RETURN(const bool found,
                       impl_->store->Get(Family::kMeta, NamespaceKey(name), nullptr, &record));
  if (!found) return std::optional<NamespaceInfo>();
  KDB_ASSIGN_OR_RETURN(NamespaceInfo ns, DecodeNamespace(name, record));
  return std::optional<NamespaceInfo>(std::move(ns));
}

Result<std::vector<NamespaceInfo>> Catalog::ListNamespaces() {
  std::vector<NamespaceInfo> all;
  KDB_RETURN_IF_ERROR(impl_->WalkKind('N', [&](std::string_view name, std::string_view record) {
    KDB_ASSIGN_OR_RETURN(NamespaceInfo ns, DecodeNamespace(name, record));
    all.push_back(std::move(ns));
    return Status::Ok();
  }));
  return all;
}

Status Catalog::ForEachTable(std::string_view ns,
                             const std::function<bool(const TableInfo&)>& visit) {
  const storage::SnapshotPtr snapshot = impl_->store->GetSnapshot();
  Status failed;
  KDB_RETURN_IF_ERROR(impl_->WalkNames(ns, snapshot.get(), [&](TableId id) {
    auto table = impl_->ReadTable(id, *snapshot, nullptr);
    if (!table.ok()) failed = table.status();
    return table.ok() && visit(**table);
  }));
  return failed;
}

Result<size_t> Catalog::CountTables(std::string_view ns) {
  size_t n = 0;
  KDB_RETURN_IF_ERROR(impl_->WalkNames(ns, nullptr, [&](TableId) {
    ++n;
    return true;
  }));
  return n;
}

Result<std::optional<StorageInfo>> Catalog::FindStorage(std::string_view id) {
  std::string record;
  KDB_ASSIGN_OR_RETURN(const bool found,
                       impl_->store->Get(Family::kMeta, StorageKey(id), nullptr, &record));
  if (!found) return std::optional<StorageInfo>();
  KDB_ASSIGN_OR_RETURN(StorageInfo storage, DecodeStorage(id, record));
  return std::optional<StorageInfo>(std::move(storage));
}

Result<std::vector<StorageInfo>> Catalog::ListStorages() {
  std::vector<StorageInfo> all;
  KDB_RETURN_IF_ERROR(impl_->WalkKind('G', [&](std::string_view id, std::string_view record) {
    KDB_ASSIGN_OR_RETURN(StorageInfo storage, DecodeStorage(id, record));
    all.push_back(std::move(storage));
    return Status::Ok();
  }));
  return all;
}

std::mutex& Catalog::ddl_lock() { return impl_->ddl; }

Result<MetaChange> Catalog::PrepareCreateNamespace(const NamespaceInfo& ns) {
  KDB_ASSIGN_OR_RETURN(const bool exists, impl_->Exists(NamespaceKey(ns.name)));
  if (exists) return AlreadyExists(fmt::format("Namespace '{}' already exists", ns.name));
  MetaChange change;
  change.batch.Put(Family::kMeta, NamespaceKey(ns.name), EncodeNamespace(ns));
  return change;
}

Result<MetaChange> Catalog::PrepareAlterNamespace(const NamespaceInfo& ns) {
  KDB_ASSIGN_OR_RETURN(const bool exists, impl_->Exists(NamespaceKey(ns.name)));
  if (!exists) return NoSuchNamespace(ns.name);
  MetaChange change;
  change.batch.Put(Family::kMeta, NamespaceKey(ns.name), EncodeNamespace(ns));
  return change;
}

Result<MetaChange> Catalog::PrepareDropNamespace(std::string_view ns) {
  KDB_ASSIGN_OR_RETURN(const bool exists, impl_->Exists(NamespaceKey(ns)));
  if (!exists) return NoSuchNamespace(ns);
  MetaChange change;
  change.batch.Delete(Family::kMeta, NamespaceKey(ns));

  std::vector<TableId> ids;
  KDB_RETURN_IF_ERROR(impl_->WalkNames(ns, nullptr, [&](TableId id) {
    ids.push_back(id);
    return true;
  }));
  const storage::SnapshotPtr snapshot = impl_->store->GetSnapshot();
  std::vector<TablePtr> tables;
  tables.reserve(ids.size());
  for (const TableId id : ids) {
    TablePtr table = impl_->cache.Find(id);
    if (table == nullptr) {
      KDB_ASSIGN_OR_RETURN(table, impl_->ReadTable(id, *snapshot, &impl_->interner));
    }
    DeleteTable(*table, &change.batch);
    tables.push_back(std::move(table));
  }
  DeleteRows(std::move(ids), &change.batch);
  change.applied = [impl = impl_.get(), tables = std::move(tables)] {
    for (const TablePtr& table : tables) impl->Apply(table, nullptr);
  };
  return change;
}

Result<MetaChange> Catalog::PrepareCreateTable(TableInfo table_without_schema,
                                               std::vector<Column> columns, TablePtr* created) {
  auto table = std::make_shared<TableInfo>(std::move(table_without_schema));
  KDB_ASSIGN_OR_RETURN(const bool has_ns, impl_->Exists(NamespaceKey(table->ns)));
  if (!has_ns) return NoSuchNamespace(table->ns);
  const std::string name_key = TableNameKey(table->ns, table->name);
  KDB_ASSIGN_OR_RETURN(const bool exists, impl_->Exists(name_key));
  if (exists) return AlreadyExists(fmt::format("Table {} already exists", table->qualified()));

  KDB_ASSIGN_OR_RETURN(table->id, impl_->NextTableId());
  uint32_t column_id = 0;
  for (Column& c : columns) c.id = ++column_id;
  columns.push_back(SeqColumn(++column_id));
  columns.push_back(DeletedColumn(++column_id));
  KDB_ASSIGN_OR_RETURN(table->schema, impl_->Share(Schema(1, std::move(columns))));
  table->versions = {table->schema};
  table->version_millis = {table->created_millis};

  MetaChange change;
  std::string counter;
  AppendFixed<uint64_t>(&counter, table->id);
  change.batch.Put(Family::kMeta, CounterKey(kTableIdCounter), counter);
  std::string id;
  AppendBigEndian32(&id, table->id);
  change.batch.Put(Family::kMeta, name_key, id);
  PutTable(*table, &change.batch);
  *created = table;
  change.applied = [impl = impl_.get(), table = *created] { impl->Apply(nullptr, table); };
  return change;
}

Result<MetaChange> Catalog::PrepareAlterTable(const TablePtr& old, SchemaPtr schema,
                                              const TableOptions& options, int64_t now_millis,
                                              TablePtr* altered) {
  if (old->stale.load(std::memory_order_acquire)) return StaleTable(*old);
  auto table = std::make_shared<TableInfo>(*old);
  table->options = options;
  if (options.access_level != old->options.access_level) ++table->policy_version;
  if (schema != old->schema && !SameColumns(*schema, *old->schema)) {
    if (schema->version() != old->schema->version() + 1) {
      return InternalError(fmt::format("schema version {} after {} of {}", schema->version(),
                                       old->schema->version(), old->qualified()));
    }
    KDB_ASSIGN_OR_RETURN(table->schema, impl_->Share(*schema));
    table->versions.push_back(table->schema);
    table->version_millis.push_back(now_millis);
  }
  MetaChange change;
  PutTable(*table, &change.batch);
  *altered = table;
  change.applied = [impl = impl_.get(), old, current = *altered] { impl->Apply(old, current); };
  return change;
}

Result<MetaChange> Catalog::PrepareDropTable(const TablePtr& table) {
  if (table->stale.load(std::memory_order_acquire)) return StaleTable(*table);
  MetaChange change;
  DeleteTable(*table, &change.batch);
  DeleteRows({table->id}, &change.batch);
  change.applied = [impl = impl_.get(), table] { impl->Apply(table, nullptr); };
  return change;
}

void Catalog::set_on_table_changed(
    std::function<void(const TableInfo& old, const TablePtr& current)> f) {
  impl_->on_changed = std::move(f);
}

void Catalog::TrimCache() {
  impl_->cache.Trim();
  impl_->interner.Trim();
}

size_t Catalog::cached_tables() const { return impl_->cache.cached(); }

size_t Catalog::memory_bytes() const {
  return impl_->cache.memory_bytes() + impl_->interner.memory_bytes();
}

}  // namespace kalamdb::catalog
