// Live queries of the whole server: the commit thread's listener on one side, connections on the
// other.
//
// Subscriptions live on the I/O thread of their connection. A commit hands its change set to each
// thread that has subscribers for it; the thread evaluates, encodes and queues, so that a writer
// never waits for a reader, and connections need no locks between threads.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/logging.h"
#include "config/config.h"
#include "live/interest.h"
#include "live/session.h"
#include "query/context.h"
#include "shard/executor.h"

namespace kalamdb::live {

class LoopHub;

struct HubDeps {
  const ServerConfig* config = nullptr;
  const Clock* clock = nullptr;
  Logger* log = nullptr;
  query::Sources sources;
  shard::ShardMap shards;
  auth::Authenticator* authenticator = nullptr;
  // Runs a job on a worker thread; false when the queue is full.
  std::function<bool(std::function<void()>)> run_blocking;
  // After such a refusal: calls `f` once, on any thread, when the queue has room again. False when
  // that would never come. `f` only posts to a loop. May be empty.
  std::function<bool(std::function<void()> f)> when_worker_free;
  // Told of every message but heartbeats, and of every change, so that the server knows that it
  // works; may be empty.
  std::function<void()> on_activity;
};

// One subscription as system.live shows it.
struct LiveInfo {
  std::string user, connection_id, subscription_id, ns, table, query, options_json;
  int64_t created_millis = 0, last_update_millis = 0, last_ping_millis = 0;
  int64_t changes = 0;
};

struct HubCounters {
  size_t sessions = 0;
  size_t subscriptions = 0;
  size_t subscriptions_peak = 0;
  uint64_t fell_behind = 0;  // times that a subscription began to lag
};

class Hub final : public shard::ChangeListener, public SessionFactory {
 public:
  explicit Hub(const HubDeps& deps);
  ~Hub() override;

  // Commit thread.
  bool Wants(TableId table, std::string_view owner) override;
  void OnCommit(const shard::ChangeSetPtr& changes) override;
  // Commit thread, after a DDL statement: `current` null when the table was dropped.
  void OnTableChanged(const catalog::TableInfo& old, const catalog::TablePtr& current);
  // Any thread: a user was dropped or has another role. Their connections end with 1008.
  void OnRightsChanged(std::string_view user);

  std::unique_ptr<Session> NewSession(Loop* loop, Outbox* outbox, SessionRequest request) override;

  // Any thread but I/O threads in a session's call.
  std::vector<LiveInfo> List() const;
  // KILL LIVE QUERY: kNotFound for an unknown connection, kInvalidSql for an id that is none. A
  // known connection without that subscription is fine.
  Status Kill(std::string_view live_id);
  [[nodiscard]] HubCounters counters() const;

 private:
  friend class LoopHub;
  friend class LiveSession;

  LoopHub* OfLoop(Loop* loop);
  // Counts subscriptions of a user over all loops; false at the limit.
  bool CountIn(const std::string& user);
  void CountOut(const std::string& user);

  const HubDeps deps_;
  InterestIndex interest_;
  mutable std::mutex loops_mutex_;
  std::vector<std::unique_ptr<LoopHub>> loops_;  // by index; null until the loop's first session
  mutable std::mutex counts_mutex_;
  std::unordered_map<std::string, uint32_t> per_user_;
  std::atomic<size_t> sessions_{0};
  std::atomic<size_t> subscriptions_{0};
  std::atomic<size_t> subscriptions_peak_{0};
  std::atomic<uint64_t> fell_behind_{0};
};

}  // namespace kalamdb::live
