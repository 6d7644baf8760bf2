#include "live/subscription_query.h"

#include <fmt/format.h>

#include "base/bytes.h"
#include "live/row_encoding.h"
#include "query/binder.h"
#include "sql/lexer.h"
#include "sql/names.h"
#include "sql/parser.h"

namespace kalamdb::live {

namespace {

SubscriptionQueryPtr Refuse(Refusal* refusal, std::string_view code, std::string message) {
  *refusal = {code, std::move(message)};
  return nullptr;
}

// Errors of binding: what a row cannot decide is no subscription; what names or types are wrong
// failed to execute.
Refusal OfBinding(const Status& status) {
  switch (status.code()) {
    case ErrorCode::kNeedsAnalytics:
      return {"INVALID_SQL",
              fmt::format("Invalid SQL: the filter cannot be evaluated on a single row: {}",
                          status.message())};
    case ErrorCode::kInvalidSql:
      return {"INVALID_SQL", fmt::format("Invalid SQL: {}", status.message())};
    default:
      return {"SUBSCRIPTION_FAILED", fmt::format("Execution error: {}", status.message())};
  }
}

bool BindFilter(const sql::Select& select, const query::BindScope& scope, const Subscriber& who,
                int64_t now_micros, SubscriptionQuery* query, Refusal* refusal) {
  if (select.where == nullptr) return true;
  auto bound = query::BindExpr(*select.where, scope);
  if (!bound.ok()) {
    *refusal = OfBinding(bound.status());
    return false;
  }
  const TypeKind kind = (*bound)->type().kind;
  if (kind != TypeKind::kBoolean && kind != TypeKind::kNull) {
    *refusal = {"SUBSCRIPTION_FAILED", "Execution error: the filter is not a boolean expression"};
    return false;
  }
  Arena arena;
  expr::EvalFrame frame;
  frame.user = who.user;
  frame.role = who.role;
  frame.now_micros = now_micros;
  frame.arena = &arena;
  auto folded = expr::Fold(*bound, frame, /*keep_volatile=*/true);
  if (!folded.ok()) {
    *refusal = OfBinding(folded.status());
    return false;
  }
  if (!(*folded)->deterministic()) {
    *refusal = {"INVALID_SQL",
                "Invalid SQL: the filter calls a function whose result changes by itself"};
    return false;
  }
  query->filter = *folded;
  return true;
}

bool BindProjection(const sql::Select& select, const Schema& schema, std::string_view table,
                    std::string_view alias, SubscriptionQuery* query, Refusal* refusal) {
  for (const sql::SelectItem& item : select.items) {
    if (item.expr->kind == sql::ExprKind::kStar) query->all_columns = true;
  }
  if (query->all_columns) {
    for (size_t i = 0; i < schema.size(); ++i) query->columns.push_back(static_cast<uint16_t>(i));
  }
  for (const sql::SelectItem& item : select.items) {
    const sql::Expr& e = *item.expr;
    if (e.kind == sql::ExprKind::kStar) {
      if (!e.except.empty()) {
        *refusal = {"INVALID_SQL",
                    "Invalid SQL: Subscription query cannot leave out columns of *."};
        return false;
      }
      continue;
    }
    if (e.kind != sql::ExprKind::kColumn || e.path.empty()) {
      *refusal = {"INVALID_SQL", "Invalid SQL: Subscription query can project plain columns only."};
      return false;
    }
    const std::string name = sql::FoldCase(e.path.back());
    if (!item.alias.empty() && sql::FoldCase(item.alias) != name) {
      *refusal = {"INVALID_SQL", "Invalid SQL: Subscription query cannot rename columns."};
      return false;
    }
    if (name == kSeqColumn || name == kDeletedColumn) {
      *refusal = {
          "INVALID_SQL",
          "Invalid SQL: Subscription query cannot project system columns '_seq' or '_deleted'."};
      return false;
    }
    if (e.path.size() > 1) {
      const std::string qualifier = sql::FoldCase(e.path[e.path.size() - 2]);
      if (qualifier != (alias.empty() ? table : alias)) {
        *refusal = {"SUBSCRIPTION_FAILED",
                    fmt::format("Execution error: No field named {}.{}", qualifier, name)};
        return false;
      }
    }
    const auto ordinal = schema.Find(name);
    if (!ordinal) {
      *refusal = {"SUBSCRIPTION_FAILED", fmt::format("Execution error: No field named {}", name)};
      return false;
    }
    if (query->all_columns) continue;  // * mixed with columns equals *
    for (uint16_t c : query->columns) {
      if (c == *ordinal) {
        *refusal = {"SUBSCRIPTION_FAILED",
                    fmt::format("Execution error: column {} is projected twice", name)};
        return false;
      }
    }
    query->columns.push_back(static_cast<uint16_t>(*ordinal));
  }
  return true;
}

// Finds a conjunct `column = constant` whose constant is of the column's own type, so that equal
// values have equal bytes.
void FindEquality(SubscriptionQuery* query) {
  if (query->filter == nullptr) return;
  std::vector<expr::ExprPtr> conjuncts;
  expr::SplitConjuncts(query->filter, &conjuncts);
  for (const expr::ExprPtr& c : conjuncts) {
    if (c->node() != expr::Node::kCall || c->name() != "=" || c->args().size() != 2) continue;
    for (int side = 0; side < 2; ++side) {
      const expr::Expr& column = *c->args()[static_cast<size_t>(side)];
      const expr::Expr& constant = *c->args()[static_cast<size_t>(1 - side)];
      if (column.node() != expr::Node::kColumn || constant.node() != expr::Node::kConstant)
        continue;
      if (constant.constant().null() || constant.constant().datum().kind != column.type().kind)
        continue;
      if (IsFloating(column.type().kind) || column.type().kind == TypeKind::kDecimal) continue;
      query->equality_column = static_cast<int>(column.index());
      query->equality_value = constant.constant();
      return;
    }
  }
}

}  // namespace

bool MaySubscribe(const catalog::TableInfo& table, Role role, Refusal* refusal) {
  if (role == Role::kAnonymous) {
    *refusal = {"UNAUTHORIZED", "Permission denied: anonymous sessions cannot subscribe"};
    return false;
  }
  if (table.kind != TableKind::kShared) return true;
  const AccessLevel level = table.options.access_level;
  const bool allowed = level == AccessLevel::kPublic || IsAdmin(role) ||
                       (level != AccessLevel::kDba && role >= Role::kService);
  if (!allowed) {
    *refusal = {"UNAUTHORIZED", fmt::format("Permission denied: Cannot subscribe to shared table "
                                            "'{}:{}': access level '{}' requires elevated "
                                            "privileges.",
                                            table.ns, table.name, AccessLevelName(level))};
  }
  return allowed;
}

SubscriptionQueryPtr BindSubscription(const query::Sources& sources, std::string_view sql,
                                      const Subscriber& who, int64_t now_micros, Refusal* refusal) {
  auto parsed = sql::ParseSubscription(sql);
  if (!parsed.ok()) {
    return Refuse(refusal, "INVALID_SQL",
                  fmt::format("Invalid SQL: {}", parsed.status().message()));
  }
  const sql::Select& select = **parsed;
  if (select.from.size() != 1 || select.from[0]->kind != sql::TableRef::Kind::kTable) {
    return Refuse(refusal, "INVALID_SQL",
                  "Invalid SQL: Subscription query requires exactly one table in the FROM clause.");
  }
  const sql::TableRef& from = *select.from[0];
  const std::string ns = sql::FoldCase(from.schema), name = sql::FoldCase(from.table),
                    alias = sql::FoldCase(from.alias);
  if (ns.empty())
    return Refuse(refusal, "INVALID_SQL", "Invalid SQL: Query must use namespace.table format");
  if (sql::IsSystemNamespace(ns)) {
    if (!IsAdmin(who.role)) {
      return Refuse(refusal, "UNAUTHORIZED",
                    fmt::format("Permission denied: Cannot subscribe to system table '{}:{}': "
                                "insufficient privileges. Only "
                                "DBA and system roles can subscribe to system tables.",
                                ns, name));
    }
    return Refuse(
        refusal, "UNSUPPORTED",
        fmt::format("Invalid operation: system table '{}:{}' has no change events", ns, name));
  }
  auto table = sources.catalog->FindTable(ns, name);
  if (!table.ok()) {
    if (table.code() == ErrorCode::kTableNotFound) {
      return Refuse(refusal, "NOT_FOUND",
                    fmt::format("Not found: Table not found: {}:{}", ns, name));
    }
    return Refuse(refusal, "SUBSCRIPTION_FAILED",
                  fmt::format("Execution error: {}", table.status().message()));
  }
  if (!MaySubscribe(**table, who.role, refusal)) return nullptr;

  auto query = std::make_shared<SubscriptionQuery>();
  query->table = *table;
  if ((*table)->owned()) query->owner = who.user;
  query::BindScope scope;
  scope.schema = (*table)->schema.get();
  scope.ns = ns;
  scope.table = name;
  scope.alias = alias;
  if (!BindProjection(select, *(*table)->schema, name, alias, query.get(), refusal)) return nullptr;
  if (!BindFilter(select, scope, who, now_micros, query.get(), refusal)) return nullptr;
  FindEquality(query.get());

  if (!IsAdmin(who.role)) {
    for (uint16_t c : query->columns) {
      query->masks_secrets |= IsSecretColumn((*table)->schema->column(c).name);
    }
    const auto key = (*table)->schema->primary_key();
    query->masks_secrets |= key && IsSecretColumn((*table)->schema->column(*key).name);
  }

  query->fingerprint.push_back(query->all_columns ? '*' : 'c');
  query->fingerprint.push_back(query->masks_secrets ? 'm' : 'p');
  AppendVarint(&query->fingerprint, query->columns.size());
  for (uint16_t c : query->columns) AppendVarint(&query->fingerprint, c);
  if (query->filter != nullptr) expr::AppendFingerprint(*query->filter, &query->fingerprint);
  return query;
}

}  // namespace kalamdb::live
