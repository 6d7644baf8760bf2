// The analytical engine: DuckDB, loaded at first need and let go after idling.
//
// SQL for it is written from our syntax tree after every table, function and operator in it was looked up in our own
// tables; nothing of the client's text is passed through. Tables appear to it as a table function over hot rows (owner
// added there, as everywhere), into which the part of WHERE that concerns one table alone is pushed and evaluated by our own
// expressions.
#pragma once

#include <memory>
#include <string>

#include "query/select.h"

namespace kalamdb::query {

struct AnalyticsOptions {
  std::string library_path;        // empty: libduckdb.so beside the executable, then the system's
  size_t memory_limit_bytes = 128 << 20;
  std::string temp_directory;      // for spilling
  int threads = 2;
  int64_t idle_seconds = 20;       // unload after this long without a query
};

class AnalyticalEngine {
 public:
  AnalyticalEngine(const Sources& sources, AnalyticsOptions options);
  ~AnalyticalEngine();
  AnalyticalEngine(const AnalyticalEngine&) = delete;
  AnalyticalEngine& operator=(const AnalyticalEngine&) = delete;

  Result<SelectPlanPtr> Plan(const sql::Select& select, const PlanOptions& options);
  // Closes DuckDB and returns its memory when nothing runs and it was idle long enough. Returns the microseconds (monotonic) until it
  // should be called again, 0 when there is nothing to wait for.
  int64_t ReleaseIfIdle(int64_t monotonic_micros);
  [[nodiscard]] bool loaded() const;

 private:
  friend class AnalyticalPlan;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace kalamdb::query
