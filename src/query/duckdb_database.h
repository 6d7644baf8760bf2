// One in-memory DuckDB and what it can call of ours: kdb_scan and the scalar functions. Internal to
// the analytical engine.
//
// Nothing of the machine is open to it: no files, no network, no extensions, and its settings are
// locked once it is set up. The statements of one run find their tables by the id of their
// connection.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "query/analytics_statement.h"
#include "query/duckdb_library.h"

namespace kalamdb::query {

// What the callbacks of one run work on. Lives on the stack of AnalyticalPlan::Run; nothing of
// DuckDB uses it once the run's connection is closed.
class AnalyticalRun {
 public:
  AnalyticalRun(const Sources& sources, const std::vector<ScanSource>& scans,
                const RunContext& context, size_t buffer_limit)
      : sources(sources), scans(scans), context(context), buffer_limit(buffer_limit) {}

  const Sources& sources;
  const std::vector<ScanSource>& scans;
  const RunContext& context;
  const size_t buffer_limit;  // bytes that the rows of one virtual table may take

  // The first failure of a scan, as it was before DuckDB wrapped it.
  void Fail(const Status& status) {
    std::lock_guard lock(mutex_);
    if (error_.ok()) error_ = status;
  }
  [[nodiscard]] Status error() const {
    std::lock_guard lock(mutex_);
    return error_;
  }

 private:
  mutable std::mutex mutex_;
  Status error_;
};

struct DuckDbSettings {
  size_t memory_limit_bytes = 0;
  std::string temp_directory;  // empty: no spilling
  int threads = 1;
};

class DuckDbDatabase {
 public:
  static Result<std::unique_ptr<DuckDbDatabase>> Open(const DuckDbApi& api,
                                                      const DuckDbSettings& settings,
                                                      IdSource* ids);
  // Every connection is closed before.
  ~DuckDbDatabase();
  DuckDbDatabase(const DuckDbDatabase&) = delete;
  DuckDbDatabase& operator=(const DuckDbDatabase&) = delete;

  [[nodiscard]] const DuckDbApi& api() const { return api_; }
  [[nodiscard]] IdSource* ids() const { return ids_; }

  // A connection whose kdb_scan calls mean `run`. Thread-safe.
  class Connection {
   public:
    Connection(DuckDbDatabase* database, AnalyticalRun* run);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    [[nodiscard]] Status status() const;
    [[nodiscard]] duckdb_connection get() const { return connection_; }

   private:
    DuckDbDatabase* database_;
    duckdb_connection connection_ = nullptr;
    uint64_t id_ = 0;
  };
  // The run of a connection; null when there is none (only registered connections run our SQL).
  [[nodiscard]] AnalyticalRun* FindRun(uint64_t connection_id) const;

 private:
  DuckDbDatabase(const DuckDbApi& api, IdSource* ids) : api_(api), ids_(ids) {}
  Status Configure(const DuckDbSettings& settings);
  Status SetUp();
  Status Execute(duckdb_connection connection, const char* sql);
  uint64_t ConnectionId(duckdb_connection connection) const;

  const DuckDbApi& api_;
  IdSource* ids_;
  duckdb_database database_ = nullptr;
  mutable std::mutex mutex_;
  std::unordered_map<uint64_t, AnalyticalRun*> runs_;
};

// duckdb_scan.cc: kdb_scan(n), the rows of the n-th table of a run.
Status RegisterScan(DuckDbDatabase* database, duckdb_connection connection);
// duckdb_functions.cc: the kdb_* scalar functions.
Status RegisterFunctions(DuckDbDatabase* database, duckdb_connection connection);

}  // namespace kalamdb::query
