#include "sql/column_spec.h"

#include <fmt/format.h>

#include <charconv>

#include "sql/type_name.h"
#include "types/convert.h"

namespace kalamdb::sql {

namespace {

using Function = ColumnDefault::Function;

ColumnDefault FunctionDefault(Function function) {
  ColumnDefault value;
  value.kind = ColumnDefault::Kind::kFunction;
  value.function = function;
  return value;
}

// The parenthesised arguments of a type, as written.
Result<std::vector<std::string>> ParseTypeArguments(TokenCursor* cursor) {
  std::vector<std::string> args;
  if (!cursor->AcceptSymbol('(')) return args;
  while (!cursor->IsSymbol(')')) {
    const Token& token = cursor->Peek();
    std::string arg;
    if (token.kind == TokenKind::kString) {
      if (!StringValue(cursor->Text(token), &arg)) return cursor->Expected("a type parameter");
    } else if (token.kind == TokenKind::kNumber || token.kind == TokenKind::kWord) {
      arg = cursor->Text(token);
    } else if (token.symbol == '-' && cursor->Peek(1).kind == TokenKind::kNumber) {
      cursor->Skip();
      arg = fmt::format("-{}", cursor->Text(cursor->Peek()));
    } else {
      return cursor->Expected("a type parameter");
    }
    cursor->Skip();
    args.push_back(std::move(arg));
    if (!cursor->AcceptSymbol(',')) break;
  }
  if (Status bad = cursor->ExpectSymbol(')'); !bad.ok()) return bad;
  return args;
}

// STRUCT<a INT, ...>: what is inside is not looked at; the column is text.
bool SkipAngleBrackets(TokenCursor* cursor) {
  int depth = 0;
  while (!cursor->AtEnd()) {
    const std::string_view text = cursor->Text(cursor->Peek());
    if (cursor->Peek().kind == TokenKind::kOperator) {
      for (char c : text) depth += c == '<' ? 1 : c == '>' ? -1 : 0;
    }
    cursor->Skip();
    if (depth <= 0) return depth == 0;
  }
  return false;
}

// WITH[OUT] TIME ZONE behind TIME and TIMESTAMP.
std::string TimeZoneSuffix(TokenCursor* cursor) {
  if (cursor->AcceptAll({"WITH", "TIME", "ZONE"})) return " with time zone";
  if (cursor->AcceptAll({"WITHOUT", "TIME", "ZONE"})) return " without time zone";
  return {};
}

std::optional<Function> FunctionNamed(std::string_view word) {
  if (IsWord(word, "NOW") || IsWord(word, "CURRENT_TIMESTAMP")) return Function::kNow;
  if (IsWord(word, "SNOWFLAKE_ID")) return Function::kSnowflakeId;
  if (IsWord(word, "UUID_V7")) return Function::kUuidV7;
  if (IsWord(word, "ULID")) return Function::kUlid;
  if (IsWord(word, "CURRENT_USER")) return Function::kCurrentUser;
  return std::nullopt;
}

Result<ColumnDefault> ParseFunctionDefault(TokenCursor* cursor, const ColumnSpec& column) {
  const std::string word(cursor->Text(cursor->Peek()));
  const std::optional<Function> function = FunctionNamed(word);
  if (!function) {
    return InvalidSql(
        fmt::format("Unsupported DEFAULT expression '{}' for column '{}': use a literal, NOW(), "
                    "CURRENT_TIMESTAMP, SNOWFLAKE_ID(), UUID_V7(), ULID() or CURRENT_USER",
                    word, column.name));
  }
  cursor->Skip();
  const bool bare_allowed = IsWord(word, "CURRENT_TIMESTAMP") || IsWord(word, "CURRENT_USER");
  if (cursor->IsSymbol('(') && cursor->IsSymbol(')', 1)) {
    cursor->Skip(2);
  } else if (cursor->IsSymbol('(') || !bare_allowed) {
    return cursor->Expected("()");
  }
  if (!DefaultFunctionFits(*function, column.type.kind)) {
    return InvalidSql(fmt::format("DEFAULT {} does not fit column '{}' of type {}", word,
                                  column.name, SqlTypeName(column.type)));
  }
  return FunctionDefault(*function);
}

// A literal as a value of its own type; numbers with a fraction keep their spelling as text so that
// DECIMAL loses nothing.
Result<Value> ParseLiteral(TokenCursor* cursor, const ColumnSpec& column) {
  std::string sign;
  while (cursor->IsSymbol('-') || cursor->IsSymbol('+')) {
    if (cursor->IsSymbol('-')) sign = sign.empty() ? "-" : "";
    cursor->Skip();
  }
  const Token& token = cursor->Peek();
  std::string text;
  if (token.kind == TokenKind::kNumber) {
    text = sign + std::string(cursor->Text(token));
    cursor->Skip();
    int64_t whole = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), whole);
    if (error == std::errc() && end == text.data() + text.size())
      return Value(Datum::BigInt(whole));
    double real = 0;
    if (column.type.kind == TypeKind::kDecimal || column.type.kind == TypeKind::kNull) {
      return Value(Datum::Text(text));
    }
    if (ParseDouble(text, &real)) return Value(Datum::Real(TypeKind::kDouble, real));
    return InvalidSql(fmt::format("Number '{}' is out of range", text));
  }
  if (!sign.empty()) return cursor->Expected("a number");
  if (token.kind == TokenKind::kString && StringValue(cursor->Text(token), &text)) {
    cursor->Skip();
    return Value(Datum::Text(text));
  }
  if (token.kind == TokenKind::kBits && HexValue(cursor->Text(token), &text)) {
    cursor->Skip();
    return Value(Datum::Bytes(TypeKind::kBytes, text));
  }
  if (cursor->Accept("TRUE")) return Value(Datum::Bool(true));
  if (cursor->Accept("FALSE")) return Value(Datum::Bool(false));
  if (cursor->Accept("NULL")) return Value();
  return cursor->Expected("a literal");
}

}  // namespace

bool DefaultFunctionFits(Function function, TypeKind kind) {
  if (kind == TypeKind::kNull) return true;
  switch (function) {
    case Function::kNow:
      return IsDateTimeKind(kind) || kind == TypeKind::kDate || kind == TypeKind::kTime ||
             IsTextual(kind);
    case Function::kSnowflakeId:
      // INT and SMALLINT hold no snowflake, but rows that give their own value never need one.
      return IsNumeric(kind) || IsTextual(kind);
    case Function::kUuidV7:
      return kind == TypeKind::kUuid || IsTextual(kind);
    case Function::kUlid:
    case Function::kCurrentUser:
      return IsTextual(kind);
  }
  return false;
}

Result<ParsedType> ParseColumnType(TokenCursor* cursor) {
  const Token& first = cursor->Peek();
  if (first.kind != TokenKind::kWord) return cursor->Expected("a data type");
  std::string name = FoldCase(cursor->Text(first));
  cursor->Skip();
  if (name == "double" && cursor->Accept("PRECISION")) {
    name += " precision";
  } else if (name == "national") {
    if (!cursor->Accept("CHARACTER") && !cursor->Accept("CHAR")) {
      return cursor->Expected("CHARACTER");
    }
    cursor->Accept("VARYING");
    name = "nvarchar";
  } else if ((name == "character" || name == "char") && cursor->Accept("VARYING")) {
    name = "character varying";
  } else if (name == "character" && cursor->AcceptAll({"LARGE", "OBJECT"})) {
    name = "clob";
  } else if (name == "struct" && cursor->Peek().kind == TokenKind::kOperator &&
             cursor->Text(cursor->Peek()).starts_with('<')) {
    if (!SkipAngleBrackets(cursor)) return cursor->Expected(">");
  }
  if (cursor->IsSymbol('.')) {
    cursor->Skip();
    Result<std::string> second = cursor->Name("a data type");
    if (!second.ok()) return second.status();
    return InvalidSql(fmt::format("Unsupported custom data type '{}.{}'", name, *second));
  }
  if (name == "struct" && cursor->IsSymbol('(')) {
    if (!cursor->SkipParentheses()) return cursor->Expected(")");
    return ParsedType{DataType::Of(TypeKind::kText), false};
  }
  Result<std::vector<std::string>> args = ParseTypeArguments(cursor);
  if (!args.ok()) return args.status();
  if (name == "time" || name == "timestamp") name += TimeZoneSuffix(cursor);
  if (cursor->Is("UNSIGNED")) {
    return InvalidSql(fmt::format("Unsupported data type: {} UNSIGNED", name));
  }
  Result<DataType> type = ResolveTypeSpelling(name, *args);
  if (!type.ok()) return type.status();
  ParsedType parsed{*type, IsSerialTypeName(name)};
  if (cursor->Accept("ARRAY")) parsed.type = DataType::Of(TypeKind::kText);
  while (cursor->AcceptSymbol('[')) {
    if (cursor->Peek().kind == TokenKind::kNumber) cursor->Skip();
    if (Status bad = cursor->ExpectSymbol(']'); !bad.ok()) return bad;
    parsed.type = DataType::Of(TypeKind::kText);  // arrays are stored as their text
  }
  return parsed;
}

Result<ColumnDefault> ParseDefault(TokenCursor* cursor, const ColumnSpec& column) {
  size_t open = 0;
  while (cursor->AcceptSymbol('(')) ++open;
  Result<ColumnDefault> result = ColumnDefault{};
  const Token& token = cursor->Peek();
  const bool constant_word = cursor->Is("TRUE") || cursor->Is("FALSE") || cursor->Is("NULL");
  if (token.kind == TokenKind::kWord && !constant_word) {
    result = ParseFunctionDefault(cursor, column);
    if (!result.ok()) return result;
  } else {
    Result<Value> literal = ParseLiteral(cursor, column);
    if (!literal.ok()) return literal.status();
    result->kind = ColumnDefault::Kind::kLiteral;
    if (literal->null()) {
      result->literal = Value(Datum::Null(column.type.kind));
    } else if (column.type.kind == TypeKind::kNull) {
      result->literal = std::move(*literal);
    } else {
      Arena arena;
      Result<Datum> typed = CoerceForColumn(literal->datum(), column.type, column.name, &arena);
      if (!typed.ok()) {
        return InvalidSql(fmt::format("Invalid DEFAULT for column '{}': {}", column.name,
                                      typed.status().message()));
      }
      result->literal = Value(*typed);
    }
  }
  for (; open > 0; --open) {
    if (Status bad = cursor->ExpectSymbol(')'); !bad.ok()) return bad;
  }
  // What follows must be the next constraint: an operator or a cast would make it another
  // expression.
  const Token& next = cursor->Peek();
  const bool ends = next.kind == TokenKind::kEnd || next.kind == TokenKind::kWord ||
                    next.symbol == ',' || next.symbol == ')';
  if (!ends) {
    return InvalidSql(
        fmt::format("Unsupported DEFAULT expression for column '{}': use a literal or "
                    "a function without operators",
                    column.name));
  }
  return result;
}

namespace {

// REFERENCES t [(c)] [MATCH x] [ON DELETE|UPDATE action] ...: accepted, without effect.
Status SkipReferences(TokenCursor* cursor) {
  Result<TableName> table = cursor->Table();
  if (!table.ok()) return table.status();
  if (cursor->IsSymbol('(') && !cursor->SkipParentheses()) return cursor->Expected(")");
  for (;;) {
    if (cursor->Accept("MATCH")) {
      cursor->Skip();
    } else if (cursor->Is("ON") && (cursor->Is("DELETE", 1) || cursor->Is("UPDATE", 1))) {
      cursor->Skip(2);
      if (cursor->AcceptAll({"NO", "ACTION"}) || cursor->AcceptAll({"SET", "NULL"}) ||
          cursor->AcceptAll({"SET", "DEFAULT"}) || cursor->Accept("CASCADE") ||
          cursor->Accept("RESTRICT")) {
        continue;
      }
      return cursor->Expected("a referential action");
    } else if (!cursor->AcceptAll({"NOT", "DEFERRABLE"}) && !cursor->Accept("DEFERRABLE")) {
      return Status::Ok();
    }
  }
}

// One constraint of a column; false when there is none.
Result<bool> ParseConstraint(TokenCursor* cursor, ParsedColumn* column, bool* identity) {
  ColumnSpec& spec = column->spec;
  if (cursor->Accept("CONSTRAINT")) {
    if (Result<std::string> name = cursor->Name("a constraint name"); !name.ok()) {
      return name.status();
    }
  }
  if (cursor->AcceptAll({"NOT", "NULL"})) {
    spec.not_null = true;
    column->nullability_given = true;
  } else if (cursor->Accept("NULL")) {
    spec.not_null = false;
    column->nullability_given = true;
  } else if (cursor->AcceptAll({"PRIMARY", "KEY"})) {
    if (spec.primary_key) return InvalidSql("Multiple PRIMARY KEY definitions found");
    spec.primary_key = true;
    if (!cursor->Accept("ASC")) cursor->Accept("DESC");
  } else if (cursor->Accept("UNIQUE")) {
    cursor->Accept("KEY");
    column->without_effect.emplace_back("UNIQUE");
  } else if (cursor->Accept("DEFAULT")) {
    Result<ColumnDefault> value = ParseDefault(cursor, spec);
    if (!value.ok()) return value.status();
    spec.default_value = std::move(*value);
  } else if (cursor->Accept("AUTO_INCREMENT") || cursor->Accept("AUTOINCREMENT") ||
             cursor->AcceptAll({"AUTO", "INCREMENT"})) {
    *identity = true;
  } else if (cursor->AcceptAll({"GENERATED", "ALWAYS", "AS"}) ||
             cursor->AcceptAll({"GENERATED", "BY", "DEFAULT", "AS"}) || cursor->Is("IDENTITY")) {
    if (!cursor->Accept("IDENTITY")) {
      return InvalidSql(fmt::format("Generated column '{}' is not supported", spec.name));
    }
    if (cursor->IsSymbol('(') && !cursor->SkipParentheses()) return cursor->Expected(")");
    *identity = true;
  } else if (cursor->Is("CHECK") && cursor->IsSymbol('(', 1)) {
    cursor->Skip();
    if (!cursor->SkipParentheses()) return cursor->Expected(")");
    column->without_effect.emplace_back("CHECK");
  } else if (cursor->Accept("REFERENCES")) {
    column->without_effect.emplace_back("REFERENCES");
    if (Status bad = SkipReferences(cursor); !bad.ok()) return bad;
  } else if (cursor->Accept("COMMENT")) {
    column->without_effect.emplace_back("COMMENT");
    if (!cursor->String()) return cursor->Expected("a string");
  } else if (cursor->Accept("COLLATE")) {
    column->without_effect.emplace_back("COLLATE");
    if (Result<std::string> name = cursor->Name("a collation"); !name.ok()) return name.status();
  } else {
    return false;
  }
  return true;
}

}  // namespace

Result<ParsedColumn> ParseColumnDefinition(TokenCursor* cursor, std::string name) {
  ParsedColumn column;
  column.spec.name = std::move(name);
  const uint32_t type_offset = cursor->Peek().offset;
  Result<ParsedType> type = ParseColumnType(cursor).At(type_offset);
  if (!type.ok()) return type.status();
  column.spec.type = type->type;
  bool identity = type->serial;
  for (;;) {
    Result<bool> more = ParseConstraint(cursor, &column, &identity);
    if (!more.ok()) return more.status();
    if (!*more) break;
  }
  const Token& next = cursor->Peek();
  if (next.kind != TokenKind::kEnd && next.symbol != ',' && next.symbol != ')') {
    return cursor->Expected("',' or ')' after column definition");
  }
  if (column.spec.primary_key) column.spec.not_null = true;
  if (identity && column.spec.default_value.kind == ColumnDefault::Kind::kNone) {
    if (!DefaultFunctionFits(Function::kSnowflakeId, column.spec.type.kind)) {
      return InvalidSql(fmt::format("Column '{}' of type {} cannot generate its values",
                                    column.spec.name, SqlTypeName(column.spec.type)));
    }
    column.spec.default_value = FunctionDefault(Function::kSnowflakeId);
  }
  return column;
}

}  // namespace kalamdb::sql
