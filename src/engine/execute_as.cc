// EXECUTE AS USER: who may act for whom.
#include <fmt/format.h>

#include "engine/statement_runner.h"

namespace kalamdb::engine {

namespace {

bool MayTarget(Role actor, Role target, bool self) {
  if (self) return true;
  switch (actor) {
    case Role::kSystem:
      return true;
    case Role::kDba:
      return target <= Role::kDba;
    case Role::kService:
      return target <= Role::kService;
    default:
      return false;
  }
}

}  // namespace

Result<Scope> ImpersonatedScope(const EngineDeps& deps, const Scope& actor,
                                const std::string& target) {
  if (const std::string_view reason = BadIdReason(target); !reason.empty()) {
    return Status(ErrorCode::kInvalidInput, fmt::format("EXECUTE AS USER target {}", reason));
  }
  // Ids without an account count as role user; dropped accounts keep their role for this check.
  KDB_ASSIGN_OR_RETURN(const auth::UserPtr user, deps.users->Find(target));
  const Role target_role = user == nullptr ? Role::kUser : user->role;
  const bool allowed = MayTarget(actor.actor_role, target_role, target == actor.actor);
  auth::AuditEntry entry;
  entry.actor = actor.actor;
  entry.action = allowed ? "EXECUTE_AS_USER" : "EXECUTE_AS_USER_DENIED";
  entry.target = "user:" + target;
  entry.subject_user = target;
  entry.details =
      fmt::format(R"({{"actor_role":"{}",{}"success":{}}})", RoleTitle(actor.actor_role),
                  allowed ? "" : R"("reason":"role_not_allowed",)", allowed);
  deps.audit->RecordAsync(std::move(entry), [log = deps.log](const Status& status) {
    if (!status.ok()) log->Warn("audit", "cannot record EXECUTE AS USER: {}", status.message());
  });
  if (!allowed) {
    return Unauthorized(
        fmt::format("EXECUTE AS USER is not authorized: actor '{}' with role {} cannot target '{}' "
                    "with role {}",
                    actor.actor, RoleTitle(actor.actor_role), target, RoleTitle(target_role)));
  }
  Scope scope = actor;
  scope.user = target;
  scope.role = Role::kUser;  // whatever the target's own role: no rights travel this way
  scope.as_other = true;
  return scope;
}

Status CheckImpersonatedWrite(const Scope& scope, const catalog::TableInfo& table) {
  if (!scope.impersonating() || table.kind != TableKind::kShared) return {};
  return ExecutionError(
      fmt::format("EXECUTE AS USER is not allowed on SHARED tables (table '{}:{}'). AS USER "
                  "impersonation is only "
                  "supported for USER and STREAM tables.",
                  table.ns, table.name));
}

Status CheckParams(const ServerConfig& config, std::span<const Value> params) {
  const uint32_t max_count = config.execution.max_parameters;
  if (params.size() > max_count) {
    return {ErrorCode::kParameterBinding,
            fmt::format("Parameter count exceeded: maximum {} parameters allowed, got {}",
                        max_count, params.size())};
  }
  for (size_t i = 0; i < params.size(); ++i) {
    const Datum& d = params[i].datum();
    if (d.has_bytes() && d.s.size > config.execution.max_parameter_size_bytes) {
      return {
          ErrorCode::kParameterBinding,
          fmt::format("Parameter size exceeded: parameter at index {} is {} bytes (max {} bytes)",
                      i, d.s.size, config.execution.max_parameter_size_bytes)};
    }
  }
  return {};
}

}  // namespace kalamdb::engine
