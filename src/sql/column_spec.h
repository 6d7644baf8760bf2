// Column types, defaults and constraints, as CREATE TABLE and ALTER TABLE share them.
#pragma once

#include "base/status.h"
#include "sql/statement.h"
#include "sql/token_cursor.h"

namespace kalamdb::sql {

struct ParsedType {
  DataType type;
  bool serial = false;  // SERIAL family: DEFAULT SNOWFLAKE_ID() when no other is given
};
Result<ParsedType> ParseColumnType(TokenCursor* cursor);

// The expression behind DEFAULT: a literal, brought to the type of `column`, or one of the
// functions that make sense for it. Everything else is refused. Where the type is not known yet
// (kNull) the literal keeps its own, numbers with a fraction as their text, and the caller coerces.
Result<ColumnDefault> ParseDefault(TokenCursor* cursor, const ColumnSpec& column);
// Whether a column of this type can have the function as its default.
bool DefaultFunctionFits(ColumnDefault::Function function, TypeKind kind);

struct ParsedColumn {
  ColumnSpec spec;
  bool nullability_given = false;
  std::vector<std::string> without_effect;
};
// Type and constraints of the column `name`, up to a comma, a closing parenthesis or the end.
Result<ParsedColumn> ParseColumnDefinition(TokenCursor* cursor, std::string name);

}  // namespace kalamdb::sql
