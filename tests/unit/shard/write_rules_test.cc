// What one command may do to rows, and what it leaves behind.
#include "shard_fixture.h"

namespace kalamdb::shard {
namespace {

class WriteRules : public ShardFixture {
 protected:
  void SetUp() override {
    Open();
    table_ = Create("t");
  }
  void TearDown() override {
    table_.reset();
    Close();
  }
  int64_t Inserted(int64_t id, std::string_view v) {
    const CommandOutcome o = Execute(table_, "u", {Insert(*table_, id, v)});
    EXPECT_TRUE(o.status.ok()) << o.status.message();
    return o.last_seq;
  }
  TablePtr table_;
};

TEST_F(WriteRules, AnInsertStoresTheRowItsOrderAndTheShardsMark) {
  const CommandOutcome o = Execute(table_, "u", {Insert(*table_, 1, "a"), Insert(*table_, 2, "b")});
  ASSERT_TRUE(o.status.ok());
  EXPECT_EQ(o.inserted, 2u);
  const std::string row = Stored(*table_, "u", 2);
  EXPECT_EQ(TextOf(row), "b");
  EXPECT_EQ(View(row).seq(), o.last_seq);
  EXPECT_EQ(View(row).insert_seq(), o.last_seq);
  EXPECT_FALSE(View(row).deleted());
  ASSERT_EQ(o.rows.size(), 2u);
  EXPECT_EQ(o.rows[1], row);
  const auto seqs = Seqs(*table_, "u");
  ASSERT_EQ(seqs.size(), 2u);
  EXPECT_EQ(seqs.begin()->second, KeyOf(1));
  EXPECT_EQ(seqs.rbegin()->first, o.last_seq);
  EXPECT_EQ(Boundary(*table_, "u"), o.last_seq);
}

TEST_F(WriteRules, ALiveKeyCannotBeInsertedAgain) {
  Inserted(7, "a");
  const CommandOutcome o = Execute(table_, "u", {Insert(*table_, 7, "b")});
  EXPECT_EQ(o.status.code(), ErrorCode::kAlreadyExists);
  EXPECT_EQ(o.status.message(), "Primary key violation: value '7' already exists in column 'id'");
  EXPECT_EQ(TextOf(Stored(*table_, "u", 7)), "a");
  EXPECT_EQ(o.inserted, 0u);
}

TEST_F(WriteRules, KeysOfOwnersDoNotMeet) {
  Inserted(7, "a");
  EXPECT_TRUE(Execute(table_, "other", {Insert(*table_, 7, "b")}).status.ok());
  EXPECT_EQ(TextOf(Stored(*table_, "u", 7)), "a");
  EXPECT_EQ(TextOf(Stored(*table_, "other", 7)), "b");
}

TEST_F(WriteRules, AKeyTwiceInOneCommandIsAViolation) {
  for (const WriteOp op : {WriteOp::kInsert, WriteOp::kInsertGenerated}) {
    std::vector<RowWrite> writes = {Insert(*table_, 1, "a"), Insert(*table_, 1, "b")};
    for (RowWrite& w : writes) w.op = op;
    EXPECT_EQ(Execute(table_, "u", std::move(writes)).status.code(), ErrorCode::kAlreadyExists);
    EXPECT_EQ(Stored(*table_, "u", 1), "");
  }
}

TEST_F(WriteRules, ADeleteLeavesATombstoneWithTheLastValues) {
  const int64_t seq = Inserted(1, "a");
  const CommandOutcome o = Execute(table_, "u", {Delete(1, seq)});
  ASSERT_TRUE(o.status.ok());
  EXPECT_EQ(o.deleted, 1u);
  const std::string tombstone = Stored(*table_, "u", 1);
  EXPECT_TRUE(View(tombstone).deleted());
  EXPECT_EQ(TextOf(tombstone), "a");
  EXPECT_GT(View(tombstone).seq(), seq);
  EXPECT_EQ(View(tombstone).insert_seq(), seq);
  EXPECT_EQ(o.rows.at(0), tombstone);
  const auto seqs = Seqs(*table_, "u");
  ASSERT_EQ(seqs.size(), 1u);
  EXPECT_EQ(seqs.begin()->first, o.last_seq);
}

TEST_F(WriteRules, AnInsertOverATombstoneInheritsWhenItWasFirstInserted) {
  const int64_t first = Inserted(1, "a");
  const int64_t gone = Execute(table_, "u", {Delete(1, first)}).last_seq;
  const int64_t again = Inserted(1, "b");
  EXPECT_GT(again, gone);
  const std::string row = Stored(*table_, "u", 1);
  EXPECT_EQ(View(row).insert_seq(), first);
  EXPECT_FALSE(View(row).deleted());
  EXPECT_EQ(TextOf(row), "b");
  EXPECT_EQ(Seqs(*table_, "u").size(), 1u);
}

TEST_F(WriteRules, AnUpdateReplacesTheVersionThatItSaw) {
  const int64_t seq = Inserted(1, "a");
  const CommandOutcome o = Execute(table_, "u", {Update(*table_, 1, "b", seq)});
  ASSERT_TRUE(o.status.ok());
  EXPECT_EQ(o.updated, 1u);
  EXPECT_EQ(View(Stored(*table_, "u", 1)).insert_seq(), seq);
  const auto seqs = Seqs(*table_, "u");
  ASSERT_EQ(seqs.size(), 1u);
  EXPECT_EQ(seqs.begin()->first, o.last_seq);
}

TEST_F(WriteRules, AnotherVersionOrNoneSendsTheCommandBack) {
  const int64_t seq = Inserted(1, "a");
  EXPECT_EQ(Execute(table_, "u", {Update(*table_, 1, "b", seq - 1)}).status.code(),
            ErrorCode::kRetry);
  EXPECT_EQ(Execute(table_, "u", {Delete(2, seq)}).status.code(), ErrorCode::kRetry);
  const int64_t gone = Execute(table_, "u", {Delete(1, seq)}).last_seq;
  EXPECT_EQ(Execute(table_, "u", {Update(*table_, 1, "b", gone)}).status.code(), ErrorCode::kRetry);
  EXPECT_EQ(Execute(table_, "u", {Delete(1, gone)}).status.code(), ErrorCode::kRetry);
  EXPECT_EQ(executor_->stats().retries, 4u);
}

TEST_F(WriteRules, ACommandIsAllOrNothing) {
  const int64_t seq = Inserted(1, "a");
  const int64_t boundary = Boundary(*table_, "u");
  const TablePtr shared = Create("s", TableKind::kShared);
  Command c = CommandOf(shared, "", {Insert(*shared, 5, "x")});
  c.rows.push_back(
      CommandOf(table_, "u", {Update(*table_, 1, "b", seq), Insert(*table_, 2, "x"), Delete(9, 1)})
          .rows[0]);
  EXPECT_EQ(executor_->Execute(std::move(c)).status.code(), ErrorCode::kRetry);
  EXPECT_EQ(Stored(*shared, "", 5), "");
  EXPECT_EQ(TextOf(Stored(*table_, "u", 1)), "a");
  EXPECT_EQ(Stored(*table_, "u", 2), "");
  EXPECT_EQ(Seqs(*table_, "u").size(), 1u);
  EXPECT_EQ(Boundary(*table_, "u"), boundary);
}

TEST_F(WriteRules, ACommandMayWriteForManyOwnersAndTables) {
  const TablePtr shared = Create("s", TableKind::kShared);
  Command c = CommandOf(shared, "", {Insert(*shared, 5, "x")});
  for (const char* owner : {"a", "b", "c"}) {
    c.rows.push_back(CommandOf(table_, owner, {Insert(*table_, 1, owner)}).rows[0]);
  }
  const CommandOutcome o = executor_->Execute(std::move(c));
  ASSERT_TRUE(o.status.ok());
  EXPECT_EQ(o.inserted, 4u);
  EXPECT_EQ(o.rows.size(), 4u);
  for (const char* owner : {"a", "b", "c"}) EXPECT_EQ(TextOf(Stored(*table_, owner, 1)), owner);
}

TEST_F(WriteRules, AMutationDecidesOnTheNewestVersion) {
  const auto upsert = [&](std::string v) {
    return MakeMutation([this, v](const RowView* current, std::string* row) {
      *row = RowOf(*table_, 1, current == nullptr ? v : TextOf(current->bytes()) + v);
      return Result<Mutation::Action>(current == nullptr ? Mutation::Action::kInsert
                                                         : Mutation::Action::kUpdate);
    });
  };
  CommandOutcome o = Execute(table_, "u", {Mutate(1, upsert("a"))});
  EXPECT_EQ(o.inserted, 1u);
  const int64_t first = o.last_seq;
  o = Execute(table_, "u", {Mutate(1, upsert("b")), Mutate(1, upsert("c"))});
  EXPECT_EQ(o.updated, 2u);
  EXPECT_EQ(TextOf(Stored(*table_, "u", 1)), "abc");
  EXPECT_EQ(TextOf(o.rows.at(0)), "ab");

  const auto remove =
      MakeMutation([](const RowView*, std::string*) { return Result(Mutation::Action::kDelete); });
  o = Execute(table_, "u", {Mutate(1, remove)});
  EXPECT_EQ(o.deleted, 1u);
  o = Execute(table_, "u", {Mutate(1, upsert("z"))});
  EXPECT_EQ(o.inserted, 1u);
  EXPECT_EQ(View(Stored(*table_, "u", 1)).insert_seq(), first);
}

TEST_F(WriteRules, AMutationMayDoNothingOrFail) {
  const auto nothing =
      MakeMutation([](const RowView*, std::string*) { return Result(Mutation::Action::kNothing); });
  const uint64_t batches = executor_->stats().batches;
  const CommandOutcome o = Execute(table_, "u", {Mutate(1, nothing)});
  EXPECT_TRUE(o.status.ok());
  EXPECT_EQ(o.inserted + o.updated + o.deleted, 0u);
  EXPECT_EQ(o.rows.at(0), "");
  EXPECT_EQ(executor_->stats().batches, batches);

  const auto fails = MakeMutation([](const RowView*, std::string*) {
    return Result<Mutation::Action>(ExecutionError("integer out of range"));
  });
  const CommandOutcome failed = Execute(table_, "u", {Insert(*table_, 2, "x"), Mutate(1, fails)});
  EXPECT_EQ(failed.status.code(), ErrorCode::kExecution);
  EXPECT_EQ(Stored(*table_, "u", 2), "");
  const auto absent =
      MakeMutation([](const RowView*, std::string*) { return Result(Mutation::Action::kUpdate); });
  EXPECT_EQ(Execute(table_, "u", {Mutate(1, absent)}).status.code(), ErrorCode::kInternal);
}

TEST_F(WriteRules, AnEventIsKeyedByItsSeqAndHasNoOrderEntry) {
  const TablePtr stream = Create("events", TableKind::kStream);
  const CommandOutcome o = Execute(stream, "u", {Event(*stream, "a"), Event(*stream, "a")});
  ASSERT_TRUE(o.status.ok());
  EXPECT_EQ(o.inserted, 2u);
  std::string key;
  storage::AppendSeqKey(&key, o.last_seq);
  EXPECT_EQ(View(Stored(*stream, "u", key)).seq(), o.last_seq);
  EXPECT_TRUE(Seqs(*stream, "u").empty());

  RowWrite remove;
  remove.op = WriteOp::kStreamDelete;
  remove.expected_seq = o.last_seq;
  CommandOutcome removed = Execute(stream, "u", {remove, remove});
  EXPECT_EQ(removed.deleted, 1u);
  EXPECT_EQ(removed.rows.at(0), o.rows.at(1));
  EXPECT_EQ(removed.rows.at(1), "");
  EXPECT_EQ(Stored(*stream, "u", key), "");
  EXPECT_EQ(Execute(stream, "u", {remove}).deleted, 0u);
}

TEST_F(WriteRules, EventsAndRowsAreNotMixedUp) {
  const TablePtr stream = Create("events", TableKind::kStream);
  EXPECT_EQ(Execute(stream, "u", {Insert(*stream, 1, "a")}).status.code(), ErrorCode::kInternal);
  EXPECT_EQ(Execute(table_, "u", {Event(*table_, "a")}).status.code(), ErrorCode::kInternal);
  RowWrite empty = Insert(*table_, 1, "a");
  empty.row.clear();
  EXPECT_EQ(Execute(table_, "u", {empty}).status.code(), ErrorCode::kInternal);
}

TEST_F(WriteRules, AReplacedTableSendsTheCommandBack) {
  const TablePtr old = table_;
  TablePtr altered;
  ASSERT_TRUE(executor_
                  ->Execute(MetaCommand(catalog_->PrepareAlterTable(
                      old, catalog::WithColumn(*old->schema, "n"), old->options, 1, &altered)))
                  .status.ok());
  EXPECT_EQ(Execute(old, "u", {Insert(*old, 1, "a")}).status.code(), ErrorCode::kRetry);
  EXPECT_EQ(Stored(*old, "u", 1), "");
}

TEST_F(WriteRules, ADroppedAndRecreatedTableShowsNoOldRows) {
  Inserted(1, "old");
  for (int i = 0; i < 3; ++i) {
    const TablePtr old = table_;
    ASSERT_TRUE(executor_->Execute(MetaCommand(catalog_->PrepareDropTable(old))).status.ok());
    EXPECT_EQ(Execute(old, "u", {Insert(*old, 1, "late")}).status.code(), ErrorCode::kRetry);
    table_.reset();
    if (i == 1) Open();
    table_ = Create("t");
    EXPECT_NE(table_->id, old->id);
    EXPECT_EQ(Stored(*table_, "u", 1), "");
    EXPECT_EQ(Stored(*old, "u", 1), "");
    EXPECT_TRUE(Seqs(*table_, "u").empty());
    Inserted(1, "new");
    EXPECT_EQ(Seqs(*table_, "u").size(), 1u);
  }
}

}  // namespace
}  // namespace kalamdb::shard
