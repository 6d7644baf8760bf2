// The cache of prepared statements: its key and its bounds.
#include "engine/statement_cache.h"

#include <gtest/gtest.h>

namespace kalamdb::engine {
namespace {

// A plan as the cache sees it.
class Plan final : public query::SelectPlan {
 public:
  explicit Plan(size_t bytes = 100) : bytes_(bytes) {}
  Status Run(const query::RunContext&, query::ResultSink&, bool*) const override { return {}; }
  [[nodiscard]] const std::vector<query::ResultColumn>& columns() const override {
    return columns_;
  }
  [[nodiscard]] bool analytical() const override { return false; }
  [[nodiscard]] bool stale() const override { return outdated; }
  [[nodiscard]] size_t memory_bytes() const override { return bytes_; }
  bool outdated = false;

 private:
  const size_t bytes_;
  std::vector<query::ResultColumn> columns_;
};

CachedStatementPtr Statement(std::shared_ptr<Plan> plan = std::make_shared<Plan>()) {
  auto statement = std::make_shared<CachedStatement>();
  statement->select = std::move(plan);
  return statement;
}

std::string Key(std::string_view text, std::string_view ns = "",
                const std::vector<Value>& params = {}) {
  std::string key;
  StatementCache::AppendKey(&key, text, ns, params);
  return key;
}

TEST(StatementCache, KeysTellApartWhatPlansDependOn) {
  const Value number(Datum::BigInt(1)), other(Datum::BigInt(2)), text = Value::Text("1");
  EXPECT_EQ(Key("SELECT $1", "a", {number}), Key("SELECT $1", "a", {other}));
  EXPECT_NE(Key("SELECT $1", "a", {number}), Key("SELECT $1", "a", {text}));
  EXPECT_NE(Key("SELECT $1", "a", {number}), Key("SELECT $1", "a", {number, number}));
  EXPECT_NE(Key("SELECT 1", "a"), Key("SELECT 1", "b"));
  EXPECT_NE(Key("bSELECT 1", "a"), Key("SELECT 1", "ab"));
}

TEST(StatementCache, StalePlansAreNotServed) {
  StatementCache cache(10, 1 << 20, 1'000'000);
  auto plan = std::make_shared<Plan>();
  cache.Insert("k", Statement(plan), 0);
  EXPECT_NE(cache.Find("k", 1), nullptr);
  plan->outdated = true;
  EXPECT_EQ(cache.Find("k", 2), nullptr);
  EXPECT_EQ(cache.entries(), 0u);
  EXPECT_EQ(cache.bytes(), 0u);
}

TEST(StatementCache, TheLeastRecentlyUsedGoesFirst) {
  StatementCache cache(2, 1 << 20, 1'000'000);
  cache.Insert("a", Statement(), 0);
  cache.Insert("b", Statement(), 1);
  EXPECT_NE(cache.Find("a", 2), nullptr);
  cache.Insert("c", Statement(), 3);
  EXPECT_EQ(cache.Find("b", 4), nullptr);
  EXPECT_NE(cache.Find("a", 5), nullptr);
  EXPECT_NE(cache.Find("c", 6), nullptr);
}

TEST(StatementCache, BytesAreBoundedAndOneStatementIsNoReasonToDropAllOthers) {
  StatementCache cache(1000, 10'000, 1'000'000);
  for (int i = 0; i < 100; ++i) {
    cache.Insert(std::to_string(i), Statement(std::make_shared<Plan>(1000)), i);
    EXPECT_LE(cache.bytes(), 10'000u);
  }
  const size_t before = cache.entries();
  EXPECT_GT(before, 2u);
  cache.Insert("huge", Statement(std::make_shared<Plan>(9000)), 200);
  EXPECT_EQ(cache.entries(), before);
  EXPECT_EQ(cache.Find("huge", 201), nullptr);
}

TEST(StatementCache, AnEntryThatIsReplacedIsCountedOnce) {
  StatementCache cache(10, 1 << 20, 1'000'000);
  cache.Insert("k", Statement(), 0);
  const size_t bytes = cache.bytes();
  cache.Insert("k", Statement(), 1);
  EXPECT_EQ(cache.bytes(), bytes);
  EXPECT_EQ(cache.entries(), 1u);
}

TEST(StatementCache, TrimmingDropsWhatIsIdle) {
  StatementCache cache(10, 1 << 20, 100);
  cache.Insert("a", Statement(), 0);
  cache.Insert("b", Statement(), 50);
  cache.Trim(120, false);
  EXPECT_EQ(cache.Find("a", 120), nullptr);
  EXPECT_NE(cache.Find("b", 120), nullptr);
  cache.Trim(120, true);
  EXPECT_EQ(cache.entries(), 0u);
  EXPECT_EQ(cache.bytes(), 0u);
}

TEST(StatementCache, NoEntriesMeansNoCache) {
  StatementCache cache(0, 1 << 20, 100);
  cache.Insert("a", Statement(), 0);
  EXPECT_EQ(cache.entries(), 0u);
}

}  // namespace
}  // namespace kalamdb::engine
