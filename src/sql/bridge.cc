#include "sql/bridge.h"

#include <fmt/format.h>

#include "sql/lexer.h"
#include "sql/pg_fields.h"
#include "sql/query_parser.h"

namespace kalamdb::sql {

void Bridge::Refuse(std::string message, int location) {
  if (error_.ok()) error_ = InvalidSql(std::move(message)).At(location);
}

std::string Bridge::Name(std::string_view name) const { return FoldCase(text_.RealName(name)); }

std::string Bridge::AliasName(std::string_view name) const {
  return std::string(text_.RealName(name));
}

std::string Bridge::NameOf(PgNode node) {
  if (node.tag != pg::kString) {
    Unsupported("something that is no plain name");
    return {};
  }
  return Name(PgMessage(node.bytes).Bytes(pg::kValue));
}

std::vector<std::string> Bridge::Names(PgMessage::Elements elements) {
  std::vector<std::string> names;
  while (elements.Next()) names.push_back(NameOf(elements.node()));
  return names;
}

int Bridge::Location(const PgMessage& message, uint32_t field) const {
  return text_.OriginalOffset(message.Int(field));
}

void Bridge::TargetTable(const PgMessage& relation, std::string* schema, std::string* table,
                         std::string* alias, int* location) {
  *location = Location(relation, pg::RangeVar::kLocation);
  const std::string catalog = Name(relation.Bytes(pg::RangeVar::kCatalog));
  if (!catalog.empty() && catalog != "kalam") {
    Refuse(fmt::format("Unknown catalog '{}'", catalog), *location);
  }
  if (!relation.Bool(pg::RangeVar::kInherits)) Unsupported("ONLY");
  *schema = Name(relation.Bytes(pg::RangeVar::kSchema));
  *table = Name(relation.Bytes(pg::RangeVar::kTable));
  if (!relation.Has(pg::RangeVar::kAlias)) return;
  const PgMessage named(relation.Bytes(pg::RangeVar::kAlias));
  if (named.Has(pg::Alias::kColumns)) Unsupported("column aliases of a target table");
  *alias = Name(named.Bytes(pg::Alias::kName));
}

PgNode Bridge::SingleStatement(std::string_view tree) {
  const PgMessage result(tree);
  if (result.Count(pg::ParseResult::kStmts) != 1) {
    Refuse("Expected exactly one SQL statement");
    return {};
  }
  const PgMessage raw(result.Bytes(pg::ParseResult::kStmts));
  return raw.Node(pg::RawStmt::kStmt);
}

Result<StatementVariant> Bridge::Statement(std::string_view tree) {
  const PgNode node = SingleStatement(tree);
  StatementVariant statement;
  if (!failed()) {
    const PgMessage m(node.bytes);
    switch (node.tag) {
      case pg::kSelectStmt:
        statement = ToSelect(m);
        break;
      case pg::kInsertStmt:
        statement = ToInsert(m);
        break;
      case pg::kUpdateStmt:
        statement = ToUpdate(m);
        break;
      case pg::kDeleteStmt:
        statement = ToDelete(m);
        break;
      default:
        error_ = UnsupportedStatement(text_.statement());
    }
  }
  if (failed()) return error_;
  return statement;
}

Result<ExprPtr> Bridge::Expression(std::string_view tree) {
  const PgNode node = SingleStatement(tree);
  if (failed()) return error_;
  SelectPtr select;
  if (node.tag == pg::kSelectStmt) select = ToSelect(PgMessage(node.bytes));
  if (failed()) return error_;
  const bool plain = select != nullptr && select->set_op == SetOp::kNone && select->from.empty() &&
                     !select->where && select->group_by.empty() && !select->having &&
                     select->windows.empty() && select->order_by.empty() && !select->limit &&
                     !select->offset && !select->distinct && !select->for_update &&
                     select->items.size() == 1 && select->items[0].alias.empty() &&
                     select->items[0].expr->kind != ExprKind::kStar;
  if (!plain) return InvalidSql("Expected a single expression");
  return std::move(select->items[0].expr);
}

}  // namespace kalamdb::sql
