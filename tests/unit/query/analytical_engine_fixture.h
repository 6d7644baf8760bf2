// A store, a catalog and the analytical engine with the real DuckDB above them.
#pragma once

#include "query/analytics.h"
#include "query_fixture.h"

namespace kalamdb::query {

class AnalyticalQueryTest : public QueryTest {
 protected:
  // The engine closes DuckDB after so many idle seconds.
  explicit AnalyticalQueryTest(int64_t idle_seconds = AnalyticsOptions().idle_seconds) {
    AnalyticsOptions options;
    options.library_path = KDB_DUCKDB_LIBRARY;
    options.temp_directory = path_ + "/spill";
    options.idle_seconds = idle_seconds;
    engine_ = std::make_unique<AnalyticalEngine>(sources_, options);
  }
  ~AnalyticalQueryTest() override { engine_.reset(); }

  std::unique_ptr<AnalyticalEngine> engine_;
};

}  // namespace kalamdb::query
