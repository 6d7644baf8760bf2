// A whole write path on a real store: store, catalog, commit thread, and tables of (id BIGINT
// PRIMARY KEY, v TEXT).
#pragma once

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "../catalog/catalog_fixture.h"
#include "../storage/temp_dir.h"
#include "catalog/catalog.h"
#include "catalog/meta_keys.h"
#include "shard/executor.h"
#include "types/row_codec.h"

namespace kalamdb::shard {

using catalog::TablePtr;
using storage::Family;

inline std::string KeyOf(int64_t id) {
  std::string key;
  EXPECT_TRUE(AppendKey(Datum::BigInt(id), &key).ok());
  return key;
}

inline std::string RowOf(const catalog::TableInfo& table, int64_t id, std::string_view v) {
  const Datum slots[] = {Datum::BigInt(id), Datum::Text(v)};
  std::string row;
  EncodeRow(*table.schema, slots, &row);
  return row;
}

inline RowView View(std::string_view row) {
  auto view = RowView::Parse(row);
  EXPECT_TRUE(view.ok());
  return view.ok() ? *view : RowView();
}

inline std::string TextOf(std::string_view row) {
  return std::string(View(row).Slot(1, DataType::Of(TypeKind::kText)).text());
}

inline RowWrite Insert(const catalog::TableInfo& table, int64_t id, std::string_view v) {
  RowWrite w;
  w.op = WriteOp::kInsert;
  w.key = KeyOf(id);
  w.row = RowOf(table, id, v);
  return w;
}
inline RowWrite Update(const catalog::TableInfo& table, int64_t id, std::string_view v,
                       int64_t expected_seq) {
  RowWrite w = Insert(table, id, v);
  w.op = WriteOp::kUpdate;
  w.expected_seq = expected_seq;
  return w;
}
inline RowWrite Delete(int64_t id, int64_t expected_seq) {
  RowWrite w;
  w.op = WriteOp::kDelete;
  w.key = KeyOf(id);
  w.expected_seq = expected_seq;
  return w;
}
inline RowWrite Event(const catalog::TableInfo& table, std::string_view v) {
  RowWrite w = Insert(table, 0, v);
  w.op = WriteOp::kStreamInsert;
  w.key.clear();
  return w;
}
inline RowWrite Mutate(int64_t id, std::shared_ptr<Mutation> mutation) {
  RowWrite w;
  w.op = WriteOp::kMutate;
  w.key = KeyOf(id);
  w.mutation = std::move(mutation);
  return w;
}

inline Command CommandOf(TablePtr table, std::string owner, std::vector<RowWrite> writes) {
  Command c;
  RowCommand& rows = c.rows.emplace_back();
  rows.table = std::move(table);
  rows.owner = std::move(owner);
  rows.writes = std::move(writes);
  rows.want_rows = true;
  return c;
}

template <typename F>
class MutationOf final : public Mutation {
 public:
  explicit MutationOf(F f) : f_(std::move(f)) {}
  Result<Action> Decide(const RowView* current, std::string* row) override {
    return f_(current, row);
  }

 private:
  F f_;
};
template <typename F>
std::shared_ptr<Mutation> MakeMutation(F f) {
  return std::make_shared<MutationOf<F>>(std::move(f));
}

// Opened once, for good.
class Gate {
 public:
  void Open() {
    std::lock_guard lock(mutex_);
    open_ = true;
    opened_.notify_all();
  }
  void Wait() {
    std::unique_lock lock(mutex_);
    opened_.wait(lock, [this] { return open_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable opened_;
  bool open_ = false;
};

// A command that has been submitted.
class Submitted {
 public:
  Submitted(CommandExecutor* executor, Command command) : state_(std::make_shared<State>()) {
    command.done = [state = state_](CommandOutcome outcome) {
      state->outcome = std::move(outcome);
      ++state->calls;
      state->thread = std::this_thread::get_id();
      state->done.Open();
    };
    executor->Submit(std::move(command));
  }
  const CommandOutcome& Wait() {
    state_->done.Wait();
    return state_->outcome;
  }
  [[nodiscard]] int calls() const { return state_->calls; }
  [[nodiscard]] std::thread::id thread() const { return state_->thread; }

 private:
  struct State {
    Gate done;
    CommandOutcome outcome;
    std::atomic<int> calls{0};
    std::thread::id thread;
  };
  std::shared_ptr<State> state_;
};

// Holds the commit thread in a `done`, so that what is submitted meanwhile makes one batch.
class HeldExecutor {
 public:
  explicit HeldExecutor(CommandExecutor* executor) {
    Command c;
    c.done = [state = state_](CommandOutcome) {
      state->held.Open();
      state->go.Wait();
    };
    executor->Submit(std::move(c));
    state_->held.Wait();
  }
  ~HeldExecutor() { Release(); }
  void Release() { state_->go.Open(); }

 private:
  struct State {
    Gate held, go;
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

// Remembers what it was told; wants everything unless told otherwise.
class RecordingListener final : public ChangeListener {
 public:
  bool Wants(TableId table, std::string_view) override { return table != unwanted_; }
  void OnCommit(const ChangeSetPtr& changes) override {
    std::lock_guard lock(mutex_);
    sets_.push_back(changes);
  }
  void set_unwanted(TableId table) { unwanted_ = table; }
  std::vector<ChangeSetPtr> sets() {
    std::lock_guard lock(mutex_);
    return sets_;
  }

 private:
  std::mutex mutex_;
  std::vector<ChangeSetPtr> sets_;
  std::atomic<TableId> unwanted_{0};
};

class ShardFixture : public ::testing::Test {
 protected:
  void SetUp() override { Open(); }
  void TearDown() override { Close(); }
  void Close() {
    executor_.reset();
    catalog_.reset();
    store_.reset();
  }
  // Also opens anew what was closed.
  void Open() {
    Close();
    auto store = storage::HotStore::Open(dir_.path() + "/rocksdb", store_options_);
    ASSERT_TRUE(store.ok()) << store.status().message();
    store_ = store.Take();
    auto catalog = catalog::Catalog::Open(store_.get(), "/s", "{tableName}", "{userId}", 1);
    ASSERT_TRUE(catalog.ok()) << catalog.status().message();
    catalog_ = catalog.Take();
    auto executor = LocalExecutor::Open(store_.get(), clock_, log_.get(), options_);
    ASSERT_TRUE(executor.ok()) << executor.status().message();
    executor_ = executor.Take();
    executor_->set_listener(listener_);
  }
  CommandOutcome Execute(TablePtr table, std::string owner, std::vector<RowWrite> writes) {
    return executor_->Execute(CommandOf(std::move(table), std::move(owner), std::move(writes)));
  }
  Submitted Submit(TablePtr table, std::string owner, std::vector<RowWrite> writes) {
    return {executor_.get(), CommandOf(std::move(table), std::move(owner), std::move(writes))};
  }
  Command MetaCommand(Result<catalog::MetaChange> change) {
    EXPECT_TRUE(change.ok()) << change.status().message();
    Command c;
    if (change.ok()) c.meta = change.Take();
    return c;
  }
  TablePtr Create(std::string name, TableKind kind = TableKind::kUser) {
    TablePtr table;
    Command c = MetaCommand(catalog_->PrepareCreateTable(catalog::Named("default", name, kind),
                                                         catalog::IdAndText(), &table));
    EXPECT_TRUE(executor_->Execute(std::move(c)).status.ok());
    return table;
  }
  // The newest version of a row, tombstones too; empty when there is none.
  std::string Stored(const catalog::TableInfo& table, std::string_view owner,
                     std::string_view key) {
    std::string row;
    auto found = store_->Get(
        Family::kRows, storage::OwnerPrefix(table.id, owner) + std::string(key), nullptr, &row);
    EXPECT_TRUE(found.ok());
    return *found ? row : std::string();
  }
  std::string Stored(const catalog::TableInfo& table, std::string_view owner, int64_t id) {
    return Stored(table, owner, KeyOf(id));
  }
  // _seq -> primary key part, of kSeqs.
  std::map<int64_t, std::string> Seqs(const catalog::TableInfo& table, std::string_view owner) {
    const std::string prefix = storage::OwnerPrefix(table.id, owner);
    std::map<int64_t, std::string> seqs;
    storage::Iterator it =
        store_->NewIterator(Family::kSeqs, prefix, storage::PrefixEnd(prefix), nullptr);
    for (it.SeekToFirst(); it.Valid(); it.Next()) {
      const auto seq = LoadBigEndian64(it.key().data() + prefix.size());
      seqs[static_cast<int64_t>(seq)] = it.value();
    }
    EXPECT_TRUE(it.status().ok());
    return seqs;
  }
  int64_t Boundary(const catalog::TableInfo& table, std::string_view owner) {
    auto seq = SnapshotBoundary(*store_, options_.shards, *store_->GetSnapshot(), table, owner);
    EXPECT_TRUE(seq.ok());
    return seq.ok() ? *seq : -1;
  }

  TempDir dir_;
  storage::StoreOptions store_options_;
  PipelineOptions options_;
  SystemClock system_clock_;
  const Clock* clock_ = &system_clock_;
  std::unique_ptr<Logger> log_ = Logger::Null();
  ChangeListener* listener_ = nullptr;
  std::unique_ptr<storage::HotStore> store_;
  std::unique_ptr<catalog::Catalog> catalog_;
  std::unique_ptr<LocalExecutor> executor_;
};

}  // namespace kalamdb::shard
