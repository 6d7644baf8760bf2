#include "engine/user_statements.h"

#include <fmt/format.h>

#include <boost/json.hpp>

namespace kalamdb::engine {

namespace {

constexpr std::string_view kRoot = "root";

Status CheckUserId(std::string_view id) {
  const std::string_view reason = BadIdReason(id);
  if (reason.empty()) return {};
  return InvalidOperation(fmt::format("Invalid user id: {}", reason));
}

Result<std::string> HashNewPassword(const EngineDeps& deps, std::string_view password) {
  if (deps.config->auth.enforce_password_complexity) {
    if (Status weak = auth::Authenticator::CheckPasswordPolicy(password, true); !weak.ok()) {
      return InvalidOperation(std::string(weak.message()));
    }
  }
  return deps.authenticator->HashPassword(password,
                                          static_cast<int>(deps.config->auth.bcrypt_cost));
}

// The stored form of an OAuth account's link; the payload names the provider and the subject.
Result<std::string> OauthData(std::string_view payload) {
  if (payload.empty())
    return InvalidSql("OAuth user requires JSON payload with provider and subject");
  boost::system::error_code error;
  boost::json::value v = boost::json::parse(payload, error);
  if (error || !v.is_object()) return InvalidSql("Invalid OAuth JSON: expected an object");
  const auto text = [&](std::string_view key) -> std::optional<std::string> {
    const boost::json::value* member = v.as_object().if_contains(key);
    if (member == nullptr || !member->is_string()) return std::nullopt;
    return std::string(member->as_string());
  };
  const auto provider = text("provider");
  if (!provider) return InvalidSql("OAuth user requires 'provider' field");
  const auto subject = text("subject");
  if (!subject) return InvalidSql("OAuth user requires 'subject' field");
  boost::json::object stored;
  stored["issuer"] = *provider;
  stored["provider_type"] = "custom";
  stored["subject"] = *subject;
  return boost::json::serialize(stored);
}

void Audit(const EngineDeps& deps, const Scope& scope, std::string action,
           const std::string& target, std::string details) {
  RecordAudit(deps, MakeAuditEntry(scope, std::move(action), target, std::move(details)),
              "a user statement");
}

// What every change of an account needs: admin rights, and system rights over root and system
// accounts.
Status CheckMayChange(const Scope& scope, const auth::User& target) {
  if (target.id == kRoot && scope.role != Role::kSystem) {
    return Unauthorized("Only a System role account may change 'root'");
  }
  if (target.role == Role::kSystem && scope.role != Role::kSystem) {
    return Unauthorized("DBA cannot change an account with System role");
  }
  return {};
}

}  // namespace

Result<std::string> CreateUser(const EngineDeps& deps, const Scope& scope,
                               const sql::CreateUser& s) {
  if (!IsAdmin(scope.role)) return Unauthorized("CREATE USER requires DBA or System role");
  KDB_RETURN_IF_ERROR(CheckUserId(s.user));
  if (s.role == Role::kSystem && scope.role != Role::kSystem)
    return Unauthorized("DBA cannot grant System role");
  auth::User user;
  user.id = s.user;
  user.role = s.role;
  user.email = s.email;
  user.created_millis = user.updated_millis = deps.clock->WallMillis();
  switch (s.auth) {
    case sql::CreateUser::Auth::kPassword: {
      user.auth_type = auth::AuthType::kPassword;
      KDB_ASSIGN_OR_RETURN(user.password_hash, HashNewPassword(deps, s.secret));
      break;
    }
    case sql::CreateUser::Auth::kOauth: {
      user.auth_type = auth::AuthType::kOauth;
      KDB_ASSIGN_OR_RETURN(user.auth_data, OauthData(s.secret));
      break;
    }
    case sql::CreateUser::Auth::kInternal:
      user.auth_type = auth::AuthType::kInternal;
      break;
  }
  KDB_RETURN_IF_ERROR(deps.users->Create(std::move(user)));
  Audit(deps, scope, "CREATE_USER", s.user, fmt::format("Role: {}", RoleName(s.role)));
  return fmt::format("User '{}' created", s.user);
}

Result<std::string> AlterUser(const EngineDeps& deps, const Scope& scope, const sql::AlterUser& s) {
  using Change = sql::AlterUser::Change;
  const bool self = s.user == scope.user && !scope.impersonating();
  if (!IsAdmin(scope.role) && !(self && s.change != Change::kRole)) {
    return Unauthorized("ALTER USER requires DBA or System role");
  }
  if (s.change == Change::kRole && s.role == Role::kSystem && scope.role != Role::kSystem) {
    return Unauthorized("DBA cannot grant System role");
  }
  if (s.change == Change::kRole && s.user == kRoot && s.role != Role::kSystem) {
    return Unauthorized("'root' cannot be demoted");
  }
  std::string hash;
  if (s.change == Change::kPassword) {
    KDB_ASSIGN_OR_RETURN(hash, HashNewPassword(deps, s.value));
  }
  const int64_t now = deps.clock->WallMillis();
  KDB_RETURN_IF_ERROR(deps.users->Change(s.user, [&](auth::User* user) -> Status {
    if (!self) KDB_RETURN_IF_ERROR(CheckMayChange(scope, *user));
    switch (s.change) {
      case Change::kPassword:
        user->password_hash = hash;
        user->failed_logins = 0;
        user->locked_until_millis = 0;
        break;
      case Change::kRole:
        user->role = s.role;
        break;
      case Change::kEmail:
        user->email = s.value;
        break;
    }
    user->updated_millis = now;
    return {};
  }));
  switch (s.change) {
    case Change::kPassword:
      Audit(deps, scope, "ALTER_USER", s.user, "Modification: SetPassword([REDACTED])");
      break;
    case Change::kRole:
      Audit(deps, scope, "ALTER_USER", s.user,
            fmt::format("Modification: SetRole({})", RoleTitle(s.role)));
      break;
    case Change::kEmail:
      Audit(deps, scope, "ALTER_USER", s.user, fmt::format("Modification: SetEmail({})", s.value));
      break;
  }
  return fmt::format("User '{}' updated", s.user);
}

Result<std::string> DropUser(const EngineDeps& deps, const Scope& scope, const sql::DropUser& s) {
  if (!IsAdmin(scope.role)) return Unauthorized("DROP USER requires DBA or System role");
  if (s.user == kRoot) return Unauthorized("'root' cannot be dropped");
  if (s.user == scope.actor) return Unauthorized("An account cannot drop itself");
  const int64_t now = deps.clock->WallMillis();
  Status dropped = deps.users->Change(s.user, [&](auth::User* user) -> Status {
    KDB_RETURN_IF_ERROR(CheckMayChange(scope, *user));
    user->deleted_millis = user->updated_millis = now;
    return {};
  });
  if (dropped.code() == ErrorCode::kNotFound && s.if_exists) {
    return fmt::format("User '{}' does not exist (skipped)", s.user);
  }
  KDB_RETURN_IF_ERROR(dropped);
  Audit(deps, scope, "DROP_USER", s.user, "");
  return fmt::format("User '{}' dropped (soft delete)", s.user);
}

}  // namespace kalamdb::engine
