// ALTER [USER | SHARED | STREAM] TABLE [ns.]t <one operation>, and DROP TABLE.
#include <fmt/format.h>

#include "sql/column_spec.h"
#include "sql/own_statements.h"
#include "sql/table_options.h"

namespace kalamdb::sql {

namespace {

using Op = AlterTable::Op;

class AlterTableParser {
 public:
  explicit AlterTableParser(TokenCursor* cursor) : cursor_(*cursor) {}

  Result<AlterTable> Parse() {
    // ALTER TABLE IF EXISTS t: refused rather than taken for a table called IF.
    if (cursor_.Is("IF")) return InvalidSql("ALTER TABLE IF EXISTS is not supported");
    Result<TableName> name = cursor_.Table();
    if (!name.ok()) return name.status();
    alter_.name = std::move(*name);
    if (Status bad = ParseOperation(); !bad.ok()) return bad;
    if (cursor_.IsSymbol(',')) {
      return InvalidSql("Only one ALTER TABLE operation is supported per statement");
    }
    if (Status bad = cursor_.ExpectEnd(); !bad.ok()) return bad;
    return std::move(alter_);
  }

 private:
  static Status UnsupportedOperation() { return InvalidSql("Unsupported ALTER TABLE operation"); }

  Status ParseOperation() {
    if (cursor_.Accept("ADD")) return ParseAdd();
    if (cursor_.Accept("DROP")) return ParseDrop();
    if (cursor_.Accept("MODIFY")) return ParseModify();
    if (cursor_.Accept("ALTER")) return ParseAlterColumn();
    if (cursor_.Accept("RENAME")) return ParseRename();
    if (cursor_.Accept("SET")) return ParseSet();
    if (cursor_.Accept("CREATE")) return ParseCreateIndex();
    return UnsupportedOperation();
  }

  Status ColumnName() {
    Result<std::string> name = cursor_.Name("a column name");
    if (!name.ok()) return name.status();
    alter_.column.name = std::move(*name);
    return Status::Ok();
  }

  // Type and constraints behind the column's name.
  Status Definition() {
    Result<ParsedColumn> column = ParseColumnDefinition(&cursor_, alter_.column.name);
    if (!column.ok()) {
      if (cursor_.Is("FIRST") || cursor_.Is("AFTER")) {
        return InvalidSql("Column position modifiers (FIRST/AFTER) are not supported");
      }
      return column.status();
    }
    if (column->spec.primary_key) {
      return InvalidSql(fmt::format("Column '{}' cannot become a PRIMARY KEY", alter_.column.name));
    }
    alter_.column = std::move(column->spec);
    alter_.nullability_given = column->nullability_given;
    return Status::Ok();
  }

  Status ParseAdd() {
    const bool is_column = cursor_.Accept("COLUMN");
    if (!is_column &&
        (cursor_.Is("CONSTRAINT") || (cursor_.Is("PRIMARY") && cursor_.Is("KEY", 1)) ||
         (cursor_.Is("FOREIGN") && cursor_.Is("KEY", 1)) ||
         ((cursor_.Is("UNIQUE") || cursor_.Is("CHECK")) && cursor_.IsSymbol('(', 1)))) {
      return UnsupportedOperation();
    }
    if (cursor_.IsSymbol('(')) return UnsupportedOperation();
    alter_.op = Op::kAddColumn;
    Result<bool> if_not_exists = cursor_.AcceptIfNotExists();
    if (!if_not_exists.ok()) return if_not_exists.status();
    alter_.if_exists = *if_not_exists;
    if (Status bad = ColumnName(); !bad.ok()) return bad;
    return Definition();
  }

  Status ParseDrop() {
    if (IsIndex(false)) return ParseDropIndex();
    if (cursor_.Is("CONSTRAINT") || (cursor_.Is("PRIMARY") && cursor_.Is("KEY", 1))) {
      return UnsupportedOperation();
    }
    cursor_.Accept("COLUMN");
    alter_.op = Op::kDropColumn;
    Result<bool> if_exists = cursor_.AcceptIfExists();
    if (!if_exists.ok()) return if_exists.status();
    alter_.if_exists = *if_exists;
    if (Status bad = ColumnName(); !bad.ok()) return bad;
    if (cursor_.Is("CASCADE") || cursor_.Is("RESTRICT")) {
      return InvalidSql("DROP COLUMN CASCADE/RESTRICT is not supported");
    }
    return Status::Ok();
  }

  Status ParseModify() {
    cursor_.Accept("COLUMN");
    alter_.op = Op::kModifyColumn;
    if (Status bad = ColumnName(); !bad.ok()) return bad;
    if (Status bad = Definition(); !bad.ok()) return bad;
    // Only type and nullability are modified here; a default has its own operation.
    if (alter_.column.default_value.kind != ColumnDefault::Kind::kNone) {
      return InvalidSql(
          "MODIFY COLUMN takes a type and [NOT] NULL; use ALTER COLUMN ... SET DEFAULT");
    }
    return Status::Ok();
  }

  Status ParseAlterColumn() {
    cursor_.Accept("COLUMN");
    if (Status bad = ColumnName(); !bad.ok()) return bad;
    if (cursor_.AcceptAll({"SET", "NOT", "NULL"})) {
      alter_.op = Op::kSetNotNull;
    } else if (cursor_.AcceptAll({"DROP", "NOT", "NULL"})) {
      alter_.op = Op::kDropNotNull;
    } else if (cursor_.AcceptAll({"DROP", "DEFAULT"})) {
      alter_.op = Op::kDropDefault;
    } else if (cursor_.AcceptAll({"SET", "DEFAULT"})) {
      alter_.op = Op::kSetDefault;
      Result<ColumnDefault> value = ParseDefault(&cursor_, alter_.column);
      if (!value.ok()) return value.status();
      alter_.column.default_value = std::move(*value);
    } else {
      return InvalidSql("Unsupported ALTER COLUMN operation");
    }
    return Status::Ok();
  }

  Status ParseRename() {
    if (cursor_.Is("TO") && cursor_.Peek(2).kind == TokenKind::kEnd) return UnsupportedOperation();
    cursor_.Accept("COLUMN");
    alter_.op = Op::kRenameColumn;
    if (Status bad = ColumnName(); !bad.ok()) return bad;
    if (Status bad = cursor_.Expect("TO"); !bad.ok()) return bad;
    Result<std::string> name = cursor_.Name("a column name");
    if (!name.ok()) return name.status();
    alter_.new_name = std::move(*name);
    return Status::Ok();
  }

  Status AccessLevelValue(const std::string& word) {
    const std::optional<AccessLevel> level = ParseAccessLevel(word);
    if (!level) {
      return InvalidSql(fmt::format(
          "Invalid ACCESS_LEVEL '{}'. Supported values: PUBLIC, PRIVATE, RESTRICTED, DBA", word));
    }
    alter_.op = Op::kSetAccessLevel;
    alter_.access_level = *level;
    return Status::Ok();
  }

  Status ParseSet() {
    if (cursor_.AcceptAll({"ACCESS", "LEVEL"})) {
      std::optional<std::string> word = cursor_.BareOrQuoted();
      if (!word) return cursor_.Expected("PUBLIC, PRIVATE or RESTRICTED");
      if (IsWord(*word, "DBA")) {
        return InvalidSql(
            "Invalid ACCESS_LEVEL 'DBA'. Use SET TBLPROPERTIES (ACCESS_LEVEL = 'DBA')");
      }
      return AccessLevelValue(*word);
    }
    if (!cursor_.Accept("TBLPROPERTIES")) return UnsupportedOperation();
    if (Status bad = cursor_.ExpectSymbol('('); !bad.ok()) return bad;
    bool given = false;
    while (!cursor_.IsSymbol(')')) {
      Result<std::string> key = cursor_.Name("a property");
      if (!key.ok()) return key.status();
      if (Status bad = cursor_.ExpectSymbol('='); !bad.ok()) return bad;
      std::optional<std::string> value = cursor_.BareOrQuoted();
      if (!value) return cursor_.Expected("a property value");
      if (*key != "access_level") {
        return InvalidSql(fmt::format("Unknown table property '{}'", *key));
      }
      if (Status bad = AccessLevelValue(*value); !bad.ok()) return bad;
      given = true;
      if (!cursor_.AcceptSymbol(',')) break;
    }
    if (Status bad = cursor_.ExpectSymbol(')'); !bad.ok()) return bad;
    if (!given) return InvalidSql("ACCESS_LEVEL property is required for SET ACCESS LEVEL");
    return Status::Ok();
  }

  // [VECTOR | UNIQUE] INDEX; for DROP a column may be called index: `DROP index` alone drops it.
  bool IsIndex(bool creating) {
    if (cursor_.Is("VECTOR") && cursor_.Is("INDEX", 1)) return true;
    if (creating && cursor_.Is("UNIQUE") && cursor_.Is("INDEX", 1)) return true;
    return cursor_.Is("INDEX") && cursor_.Peek(1).kind != TokenKind::kEnd;
  }

  Status Index(std::string_view verb) {
    const bool scalar = cursor_.Accept("UNIQUE");
    cursor_.Accept("VECTOR");
    cursor_.Skip();  // INDEX
    alter_.op = Op::kOther;
    if (Result<bool> exists = cursor_.AcceptIfNotExists(); !exists.ok()) return exists.status();
    if (Status bad = ColumnName(); !bad.ok()) return bad;
    if (cursor_.IsSymbol('(')) {
      if (!cursor_.SkipParentheses()) return cursor_.Expected(")");
      alter_.text = fmt::format("{} INDEX", verb);
      return Status::Ok();
    }
    alter_.text = fmt::format("{} {}INDEX", verb, scalar ? "" : "VECTOR ");
    if (cursor_.Accept("USING")) {
      if (!cursor_.Accept("COSINE") && !cursor_.Accept("L2") && !cursor_.Accept("DOT")) {
        return cursor_.Expected("COSINE, L2 or DOT");
      }
    }
    return Status::Ok();
  }

  Status ParseCreateIndex() {
    if (!IsIndex(true)) return UnsupportedOperation();
    return Index("CREATE");
  }
  Status ParseDropIndex() { return Index("DROP"); }

  TokenCursor& cursor_;
  AlterTable alter_;
};

}  // namespace

Result<StatementVariant> ParseAlterTable(TokenCursor cursor) {
  Result<AlterTable> alter = AlterTableParser(&cursor).Parse();
  if (!alter.ok()) return alter.status();
  return StatementVariant(std::move(*alter));
}

Result<StatementVariant> ParseDropTable(TokenCursor cursor) {
  DropTable drop;
  Result<bool> if_exists = cursor.AcceptIfExists();
  if (!if_exists.ok()) return if_exists.status();
  drop.if_exists = *if_exists;
  Result<TableName> name = cursor.Table();
  if (!name.ok()) return name.status();
  drop.name = std::move(*name);
  // Nothing depends on a table: both words mean the same.
  if (!cursor.Accept("CASCADE")) cursor.Accept("RESTRICT");
  if (Status bad = cursor.ExpectEnd(); !bad.ok()) return bad;
  return StatementVariant(std::move(drop));
}

}  // namespace kalamdb::sql
