// A catalog on a real store in a directory of its own, and statements committed by hand.
#pragma once

#include <gtest/gtest.h>

#include "../storage/temp_dir.h"
#include "catalog/catalog.h"

namespace kalamdb::catalog {

inline Column MakeColumn(std::string name, TypeKind kind, bool primary_key = false) {
  Column c;
  c.name = std::move(name);
  c.type = DataType::Of(kind);
  c.primary_key = primary_key;
  c.nullable = !primary_key;
  return c;
}

// id BIGINT PRIMARY KEY, v TEXT
inline std::vector<Column> IdAndText() {
  return {MakeColumn("id", TypeKind::kBigInt, true), MakeColumn("v", TypeKind::kText)};
}

inline TableInfo Named(std::string ns, std::string name, TableKind kind = TableKind::kUser) {
  TableInfo t;
  t.ns = std::move(ns);
  t.name = std::move(name);
  t.kind = kind;
  t.created_millis = 1'750'000'000'000;
  return t;
}

// `schema` with another column, as the next version.
inline SchemaPtr WithColumn(const Schema& schema, std::string name) {
  std::vector<Column> columns = schema.columns();
  uint32_t id = 0;
  for (const Column& c : columns) id = std::max(id, c.id);
  columns.push_back(MakeColumn(std::move(name), TypeKind::kInt));
  columns.back().id = id + 1;
  return std::make_shared<const Schema>(schema.version() + 1, std::move(columns));
}

class CatalogFixture : public ::testing::Test {
 protected:
  void SetUp() override { Open(); }
  void Open() {
    catalog_.reset();
    store_.reset();
    auto store = storage::HotStore::Open(dir_.path() + "/rocksdb", storage::StoreOptions{});
    ASSERT_TRUE(store.ok()) << store.status().message();
    store_ = store.Take();
    auto catalog = Catalog::Open(store_.get(), "/data/storage", "{namespace}/{tableName}",
                                 "{namespace}/{tableName}/{userId}", 1'750'000'000'000);
    ASSERT_TRUE(catalog.ok()) << catalog.status().message();
    catalog_ = catalog.Take();
  }
  // What the commit thread does with a change.
  void Commit(Result<MetaChange> change) {
    ASSERT_TRUE(change.ok()) << change.status().message();
    ASSERT_TRUE(store_->Write(std::move(change->batch), true).ok());
    if (change->applied) change->applied();
  }
  TablePtr Create(std::string ns, std::string name, std::vector<Column> columns = IdAndText(),
                  TableKind kind = TableKind::kUser) {
    TablePtr table;
    Commit(catalog_->PrepareCreateTable(Named(std::move(ns), std::move(name), kind),
                                        std::move(columns), &table));
    return table;
  }
  TablePtr Find(std::string_view ns, std::string_view name) {
    auto table = catalog_->FindTable(ns, name);
    return table.ok() ? *table : nullptr;
  }

  TempDir dir_;
  std::unique_ptr<storage::HotStore> store_;
  std::unique_ptr<Catalog> catalog_;
};

}  // namespace kalamdb::catalog
