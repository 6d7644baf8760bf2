#include <fmt/format.h>

#include <boost/json.hpp>

#include "engine/ddl.h"
#include "sql/names.h"

namespace kalamdb::engine {

namespace {

Status CheckAdmin(const Scope& scope, std::string_view verb) {
  if (IsAdmin(scope.role)) return {};
  return Unauthorized(
      fmt::format("Insufficient privileges to {} namespace. DBA or System role required.", verb));
}

}  // namespace

Result<std::string> CreateNamespace(const EngineDeps& deps, const Scope& scope,
                                    const sql::CreateNamespace& s) {
  KDB_RETURN_IF_ERROR(CheckAdmin(scope, "create"));
  std::lock_guard lock(deps.sources.catalog->ddl_lock());
  // A name that exists is told so even when it could not be created today (`default`, `dba`).
  KDB_ASSIGN_OR_RETURN(const auto found, deps.sources.catalog->FindNamespace(s.name));
  if (found) {
    if (s.if_not_exists) return fmt::format("Namespace '{}' already exists", s.name);
    return AlreadyExists(fmt::format("Namespace '{}' already exists", s.name));
  }
  if (std::string reason = sql::BadNamespaceNameReason(s.name); !reason.empty()) {
    return InvalidSql(std::move(reason));
  }
  catalog::NamespaceInfo info;
  info.name = s.name;
  info.created_millis = deps.clock->WallMillis();
  KDB_ASSIGN_OR_RETURN(catalog::MetaChange change,
                       deps.sources.catalog->PrepareCreateNamespace(info));
  deps.audit->AddTo(&change, MakeAuditEntry(scope, "CREATE_NAMESPACE", s.name));
  KDB_RETURN_IF_ERROR(CommitMeta(deps, std::move(change)));
  return fmt::format("Namespace '{}' created successfully", s.name);
}

Result<std::string> AlterNamespace(const EngineDeps& deps, const Scope& scope,
                                   const sql::AlterNamespace& s) {
  KDB_RETURN_IF_ERROR(CheckAdmin(scope, "alter"));
  std::lock_guard lock(deps.sources.catalog->ddl_lock());
  KDB_ASSIGN_OR_RETURN(auto found, deps.sources.catalog->FindNamespace(s.name));
  if (!found || sql::IsSystemNamespace(s.name))
    return NotFound(fmt::format("Namespace '{}' not found", s.name));
  boost::system::error_code error;
  boost::json::value options = boost::json::parse(found->options_json, error);
  if (error || !options.is_object()) options = boost::json::object();
  for (const auto& [key, json] : s.options) {
    boost::json::value v = boost::json::parse(json, error);
    if (error) return InvalidSql("Invalid value format: " + json);
    options.as_object()[key] = std::move(v);
  }
  found->options_json = boost::json::serialize(options);
  KDB_ASSIGN_OR_RETURN(catalog::MetaChange change,
                       deps.sources.catalog->PrepareAlterNamespace(*found));
  auth::AuditEntry entry = MakeAuditEntry(scope, "ALTER_NAMESPACE", s.name);
  entry.details = found->options_json;
  deps.audit->AddTo(&change, std::move(entry));
  KDB_RETURN_IF_ERROR(CommitMeta(deps, std::move(change)));
  return fmt::format("Namespace '{}' altered successfully", s.name);
}

Result<std::string> DropNamespace(const EngineDeps& deps, const Scope& scope,
                                  const sql::DropNamespace& s) {
  KDB_RETURN_IF_ERROR(CheckAdmin(scope, "drop"));
  if (s.name == "default" || s.name == "dba" || sql::IsSystemNamespace(s.name)) {
    return InvalidOperation(
        fmt::format("Namespace '{}' is reserved and cannot be dropped", s.name));
  }
  std::lock_guard lock(deps.sources.catalog->ddl_lock());
  KDB_ASSIGN_OR_RETURN(const auto found, deps.sources.catalog->FindNamespace(s.name));
  if (!found) {
    if (s.if_exists) return fmt::format("Namespace '{}' does not exist", s.name);
    return NotFound(fmt::format("Namespace '{}' not found", s.name));
  }
  if (!s.cascade) {
    KDB_ASSIGN_OR_RETURN(const size_t tables, deps.sources.catalog->CountTables(s.name));
    if (tables > 0) {
      return InvalidOperation(fmt::format(
          "Namespace '{}' is not empty: it has {} table(s); use DROP NAMESPACE {} CASCADE", s.name,
          tables, s.name));
    }
  }
  KDB_ASSIGN_OR_RETURN(catalog::MetaChange change,
                       deps.sources.catalog->PrepareDropNamespace(s.name));
  auth::AuditEntry entry = MakeAuditEntry(scope, "DROP_NAMESPACE", s.name);
  entry.details = s.cascade ? "CASCADE" : "";
  deps.audit->AddTo(&change, std::move(entry));
  KDB_RETURN_IF_ERROR(CommitMeta(deps, std::move(change)));
  return fmt::format("Namespace '{}' dropped successfully", s.name);
}

}  // namespace kalamdb::engine
