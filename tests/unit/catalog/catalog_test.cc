#include "catalog/catalog.h"

#include <thread>

#include "catalog_fixture.h"

namespace kalamdb::catalog {
namespace {

using CatalogTest = CatalogFixture;
using storage::Family;

TEST_F(CatalogTest, SeedsAnEmptyStoreOnce) {
  auto namespaces = catalog_->ListNamespaces();
  ASSERT_TRUE(namespaces.ok());
  ASSERT_EQ(namespaces->size(), 2u);
  EXPECT_EQ((*namespaces)[0].name, "dba");
  EXPECT_EQ((*namespaces)[1].name, "default");
  EXPECT_EQ((*namespaces)[1].options_json, "{}");
  auto local = catalog_->FindStorage("local");
  ASSERT_TRUE(local.ok() && local->has_value());
  EXPECT_EQ((*local)->name, "Local Filesystem");
  EXPECT_EQ((*local)->base_directory, "/data/storage");
  EXPECT_EQ((*local)->user_template, "{namespace}/{tableName}/{userId}");
  EXPECT_EQ((*local)->created_millis, 1'750'000'000'000);

  NamespaceInfo changed = (*namespaces)[1];
  changed.options_json = R"({"a":1})";
  Commit(catalog_->PrepareAlterNamespace(changed));
  Open();
  auto found = catalog_->FindNamespace("default");
  ASSERT_TRUE(found.ok() && found->has_value());
  EXPECT_EQ((*found)->options_json, R"({"a":1})");
  EXPECT_EQ(catalog_->ListStorages()->size(), 1u);
}

TEST_F(CatalogTest, NamespacesAreMadeOnceAndFound) {
  NamespaceInfo ns;
  ns.name = "app";
  ns.created_millis = 5;
  Commit(catalog_->PrepareCreateNamespace(ns));
  EXPECT_EQ(catalog_->PrepareCreateNamespace(ns).code(), ErrorCode::kAlreadyExists);
  EXPECT_EQ((*catalog_->FindNamespace("app"))->created_millis, 5);
  EXPECT_FALSE(catalog_->FindNamespace("ap")->has_value());
  ns.name = "none";
  EXPECT_EQ(catalog_->PrepareAlterNamespace(ns).code(), ErrorCode::kNotFound);
  EXPECT_EQ(catalog_->PrepareDropNamespace("none").code(), ErrorCode::kNotFound);
}

TEST_F(CatalogTest, NothingIsThereBeforeTheCommit) {
  TablePtr created;
  auto change = catalog_->PrepareCreateTable(Named("default", "t"), IdAndText(), &created);
  ASSERT_TRUE(change.ok());
  EXPECT_EQ(Find("default", "t"), nullptr);
  EXPECT_EQ(catalog_->FindTable("default", "t").code(), ErrorCode::kTableNotFound);
  EXPECT_EQ(catalog_->FindTable("default", "t").status().message(), "default.t");
  Commit(std::move(change));
  EXPECT_EQ(Find("default", "t"), created);
  EXPECT_EQ(*catalog_->FindTableById(created->id), created);
}

TEST_F(CatalogTest, ColumnsGetIdsAndTheSystemColumnsFollow) {
  const TablePtr t = Create("default", "t");
  ASSERT_EQ(t->schema->size(), 4u);
  for (size_t i = 0; i < 4; ++i) EXPECT_EQ(t->schema->column(i).id, i + 1);
  EXPECT_EQ(t->schema->column(2).name, "_seq");
  EXPECT_EQ(t->schema->column(3).name, "_deleted");
  EXPECT_FALSE(t->schema->column(2).nullable);
  EXPECT_EQ(t->schema->version(), 1u);
  EXPECT_EQ(t->versions.size(), 1u);
  EXPECT_EQ(t->version_millis.at(0), t->created_millis);
}

TEST_F(CatalogTest, ATableIsTheSameAfterAReopen) {
  TableInfo info = Named("default", "t", TableKind::kShared);
  info.options.flush_rows = 1000;
  info.options.access_level = AccessLevel::kPublic;
  TablePtr created;
  Commit(catalog_->PrepareCreateTable(std::move(info), IdAndText(), &created));
  const std::string columns = ColumnsJson(*created->schema);
  const std::string options = OptionsJson(*created);
  created.reset();
  Open();
  const TablePtr t = Find("default", "t");
  ASSERT_NE(t, nullptr);
  EXPECT_EQ(t->kind, TableKind::kShared);
  EXPECT_EQ(ColumnsJson(*t->schema), columns);
  EXPECT_EQ(OptionsJson(*t), options);
}

TEST_F(CatalogTest, ATableNeedsItsNamespaceAndAFreeName) {
  TablePtr table;
  EXPECT_EQ(catalog_->PrepareCreateTable(Named("none", "t"), IdAndText(), &table).code(),
            ErrorCode::kNotFound);
  Create("default", "t");
  EXPECT_EQ(catalog_->PrepareCreateTable(Named("default", "t"), IdAndText(), &table).code(),
            ErrorCode::kAlreadyExists);
}

TEST_F(CatalogTest, IdsAreNeverUsedTwice) {
  const TablePtr first = Create("default", "t");
  Commit(catalog_->PrepareDropTable(first));
  EXPECT_EQ(Find("default", "t"), nullptr);
  Open();
  const TablePtr second = Create("default", "t");
  EXPECT_GT(second->id, first->id);
  EXPECT_EQ(catalog_->FindTableById(first->id).code(), ErrorCode::kTableNotFound);
}

TEST_F(CatalogTest, DropRemovesTheRowsOfThatTableOnly) {
  const TablePtr t = Create("default", "t");
  const TablePtr neighbour = Create("default", "u");
  storage::WriteBatch rows;
  for (const Family family : {Family::kRows, Family::kSeqs}) {
    rows.Put(family, storage::OwnerPrefix(t->id, "u1") + "k", "row");
    rows.Put(family, storage::OwnerPrefix(neighbour->id, "u1") + "k", "row");
  }
  ASSERT_TRUE(store_->Write(std::move(rows), true).ok());
  Commit(catalog_->PrepareDropTable(t));
  for (const Family family : {Family::kRows, Family::kSeqs}) {
    std::string ignored;
    EXPECT_FALSE(*store_->Get(family, storage::OwnerPrefix(t->id, "u1") + "k", nullptr, &ignored));
    EXPECT_TRUE(
        *store_->Get(family, storage::OwnerPrefix(neighbour->id, "u1") + "k", nullptr, &ignored));
  }
}

TEST_F(CatalogTest, AlterFlagsTheOldVersionAndKeepsItsColumns) {
  const TablePtr old = Create("default", "t");
  std::vector<std::pair<uint32_t, uint32_t>> told;
  catalog_->set_on_table_changed([&](const TableInfo& before, const TablePtr& current) {
    told.emplace_back(before.schema->version(), current ? current->schema->version() : 0);
  });
  TablePtr altered;
  Commit(
      catalog_->PrepareAlterTable(old, WithColumn(*old->schema, "n"), old->options, 77, &altered));
  EXPECT_TRUE(old->stale);
  EXPECT_FALSE(altered->stale);
  EXPECT_EQ(Find("default", "t"), altered);
  EXPECT_EQ(altered->id, old->id);
  EXPECT_EQ(altered->schema->version(), 2u);
  EXPECT_EQ(altered->version(1), old->schema.get());
  EXPECT_EQ(altered->version_millis.at(1), 77);
  EXPECT_EQ(altered->policy_version, old->policy_version);
  EXPECT_EQ(catalog_->PrepareAlterTable(old, old->schema, old->options, 78, &altered).code(),
            ErrorCode::kRetry);
  EXPECT_EQ(catalog_->PrepareDropTable(old).code(), ErrorCode::kRetry);
  Commit(catalog_->PrepareDropTable(Find("default", "t")));
  const std::vector<std::pair<uint32_t, uint32_t>> expected = {{1, 2}, {2, 0}};
  EXPECT_EQ(told, expected);
}

TEST_F(CatalogTest, NewRightsMakeANewPolicyVersionWithoutANewSchema) {
  const TablePtr old = Create("default", "t", IdAndText(), TableKind::kShared);
  TableOptions options = old->options;
  options.access_level = AccessLevel::kPublic;
  TablePtr altered;
  Commit(catalog_->PrepareAlterTable(old, old->schema, options, 77, &altered));
  EXPECT_EQ(altered->schema, old->schema);
  EXPECT_EQ(altered->versions.size(), 1u);
  EXPECT_EQ(altered->policy_version, old->policy_version + 1);
  EXPECT_TRUE(old->stale);
  altered.reset();
  Open();
  EXPECT_EQ(Find("default", "t")->options.access_level, AccessLevel::kPublic);
  EXPECT_EQ(Find("default", "t")->policy_version, old->policy_version + 1);
}

TEST_F(CatalogTest, ASchemaVersionCannotBeSkipped) {
  const TablePtr t = Create("default", "t");
  TablePtr altered;
  const SchemaPtr skipped = WithColumn(*WithColumn(*t->schema, "a"), "b");
  EXPECT_FALSE(catalog_->PrepareAlterTable(t, skipped, t->options, 1, &altered).ok());
}

TEST_F(CatalogTest, DropNamespaceTakesItsTablesAlong) {
  NamespaceInfo ns;
  ns.name = "app";
  Commit(catalog_->PrepareCreateNamespace(ns));
  const TablePtr a = Create("app", "a");
  const TablePtr other = Create("default", "a");
  const TablePtr b = Create("app", "b");
  ASSERT_EQ(*catalog_->CountTables("app"), 2u);
  Commit(catalog_->PrepareDropNamespace("app"));
  EXPECT_TRUE(a->stale && b->stale);
  EXPECT_FALSE(other->stale);
  EXPECT_EQ(Find("app", "a"), nullptr);
  EXPECT_EQ(*catalog_->CountTables("app"), 0u);
  EXPECT_EQ(*catalog_->CountTables(""), 1u);
  EXPECT_FALSE(catalog_->FindNamespace("app")->has_value());
}

TEST_F(CatalogTest, TablesAreListedInOrderOfNamespaceAndName) {
  for (const char* ns : {"b", "ab"}) {
    NamespaceInfo info;
    info.name = ns;
    Commit(catalog_->PrepareCreateNamespace(info));
  }
  for (const char* name : {"z", "y"}) {
    Create("b", name);
    Create("ab", name);
  }
  std::string seen;
  ASSERT_TRUE(catalog_
                  ->ForEachTable("",
                                 [&](const TableInfo& t) {
                                   seen += t.qualified() + " ";
                                   return true;
                                 })
                  .ok());
  EXPECT_EQ(seen, "ab.y ab.z b.y b.z ");
  seen.clear();
  ASSERT_TRUE(catalog_
                  ->ForEachTable("b",
                                 [&](const TableInfo& t) {
                                   seen += t.qualified();
                                   return false;
                                 })
                  .ok());
  EXPECT_EQ(seen, "b.y");
}

TEST_F(CatalogTest, TablesThatLookAlikeShareTheirSchema) {
  const TablePtr a = Create("default", "a");
  const TablePtr b = Create("default", "b");
  const TablePtr c = Create("default", "c", {MakeColumn("id", TypeKind::kInt, true)});
  EXPECT_EQ(a->schema, b->schema);
  EXPECT_NE(a->schema, c->schema);
  Open();
  const TablePtr again = Find("default", "a");
  EXPECT_EQ(again->schema, Find("default", "b")->schema);
}

TEST_F(CatalogTest, ATableHasOneLiveInstanceWhateverTheCacheForgets) {
  const TablePtr held = Create("default", "held");
  for (size_t i = 0; i < kMaxCachedTables + 50; ++i) {
    const std::string name = fmt::format("t{}", i);
    Create("default", name);
    ASSERT_NE(Find("default", name), nullptr);
    ASSERT_LE(catalog_->cached_tables(), kMaxCachedTables);
  }
  EXPECT_EQ(catalog_->cached_tables(), kMaxCachedTables);
  EXPECT_EQ(Find("default", "held"), held);
  EXPECT_EQ(*catalog_->FindTableById(held->id), held);
  const TablePtr in_use = Find("default", "t0");
  catalog_->TrimCache();
  EXPECT_LE(catalog_->cached_tables(), 2u);
  EXPECT_EQ(Find("default", "held"), held);
  EXPECT_EQ(Find("default", "t0"), in_use);
}

TEST_F(CatalogTest, AThousandEmptyTablesCostLessThanAKibibyteEach) {
  const size_t cache_before = catalog_->memory_bytes();
  const size_t memtables_before = store_->MemtableBytes();
  for (int i = 0; i < 1000; ++i) Create("default", fmt::format("table_{}", i));
  const size_t grown =
      catalog_->memory_bytes() - cache_before + store_->MemtableBytes() - memtables_before;
  EXPECT_LT(grown, 1000u * 1024);
  catalog_->TrimCache();
  ASSERT_TRUE(store_->FlushMemtables().ok());
  EXPECT_LT(catalog_->memory_bytes(), cache_before + 4096);
}

// A reader never goes back to a version that it has seen replaced, and never keeps an outdated one
// for good.
TEST_F(CatalogTest, ReadersFollowAltersThatRunBesideThem) {
  constexpr uint32_t kVersions = 60;
  Create("default", "t");
  catalog_->TrimCache();
  std::atomic<bool> stop{false};
  std::atomic<int> went_back{0}, failed{0};
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&, i] {
      uint32_t seen = 0;
      while (!stop) {
        auto t = catalog_->FindTable("default", "t");
        if (!t.ok()) {
          ++failed;
          continue;
        }
        if ((*t)->schema->version() < seen) ++went_back;
        seen = (*t)->schema->version();
        if (i == 0) catalog_->TrimCache();
      }
    });
  }
  for (uint32_t v = 2; v <= kVersions; ++v) {
    const TablePtr old = Find("default", "t");
    TablePtr altered;
    Commit(catalog_->PrepareAlterTable(old, WithColumn(*old->schema, fmt::format("c{}", v)),
                                       old->options, v, &altered));
    EXPECT_EQ(Find("default", "t")->schema->version(), v);
    EXPECT_FALSE(Find("default", "t")->stale);
  }
  stop = true;
  for (std::thread& t : readers) t.join();
  EXPECT_EQ(went_back, 0);
  EXPECT_EQ(failed, 0);
}

}  // namespace
}  // namespace kalamdb::catalog
