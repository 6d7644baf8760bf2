// An analytical SELECT that is ready to run, and the DuckDB that runs it. Internal to the
// analytical engine.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "query/analytics.h"
#include "query/analytics_statement.h"
#include "query/duckdb_database.h"
#include "query/run_watch.h"

namespace kalamdb::query {

struct AnalyticalEngine::Impl {
  Impl(const Sources& sources, AnalyticsOptions options)
      : sources(sources), options(std::move(options)) {}

  // DuckDB for one run, opened when it is not; Release it afterwards. Thread-safe.
  Result<std::shared_ptr<DuckDbDatabase>> Acquire();
  // `broken`: DuckDB refuses to go on with this database; the next run opens a new one.
  void Release(std::shared_ptr<DuckDbDatabase> database, bool broken);

  const Sources sources;
  const AnalyticsOptions options;
  RunWatch watch;

  mutable std::mutex mutex;
  std::unique_ptr<DuckDbLibrary> library;    // stays once it is loaded
  std::shared_ptr<DuckDbDatabase> database;  // null while it rests
  int active = 0;                            // runs under way
  bool used = false;                         // since the last look of ReleaseIfIdle
  int64_t idle_since_micros = 0;
};

class AnalyticalPlan final : public SelectPlan {
 public:
  // `engine` outlives it.
  AnalyticalPlan(AnalyticalEngine::Impl* engine, AnalyticalStatement statement,
                 const PlanOptions& options);

  Status Run(const RunContext& context, ResultSink& sink, bool* truncated) const override;
  [[nodiscard]] const std::vector<ResultColumn>& columns() const override { return no_columns_; }
  [[nodiscard]] bool analytical() const override { return true; }
  [[nodiscard]] bool stale() const override;
  [[nodiscard]] size_t memory_bytes() const override;

 private:
  Status Execute(DuckDbDatabase& database, const RunContext& context, ResultSink& sink,
                 bool* truncated, bool* broken) const;
  Status BindValues(const DuckDbApi& api, duckdb_prepared_statement statement,
                    const RunContext& context) const;
  Status Emit(const DuckDbApi& api, duckdb_result* result, ResultSink& sink, bool* truncated) const;

  AnalyticalEngine::Impl* engine_;
  AnalyticalStatement statement_;
  uint64_t row_limit_;                    // 0: none
  std::vector<ResultColumn> no_columns_;  // types are known only to DuckDB
};

// What DuckDB reports, in the words and with the class that clients see. `broken` as for Release.
Status TranslateError(std::string_view text, bool* broken);

}  // namespace kalamdb::query
