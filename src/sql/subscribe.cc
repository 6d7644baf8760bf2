// Live subscriptions: the query that one may be, and SUBSCRIBE TO.
#include <fmt/format.h>

#include <charconv>

#include "sql/own_statements.h"
#include "sql/parser.h"
#include "sql/query_parser.h"
#include "types/schema.h"

namespace kalamdb::sql {

namespace {

constexpr std::string_view kShape = "Only SELECT ... FROM ... [WHERE ...] is supported.";

Status NotSupported(std::string_view what) {
  return InvalidSql(fmt::format("Subscription query does not support {}. {}", what, kShape));
}
Status OnlyPlain() {
  return InvalidSql("Subscription query supports only SELECT ... FROM ... [WHERE ...].");
}
Status OneTable() {
  return InvalidSql("Subscription query requires exactly one table in the FROM clause.");
}

Status CheckClauses(const Select& select) {
  if (!select.with.empty()) return NotSupported("WITH");
  if (select.set_op != SetOp::kNone) return NotSupported("UNION, INTERSECT or EXCEPT");
  if (!select.values.empty()) return OnlyPlain();
  if (!select.order_by.empty()) return NotSupported("ORDER BY");
  if (select.limit || select.offset || select.with_ties) return OnlyPlain();
  if (select.distinct || !select.distinct_on.empty()) return OnlyPlain();
  if (!select.group_by.empty()) return NotSupported("GROUP BY");
  if (select.having) return NotSupported("HAVING");
  if (!select.windows.empty()) return NotSupported("WINDOW");
  if (select.for_update) return NotSupported("FOR UPDATE");
  return Status::Ok();
}

// Whether `path` without its last `columns` parts names the one table of the query.
bool QualifiesTable(const std::vector<std::string>& path, size_t columns, const TableRef& table) {
  const size_t n = path.size() - columns;
  if (n == 0) return true;
  if (!table.alias.empty()) return n == 1 && path[0] == table.alias;
  if (path[n - 1] != table.table) return false;
  if (n >= 2 && path[n - 2] != table.schema) return false;
  return n < 3 || path[0] == "kalam";
}

Status CheckItem(const SelectItem& item, const TableRef& table) {
  const Expr& e = *item.expr;
  const bool star = e.kind == ExprKind::kStar;
  if ((!star && e.kind != ExprKind::kColumn) || !e.except.empty()) {
    return InvalidSql("Subscription query can only project columns or '*'.");
  }
  if (!QualifiesTable(e.path, star ? 0 : 1, table)) {
    return InvalidSql(
        fmt::format("Subscription query does not know the table of '{}'.", fmt::join(e.path, ".")));
  }
  if (star) return Status::Ok();
  const std::string& column = e.path.back();
  if (column == kSeqColumn || column == kDeletedColumn) {
    return InvalidSql("Subscription query cannot project system columns '_seq' or '_deleted'.");
  }
  if (!item.alias.empty() && FoldCase(item.alias) != column) {
    return InvalidSql("Subscription query cannot rename columns.");
  }
  return Status::Ok();
}

// Subqueries cannot be evaluated on one row; walks without recursion since predicates may be deep.
bool HasSubquery(const Expr& root) {
  std::vector<const Expr*> open = {&root};
  while (!open.empty()) {
    const Expr* e = open.back();
    open.pop_back();
    if (e->kind == ExprKind::kSubquery || e->over) return true;
    for (const ExprPtr& arg : e->args) {
      if (arg) open.push_back(arg.get());
    }
    for (const ExprPtr* child : {&e->operand, &e->else_, &e->filter}) {
      if (*child) open.push_back(child->get());
    }
  }
  return false;
}

Result<SelectPtr> CheckSubscription(SelectPtr select, bool qualified_only, TableName* name) {
  if (Status bad = CheckClauses(*select); !bad.ok()) return bad;
  if (select->from.size() != 1) return OneTable();
  const TableRef& table = *select->from[0];
  if (table.kind != TableRef::Kind::kTable) return OneTable();
  if (!table.column_aliases.empty()) return NotSupported("column aliases of a table");
  if (qualified_only && table.schema.empty()) {
    return InvalidSql(fmt::format("Query must use namespace.table format, got '{}'", table.table));
  }
  if (select->items.empty()) return InvalidSql("Subscription query needs columns or '*'.");
  for (const SelectItem& item : select->items) {
    if (Status bad = CheckItem(item, table); !bad.ok()) return bad;
  }
  if (select->where && HasSubquery(*select->where)) {
    return NotSupported("subqueries and window functions");
  }
  *name = {table.schema, table.table};
  return select;
}

// Where the OPTIONS clause begins among tokens: outside parentheses, the last thing in the
// statement.
size_t FindOptions(const TokenCursor& start) {
  TokenCursor cursor = start;
  while (!cursor.AtEnd()) {
    if (cursor.IsSymbol('(')) {
      if (!cursor.SkipParentheses()) break;
      continue;
    }
    if (cursor.Is("OPTIONS")) {
      if (cursor.IsSymbol('(', 1)) {
        TokenCursor rest = cursor;
        rest.Skip();
        if (rest.SkipParentheses() && rest.AtEnd()) return cursor.position();
      } else if (cursor.Peek(1).kind == TokenKind::kWord && cursor.IsSymbol('=', 2)) {
        return cursor.position();
      }
    }
    cursor.Skip();
  }
  return cursor.position();
}

Result<std::string> ParseOptions(TokenCursor* cursor) {
  if (!cursor->AcceptSymbol('(')) {
    return InvalidSql(
        "OPTIONS clause must be wrapped in parentheses, e.g., OPTIONS (last_rows=10)");
  }
  std::string json = "{";
  while (!cursor->IsSymbol(')')) {
    const size_t from = cursor->position();
    const Token& token = cursor->Peek();
    const std::string key =
        token.kind == TokenKind::kWord ? FoldCase(cursor->Text(token)) : std::string();
    if (!key.empty()) cursor->Skip();
    const bool has_value = !key.empty() && cursor->AcceptSymbol('=');
    const size_t value_at = cursor->position();
    while (!cursor->AtEnd() && !cursor->IsSymbol(',') && !cursor->IsSymbol(')')) cursor->Skip();
    if (!has_value) {
      return InvalidSql(fmt::format("Invalid option format: '{}'. Expected key=value",
                                    cursor->Between(from, cursor->position())));
    }
    if (key != "last_rows" && key != "batch_size" && key != "from" && key != "from_seq_id") {
      return InvalidSql(fmt::format(
          "Unknown subscription option: '{}'. Valid options are: last_rows, batch_size, from",
          key));
    }
    const std::string_view written = cursor->Between(value_at, cursor->position());
    int64_t value = 0;
    const auto [end, error] =
        std::from_chars(written.data(), written.data() + written.size(), value);
    if (written.empty() || error != std::errc() || end != written.data() + written.size() ||
        value < 0) {
      return InvalidSql(fmt::format("Invalid {} value: {}", key, written));
    }
    json += fmt::format("{}\"{}\":{}", json.size() > 1 ? "," : "",
                        key == "from_seq_id" ? "from" : key, value);
    if (!cursor->AcceptSymbol(',')) break;
  }
  if (Status bad = cursor->ExpectSymbol(')'); !bad.ok()) return bad;
  if (Status bad = cursor->ExpectEnd(); !bad.ok()) return bad;
  json += "}";
  return json;
}

}  // namespace

Result<SelectPtr> ParseSubscriptionQuery(std::string_view text, Tokens tokens, bool qualified_only,
                                         TableName* name) {
  Result<ParsedQuery> parsed = ParseQuery(text, tokens);
  if (!parsed.ok()) return parsed.status();
  auto* select = std::get_if<SelectPtr>(&parsed->body);
  if (select == nullptr || *select == nullptr) return OnlyPlain();
  return CheckSubscription(std::move(*select), qualified_only, name);
}

Result<StatementVariant> ParseSubscribeTo(TokenCursor cursor) {
  const size_t begin = cursor.position();
  const size_t options_at = FindOptions(cursor);
  SubscribeTo subscribe;
  const std::string_view written = cursor.Between(begin, options_at);
  if (written.empty()) return cursor.Expected("a table name or SELECT");
  subscribe.query = cursor.Is("SELECT") || cursor.Is("WITH")
                        ? std::string(written)
                        : fmt::format("SELECT * FROM {}", written);
  std::vector<Token> tokens;
  Status lexed = Lex(subscribe.query, &tokens);
  Result<SelectPtr> select =
      lexed.ok() ? ParseSubscriptionQuery(subscribe.query, tokens, false, &subscribe.name)
                 : Result<SelectPtr>(lexed);
  if (!select.ok()) {
    return InvalidSql(
        fmt::format("Invalid subscription query: Invalid SQL: {}", select.status().message()));
  }
  cursor.Rewind(options_at);
  if (cursor.Accept("OPTIONS")) {
    Result<std::string> options = ParseOptions(&cursor);
    if (!options.ok()) return options.status();
    subscribe.options_json = std::move(*options);
  }
  return StatementVariant(std::move(subscribe));
}

}  // namespace kalamdb::sql
