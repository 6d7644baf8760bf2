// CREATE, ALTER and DROP USER.
#include <fmt/format.h>

#include "sql/own_statements.h"

namespace kalamdb::sql {

namespace {

constexpr std::string_view kCreateHint =
    "CREATE USER <name> WITH {PASSWORD '<password>' | OAUTH '<json>' | INTERNAL} ROLE <role> "
    "[EMAIL '<email>']";
constexpr std::string_view kAlterHint =
    "ALTER USER <name> SET {PASSWORD '<password>' | ROLE <role> | EMAIL '<email>'}";
constexpr std::string_view kDropHint = "DROP USER [IF EXISTS] <name>";

Status Hint(std::string_view problem, std::string_view syntax) {
  return InvalidSql(fmt::format("{}. Hint: {}", problem, syntax));
}

Result<Role> ParseRole(TokenCursor* cursor, std::string_view hint) {
  const std::optional<std::string> word = cursor->BareOrQuoted();
  if (!word) return Hint("Expected a role after ROLE", hint);
  const std::string role = FoldCase(*word);
  if (role == "dba" || role == "admin") return Role::kDba;
  if (role == "developer" || role == "analyst" || role == "service") return Role::kService;
  if (role == "viewer" || role == "readonly" || role == "user") return Role::kUser;
  if (role == "system") return Role::kSystem;
  return Hint(fmt::format("Invalid role '{}'", *word),
              "Valid roles: dba, admin, developer, analyst, viewer, user, service, system");
}

// The user's name is the user id: taken verbatim.
Result<std::string> ParseUserName(TokenCursor* cursor, std::string_view hint) {
  std::optional<std::string> name = cursor->BareOrQuoted();
  if (!name) return Hint("Expected a username", hint);
  if (const std::string_view reason = BadIdReason(*name); !reason.empty()) {
    return InvalidSql(fmt::format("User id {}", reason));
  }
  return std::move(*name);
}

Status ExpectEnd(const TokenCursor& cursor, std::string_view hint) {
  if (cursor.AtEnd()) return Status::Ok();
  return Hint(cursor.ExpectEnd().message(), hint);
}

}  // namespace

Result<StatementVariant> ParseCreateUser(TokenCursor cursor) {
  CreateUser create;
  if (cursor.Is("IF") && cursor.Is("NOT", 1)) {
    return Hint("IF NOT EXISTS is not supported", kCreateHint);
  }
  Result<std::string> name = ParseUserName(&cursor, kCreateHint);
  if (!name.ok()) return name.status();
  create.user = std::move(*name);
  if (!cursor.Accept("WITH")) return Hint("Expected WITH after username", kCreateHint);
  if (cursor.Accept("PASSWORD")) {
    std::optional<std::string> password = cursor.String();
    if (!password) return Hint("Expected a quoted password after PASSWORD", kCreateHint);
    create.secret = std::move(*password);
  } else if (cursor.Accept("OAUTH")) {
    create.auth = CreateUser::Auth::kOauth;
    create.secret = cursor.String().value_or("");
  } else if (cursor.Accept("INTERNAL")) {
    create.auth = CreateUser::Auth::kInternal;
  } else {
    return Hint("Expected PASSWORD, OAUTH, or INTERNAL after WITH", kCreateHint);
  }
  if (!cursor.Accept("ROLE")) return Hint("Expected ROLE keyword", kCreateHint);
  Result<Role> role = ParseRole(&cursor, kCreateHint);
  if (!role.ok()) return role.status();
  create.role = *role;
  if (cursor.Accept("EMAIL")) {
    create.email = cursor.BareOrQuoted();
    if (!create.email) return Hint("Expected an email after EMAIL", kCreateHint);
  }
  if (Status bad = ExpectEnd(cursor, kCreateHint); !bad.ok()) return bad;
  return StatementVariant(std::move(create));
}

Result<StatementVariant> ParseAlterUser(TokenCursor cursor) {
  AlterUser alter;
  Result<std::string> name = ParseUserName(&cursor, kAlterHint);
  if (!name.ok()) return name.status();
  alter.user = std::move(*name);
  if (!cursor.Accept("SET")) return Hint("Expected SET after username", kAlterHint);
  if (cursor.Accept("PASSWORD")) {
    alter.change = AlterUser::Change::kPassword;
    std::optional<std::string> password = cursor.String();
    if (!password) return Hint("Expected a quoted password after PASSWORD", kAlterHint);
    alter.value = std::move(*password);
  } else if (cursor.Accept("ROLE")) {
    alter.change = AlterUser::Change::kRole;
    Result<Role> role = ParseRole(&cursor, kAlterHint);
    if (!role.ok()) return role.status();
    alter.role = *role;
  } else if (cursor.Accept("EMAIL")) {
    alter.change = AlterUser::Change::kEmail;
    std::optional<std::string> email = cursor.BareOrQuoted();
    if (!email) return Hint("Expected an email after EMAIL", kAlterHint);
    alter.value = std::move(*email);
  } else {
    return Hint("Expected PASSWORD, ROLE, or EMAIL after SET", kAlterHint);
  }
  if (Status bad = ExpectEnd(cursor, kAlterHint); !bad.ok()) return bad;
  return StatementVariant(std::move(alter));
}

Result<StatementVariant> ParseDropUser(TokenCursor cursor) {
  DropUser drop;
  Result<bool> if_exists = cursor.AcceptIfExists();
  if (!if_exists.ok()) return if_exists.status();
  drop.if_exists = *if_exists;
  Result<std::string> name = ParseUserName(&cursor, kDropHint);
  if (!name.ok()) return name.status();
  drop.user = std::move(*name);
  if (Status bad = ExpectEnd(cursor, kDropHint); !bad.ok()) return bad;
  return StatementVariant(std::move(drop));
}

}  // namespace kalamdb::sql
