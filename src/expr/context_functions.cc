// Who asks, generated ids, names of things around the query, and the type of a value.
#include <string>

#include "expr/scalar.h"

namespace kalamdb::expr {
namespace {

using Args = std::span<const Datum>;

Datum CurrentUser(const ScalarCall& call, Args) { return call.View(call.frame.user); }
Datum CurrentRole(const ScalarCall& call, Args) { return call.View(RoleName(call.frame.role)); }
Datum CurrentDatabase(const ScalarCall& call, Args) { return call.View("kalam"); }
Datum CurrentSchema(const ScalarCall& call, Args) { return call.View("default"); }

IdSource* Ids(const ScalarCall& call) {
  if (call.frame.ids == nullptr) call.frame.Fail(InternalError("no source of ids"));
  return call.frame.ids;
}
Datum Snowflake(const ScalarCall& call, Args) {
  IdSource* ids = Ids(call);
  return ids == nullptr ? call.Null() : call.Int(ids->Snowflake());
}
Datum UuidV7(const ScalarCall& call, Args) {
  IdSource* ids = Ids(call);
  return ids == nullptr ? call.Null() : call.Copy(FormatUuid(ids->UuidV7().data()));
}
Datum Ulid(const ScalarCall& call, Args) {
  IdSource* ids = Ids(call);
  return ids == nullptr ? call.Null() : call.Copy(ids->Ulid());
}
Datum RandomUuid(const ScalarCall& call, Args) {
  IdSource* ids = Ids(call);
  if (ids == nullptr) return call.Null();
  const auto bytes = ids->UuidV4();
  return call.Copy({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}
Datum RandomUuidText(const ScalarCall& call, Args) {
  IdSource* ids = Ids(call);
  return ids == nullptr ? call.Null() : call.Copy(FormatUuid(ids->UuidV4().data()));
}

// PostgreSQL's names of the types.
std::string_view PgName(TypeKind kind) {
  switch (kind) {
    case TypeKind::kNull:
      return "unknown";
    case TypeKind::kBoolean:
      return "boolean";
    case TypeKind::kSmallInt:
      return "smallint";
    case TypeKind::kInt:
      return "integer";
    case TypeKind::kBigInt:
      return "bigint";
    case TypeKind::kFloat:
      return "real";
    case TypeKind::kDouble:
      return "double precision";
    case TypeKind::kDecimal:
      return "numeric";
    case TypeKind::kText:
      return "text";
    case TypeKind::kTimestamp:
      return "timestamp without time zone";
    case TypeKind::kDateTime:
      return "timestamp with time zone";
    case TypeKind::kDate:
      return "date";
    case TypeKind::kTime:
      return "time without time zone";
    case TypeKind::kJson:
      return "json";
    case TypeKind::kBytes:
      return "bytea";
    case TypeKind::kEmbedding:
      return "embedding";
    case TypeKind::kUuid:
      return "uuid";
    case TypeKind::kFile:
      return "file";
    case TypeKind::kList:
      return "text[]";
  }
  return "unknown";
}
Datum PgTypeOf(const ScalarCall& call, Args a) { return call.View(PgName(a[0].kind)); }

constexpr Overload kFunctions[] = {
    {"current_user", "", 't', kPlain, CurrentUser},
    {"current_user_id", "", 't', kPlain, CurrentUser},
    {"kdb_current_user", "", 't', kPlain, CurrentUser},
    {"session_user", "", 't', kPlain, CurrentUser},
    {"user", "", 't', kPlain, CurrentUser},
    {"current_role", "", 't', kPlain, CurrentRole},
    {"kdb_current_role", "", 't', kPlain, CurrentRole},
    {"current_database", "", 't', kPlain, CurrentDatabase},
    {"current_catalog", "", 't', kPlain, CurrentDatabase},
    {"current_schema", "", 't', kPlain, CurrentSchema},
    {"snowflake_id", "", 'l', kPerRow, Snowflake},
    {"uuid_v7", "", 't', kPerRow, UuidV7},
    {"ulid", "", 't', kPerRow, Ulid},
    {"gen_random_uuid", "", 'u', kPerRow, RandomUuid},
    {"uuid", "", 't', kPerRow, RandomUuidText},
    {"pg_typeof", "a", 't', kTakesNull, PgTypeOf},
};

}  // namespace

std::span<const Overload> ContextFunctions() { return kFunctions; }

}  // namespace kalamdb::expr
