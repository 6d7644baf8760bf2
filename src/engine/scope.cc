// See scope.h.
#include "engine/scope.h"

namespace kalamdb::engine {

auth::AuditEntry MakeAuditEntry(const Scope& scope, std::string action, std::string target,
                                std::string details) {
  auth::AuditEntry entry;
  entry.actor = scope.actor;
  entry.action = std::move(action);
  entry.target = std::move(target);
  entry.details = std::move(details);
  entry.ip_address = scope.client_ip;
  return entry;
}

void RecordAudit(const EngineDeps& deps, auth::AuditEntry entry, std::string what) {
  deps.audit->RecordAsync(std::move(entry),
                          [log = deps.log, what = std::move(what)](const Status& status) {
                            if (!status.ok())
                              log->Error("audit", "cannot record {}: {}", what, status.message());
                          });
}

Status CommitMeta(const EngineDeps& deps, catalog::MetaChange change) {
  shard::Command command;
  command.meta = std::move(change);
  return deps.executor->Execute(std::move(command)).status;
}

}  // namespace kalamdb::engine
