// Who a statement runs for, and what the engine's parts share.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <string_view>

#include "auth/audit.h"
#include "auth/authenticator.h"
#include "auth/users.h"
#include "base/activity.h"
#include "base/clock.h"
#include "base/logging.h"
#include "catalog/catalog.h"
#include "config/config.h"
#include "engine/worker_pool.h"
#include "query/analytics.h"
#include "query/context.h"
#include "shard/executor.h"

namespace kalamdb::engine {

// The rooms below, as the engine calls them. Not owned; all outlive the engine.
struct EngineDeps {
  const ServerConfig* config = nullptr;
  const Clock* clock = nullptr;
  Logger* log = nullptr;
  query::Sources sources;
  query::AnalyticalEngine* analytics = nullptr;  // null in a minimal build
  shard::CommandExecutor* executor = nullptr;
  auth::Users* users = nullptr;
  auth::Authenticator* authenticator = nullptr;
  auth::AuditLog* audit = nullptr;
  WorkerPool* pool = nullptr;
  ActivityMonitor* activity = nullptr;  // touched by every request; may be null
  // Set once the server ends: statements that run do so too. May be null.
  const std::atomic<bool>* stopping = nullptr;
  // Ends a live query by its id; errors as KILL LIVE QUERY reports them. Null without live queries.
  std::function<Status(std::string_view live_id)> kill_live_query;
};

// One statement's identity. `actor` asked; `user` with `role` is who it runs as (EXECUTE AS USER).
struct Scope {
  std::string user;
  Role role = Role::kAnonymous;
  std::string actor;
  Role actor_role = Role::kAnonymous;
  std::string ns;  // of unqualified names
  std::string client_ip;
  [[nodiscard]] bool impersonating() const { return as_other; }
  bool as_other = false;
};

// What `scope`'s actor did, for the audit log.
auth::AuditEntry MakeAuditEntry(const Scope& scope, std::string action, std::string target,
                                std::string details = {});

// Records what needs no commit of its own to go with, without waiting. `what` was done; the log
// names it should the record fail.
void RecordAudit(const EngineDeps& deps, auth::AuditEntry entry, std::string what);

// Commits one catalog change and waits. Worker threads only.
Status CommitMeta(const EngineDeps& deps, catalog::MetaChange change);

}  // namespace kalamdb::engine
