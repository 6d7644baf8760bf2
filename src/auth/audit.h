// The audit log: rows of system.audit_log.
#pragma once

#include <functional>
#include <string>

#include "base/clock.h"
#include "base/status.h"
#include "shard/executor.h"

namespace kalamdb::auth {

struct AuditEntry {
  std::string audit_id;  // set by Record
  int64_t millis = 0;    // set by Record
  std::string actor, action, target;
  std::string details, ip_address, subject_user;  // empty: NULL
};

class AuditLog {
 public:
  AuditLog(storage::HotStore* store, shard::CommandExecutor* executor, const Clock* clock);
  // Adds the entry to `change`, so that a DDL statement and its audit row are one commit.
  void AddTo(catalog::MetaChange* change, AuditEntry entry);
  // Does not wait; a failure is logged by the caller's `done`.
  void RecordAsync(AuditEntry entry, std::function<void(const Status&)> done);
  Status ForEach(const std::function<bool(const AuditEntry&)>& visit);

 private:
  storage::HotStore* store_;
  shard::CommandExecutor* executor_;
  const Clock* clock_;
};

}  // namespace kalamdb::auth
