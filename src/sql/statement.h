// Every statement that the server knows, parsed. ParseStatement in parser.h makes them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "sql/ast.h"
#include "types/schema.h"

namespace kalamdb::sql {

struct TableName {
  std::string schema;  // lower case; empty when unqualified
  std::string table;
};

struct CreateNamespace {
  std::string name;
  bool if_not_exists = false;
};
struct DropNamespace {
  std::string name;
  bool if_exists = false;
  bool cascade = false;
};
struct AlterNamespace {
  std::string name;
  std::vector<std::pair<std::string, std::string>> options;  // key, JSON text of the value
};
struct UseNamespace {
  std::string name;
};

struct ColumnSpec {
  std::string name;  // lower case
  DataType type;
  bool not_null = false;
  bool primary_key = false;
  ColumnDefault default_value;
};
// "rows:N", "interval:S" or both; 0 = not given.
struct FlushPolicy {
  uint32_t rows = 0;
  uint32_t interval_seconds = 0;
};
struct CreateTable {
  TableName name;
  bool if_not_exists = false;
  TableKind kind = TableKind::kShared;
  std::vector<ColumnSpec> columns;  // user columns
  std::string storage_id = "local";
  bool use_user_storage = false;
  FlushPolicy flush_policy;
  std::optional<uint64_t> ttl_seconds;
  std::optional<AccessLevel> access_level;
  std::string compression = "snappy";
  std::string eviction_strategy = "time_based";
  uint64_t max_stream_size_bytes = 0;
  // What was asked for and is accepted without effect (UNIQUE, CHECK, ...): the answer says so.
  std::vector<std::string> without_effect;
};
struct DropTable {
  TableName name;
  bool if_exists = false;
};
struct AlterTable {
  TableName name;
  enum class Op : uint8_t {
    kAddColumn,
    kDropColumn,
    kModifyColumn,
    kSetNotNull,
    kDropNotNull,
    kSetDefault,
    kDropDefault,
    kRenameColumn,
    kSetAccessLevel,
    kOther
  } op = Op::kOther;
  bool if_exists = false;  // IF EXISTS / IF NOT EXISTS of the operation
  ColumnSpec column;       // kAddColumn, kModifyColumn; .name for the others
  bool nullability_given = false;
  std::string new_name;  // kRenameColumn
  AccessLevel access_level = AccessLevel::kPrivate;
  std::string text;  // kOther: what was asked for, for the refusal
};
struct DescribeTable {
  TableName name;
};
struct ShowTables {
  std::optional<std::string> ns;
};
struct ShowNamespaces {};
struct ShowStorages {};
struct ShowManifest {};
struct ShowStats {
  TableName name;
};
// Engine meta commands, admin only.
struct ShowColumns {
  TableName name;
};
struct DescribeQueryEngine {  // DESCRIBE t / DESC t without TABLE
  TableName name;
};
struct ShowAll {};
struct SetOption {
  std::string name, value;
};
struct Explain {
  bool analyze = false;
  std::string query;  // text of the inner statement
};

struct CreateUser {
  std::string user;
  enum class Auth : uint8_t { kPassword, kOauth, kInternal } auth = Auth::kPassword;
  std::string secret;  // password or OAuth JSON
  Role role = Role::kUser;
  std::optional<std::string> email;
};
struct AlterUser {
  std::string user;
  enum class Change : uint8_t { kPassword, kRole, kEmail } change = Change::kPassword;
  std::string value;  // password or e-mail
  Role role = Role::kUser;
};
struct DropUser {
  std::string user;
  bool if_exists = false;
};

struct Begin {};
struct Commit {};
struct Rollback {};

struct SubscribeTo {
  std::string query;  // SELECT text, table qualified as written
  TableName name;
  std::string options_json;  // {"batch_size":..}, empty: no OPTIONS clause
};
struct KillLiveQuery {
  std::string live_id;
};
struct KillJob {
  std::string job_id;
};

// Known to the dialect, not built yet: refused with NotImplemented naming `what`.
struct Unsupported {
  std::string what;  // "CREATE TOPIC", "STORAGE FLUSH TABLE", ...
};

using StatementVariant =
    std::variant<SelectPtr, Insert, Update, Delete, CreateNamespace, DropNamespace, AlterNamespace,
                 UseNamespace, CreateTable, DropTable, AlterTable, DescribeTable, ShowTables,
                 ShowNamespaces, ShowStorages, ShowManifest, ShowStats, ShowColumns,
                 DescribeQueryEngine, ShowAll, SetOption, Explain, CreateUser, AlterUser, DropUser,
                 Begin, Commit, Rollback, SubscribeTo, KillLiveQuery, KillJob, Unsupported>;

// One statement of a batch, its EXECUTE AS USER wrapper taken off.
struct Statement {
  StatementVariant body;
  std::string text;  // as the client wrote it, without the ';' and outer blanks
  // Where what was parsed begins in the request; set by who cut it out. Locations in `body` and
  // positions of errors count from there.
  size_t offset = 0;
  std::optional<std::string> execute_as;  // target user id
  int max_param = 0;                      // highest $n
};

}  // namespace kalamdb::sql
