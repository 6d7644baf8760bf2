// The analytical engine over time: it opens at need, closes when idle, serves several at once, and
// keeps its bounds.
#include <thread>

#include "analytics_fixture.h"

namespace kalamdb::query {
namespace {

constexpr int64_t kSecond = 1'000'000;

TEST_F(AnalyticsTest, SleepsWhenIdleAndWakesForTheNextQuery) {
  EXPECT_FALSE(engine_->loaded());
  EXPECT_EQ(engine_->ReleaseIfIdle(0), 0);
  Result<sql::Statement> parsed =
      sql::ParseStatement("SELECT count(*) FROM rooms a, rooms b", role_);
  ASSERT_TRUE(parsed.ok());
  Result<SelectPlanPtr> plan = engine_->Plan(*std::get<sql::SelectPtr>(parsed->body), Options());
  ASSERT_TRUE(plan.ok());
  EXPECT_FALSE(engine_->loaded()) << "planning needs no DuckDB";
  for (int round = 0; round < 3; ++round) {
    CollectingSink sink;
    bool truncated = false;
    ASSERT_TRUE((*plan)->Run(Context(), sink, &truncated).ok());
    EXPECT_EQ(sink.rows, (Rows{R"("9")"}));
    EXPECT_TRUE(engine_->loaded());
    const int64_t now = round * 100 * kSecond;
    EXPECT_EQ(engine_->ReleaseIfIdle(now), 5 * kSecond);
    EXPECT_EQ(engine_->ReleaseIfIdle(now + 3 * kSecond), 2 * kSecond);
    EXPECT_TRUE(engine_->loaded());
    EXPECT_EQ(engine_->ReleaseIfIdle(now + 5 * kSecond), 0);
    EXPECT_FALSE(engine_->loaded());
  }
}

TEST_F(AnalyticsTest, AnswersSeveralThreadsAtOnce) {
  Result<sql::Statement> parsed = sql::ParseStatement(
      "SELECT n.body, current_user FROM notes n JOIN rooms r ON r.id = n.room WHERE n.id = 3",
      role_);
  ASSERT_TRUE(parsed.ok());
  Result<SelectPlanPtr> plan = engine_->Plan(*std::get<sql::SelectPtr>(parsed->body), Options());
  ASSERT_TRUE(plan.ok());
  std::atomic<int> right = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      RunContext context = Context();
      context.user = t % 2 == 0 ? "ann" : "nobody";
      const Rows expected = t % 2 == 0 ? Rows{R"("up here" "ann")"} : Rows{};
      for (int i = 0; i < 20; ++i) {
        CollectingSink sink;
        bool truncated = false;
        if ((*plan)->Run(context, sink, &truncated).ok() && sink.rows == expected) ++right;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 80);
}

class StoppingSink final : public ResultSink {
 public:
  Status Begin(const std::vector<ResultColumn>&) override { return Status::Ok(); }
  Status Row(std::span<const Datum>) override {
    return ++rows < 10 ? Status::Ok() : Status(ErrorCode::kUnavailable, "client gone");
  }
  int rows = 0;
};

TEST_F(AnalyticsTest, StopsWhenTheSinkDoes) {
  Result<sql::Statement> parsed = sql::ParseStatement(
      "SELECT a.g FROM generate_series(1, 100000000) a(g), generate_series(1, 1000) b(h)", role_);
  ASSERT_TRUE(parsed.ok());
  Result<SelectPlanPtr> plan = engine_->Plan(*std::get<sql::SelectPtr>(parsed->body), Options());
  ASSERT_TRUE(plan.ok()) << plan.status().message();
  StoppingSink sink;
  bool truncated = false;
  EXPECT_EQ((*plan)->Run(Context(), sink, &truncated).code(), ErrorCode::kUnavailable);
  EXPECT_EQ(sink.rows, 10);
  EXPECT_EQ(One("SELECT count(*) FROM rooms a, rooms b"), R"("9")");
}

TEST_F(AnalyticsTest, MemoryIsLimited) {
  AnalyticsOptions options;
  options.library_path = KDB_DUCKDB_LIBRARY;
  options.memory_limit_bytes = 16 << 20;  // and nowhere to spill
  AnalyticalEngine small(sources_, options);
  Result<sql::Statement> parsed = sql::ParseStatement(
      "SELECT count(*) FROM (SELECT DISTINCT g * 7919 % 10000019 AS k, CAST(g AS TEXT) FROM "
      "generate_series(1, 3000000) s(g)) x",
      role_);
  ASSERT_TRUE(parsed.ok());
  Result<SelectPlanPtr> plan = small.Plan(*std::get<sql::SelectPtr>(parsed->body), Options());
  ASSERT_TRUE(plan.ok()) << plan.status().message();
  CollectingSink sink;
  bool truncated = false;
  Status status = (*plan)->Run(Context(), sink, &truncated);
  EXPECT_EQ(status.code(), ErrorCode::kExecution);
  EXPECT_EQ(status.message(), "Query memory limit exceeded");
}

TEST_F(AnalyticsTest, AMissingLibraryIsAnError) {
  AnalyticsOptions options;
  options.library_path = path_ + "/none.so";
  AnalyticalEngine none(sources_, options);
  Result<sql::Statement> parsed = sql::ParseStatement("SELECT 1 FROM rooms a, rooms b", role_);
  ASSERT_TRUE(parsed.ok());
  Result<SelectPlanPtr> plan = none.Plan(*std::get<sql::SelectPtr>(parsed->body), Options());
  ASSERT_TRUE(plan.ok());
  CollectingSink sink;
  bool truncated = false;
  EXPECT_EQ((*plan)->Run(Context(), sink, &truncated).code(), ErrorCode::kNotImplemented);
}

}  // namespace
}  // namespace kalamdb::query
