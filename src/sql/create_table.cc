// CREATE [USER | SHARED | STREAM] TABLE [IF NOT EXISTS] [ns.]t (columns and constraints) [USING x]
// [WITH (options)]
#include <fmt/format.h>

#include <unordered_set>

#include "sql/column_spec.h"
#include "sql/own_statements.h"
#include "sql/table_options.h"

namespace kalamdb::sql {

namespace {

// Where a word takes part in the messages about tables: "User".
std::string_view KindTitle(TableKind kind) {
  switch (kind) {
    case TableKind::kUser:
      return "User";
    case TableKind::kStream:
      return "Stream";
    case TableKind::kSystem:
      return "System";
    default:
      return "Shared";
  }
}

bool IsPlainName(std::string_view name) {
  if (name.empty()) return false;
  for (char c : name) {
    const bool fine =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    if (!fine) return false;
  }
  return true;
}

class CreateTableParser {
 public:
  CreateTableParser(TokenCursor* cursor, std::optional<TableKind> prefix)
      : cursor_(*cursor), prefix_(prefix) {}

  Result<CreateTable> Parse() {
    Result<bool> if_not_exists = cursor_.AcceptIfNotExists();
    if (!if_not_exists.ok()) return if_not_exists.status();
    table_.if_not_exists = *if_not_exists;
    if (Status bad = ParseName(); !bad.ok()) return bad;
    if (!cursor_.IsSymbol('(')) {
      if (cursor_.AtEnd() || cursor_.Is("AS") || cursor_.Is("LIKE") || cursor_.Is("WITH") ||
          cursor_.Is("USING")) {
        return InvalidSql("Table must have at least one column");
      }
      return cursor_.Expected("(");
    }
    if (Status bad = ParseElements(); !bad.ok()) return bad;
    if (Status bad = SettlePrimaryKey(); !bad.ok()) return bad;
    if (cursor_.Accept("USING")) {
      if (Result<std::string> engine = cursor_.Name("an identifier"); !engine.ok()) {
        return engine.status();
      }
    }
    TableOptions options;
    if (cursor_.Accept("WITH")) {
      Result<TableOptions> parsed = ParseTableOptions(&cursor_);
      if (!parsed.ok()) return parsed.status();
      options = std::move(*parsed);
    }
    if (Status bad = cursor_.ExpectEnd(); !bad.ok()) return bad;
    if (prefix_ && options.type && *prefix_ != *options.type) {
      return InvalidSql(
          fmt::format("Conflicting table type definitions: CREATE {} TABLE vs TYPE option {}",
                      KindTitle(*prefix_), KindTitle(*options.type)));
    }
    table_.kind = prefix_ ? *prefix_ : options.type.value_or(TableKind::kShared);
    if (Status bad = ApplyTableOptions(std::move(options), &table_); !bad.ok()) return bad;
    return std::move(table_);
  }

 private:
  Status ParseName() {
    const size_t at = cursor_.position();
    Result<TableName> name = cursor_.Table();
    if (!name.ok()) return name.status();
    const size_t after = cursor_.position();
    const bool qualified = after - at > 1;
    const auto check = [&](const std::string& part, std::string_view what, size_t token) -> Status {
      if (IsPlainName(part)) return Status::Ok();
      cursor_.Rewind(token);
      const TextPosition where = cursor_.Where();
      return InvalidSql(fmt::format(
          "Invalid {} name '{}'. Only alphanumeric characters and underscores are allowed "
          "(line {}, col {}).",
          what, part, where.line, where.column));
    };
    if (qualified) {
      if (Status bad = check(name->schema, "namespace", at); !bad.ok()) return bad;
    }
    if (Status bad = check(name->table, "table", after - 1); !bad.ok()) return bad;
    table_.name = std::move(*name);
    return Status::Ok();
  }

  Status ParseElements() {
    cursor_.Skip();  // (
    while (!cursor_.IsSymbol(')')) {
      Status bad = IsTableConstraint() ? ParseTableConstraint() : ParseColumn();
      if (!bad.ok()) return bad;
      if (!cursor_.AcceptSymbol(',')) break;
    }
    if (Status bad = cursor_.ExpectSymbol(')'); !bad.ok()) return bad;
    if (table_.columns.empty()) return InvalidSql("Table must have at least one column");
    return Status::Ok();
  }

  // Words that begin a constraint could also be column names: what follows decides.
  bool IsTableConstraint() {
    if (cursor_.Is("CONSTRAINT")) {
      return cursor_.Is("PRIMARY", 2) || cursor_.Is("UNIQUE", 2) || cursor_.Is("FOREIGN", 2) ||
             cursor_.Is("CHECK", 2);
    }
    return (cursor_.Is("PRIMARY") && cursor_.Is("KEY", 1)) ||
           (cursor_.Is("FOREIGN") && cursor_.Is("KEY", 1)) ||
           (cursor_.Is("CHECK") && cursor_.IsSymbol('(', 1)) ||
           (cursor_.Is("UNIQUE") &&
            (cursor_.IsSymbol('(', 1) || cursor_.Is("KEY", 1) || cursor_.Is("INDEX", 1)));
  }

  Status ParseTableConstraint() {
    if (cursor_.Accept("CONSTRAINT")) cursor_.Skip();
    if (cursor_.AcceptAll({"PRIMARY", "KEY"})) return ParsePrimaryKey();
    // UNIQUE, FOREIGN KEY and CHECK have no effect.
    table_.without_effect.emplace_back(cursor_.Is("UNIQUE")  ? "UNIQUE"
                                       : cursor_.Is("CHECK") ? "CHECK"
                                                             : "FOREIGN KEY");
    while (!cursor_.AtEnd() && !cursor_.IsSymbol(',') && !cursor_.IsSymbol(')')) {
      if (!cursor_.IsSymbol('(')) {
        cursor_.Skip();
      } else if (!cursor_.SkipParentheses()) {
        return cursor_.Expected(")");
      }
    }
    return Status::Ok();
  }

  Status ParsePrimaryKey() {
    if (!primary_key_.empty()) return InvalidSql("Multiple PRIMARY KEY definitions found");
    if (Status bad = cursor_.ExpectSymbol('('); !bad.ok()) return bad;
    Result<std::string> column = cursor_.Name("a column name");
    if (!column.ok()) return InvalidSql("Complex expressions in PRIMARY KEY not supported");
    if (cursor_.IsSymbol('('))
      return InvalidSql("Complex expressions in PRIMARY KEY not supported");
    if (!cursor_.Accept("ASC")) cursor_.Accept("DESC");
    if (cursor_.IsSymbol(',')) return InvalidSql("Composite PRIMARY KEYs are not supported yet");
    if (!cursor_.IsSymbol(')')) {
      return InvalidSql("Complex expressions in PRIMARY KEY not supported");
    }
    cursor_.Skip();
    primary_key_ = std::move(*column);
    return Status::Ok();
  }

  Status ParseColumn() {
    const Token& token = cursor_.Peek();
    if (token.kind != TokenKind::kWord && token.kind != TokenKind::kQuotedName) {
      return cursor_.Expected("column name or constraint definition");
    }
    const std::string written = NameValue(cursor_.Text(token));
    cursor_.Skip();
    if (!IsPlainName(written)) {
      return InvalidSql(fmt::format(
          "Invalid column name '{}'. Only alphanumeric characters and underscores are allowed.",
          written));
    }
    if (!names_.insert(FoldCase(written)).second) {
      return InvalidSql(
          fmt::format("Duplicate column name '{}'. Column names are case-insensitive.", written));
    }
    Result<ParsedColumn> column = ParseColumnDefinition(&cursor_, FoldCase(written));
    if (!column.ok()) return column.status();
    table_.columns.push_back(std::move(column->spec));
    for (std::string& what : column->without_effect)
      table_.without_effect.push_back(std::move(what));
    return Status::Ok();
  }

  Status SettlePrimaryKey() {
    size_t keys = primary_key_.empty() ? 0 : 1;
    for (ColumnSpec& column : table_.columns) {
      if (column.primary_key) ++keys;
    }
    if (keys > 1) return InvalidSql("Multiple PRIMARY KEY definitions found");
    if (!primary_key_.empty()) {
      bool found = false;
      for (ColumnSpec& column : table_.columns) {
        if (column.name != primary_key_) continue;
        column.primary_key = column.not_null = found = true;
      }
      if (!found) {
        return InvalidSql(
            fmt::format("PRIMARY KEY column '{}' not found in column list", primary_key_));
      }
    }
    for (const ColumnSpec& column : table_.columns) {
      if (column.primary_key && column.type.kind == TypeKind::kEmbedding) {
        return InvalidSql(fmt::format("PRIMARY KEY column '{}' cannot be of type {}", column.name,
                                      SqlTypeName(column.type)));
      }
    }
    return Status::Ok();
  }

  TokenCursor& cursor_;
  std::optional<TableKind> prefix_;
  CreateTable table_;
  std::unordered_set<std::string> names_;
  std::string primary_key_;  // of a table-level constraint
};

}  // namespace

Result<StatementVariant> ParseCreateTable(TokenCursor cursor, std::optional<TableKind> prefix) {
  Result<CreateTable> table = CreateTableParser(&cursor, prefix).Parse();
  if (!table.ok()) {
    return InvalidSql(fmt::format("Invalid CREATE TABLE statement: {}", table.status().message()))
        .At(table.status().position());
  }
  return StatementVariant(std::move(*table));
}

}  // namespace kalamdb::sql
