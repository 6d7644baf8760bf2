// SHOW ..., DESCRIBE ...
#include <fmt/format.h>

#include "sql/own_statements.h"

namespace kalamdb::sql {

namespace {

// Statements that take nothing behind their words.
template <typename T>
Result<StatementVariant> Alone(const TokenCursor& cursor, std::string_view text) {
  if (!cursor.AtEnd()) return InvalidSql(fmt::format("SQL must be '{}'", text));
  return StatementVariant(T{});
}

Result<StatementVariant> ParseShowTables(TokenCursor cursor) {
  ShowTables show;
  if (cursor.Accept("IN") || cursor.Accept("FROM")) {
    const bool word = cursor.Is("NAMESPACE");
    if (word) cursor.Skip();
    if (cursor.AtEnd()) {
      return InvalidSql(word ? "Namespace name required after IN NAMESPACE"
                             : "Namespace name required after IN");
    }
    Result<std::string> ns = cursor.Name("a namespace name");
    if (!ns.ok()) return ns.status();
    show.ns = std::move(*ns);
  }
  if (Status bad = cursor.ExpectEnd(); !bad.ok()) return bad;
  return StatementVariant(std::move(show));
}

template <typename T>
Result<StatementVariant> OfTable(TokenCursor cursor) {
  Result<TableName> name = cursor.Table();
  if (!name.ok()) return name.status();
  if (Status bad = cursor.ExpectEnd(); !bad.ok()) return bad;
  return StatementVariant(T{std::move(*name)});
}

}  // namespace

Result<StatementVariant> ParseShow(TokenCursor cursor) {
  if (cursor.Accept("TABLES")) return ParseShowTables(cursor);
  if (cursor.Accept("NAMESPACES")) return Alone<ShowNamespaces>(cursor, "SHOW NAMESPACES");
  if (cursor.Accept("STORAGES")) return Alone<ShowStorages>(cursor, "SHOW STORAGES");
  if (cursor.Accept("ALL")) return Alone<ShowAll>(cursor, "SHOW ALL");
  if (cursor.Accept("MANIFEST")) {
    if (!cursor.AtEnd()) {
      return InvalidSql(fmt::format(
          "Invalid SHOW MANIFEST syntax. Expected: SHOW MANIFEST, got: SHOW MANIFEST {}",
          cursor.Rest()));
    }
    return StatementVariant(ShowManifest{});
  }
  if (cursor.Accept("STATS")) {
    if (!cursor.AcceptAll({"FOR", "TABLE"})) return cursor.Expected("FOR TABLE");
    return OfTable<ShowStats>(cursor);
  }
  if (cursor.Accept("COLUMNS")) {
    if (!cursor.Accept("FROM") && !cursor.Accept("IN")) return cursor.Expected("FROM");
    return OfTable<ShowColumns>(cursor);
  }
  if (cursor.Accept("EXPORT")) {
    if (Status bad = cursor.ExpectEnd(); !bad.ok()) return bad;
    return StatementVariant(Unsupported{"SHOW EXPORT"});
  }
  return cursor.Expected("something that can be shown");
}

Result<StatementVariant> ParseDescribeTable(TokenCursor cursor) {
  const std::string_view written = cursor.Rest();
  Result<TableName> name = cursor.Table();
  if (!name.ok()) return name.status();
  cursor.Accept("HISTORY");
  if (!cursor.AtEnd()) {
    return InvalidSql(fmt::format(
        "Invalid table reference '{}'. Table references should not contain spaces", written));
  }
  return StatementVariant(DescribeTable{std::move(*name)});
}

Result<StatementVariant> ParseDescribeQueryEngine(TokenCursor cursor) {
  if (cursor.Is("SELECT") || cursor.Is("WITH") || cursor.IsSymbol('(')) {
    return StatementVariant(Unsupported{"DESCRIBE of a query"});
  }
  return OfTable<DescribeQueryEngine>(cursor);
}

}  // namespace kalamdb::sql
