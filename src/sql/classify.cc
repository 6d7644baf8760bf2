#include "sql/classify.h"

#include <fmt/format.h>

#include <optional>

#include "sql/own_statements.h"
#include "sql/query_parser.h"

namespace kalamdb::sql {

namespace {

Status AdminOnly(std::string_view what) {
  return {ErrorCode::kPermissionDenied,
          fmt::format("Admin privileges (DBA or System role) required for {}", what)};
}

class Classifier {
 public:
  Classifier(std::string_view text, Tokens tokens, Role role)
      : text_(text), tokens_(tokens), cursor_(text, tokens), role_(role) {}

  Result<ClassifiedStatement> Run() {
    if (tokens_.empty()) {
      return InvalidSql("sql parser error: Expected: an SQL statement, found: EOF");
    }
    if (IsQuery()) return Query();
    std::optional<Result<StatementVariant>> own = Own();
    if (!own) return Unknown();
    if (!own->ok()) return own->status();
    return ClassifiedStatement{std::move(**own), 0};
  }

 private:
  using Parsed = std::optional<Result<StatementVariant>>;

  // First, since nearly everything is one of these.
  [[nodiscard]] bool IsQuery() const {
    return cursor_.Is("SELECT") || cursor_.Is("INSERT") || cursor_.Is("UPDATE") ||
           cursor_.Is("DELETE") || cursor_.Is("WITH") || cursor_.IsSymbol('(');
  }

  Result<ClassifiedStatement> Query() const {
    Result<ParsedQuery> query = ParseQuery(text_, tokens_);
    if (!query.ok()) return query.status();
    return ClassifiedStatement{std::move(query->body), query->max_param};
  }

  // The grammar tells a statement that the dialect does not have from a syntax error. VALUES and
  // TABLE would pass as queries there, and are no statements of the dialect.
  [[nodiscard]] Status Unknown() const {
    Result<ParsedQuery> query = ParseQuery(text_, tokens_);
    if (!query.ok()) return query.status();
    return UnsupportedStatement(
        text_.substr(tokens_.front().offset, tokens_.back().end() - tokens_.front().offset));
  }

  Parsed Own() {
    if (cursor_.Accept("CREATE")) return Create();
    if (cursor_.Accept("ALTER")) return Alter();
    if (cursor_.Accept("DROP")) return Drop();
    if (cursor_.Accept("SHOW")) return Show();
    if (cursor_.Is("DESCRIBE") || cursor_.Is("DESC")) return Describe();
    if (cursor_.Accept("BEGIN") || cursor_.AcceptAll({"START", "TRANSACTION"})) {
      return ParseBegin(cursor_);
    }
    if (cursor_.Accept("COMMIT")) return ParseEndOfTransaction(cursor_, Commit{});
    if (cursor_.Accept("ROLLBACK")) return ParseEndOfTransaction(cursor_, Rollback{});
    if (cursor_.Accept("USE")) {
      // A namespace may be called "namespace".
      if (cursor_.Peek(1).kind != TokenKind::kEnd) cursor_.Accept("NAMESPACE");
      return ParseUseNamespace(cursor_);
    }
    if (cursor_.AcceptAll({"SET", "NAMESPACE"})) return ParseUseNamespace(cursor_);
    if (cursor_.Accept("SET")) {
      if (!IsAdmin(role_)) return AdminOnly("SET commands");
      return ParseSet(cursor_);
    }
    if (cursor_.Accept("EXPLAIN")) return ParseExplain();
    if (cursor_.AcceptAll({"SUBSCRIBE", "TO"})) return ParseSubscribeTo(cursor_);
    if (cursor_.AcceptAll({"KILL", "LIVE", "QUERY"})) return ParseKillLiveQuery(cursor_);
    if (cursor_.AcceptAll({"KILL", "JOB"})) {
      if (!IsAdmin(role_)) return AdminOnly("job management");
      return ParseKillJob(cursor_);
    }
    return Later();
  }

  [[nodiscard]] static Result<StatementVariant> NotYet(std::string what) {
    return StatementVariant(Unsupported{std::move(what)});
  }
  [[nodiscard]] Result<StatementVariant> AdminNotYet(std::string what,
                                                     std::string_view area) const {
    if (!IsAdmin(role_)) return AdminOnly(area);
    return NotYet(std::move(what));
  }
  // Refused like the statements that check the role when they run.
  [[nodiscard]] Result<StatementVariant> ServiceNotYet(std::string what,
                                                       std::string refusal) const {
    if (role_ < Role::kService) return Status(ErrorCode::kPermissionDenied, std::move(refusal));
    return NotYet(std::move(what));
  }
  [[nodiscard]] Result<StatementVariant> DbaNotYet(std::string what) const {
    if (!IsAdmin(role_)) {
      return Status(ErrorCode::kPermissionDenied,
                    fmt::format("{} requires DBA or System role", what));
    }
    return NotYet(std::move(what));
  }

  // The type word before TABLE; the cursor moves behind TABLE when this is about a table.
  bool AcceptTable(std::optional<TableKind>* prefix) {
    if (cursor_.Accept("TABLE")) return true;
    if (!cursor_.Is("TABLE", 1)) return false;
    if (cursor_.Is("USER")) *prefix = TableKind::kUser;
    if (cursor_.Is("SHARED")) *prefix = TableKind::kShared;
    if (cursor_.Is("STREAM")) *prefix = TableKind::kStream;
    if (!*prefix) return false;
    cursor_.Skip(2);
    return true;
  }

  Parsed Create() {
    std::optional<TableKind> prefix;
    if (AcceptTable(&prefix)) return ParseCreateTable(cursor_, prefix);
    if (cursor_.Accept("NAMESPACE") || cursor_.Accept("SCHEMA")) {
      if (!IsAdmin(role_)) return AdminOnly("namespace operations");
      return ParseCreateNamespace(cursor_);
    }
    if (cursor_.Accept("USER")) {
      if (!IsAdmin(role_)) return AdminOnly("user management");
      return ParseCreateUser(cursor_);
    }
    if (cursor_.Is("STORAGE")) return AdminNotYet("CREATE STORAGE", "storage operations");
    if (cursor_.Is("TOPIC")) return AdminNotYet("CREATE TOPIC", "topic management");
    cursor_.AcceptAll({"OR", "REPLACE"});
    if (cursor_.Is("MATERIALIZED") && cursor_.Is("VIEW", 1)) {
      return InvalidSql("MATERIALIZED VIEWS are not supported yet");
    }
    if ((cursor_.Is("TEMP") || cursor_.Is("TEMPORARY")) && cursor_.Is("VIEW", 1)) cursor_.Skip();
    if (cursor_.Is("VIEW")) {
      if (!IsAdmin(role_)) {
        return Status(ErrorCode::kPermissionDenied, "Only DBA or System roles can create views");
      }
      return NotYet("CREATE VIEW");
    }
    if (cursor_.Is("INDEX") || (cursor_.Is("UNIQUE") && cursor_.Is("INDEX", 1))) {
      return NotYet("CREATE INDEX");
    }
    for (std::string_view what : {"POLICY", "TYPE", "DOMAIN", "FUNCTION", "PROCEDURE"}) {
      if (cursor_.Is(what)) return DbaNotYet(fmt::format("CREATE {}", what));
    }
    return std::nullopt;
  }

  Parsed Alter() {
    std::optional<TableKind> prefix;
    if (AcceptTable(&prefix)) return ParseAlterTable(cursor_);
    if (cursor_.Accept("NAMESPACE")) {
      if (!IsAdmin(role_)) return AdminOnly("namespace operations");
      return ParseAlterNamespace(cursor_);
    }
    // Who may alter which user is decided when it runs.
    if (cursor_.Accept("USER")) return ParseAlterUser(cursor_);
    if (cursor_.Is("STORAGE")) return AdminNotYet("ALTER STORAGE", "storage operations");
    if (cursor_.Is("TOPIC")) return AdminNotYet("ALTER TOPIC", "topic management");
    for (std::string_view what : {"POLICY", "TYPE", "DOMAIN", "FUNCTION", "PROCEDURE"}) {
      if (cursor_.Is(what)) return DbaNotYet(fmt::format("ALTER {}", what));
    }
    return std::nullopt;
  }

  Parsed Drop() {
    std::optional<TableKind> prefix;
    if (AcceptTable(&prefix)) return ParseDropTable(cursor_);
    if (cursor_.Accept("NAMESPACE") || cursor_.Accept("SCHEMA")) {
      if (!IsAdmin(role_)) return AdminOnly("namespace operations");
      return ParseDropNamespace(cursor_);
    }
    if (cursor_.Accept("USER")) {
      if (!IsAdmin(role_)) return AdminOnly("user management");
      return ParseDropUser(cursor_);
    }
    if (cursor_.Is("STORAGE")) return AdminNotYet("DROP STORAGE", "storage operations");
    if (cursor_.Is("TOPIC")) return AdminNotYet("DROP TOPIC", "topic management");
    if (cursor_.Is("INDEX")) return NotYet("DROP INDEX");
    for (std::string_view what : {"VIEW", "POLICY", "TYPE", "DOMAIN", "FUNCTION", "PROCEDURE"}) {
      if (cursor_.Is(what)) return DbaNotYet(fmt::format("DROP {}", what));
    }
    return std::nullopt;
  }

  Parsed Show() {
    if (cursor_.Is("ALL") && !IsAdmin(role_)) return AdminOnly("SHOW ALL");
    if (cursor_.Is("COLUMNS") && !IsAdmin(role_)) return AdminOnly("SHOW COLUMNS");
    for (std::string_view what :
         {"TABLES", "NAMESPACES", "STORAGES", "STATS", "MANIFEST", "ALL", "COLUMNS", "EXPORT"}) {
      if (cursor_.Is(what)) return ParseShow(cursor_);
    }
    return std::nullopt;
  }

  Parsed Describe() {
    const bool brief = cursor_.Is("DESC");
    cursor_.Skip();
    // `DESCRIBE table` alone would be about a table called "table".
    if (cursor_.Is("TABLE")) {
      cursor_.Skip();
      return ParseDescribeTable(cursor_);
    }
    if (!IsAdmin(role_)) return AdminOnly(brief ? "DESC" : "DESCRIBE");
    return ParseDescribeQueryEngine(cursor_);
  }

  Result<StatementVariant> ParseExplain() {
    if (!IsAdmin(role_)) return AdminOnly("EXPLAIN commands");
    Explain explain;
    explain.analyze = cursor_.Accept("ANALYZE");
    cursor_.Accept("VERBOSE");
    if (!IsQuery()) return cursor_.Expected("a query");
    // What is explained must be right before the batch begins to run.
    Result<ParsedQuery> query = ParseQuery(text_, tokens_.subspan(cursor_.position()));
    if (!query.ok()) return query.status();
    explain.query = cursor_.Rest();
    return StatementVariant(std::move(explain));
  }

  // What the dialect has and this server does not do yet.
  Parsed Later() {
    if (cursor_.AcceptAll({"STORAGE", "CHECK"})) {
      return AdminNotYet("STORAGE CHECK", "storage operations");
    }
    for (std::string_view verb : {"FLUSH", "COMPACT"}) {
      for (std::string_view what : {"TABLE", "ALL"}) {
        if (cursor_.AcceptAll({"STORAGE", verb, what})) {
          const std::string statement = fmt::format("STORAGE {} {}", verb, what);
          return ServiceNotYet(statement,
                               fmt::format("{} requires Service, DBA, or System role", statement));
        }
      }
    }
    if (cursor_.AcceptAll({"CLEAR", "TOPIC"}))
      return AdminNotYet("CLEAR TOPIC", "topic management");
    if (cursor_.Is("CONSUME")) {
      return ServiceNotYet("CONSUME", "Only service, dba, or system roles can consume from topics");
    }
    if (cursor_.Is("ACK")) {
      return ServiceNotYet("ACK",
                           "Only service, dba, or system roles can acknowledge topic offsets");
    }
    if (cursor_.AcceptAll({"RESET", "CONSUMER", "GROUP"})) {
      return AdminNotYet("RESET CONSUMER GROUP", "topic management");
    }
    if (cursor_.AcceptAll({"BACKUP", "DATABASE"})) {
      return AdminNotYet("BACKUP DATABASE", "backup operations");
    }
    if (cursor_.AcceptAll({"RESTORE", "DATABASE"})) {
      return AdminNotYet("RESTORE DATABASE", "restore operations");
    }
    if (cursor_.AcceptAll({"EXPORT", "USER", "DATA"})) {
      if (!cursor_.AtEnd()) {
        return InvalidSql(
            fmt::format("Unexpected tokens after EXPORT USER DATA: '{}'", cursor_.Rest()));
      }
      return NotYet("EXPORT USER DATA");
    }
    if (cursor_.Accept("CLUSTER")) return Cluster();
    if (cursor_.Is("GRANT") || cursor_.Is("REVOKE")) {
      return DbaNotYet(cursor_.Is("GRANT") ? "GRANT" : "REVOKE");
    }
    if (cursor_.Is("CALL")) return NotYet("CALL");
    return std::nullopt;
  }

  Parsed Cluster() {
    if (!IsAdmin(role_)) return AdminOnly("cluster operations");
    if (cursor_.Is("LIST") || cursor_.Is("LS") || cursor_.Is("STATUS")) {
      return InvalidSql(
          "CLUSTER LIST is a CLI-only command. Use \\cluster list in kalam, or query "
          "system.cluster "
          "and system.cluster_groups directly.");
    }
    if (cursor_.Is("LEAVE")) return InvalidSql("CLUSTER LEAVE is not supported yet");
    const std::string verb = cursor_.AtEnd() ? "" : FoldCase(cursor_.Text(cursor_.Peek()));
    for (std::string_view known :
         {"snapshot", "purge", "trigger", "transfer", "rebalance", "stepdown", "join", "clear"}) {
      if (verb == known) return NotYet("CLUSTER statements");
    }
    return cursor_.Expected("a CLUSTER command");
  }

  std::string_view text_;
  Tokens tokens_;
  TokenCursor cursor_;
  Role role_;
};

}  // namespace

Result<ClassifiedStatement> ClassifyAndParse(std::string_view text, Tokens tokens, Role role) {
  return Classifier(text, tokens, role).Run();
}

}  // namespace kalamdb::sql
