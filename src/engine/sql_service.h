// POST /v1/api/sql without HTTP: one request's statements, from text to the answer's body.
//
// Where a request runs: a single short statement (point read, small scan, INSERT, UPDATE or DELETE
// by key) runs on the I/O thread that it arrived on, its commit finishing asynchronously;
// everything else (batches, DDL, long scans, the analytical engine) runs start to end on a worker
// thread, where waiting is allowed.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/stop_token.h"
#include "engine/worker_pool.h"
#include "types/datum.h"

namespace kalamdb::engine {

// The way back to one HTTP request. Thread-safe; calls come from one thread at a time. After
// Complete or End the object is done.
class Reply {
 public:
  virtual ~Reply() = default;
  // The whole answer at once: status, JSON body.
  virtual void Complete(int http_status, std::string body) = 0;
  // Or in chunks, worker threads only: Write blocks while more than the connection's bound is
  // unsent, and returns false when the client is gone or did not read within the send timeout.
  virtual bool Begin(int http_status) = 0;
  virtual bool Write(std::string chunk) = 0;
  // Likewise, but no longer than `stop` allows: then the chunk waits with the rest, beyond the
  // bound. A client that reads at a fair rate costs the statement none of its time.
  virtual bool WriteUntil(std::string chunk, StopToken* stop) {
    static_cast<void>(stop);
    return Write(std::move(chunk));
  }
  virtual void End() = 0;
  // Set when nobody waits for the answer any more; null when that is never known. Lives as long as
  // this.
  [[nodiscard]] virtual const std::atomic<bool>* gone() const { return nullptr; }
};
using ReplyPtr = std::shared_ptr<Reply>;

struct SqlRequest {
  std::string sql;
  std::vector<Value> params;
  bool has_params = false;  // a non-empty array was sent
  std::string ns;           // namespace_id, empty: default
  std::string user;
  Role role = Role::kAnonymous;
  std::string client_ip;
  std::string request_id;
};

class SqlService {
 public:
  virtual ~SqlService() = default;
  // I/O threads. Never blocks.
  virtual void Execute(SqlRequest request, ReplyPtr reply) = 0;
};

}  // namespace kalamdb::engine
