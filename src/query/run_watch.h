// Ends DuckDB's runs when their token says so: while DuckDB computes it asks nothing of ours, so
// that somebody else has to look and to interrupt it. Internal to the analytical engine.
#pragma once

#include <condition_variable>
#include <list>
#include <mutex>
#include <thread>

#include "base/stop_token.h"
#include "query/duckdb_library.h"

namespace kalamdb::query {

// One thread for all runs; it exists while there are some, and a moment longer.
class RunWatch {
 public:
  RunWatch() = default;
  // Nothing is watched any more.
  ~RunWatch();
  RunWatch(const RunWatch&) = delete;
  RunWatch& operator=(const RunWatch&) = delete;

  // One watched run, for as long as this lives; the connection and the token outlive it.
  class Run {
   public:
    // A null token needs nobody who watches.
    Run(RunWatch* watch, const DuckDbApi& api, duckdb_connection connection,
        const StopToken* token);
    ~Run();
    Run(const Run&) = delete;
    Run& operator=(const Run&) = delete;
    // kUnavailable when the system gives no thread.
    [[nodiscard]] Status status() const;

   private:
    friend class RunWatch;
    RunWatch* watch_;
    const DuckDbApi& api_;
    duckdb_connection connection_;
    const StopToken* token_;
    bool watched_ = false;
    std::list<Run*>::iterator place_;
  };

 private:
  // With mutex_ held. False: no thread to be had.
  bool EnsureThread();
  void Loop();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::list<Run*> runs_;
  std::thread thread_;
  bool running_ = false;  // the thread has not decided to end
  bool ending_ = false;
};

}  // namespace kalamdb::query
