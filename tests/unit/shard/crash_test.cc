// Power losses while many submitters write: every acknowledged command is there afterwards, none
// twice, none half, none undone.
#include <random>

#include "../storage/unsynced_env.h"
#include "shard_fixture.h"

namespace kalamdb::shard {
namespace {

constexpr int kCrashes = 60;
constexpr int kSubmitters = 4;
constexpr int kIds = 24;  // per submitter
constexpr uint64_t kSeed = 20240229;

// One id of one submitter: a row of its own in the USER table and one in the SHARED table, always
// written together, with the same text.
struct Pair {
  bool live = false;
  std::string text;
  int64_t user_seq = 0, shared_seq = 0;  // 0: never written

  friend bool operator==(const Pair&, const Pair&) = default;
};

class CrashTest : public ShardFixture {
 protected:
  struct Submitter {
    int number = 0;
    std::mt19937_64 random;
    std::array<Pair, kIds> acknowledged;
    // The command that was under way when the power failed: it may be there or not, but whole.
    int unanswered = -1;
    Pair unanswered_pair;
    int64_t last_seq = 0;
    std::string error;

    [[nodiscard]] std::string owner() const { return fmt::format("user-{}", number); }
    [[nodiscard]] int64_t id(int i) const { return number * 1000 + i; }
  };

  void SetUp() override {
    store_options_.env = unsynced_.env.get();
    // Small, so that the power also fails in the middle of flushes and compactions.
    for (size_t& bytes : store_options_.write_buffer_bytes) bytes = 64 << 10;
    Open();
    Create("u");
    Create("s", TableKind::kShared);
    Create("e", TableKind::kStream);
    for (int i = 0; i < kSubmitters; ++i) {
      submitters_[i].number = i;
      submitters_[i].random.seed(kSeed + static_cast<uint64_t>(i));
    }
  }
  void FindTables() {
    user_ = *catalog_->FindTable("default", "u");
    shared_ = *catalog_->FindTable("default", "s");
    stream_ = *catalog_->FindTable("default", "e");
  }
  void ForgetTables() {
    user_.reset();
    shared_.reset();
    stream_.reset();
  }

  void Run(Submitter* s);
  void WriteEvents();
  void Check(Submitter* s);
  void CheckEvents();
  void CheckOrder(const catalog::TableInfo& table, std::string_view owner);
  Pair Actual(const Submitter& s, int i);

  UnsyncedEnv unsynced_;
  TablePtr user_, shared_, stream_;
  std::array<Submitter, kSubmitters> submitters_;
  std::vector<int64_t> events_;  // in order of acknowledgement
  bool event_unanswered_ = false;
  std::atomic<int> until_crash_{0};
};

// Writes until the power fails; whoever makes the last command before it switches it off.
void CrashTest::Run(Submitter* s) {
  s->unanswered = -1;
  for (uint64_t n = 0;; ++n) {
    const int i = static_cast<int>(s->random() % kIds);
    const Pair& before = s->acknowledged[static_cast<size_t>(i)];
    Pair after = before;
    Command c = CommandOf(user_, s->owner(), {});
    c.rows.push_back(CommandOf(shared_, "", {}).rows[0]);
    std::vector<RowWrite>& user = c.rows[0].writes;
    std::vector<RowWrite>& shared = c.rows[1].writes;
    after.text = fmt::format("{}-{}-{:x}", s->number, n, s->random());
    after.text.resize(after.text.size() + s->random() % 300, '.');
    if (!before.live) {
      after.live = true;
      user.push_back(Insert(*user_, s->id(i), after.text));
      shared.push_back(Insert(*shared_, s->id(i), after.text));
    } else if (s->random() % 3 == 0) {
      after.live = false;
      after.text = before.text;
      user.push_back(Delete(s->id(i), before.user_seq));
      shared.push_back(Delete(s->id(i), before.shared_seq));
    } else {
      user.push_back(Update(*user_, s->id(i), after.text, before.user_seq));
      shared.push_back(Update(*shared_, s->id(i), after.text, before.shared_seq));
    }
    const CommandOutcome o = executor_->Execute(std::move(c));
    if (!o.status.ok()) {
      if (o.status.code() != ErrorCode::kStorage) s->error = o.status.message();
      s->unanswered = i;
      s->unanswered_pair = after;
      return;
    }
    after.user_seq = View(o.rows.at(0)).seq();
    after.shared_seq = View(o.rows.at(1)).seq();
    if (after.user_seq <= s->last_seq) s->error = "_seq did not rise";
    s->last_seq = after.user_seq;
    s->acknowledged[static_cast<size_t>(i)] = after;
    if (until_crash_.fetch_sub(1) == 1) unsynced_.fs->Crash();
  }
}

void CrashTest::WriteEvents() {
  event_unanswered_ = false;
  for (;;) {
    const CommandOutcome o = Execute(stream_, "e", {Event(*stream_, "event")});
    if (!o.status.ok()) {
      event_unanswered_ = true;
      return;
    }
    events_.push_back(o.last_seq);
    if (until_crash_.fetch_sub(1) == 1) unsynced_.fs->Crash();
  }
}

Pair CrashTest::Actual(const Submitter& s, int i) {
  Pair pair;
  const std::string user = Stored(*user_, s.owner(), s.id(i));
  const std::string shared = Stored(*shared_, "", s.id(i));
  EXPECT_EQ(user.empty(), shared.empty()) << "half a command";
  if (user.empty() || shared.empty()) return pair;
  EXPECT_EQ(TextOf(user), TextOf(shared)) << "half a command";
  EXPECT_EQ(View(user).deleted(), View(shared).deleted()) << "half a command";
  pair.live = !View(user).deleted();
  pair.text = TextOf(user);
  pair.user_seq = View(user).seq();
  pair.shared_seq = View(shared).seq();
  return pair;
}

void CrashTest::Check(Submitter* s) {
  EXPECT_EQ(s->error, "");
  for (int i = 0; i < kIds; ++i) {
    Pair& acknowledged = s->acknowledged[static_cast<size_t>(i)];
    const Pair actual = Actual(*s, i);
    if (actual == acknowledged) continue;
    ASSERT_EQ(i, s->unanswered) << "an acknowledged command is gone: '" << acknowledged.text
                                << "', found '" << actual.text << "'";
    ASSERT_EQ(actual.live, s->unanswered_pair.live);
    ASSERT_EQ(actual.text, s->unanswered_pair.text);
    ASSERT_GT(actual.user_seq, acknowledged.user_seq);
    acknowledged = actual;
    s->last_seq = std::max(s->last_seq, actual.user_seq);
  }
}

// Events are not waited for, but they go with the batches around them: what is left is what came
// first.
void CrashTest::CheckEvents() {
  const std::string prefix = storage::OwnerPrefix(stream_->id, "e");
  std::vector<int64_t> stored;
  storage::Iterator it =
      store_->NewIterator(Family::kRows, prefix, storage::PrefixEnd(prefix), nullptr);
  for (it.SeekToFirst(); it.Valid(); it.Next()) stored.push_back(View(it.value()).seq());
  ASSERT_TRUE(it.status().ok());
  ASSERT_LE(stored.size(), events_.size() + (event_unanswered_ ? 1 : 0));
  const size_t both = std::min(stored.size(), events_.size());
  ASSERT_TRUE(
      std::equal(stored.begin(), stored.begin() + static_cast<ptrdiff_t>(both), events_.begin()));
  events_ = std::move(stored);
}

// kSeqs has exactly one entry for each row, and the shard's mark is not behind any of them.
void CrashTest::CheckOrder(const catalog::TableInfo& table, std::string_view owner) {
  const std::string prefix = storage::OwnerPrefix(table.id, owner);
  std::map<int64_t, std::string> rows;
  storage::Iterator it =
      store_->NewIterator(Family::kRows, prefix, storage::PrefixEnd(prefix), nullptr);
  for (it.SeekToFirst(); it.Valid(); it.Next()) {
    rows[View(it.value()).seq()] = it.key().substr(prefix.size());
  }
  ASSERT_TRUE(it.status().ok());
  ASSERT_EQ(rows, Seqs(table, owner));
  if (!rows.empty()) {
    ASSERT_GE(Boundary(table, owner), rows.rbegin()->first);
  }
}

TEST_F(CrashTest, EveryAcknowledgedCommandSurvivesWholeAndOnce) {
  std::mt19937_64 random(kSeed);
  for (int crash = 0; crash < kCrashes; ++crash) {
    SCOPED_TRACE(fmt::format("crash {}", crash));
    FindTables();
    until_crash_ = 1 + static_cast<int>(random() % 400);
    std::vector<std::thread> threads;
    for (Submitter& s : submitters_) threads.emplace_back([&] { Run(&s); });
    threads.emplace_back([&] { WriteEvents(); });
    // Files, a new manifest entry and a new log while commands run, and now and then the power
    // fails in it.
    if (crash % 2 == 0) (void)store_->FlushMemtables();
    for (std::thread& t : threads) t.join();

    ForgetTables();
    Close();
    unsynced_.fs->LosePower(crash % 3 == 0 ? nullptr : &random);
    Open();
    ASSERT_NE(store_, nullptr);
    FindTables();
    for (Submitter& s : submitters_) {
      ASSERT_NO_FATAL_FAILURE(Check(&s));
      ASSERT_NO_FATAL_FAILURE(CheckOrder(*user_, s.owner()));
    }
    ASSERT_NO_FATAL_FAILURE(CheckOrder(*shared_, ""));
    ASSERT_NO_FATAL_FAILURE(CheckEvents());
    if (HasFailure()) break;
  }
  ForgetTables();
}

}  // namespace
}  // namespace kalamdb::shard
