// CREATE, ALTER and DROP NAMESPACE; USE.
#include <fmt/format.h>

#include "base/json_text.h"
#include "sql/names.h"
#include "sql/own_statements.h"

namespace kalamdb::sql {

namespace {

// One `key = value` of SET OPTIONS; the value as JSON text.
Result<std::pair<std::string, std::string>> ParseOption(TokenCursor* cursor) {
  const size_t from = cursor->position();
  const auto written = [&] {
    while (!cursor->AtEnd() && !cursor->IsSymbol(',') && !cursor->IsSymbol(')')) cursor->Skip();
    return cursor->Between(from, cursor->position());
  };
  const Token& token = cursor->Peek();
  const bool is_key = token.kind == TokenKind::kWord || token.kind == TokenKind::kQuotedName ||
                      token.kind == TokenKind::kString;
  std::string key;
  if (token.kind == TokenKind::kString) {
    if (!StringValue(cursor->Text(token), &key)) key.clear();
  } else if (is_key) {
    key = NameValue(cursor->Text(token));
  }
  if (key.empty() || !cursor->IsSymbol('=', 1)) {
    return InvalidSql(fmt::format("Invalid option format: {}", written()));
  }
  cursor->Skip(2);
  const size_t value_at = cursor->position();
  std::string json;
  if (std::optional<std::string> text = cursor->String()) {
    AppendJsonString(&json, *text);
  } else if (cursor->Accept("TRUE")) {
    json = "true";
  } else if (cursor->Accept("FALSE")) {
    json = "false";
  } else {
    if (cursor->AcceptSymbol('-')) json = "-";
    if (cursor->Peek().kind == TokenKind::kNumber) {
      // JSON wants a digit on both sides of the point and none of SQL's leading zeros.
      std::string_view digits = cursor->Text(cursor->Peek());
      while (digits.size() > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9') {
        digits.remove_prefix(1);
      }
      if (digits.starts_with('.')) json += "0";
      json += digits;
      if (json.ends_with('.')) json += "0";
      if (const size_t bare = json.find(".e"); bare != std::string::npos)
        json.insert(bare + 1, "0");
      if (const size_t bare = json.find(".E"); bare != std::string::npos)
        json.insert(bare + 1, "0");
      cursor->Skip();
    } else {
      json.clear();
    }
  }
  if (json.empty() || !(cursor->IsSymbol(',') || cursor->IsSymbol(')'))) {
    written();
    return InvalidSql(
        fmt::format("Invalid value format: {}", cursor->Between(value_at, cursor->position())));
  }
  return std::pair(std::move(key), std::move(json));
}

}  // namespace

Result<StatementVariant> ParseCreateNamespace(TokenCursor cursor) {
  CreateNamespace create;
  Result<bool> if_not_exists = cursor.AcceptIfNotExists();
  if (!if_not_exists.ok()) return if_not_exists.status();
  create.if_not_exists = *if_not_exists;
  Result<std::string> name = cursor.Name("a namespace name");
  if (!name.ok()) return name.status();
  create.name = std::move(*name);
  if (Status bad = cursor.ExpectEnd(); !bad.ok()) return bad;
  if (std::string reason = BadNamespaceNameReason(create.name); !reason.empty()) {
    return InvalidSql(std::move(reason));
  }
  return StatementVariant(std::move(create));
}

Result<StatementVariant> ParseDropNamespace(TokenCursor cursor) {
  DropNamespace drop;
  Result<bool> if_exists = cursor.AcceptIfExists();
  if (!if_exists.ok()) return if_exists.status();
  drop.if_exists = *if_exists;
  Result<std::string> name = cursor.Name("a namespace name");
  if (!name.ok()) return name.status();
  drop.name = std::move(*name);
  drop.cascade = cursor.Accept("CASCADE");
  if (!drop.cascade) cursor.Accept("RESTRICT");
  if (Status bad = cursor.ExpectEnd(); !bad.ok()) return bad;
  return StatementVariant(std::move(drop));
}

Result<StatementVariant> ParseAlterNamespace(TokenCursor cursor) {
  AlterNamespace alter;
  Result<std::string> name = cursor.Name("a namespace name");
  if (!name.ok()) return name.status();
  alter.name = std::move(*name);
  if (!cursor.AcceptAll({"SET", "OPTIONS"})) return InvalidSql("Expected SET OPTIONS clause");
  if (!cursor.AcceptSymbol('(')) return InvalidSql("Options must be enclosed in parentheses");
  while (!cursor.IsSymbol(')')) {
    if (cursor.AtEnd()) return InvalidSql("Options must be enclosed in parentheses");
    Result<std::pair<std::string, std::string>> option = ParseOption(&cursor);
    if (!option.ok()) return option.status();
    alter.options.push_back(std::move(*option));
    if (!cursor.AcceptSymbol(',')) break;
  }
  if (!cursor.AcceptSymbol(')')) return InvalidSql("Options must be enclosed in parentheses");
  if (Status bad = cursor.ExpectEnd(); !bad.ok()) return bad;
  return StatementVariant(std::move(alter));
}

Result<StatementVariant> ParseUseNamespace(TokenCursor cursor) {
  UseNamespace use;
  if (std::optional<std::string> quoted = cursor.String()) {
    use.name = FoldCase(*quoted);
  } else {
    Result<std::string> name = cursor.Name("a namespace name");
    if (!name.ok()) return name.status();
    use.name = std::move(*name);
  }
  if (Status bad = cursor.ExpectEnd(); !bad.ok()) return bad;
  return StatementVariant(std::move(use));
}

}  // namespace kalamdb::sql
