// Batches, order, publication, bounds and recovery of the commit pipeline.
#include "../storage/unsynced_env.h"
#include "base/snowflake.h"
#include "shard_fixture.h"

namespace kalamdb::shard {
namespace {

class Pipeline : public ShardFixture {
 protected:
  void SetUp() override {
    listener_ = &recorder_;
    Open();
    table_ = Create("t");
  }
  void TearDown() override {
    table_.reset();
    Close();
  }
  RecordingListener recorder_;
  TablePtr table_;
};

TEST_F(Pipeline, CommandsOfOneBatchSeeThoseBeforeThem) {
  const uint64_t batches = executor_->stats().batches;
  HeldExecutor held(executor_.get());
  const auto append = [&](std::string v) {
    return Mutate(1, MakeMutation([this, v](const RowView* current, std::string* row) {
                    if (current == nullptr) return Result(Mutation::Action::kNothing);
                    *row = RowOf(*table_, 1, TextOf(current->bytes()) + v);
                    return Result(Mutation::Action::kUpdate);
                  }));
  };
  const auto remove = Mutate(
      1, MakeMutation([](const RowView* current, std::string*) {
        return Result(current == nullptr ? Mutation::Action::kNothing : Mutation::Action::kDelete);
      }));
  Submitted before = Submit(table_, "u", {append("x")});
  Submitted insert = Submit(table_, "u", {Insert(*table_, 1, "a")});
  Submitted duplicate = Submit(table_, "u", {Insert(*table_, 1, "b")});
  Submitted update = Submit(table_, "u", {append("c")});
  Submitted gone = Submit(table_, "u", {remove});
  Submitted again = Submit(table_, "u", {Insert(*table_, 1, "d")});
  held.Release();
  EXPECT_EQ(before.Wait().updated, 0u);
  EXPECT_EQ(insert.Wait().inserted, 1u);
  EXPECT_EQ(duplicate.Wait().status.code(), ErrorCode::kAlreadyExists);
  EXPECT_EQ(update.Wait().updated, 1u);
  EXPECT_EQ(gone.Wait().deleted, 1u);
  EXPECT_EQ(again.Wait().inserted, 1u);
  EXPECT_EQ(executor_->stats().batches, batches + 1);
  const std::string row = Stored(*table_, "u", 1);
  EXPECT_EQ(TextOf(row), "d");
  EXPECT_EQ(View(row).insert_seq(), insert.Wait().last_seq);
  EXPECT_EQ(Seqs(*table_, "u").size(), 1u);
}

TEST_F(Pipeline, ACommandThatFailsLeavesNothingToThoseBehindIt) {
  HeldExecutor held(executor_.get());
  Submitted a = Submit(table_, "u", {Insert(*table_, 1, "a")});
  Submitted b = Submit(table_, "u", {Insert(*table_, 2, "b"), Insert(*table_, 1, "b")});
  Submitted c = Submit(table_, "u", {Insert(*table_, 2, "c")});
  held.Release();
  EXPECT_TRUE(a.Wait().status.ok());
  EXPECT_EQ(b.Wait().status.code(), ErrorCode::kAlreadyExists);
  EXPECT_TRUE(c.Wait().status.ok());
  EXPECT_EQ(TextOf(Stored(*table_, "u", 2)), "c");
  EXPECT_EQ(Seqs(*table_, "u").size(), 2u);
  EXPECT_EQ(executor_->stats().conflicts, 1u);
}

TEST_F(Pipeline, AMetaChangeCountsForEveryCommandBehindIt) {
  HeldExecutor held(executor_.get());
  TablePtr altered;
  Submitted before = Submit(table_, "u", {Insert(*table_, 1, "a")});
  Submitted alter(executor_.get(), MetaCommand(catalog_->PrepareAlterTable(
                                       table_, catalog::WithColumn(*table_->schema, "n"),
                                       table_->options, 1, &altered)));
  Submitted after = Submit(table_, "u", {Insert(*table_, 2, "a")});
  held.Release();
  EXPECT_TRUE(before.Wait().status.ok());
  EXPECT_TRUE(alter.Wait().status.ok());
  EXPECT_EQ(after.Wait().status.code(), ErrorCode::kRetry);
  EXPECT_EQ(*catalog_->FindTable("default", "t"), altered);
}

TEST_F(Pipeline, ChangesAreToldInOrderOfCommitWithBothVersions) {
  const int64_t first = Execute(table_, "u", {Insert(*table_, 1, "a")}).last_seq;
  HeldExecutor held(executor_.get());
  Submitted update = Submit(table_, "u", {Update(*table_, 1, "b", first)});
  Submitted failed = Submit(table_, "u", {Delete(1, first)});
  Submitted other = Submit(table_, "v", {Insert(*table_, 1, "x"), Insert(*table_, 2, "y")});
  held.Release();
  const int64_t second = update.Wait().last_seq;
  EXPECT_FALSE(failed.Wait().status.ok());
  ASSERT_TRUE(other.Wait().status.ok());
  const int64_t third = Execute(table_, "u", {Delete(1, second)}).last_seq;

  const auto sets = recorder_.sets();
  ASSERT_EQ(sets.size(), 4u);
  const RowChange& inserted = sets[0]->changes.at(0);
  EXPECT_EQ(inserted.kind, RowChange::Kind::kInsert);
  EXPECT_EQ(inserted.key, KeyOf(1));
  EXPECT_EQ(inserted.seq, first);
  EXPECT_EQ(inserted.old_row, "");
  EXPECT_EQ(TextOf(inserted.new_row), "a");
  const RowChange& updated = sets[1]->changes.at(0);
  EXPECT_EQ(updated.kind, RowChange::Kind::kUpdate);
  EXPECT_EQ(updated.old_row, inserted.new_row);
  EXPECT_EQ(TextOf(updated.new_row), "b");
  EXPECT_EQ(sets[2]->owner, "v");
  EXPECT_EQ(sets[2]->table, table_);
  EXPECT_EQ(sets[2]->changes.size(), 2u);
  const RowChange& deleted = sets[3]->changes.at(0);
  EXPECT_EQ(deleted.kind, RowChange::Kind::kDelete);
  EXPECT_EQ(deleted.seq, third);
  EXPECT_EQ(deleted.old_row, updated.new_row);
  EXPECT_TRUE(View(deleted.new_row).deleted());
  EXPECT_GT(sets[3]->committed_micros, 0);
}

TEST_F(Pipeline, NothingIsBuiltForATableThatNobodyWatches) {
  recorder_.set_unwanted(table_->id);
  ASSERT_TRUE(Execute(table_, "u", {Insert(*table_, 1, "a")}).status.ok());
  EXPECT_TRUE(recorder_.sets().empty());
}

// Forgets every change set at once, looking at its bytes first.
class ForgetfulListener final : public ChangeListener {
 public:
  bool Wants(TableId, std::string_view) override { return true; }
  void OnCommit(const ChangeSetPtr& set) override {
    for (const RowChange& c : set->changes) {
      texts += c.old_row.empty() ? "-" : TextOf(c.old_row);
      texts += ">" + TextOf(c.new_row) + " ";
    }
  }
  std::string texts;
};

TEST_F(Pipeline, OldVersionsOutliveTheChangesThatMadeThem) {
  ForgetfulListener forgetful;
  executor_->set_listener(&forgetful);
  HeldExecutor held(executor_.get());
  std::vector<Submitted> all;
  for (const char* v : {"a long text a long text a long text", "b", "c"}) {
    all.push_back(Submit(
        table_, "u", {Mutate(1, MakeMutation([this, v](const RowView* current, std::string* row) {
                               *row = RowOf(*table_, 1, v);
                               return Result(current == nullptr ? Mutation::Action::kInsert
                                                                : Mutation::Action::kUpdate);
                             }))}));
  }
  held.Release();
  for (Submitted& s : all) EXPECT_TRUE(s.Wait().status.ok());
  EXPECT_EQ(forgetful.texts,
            "->a long text a long text a long text a long text a long text a long text>b b>c ");
  executor_->set_listener(nullptr);
}

TEST_F(Pipeline, AStreamDeleteTellsTheEventThatIsGone) {
  const TablePtr stream = Create("events", TableKind::kStream);
  const int64_t seq = Execute(stream, "u", {Event(*stream, "a")}).last_seq;
  RowWrite remove;
  remove.op = WriteOp::kStreamDelete;
  remove.expected_seq = seq;
  ASSERT_EQ(Execute(stream, "u", {remove}).deleted, 1u);
  const auto sets = recorder_.sets();
  ASSERT_EQ(sets.size(), 2u);
  EXPECT_EQ(sets[1]->changes.at(0).kind, RowChange::Kind::kDelete);
  EXPECT_EQ(sets[1]->changes.at(0).old_row, sets[0]->changes.at(0).new_row);
  EXPECT_EQ(sets[1]->changes.at(0).new_row, "");
  EXPECT_EQ(sets[1]->changes.at(0).key, sets[0]->changes.at(0).key);
}

TEST_F(Pipeline, AFullQueueRefusesAndStillAnswersEveryCommandOnce) {
  options_.max_queued_commands = 4;
  Open();
  const TablePtr table = *catalog_->FindTable("default", "t");
  HeldExecutor held(executor_.get());
  std::vector<Submitted> all;
  for (int i = 0; i < 8; ++i) all.push_back(Submit(table, "u", {Insert(*table, i, "a")}));
  held.Release();
  for (int i = 0; i < 8; ++i) {
    const CommandOutcome& o = all[i].Wait();
    EXPECT_EQ(o.status.code(), i < 4 ? ErrorCode::kOk : ErrorCode::kUnavailable) << i;
    EXPECT_NE(all[i].thread(), std::this_thread::get_id());
  }
  executor_.reset();
  for (Submitted& s : all) EXPECT_EQ(s.calls(), 1);
}

TEST_F(Pipeline, QueuedBytesAreBoundedButOneCommandAlwaysFits) {
  options_.max_queued_bytes = 1000;
  Open();
  const TablePtr table = *catalog_->FindTable("default", "t");
  HeldExecutor held(executor_.get());
  const std::string big(5000, 'x');
  Submitted fits = Submit(table, "u", {Insert(*table, 1, big)});
  Submitted refused = Submit(table, "u", {Insert(*table, 2, "a")});
  held.Release();
  EXPECT_TRUE(fits.Wait().status.ok());
  EXPECT_EQ(refused.Wait().status.code(), ErrorCode::kUnavailable);
}

TEST_F(Pipeline, ALongQueueIsCutIntoBatches) {
  options_.max_batch_bytes = 2000;
  Open();
  const TablePtr table = *catalog_->FindTable("default", "t");
  const uint64_t batches = executor_->stats().batches;
  HeldExecutor held(executor_.get());
  std::vector<Submitted> all;
  const std::string text(500, 'x');
  for (int i = 0; i < 12; ++i) all.push_back(Submit(table, "u", {Insert(*table, i, text)}));
  held.Release();
  for (Submitted& s : all) EXPECT_TRUE(s.Wait().status.ok());
  EXPECT_GE(executor_->stats().batches, batches + 3);
  EXPECT_LE(executor_->stats().batches, batches + 6);
}

TEST_F(Pipeline, ClosingFinishesWhatWasSubmitted) {
  std::vector<Submitted> all;
  {
    HeldExecutor held(executor_.get());
    for (int i = 0; i < 100; ++i) all.push_back(Submit(table_, "u", {Insert(*table_, i, "a")}));
  }
  executor_.reset();
  for (Submitted& s : all) {
    EXPECT_EQ(s.calls(), 1);
    EXPECT_TRUE(s.Wait().status.ok());
  }
  EXPECT_NE(Stored(*table_, "u", 99), "");
}

TEST_F(Pipeline, StoppedItFinishesWhatWasSubmittedAndRefusesTheRest) {
  std::vector<Submitted> all;
  {
    HeldExecutor held(executor_.get());
    for (int i = 0; i < 10; ++i) all.push_back(Submit(table_, "u", {Insert(*table_, i, "a")}));
  }
  executor_->Stop();
  for (Submitted& s : all) {
    EXPECT_EQ(s.calls(), 1);
    EXPECT_TRUE(s.Wait().status.ok());
  }
  Submitted late = Submit(table_, "u", {Insert(*table_, 10, "a")});
  EXPECT_EQ(late.Wait().status.code(), ErrorCode::kUnavailable);
  executor_->Stop();
}

TEST_F(Pipeline, ASnapshotKnowsUpToWhichVersionItSees) {
  const int64_t first = Execute(table_, "u", {Insert(*table_, 1, "a")}).last_seq;
  const storage::SnapshotPtr snapshot = store_->GetSnapshot();
  const int64_t second = Execute(table_, "u", {Insert(*table_, 2, "a")}).last_seq;
  EXPECT_EQ(*SnapshotBoundary(*store_, options_.shards, *snapshot, *table_, "u"), first);
  EXPECT_EQ(Boundary(*table_, "u"), second);
  const TablePtr shared = Create("s", TableKind::kShared);
  EXPECT_EQ(Boundary(*shared, ""), 0);
}

TEST(ShardMap, GivesEveryOwnerOneOfTheUserShards) {
  const ShardMap shards;
  EXPECT_EQ(shards.Count(), 10);
  EXPECT_EQ(shards.Name(0), "meta");
  EXPECT_EQ(shards.Name(1), "user-00");
  EXPECT_EQ(shards.Name(8), "user-07");
  EXPECT_EQ(shards.Name(9), "shared-00");
  const catalog::TableInfo user = catalog::Named("n", "t", TableKind::kUser);
  const catalog::TableInfo stream = catalog::Named("n", "t", TableKind::kStream);
  const catalog::TableInfo shared = catalog::Named("n", "t", TableKind::kShared);
  EXPECT_EQ(shards.Of(shared, ""), 9);
  std::vector<int> owners(10);
  for (int i = 0; i < 800; ++i) {
    const std::string owner = fmt::format("user-{}", i);
    EXPECT_EQ(shards.Of(user, owner), shards.Of(stream, owner));
    ++owners[static_cast<size_t>(shards.Of(user, owner))];
  }
  for (int s = 1; s <= 8; ++s) EXPECT_GT(owners[static_cast<size_t>(s)], 50) << s;
  // Stored data depends on it.
  EXPECT_EQ(shards.Of(user, "alice"), 1 + static_cast<int>(0x508b2abb65a03907ull % 8));
}

class ClockTest : public Pipeline {
 protected:
  void SetUp() override {
    clock_ = &manual_;
    Pipeline::SetUp();
  }
  ManualClock manual_{1'750'000'000'000'000};
};

TEST_F(ClockTest, VersionsGoOnWhenTheClockWentBackBetweenTwoRuns) {
  const int64_t before = Execute(table_, "u", {Insert(*table_, 1, "a")}).last_seq;
  EXPECT_EQ(SnowflakeMillis(before), 1'750'000'000'000);
  table_.reset();
  manual_.SetWall(1'750'000'000'000'000 - 3'600'000'000);
  Open();
  table_ = *catalog_->FindTable("default", "t");
  const CommandOutcome after = Execute(table_, "u", {Insert(*table_, 2, "b")});
  ASSERT_TRUE(after.status.ok());
  EXPECT_GT(after.last_seq, before);
  EXPECT_EQ(executor_->stats().clock_regressions, 1u);
  EXPECT_EQ(Seqs(*table_, "u").rbegin()->second, KeyOf(2));
}

TEST_F(ClockTest, ThousandsOfVersionsInOneMillisecondRise) {
  int64_t last = 0;
  for (int round = 0; round < 3; ++round) {
    std::vector<RowWrite> writes;
    for (int i = 0; i < 3000; ++i) writes.push_back(Insert(*table_, round * 3000 + i, "a"));
    const CommandOutcome o = Execute(table_, "u", std::move(writes));
    ASSERT_TRUE(o.status.ok());
    for (const std::string& row : o.rows) {
      ASSERT_GT(View(row).seq(), last);
      last = View(row).seq();
    }
  }
}

class DurabilityTest : public Pipeline {
 protected:
  void SetUp() override {
    store_options_.env = unsynced_.env.get();
    Pipeline::SetUp();
  }
  UnsyncedEnv unsynced_;
};

TEST_F(DurabilityTest, OnlyEventsAreAnsweredBeforeTheSync) {
  const TablePtr stream = Create("events", TableKind::kStream);
  uint64_t syncs = unsynced_.fs->syncs();
  ASSERT_TRUE(Execute(stream, "u", {Event(*stream, "a")}).status.ok());
  EXPECT_EQ(unsynced_.fs->syncs(), syncs);
  ASSERT_TRUE(Execute(table_, "u", {Insert(*table_, 1, "a")}).status.ok());
  EXPECT_EQ(unsynced_.fs->syncs(), syncs + 1);

  syncs = unsynced_.fs->syncs();
  HeldExecutor held(executor_.get());
  Submitted event = Submit(stream, "u", {Event(*stream, "b")});
  Submitted row = Submit(table_, "u", {Insert(*table_, 2, "a")});
  Submitted late = Submit(stream, "u", {Event(*stream, "c")});
  held.Release();
  EXPECT_TRUE(event.Wait().status.ok() && row.Wait().status.ok() && late.Wait().status.ok());
  EXPECT_EQ(unsynced_.fs->syncs(), syncs + 1);
}

TEST_F(DurabilityTest, AFailedCommitIsToldToEveryCommandOfTheBatch) {
  HeldExecutor held(executor_.get());
  Submitted a = Submit(table_, "u", {Insert(*table_, 1, "a")});
  Submitted duplicate = Submit(table_, "u", {Insert(*table_, 1, "b")});
  unsynced_.fs->Crash();
  held.Release();
  EXPECT_EQ(a.Wait().status.code(), ErrorCode::kStorage);
  EXPECT_EQ(duplicate.Wait().status.code(), ErrorCode::kStorage);
  EXPECT_EQ(a.Wait().inserted, 0u);
  EXPECT_TRUE(recorder_.sets().empty());
}

// Many threads on the same owners: the order of versions is the order of commits and of what
// listeners are told.
TEST_F(Pipeline, ConcurrentSubmittersKeepOneOrder) {
  constexpr int kThreads = 4, kCommands = 500;
  const TablePtr shared = Create("s", TableKind::kShared);
  std::vector<std::thread> threads;
  std::atomic<int> failed{0};
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      std::vector<Submitted> mine;
      for (int i = 0; i < kCommands; ++i) {
        const int64_t id = t * kCommands + i;
        Command c = CommandOf(table_, fmt::format("u{}", i % 3), {Insert(*table_, id, "a")});
        c.rows.push_back(
            CommandOf(shared, "", {Insert(*shared, id, "a"), Insert(*shared, -1 - id, "b")})
                .rows[0]);
        mine.emplace_back(executor_.get(), std::move(c));
      }
      int64_t last = 0;
      for (Submitted& s : mine) {
        const CommandOutcome& o = s.Wait();
        // One submitter's commands are committed in the order in which it submitted them.
        const int64_t seq = o.status.ok() ? View(o.rows.at(1)).seq() : 0;
        if (!o.status.ok() || seq <= last) ++failed;
        last = seq;
      }
    });
  }
  for (std::thread& t : threads) t.join();
  EXPECT_EQ(failed, 0);

  std::map<std::pair<TableId, std::string>, std::vector<int64_t>> told;
  for (const ChangeSetPtr& set : recorder_.sets()) {
    for (const RowChange& c : set->changes) told[{set->table->id, set->owner}].push_back(c.seq);
  }
  ASSERT_EQ(told.size(), 4u);
  for (const auto& [part, seqs] : told) {
    EXPECT_TRUE(std::is_sorted(seqs.begin(), seqs.end()));
    const auto stored = Seqs(part.first == table_->id ? *table_ : *shared, part.second);
    ASSERT_EQ(stored.size(), seqs.size());
    EXPECT_TRUE(std::equal(seqs.begin(), seqs.end(), stored.begin(),
                           [](int64_t a, const auto& b) { return a == b.first; }));
  }
  EXPECT_EQ(Seqs(*shared, "").size(), 2u * kThreads * kCommands);
}

// Increments by many threads, each a mutation on one row: none is lost and none is sent back.
TEST_F(Pipeline, ConcurrentMutationsOfOneRowAllCount) {
  ASSERT_TRUE(Execute(table_, "u", {Insert(*table_, 1, "0")}).status.ok());
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 250; ++i) {
        const auto o = Execute(
            table_, "u", {Mutate(1, MakeMutation([this](const RowView* current, std::string* row) {
                                   const int n = std::stoi(TextOf(current->bytes()));
                                   *row = RowOf(*table_, 1, std::to_string(n + 1));
                                   return Result(Mutation::Action::kUpdate);
                                 }))});
        EXPECT_TRUE(o.status.ok());
      }
    });
  }
  for (std::thread& t : threads) t.join();
  EXPECT_EQ(TextOf(Stored(*table_, "u", 1)), "1000");
  EXPECT_EQ(Seqs(*table_, "u").size(), 1u);
}

}  // namespace
}  // namespace kalamdb::shard
