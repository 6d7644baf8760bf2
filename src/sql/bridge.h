// From libpg_query's tree to ours. Every node that the dialect has is handled by name; the rest is
// refused, and the refusal says what it was. Nothing is resolved here.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "sql/ast.h"
#include "sql/pg_message.h"
#include "sql/rewrite.h"
#include "sql/statement.h"

namespace kalamdb::sql {

// Reads one tree. The first error sticks: conversions after it return empty trees, and the entry
// points return it.
class Bridge {
 public:
  explicit Bridge(const PgText& text) : text_(text) {}

  // SELECT, INSERT, UPDATE or DELETE; other statements are "Unsupported statement type: <text>".
  Result<StatementVariant> Statement(std::string_view tree);
  // The one item of a `SELECT <expression>`.
  Result<ExprPtr> Expression(std::string_view tree);

 private:
  // --- bridge.cc
  PgNode SingleStatement(std::string_view tree);
  bool failed() const { return !error_.ok(); }
  // The first one counts. `location` in the original text.
  void Refuse(std::string message, int location = -1);
  void Unsupported(std::string_view what) { Refuse("Unsupported SQL: " + std::string(what)); }
  // Folded; stand-ins of long names resolved.
  std::string Name(std::string_view name) const;
  // As PostgreSQL folded it: quoted names keep their case.
  std::string AliasName(std::string_view name) const;
  // The text of a String node; refuses other nodes.
  std::string NameOf(PgNode node);
  std::vector<std::string> Names(PgMessage::Elements elements);
  int Location(const PgMessage& message, uint32_t field) const;
  void TargetTable(const PgMessage& relation, std::string* schema, std::string* table,
                   std::string* alias, int* location);

  // --- bridge_dml.cc
  Insert ToInsert(const PgMessage& m);
  Update ToUpdate(const PgMessage& m);
  Delete ToDelete(const PgMessage& m);
  OnConflict ToOnConflict(const PgMessage& m);
  std::vector<Assignment> ToAssignments(PgMessage::Elements targets);

  // --- bridge_select.cc
  SelectPtr ToSelect(const PgMessage& m, bool insert_source = false);
  SelectPtr ToSubquery(PgNode node);
  void WithTables(std::string_view clause, Select* select);
  void SelectBody(const PgMessage& m, bool insert_source, Select* select);
  std::vector<SelectItem> ToItems(PgMessage::Elements targets);
  std::vector<OrderItem> ToOrder(PgMessage::Elements items);
  GroupItem ToGroupItem(PgNode node);
  std::vector<ExprPtr> GroupingElements(PgNode node);
  TableRefPtr ToTable(PgNode node);
  TableRefPtr ToJoin(const PgMessage& m);
  TableRefPtr ToTableFunction(const PgMessage& m);
  void TakeAlias(std::string_view alias, TableRef* table);

  // --- bridge_expr.cc
  ExprPtr ToExpr(PgNode node);
  ExprPtr Make(ExprKind kind, int location) const;
  ExprPtr MakeOperator(std::string_view name, int location, ExprPtr a, ExprPtr b = nullptr,
                       ExprPtr c = nullptr) const;
  ExprPtr Negated(ExprPtr e) const;
  std::vector<ExprPtr> ToExprs(PgMessage::Elements elements);
  ExprPtr ToConstant(const PgMessage& m);
  ExprPtr ToNumber(std::string_view digits, int location);
  ExprPtr ToColumn(const PgMessage& m);
  ExprPtr ToBoolean(const PgMessage& m);
  ExprPtr ToSubLink(const PgMessage& m);
  ExprPtr ToCase(const PgMessage& m);
  ExprPtr ToIndex(const PgMessage& m);
  ExprPtr ToNullTest(const PgMessage& m);
  ExprPtr ToBooleanTest(const PgMessage& m);
  ExprPtr ToValueFunction(const PgMessage& m);
  ExprPtr ToCollate(const PgMessage& m);
  ExprPtr ToList(ExprKind kind, std::string_view name, PgMessage::Elements elements, int location);

  // --- bridge_operator.cc
  ExprPtr ToOperator(const PgMessage& m);
  ExprPtr PlainOperator(const PgMessage& m, int location);
  ExprPtr PatternMatch(const PgMessage& m, std::string_view name, int location);
  ExprPtr InList(const PgMessage& m, int location);
  ExprPtr Between(const PgMessage& m, bool symmetric, int location);
  std::string OperatorName(PgMessage::Elements name);

  // --- bridge_call.cc
  ExprPtr ToCall(const PgMessage& m);
  ExprPtr SqlSyntaxCall(std::string_view name, const PgMessage& m, int location);
  std::unique_ptr<Window> ToWindow(const PgMessage& m, bool over);

  // --- bridge_type.cc
  ExprPtr ToCast(const PgMessage& m);
  ExprPtr IntervalLiteral(const PgMessage& type, PgNode arg, int location);
  bool ToType(const PgMessage& m, DataType* type, int* array_depth);

  const PgText& text_;
  Status error_;
};

}  // namespace kalamdb::sql
