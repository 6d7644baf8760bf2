// system.users and system.audit_log.
#include "system/table_families.h"

namespace kalamdb::system {

namespace {

constexpr ColumnSpec kUsers[] = {{"user_id", T, kKey},
                                 {"password_hash", T},
                                 {"role", T},
                                 {"email", T, kNullable},
                                 {"auth_type", T},
                                 {"auth_data", J, kNullable},
                                 {"storage_mode", T},
                                 {"storage_id", T, kNullable},
                                 {"failed_login_attempts", I},
                                 {"locked_until", Ts, kNullable},
                                 {"last_login_at", Ts, kNullable},
                                 {"created_at", Ts},
                                 {"updated_at", Ts},
                                 {"last_seen", Ts, kNullable},
                                 {"deleted_at", Ts, kNullable}};

std::string_view AuthTypeName(auth::AuthType type) {
  switch (type) {
    case auth::AuthType::kPassword:
      return "password";
    case auth::AuthType::kOauth:
      return "oauth";
    case auth::AuthType::kInternal:
      return "internal";
  }
  return "password";
}

Status FillUsers(const ScanContext& context, RowWriter& rows) {
  if (context.sources.users == nullptr) return {};
  return context.sources.users->ForEach([&](const auth::User& user) {
    rows.Text(user.id).Text(user.password_hash).Text(RoleName(user.role));
    if (user.email) {
      rows.Text(*user.email);
    } else {
      rows.Null();
    }
    return rows.Text(AuthTypeName(user.auth_type))
        .TextOrNull(user.auth_data)
        .Text("table")
        .TextOrNull(user.storage_id)
        .Number(user.failed_logins)
        .MillisOrNull(user.locked_until_millis)
        .MillisOrNull(user.last_login_millis)
        .Millis(user.created_millis)
        .Millis(user.updated_millis)
        .Null()
        .MillisOrNull(user.deleted_millis)
        .Emit();
  });
}

constexpr ColumnSpec kAuditLog[] = {{"audit_id", T, kKey},
                                    {"timestamp", Ts},
                                    {"actor_user_id", T},
                                    {"action", T},
                                    {"target", T},
                                    {"details", T, kNullable},
                                    {"ip_address", T, kNullable},
                                    {"subject_user_id", T, kNullable}};

Status FillAuditLog(const ScanContext& context, RowWriter& rows) {
  if (context.sources.audit == nullptr) return {};
  return context.sources.audit->ForEach([&](const auth::AuditEntry& entry) {
    return rows.Text(entry.audit_id)
        .Millis(entry.millis)
        .Text(entry.actor)
        .Text(entry.action)
        .Text(entry.target)
        .TextOrNull(entry.details)
        .TextOrNull(entry.ip_address)
        .TextOrNull(entry.subject_user)
        .Emit();
  });
}

constexpr TableSpec kTables[] = {{"system", "users", true, kUsers, FillUsers},
                                 {"system", "audit_log", true, kAuditLog, FillAuditLog}};

}  // namespace

std::span<const TableSpec> AccountTables() { return kTables; }

}  // namespace kalamdb::system
