// Statements that are stopped while they run, in both engines. The token says stop from the start
// or at a row that the result reaches: no test waits for time to pass.
#include <thread>

#include "analytical_engine_fixture.h"
#include "query/scan.h"

namespace kalamdb::query {
namespace {

class StopTest : public AnalyticalQueryTest {
 protected:
  StopTest() {
    analytics_ = engine_.get();
    Create("CREATE TABLE app.t (id BIGINT PRIMARY KEY, n INT) WITH (TYPE='USER')");
    std::string insert = "INSERT INTO t (id, n) VALUES (0, 0)";
    for (int i = 1; i < kRows; ++i) insert += fmt::format(", ({}, {})", i, i);
    Change(insert);
    token_.WatchServer(&stopping_);
  }

  // Runs with the token; `stop_at`: the row of the result at which it says stop.
  Status Select(const std::string& text, size_t stop_at) {
    class Sink final : public ResultSink {
     public:
      Sink(std::atomic<bool>* stopping, size_t at) : stopping_(stopping), at_(at) {}
      Status Begin(const std::vector<ResultColumn>&) override { return Status::Ok(); }
      Status Row(std::span<const Datum>) override {
        if (++rows == at_) *stopping_ = true;
        return Status::Ok();
      }
      size_t rows = 0;

     private:
      std::atomic<bool>* stopping_;
      size_t at_;
    };
    Result<sql::Statement> parsed = sql::ParseStatement(text, role_);
    EXPECT_TRUE(parsed.ok());
    Result<SelectPlanPtr> plan =
        PlanSelect(*std::get<sql::SelectPtr>(parsed->body), sources_, analytics_, Options());
    EXPECT_TRUE(plan.ok()) << plan.status().message();
    Sink sink(&stopping_, stop_at);
    RunContext context = Context();
    context.stop = &token_;
    Status status = (*plan)->Run(context, sink, nullptr);
    rows_ = sink.rows;
    return status;
  }
  void ExpectStopped(const Status& status) {
    EXPECT_EQ(status.code(), ErrorCode::kUnavailable) << status.message();
    EXPECT_EQ(status.message(), "the server is shutting down");
  }

  static constexpr int kRows = 3000;
  static constexpr size_t kNever = SIZE_MAX;
  std::atomic<bool> stopping_{false};
  StopToken token_;
  size_t rows_ = 0;
};

TEST_F(StopTest, ATokenThatSaysNothingChangesNothing) {
  EXPECT_TRUE(Select("SELECT id FROM t", kNever).ok());
  EXPECT_EQ(rows_, static_cast<size_t>(kRows));
  EXPECT_TRUE(Select("SELECT count(*) FROM t a, t b WHERE a.id = b.id", kNever).ok());
  EXPECT_EQ(rows_, 1u);
}

TEST_F(StopTest, AStreamedScanEndsSoonBehindTheRow) {
  ExpectStopped(Select("SELECT id FROM t", 500));
  EXPECT_GE(rows_, 500u);
  EXPECT_LE(rows_, 500u + StopProbe::kStepsPerLook);
}

TEST_F(StopTest, WhatFindsNoRowOrSortsOrCountsEndsToo) {
  stopping_ = true;
  ExpectStopped(Select("SELECT id FROM t WHERE n < 0", kNever));
  ExpectStopped(Select("SELECT id FROM t ORDER BY n DESC", kNever));
  ExpectStopped(Select("SELECT count(*) FROM t WHERE n % 7 = 3", kNever));
  EXPECT_EQ(rows_, 0u);
}

TEST_F(StopTest, SortedRowsStopBeingEmitted) {
  ExpectStopped(Select("SELECT id FROM t ORDER BY n DESC", 1));
  EXPECT_LE(rows_, 1u + StopProbe::kStepsPerLook);
}

TEST_F(StopTest, ASingleLookUpIsNeverStopped) {
  stopping_ = true;
  EXPECT_TRUE(Select("SELECT n FROM t WHERE id = 7", kNever).ok());
  EXPECT_EQ(rows_, 1u);
}

TEST_F(StopTest, SelectingRowsToChangeEndsBeforeAnythingIsSubmitted) {
  stopping_ = true;
  for (const char* text : {"UPDATE t SET n = 0 WHERE n > 5", "DELETE FROM t WHERE n > 5"}) {
    Result<sql::Statement> parsed = sql::ParseStatement(text, role_);
    ASSERT_TRUE(parsed.ok());
    Result<DmlPlanPtr> plan = InternalError("");
    if (auto* update = std::get_if<sql::Update>(&parsed->body)) {
      plan = PlanUpdate(*update, sources_, analytics_, Options());
    } else {
      plan = PlanDelete(std::get<sql::Delete>(parsed->body), sources_, analytics_, Options());
    }
    ASSERT_TRUE(plan.ok());
    RunContext context = Context();
    context.stop = &token_;
    ExpectStopped((*plan)->Prepare(context).status());
  }
}

TEST_F(StopTest, TheTokenOfTheSourcesHoldsForRunsWithoutOne) {
  stopping_ = true;
  Sources sources = sources_;
  sources.stop = &token_;
  ScanSpec spec;
  spec.table = Table("t");
  const auto visit = [](std::string_view, const StoredRow&) -> Result<bool> { return true; };
  ExpectStopped(Scan(sources, spec, Context(), visit));
  EXPECT_TRUE(Scan(sources_, spec, Context(), visit).ok());
}

// Hours of work for DuckDB, in which it asks nothing of ours.
constexpr const char* kHours =
    "SELECT count(*) FROM t a, t b, t c, t d WHERE a.n + b.n + c.n + d.n < 0";

TEST_F(StopTest, ARunningJoinIsInterrupted) {
  std::thread stopper;
  {
    // From another thread once DuckDB has begun, or before: both have to end it.
    stopper = std::thread([this] { stopping_ = true; });
    ExpectStopped(Select(kHours, kNever));
  }
  stopper.join();
  // The database is as good as before.
  stopping_ = false;
  EXPECT_TRUE(Select("SELECT count(*) FROM t a JOIN t b ON a.id = b.id", kNever).ok());
}

TEST_F(StopTest, AJoinWhoseTimeIsOverIsInterrupted) {
  SystemClock clock;
  token_.LimitTime(&clock, 1);
  const Status status = Select(kHours, kNever);
  EXPECT_EQ(status.code(), ErrorCode::kTimeout) << status.message();
}

TEST_F(StopTest, AJoinThatStreamsEndsWithTheErrorAndNotAsIfItWereComplete) {
  ExpectStopped(Select("SELECT a.n, b.n FROM t a, t b, t c", 5000));
  EXPECT_GE(rows_, 5000u);
}

TEST_F(StopTest, RunsSideBySideAreStoppedEachByItsOwnToken) {
  std::atomic<bool> other{false};
  StopToken patient;
  patient.WatchServer(&other);
  std::thread long_run([this] { ExpectStopped(Select(kHours, kNever)); });
  Result<sql::Statement> parsed =
      sql::ParseStatement("SELECT count(*) FROM t a, t b WHERE a.n + b.n < 0", Role::kUser);
  ASSERT_TRUE(parsed.ok());
  PlanOptions options;
  options.default_ns = "app";
  Result<SelectPlanPtr> plan =
      PlanSelect(*std::get<sql::SelectPtr>(parsed->body), sources_, analytics_, options);
  ASSERT_TRUE(plan.ok());
  stopping_ = true;
  CollectingSink sink;
  RunContext context = Context();
  context.stop = &patient;
  EXPECT_TRUE((*plan)->Run(context, sink, nullptr).ok());
  EXPECT_EQ(sink.rows, Rows{"\"0\""});
  long_run.join();
}

}  // namespace
}  // namespace kalamdb::query
