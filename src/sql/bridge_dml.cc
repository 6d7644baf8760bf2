// INSERT, UPDATE and DELETE.
#include <fmt/format.h>

#include <unordered_set>

#include "sql/bridge.h"
#include "sql/pg_fields.h"

namespace kalamdb::sql {

std::vector<Assignment> Bridge::ToAssignments(PgMessage::Elements targets) {
  std::vector<Assignment> assignments;
  std::unordered_set<std::string> seen;
  while (targets.Next() && !failed()) {
    const PgMessage target(targets.node().bytes);
    if (target.Has(pg::ResTarget::kIndirection)) Unsupported("assignment to a part of a column");
    Assignment a;
    a.column = Name(target.Bytes(pg::ResTarget::kName));
    a.location = Location(target, pg::ResTarget::kLocation);
    if (!seen.insert(a.column).second) {
      Refuse(fmt::format("Column '{}' is assigned more than once", a.column), a.location);
    }
    const PgNode value = target.Node(pg::ResTarget::kValue);
    if (value.tag != pg::kSetToDefault) a.value = ToExpr(value);
    assignments.push_back(std::move(a));
  }
  return assignments;
}

OnConflict Bridge::ToOnConflict(const PgMessage& m) {
  OnConflict on;
  on.do_nothing = m.Int(pg::OnConflictClause::kAction) == pg::OnConflictClause::kNothing;
  if (m.Has(pg::OnConflictClause::kInfer)) {
    const PgMessage infer(m.Bytes(pg::OnConflictClause::kInfer));
    if (infer.Has(pg::InferClause::kConstraint)) Unsupported("ON CONFLICT ON CONSTRAINT");
    if (infer.Has(pg::InferClause::kWhere)) Unsupported("WHERE in the target of ON CONFLICT");
    for (auto e = infer.Repeated(pg::InferClause::kElements); e.Next();) {
      const PgMessage element(e.node().bytes);
      std::string column = Name(element.Bytes(pg::IndexElem::kName));
      if (column.empty()) Unsupported("an expression as the target of ON CONFLICT");
      on.target.push_back(std::move(column));
    }
  }
  on.set = ToAssignments(m.Repeated(pg::OnConflictClause::kTargets));
  if (m.Has(pg::OnConflictClause::kWhere)) on.where = ToExpr(m.Node(pg::OnConflictClause::kWhere));
  return on;
}

Insert Bridge::ToInsert(const PgMessage& m) {
  Insert insert;
  std::string alias;
  TargetTable(PgMessage(m.Bytes(pg::InsertStmt::kRelation)), &insert.schema, &insert.table, &alias,
              &insert.location);
  if (!alias.empty()) Unsupported("an alias of the target of INSERT");
  if (m.Int(pg::InsertStmt::kOverride) != pg::InsertStmt::kNoOverride) Unsupported("OVERRIDING");
  std::unordered_set<std::string> seen;
  for (auto e = m.Repeated(pg::InsertStmt::kColumns); e.Next() && !failed();) {
    const PgMessage target(e.node().bytes);
    if (target.Has(pg::ResTarget::kIndirection)) Unsupported("INSERT into a part of a column");
    std::string column = Name(target.Bytes(pg::ResTarget::kName));
    const int location = Location(target, pg::ResTarget::kLocation);
    if (!seen.insert(column).second) {
      Refuse(fmt::format("Column '{}' is named more than once", column), location);
    }
    insert.columns.push_back(std::move(column));
    insert.column_locations.push_back(location);
  }
  if (const PgNode source = m.Node(pg::InsertStmt::kSource)) {
    insert.source = ToSelect(PgMessage(source.bytes), true);
  }
  if (m.Has(pg::InsertStmt::kWith) && !failed()) {
    if (insert.source == nullptr || !insert.source->with.empty()) {
      Unsupported("WITH in front of this INSERT");
    } else {
      WithTables(m.Bytes(pg::InsertStmt::kWith), insert.source.get());
    }
  }
  if (m.Has(pg::InsertStmt::kOnConflict)) {
    insert.on_conflict = ToOnConflict(PgMessage(m.Bytes(pg::InsertStmt::kOnConflict)));
  }
  insert.returning = ToItems(m.Repeated(pg::InsertStmt::kReturning));
  return insert;
}

Update Bridge::ToUpdate(const PgMessage& m) {
  Update update;
  TargetTable(PgMessage(m.Bytes(pg::UpdateStmt::kRelation)), &update.schema, &update.table,
              &update.alias, &update.location);
  if (m.Has(pg::UpdateStmt::kFrom)) Unsupported("UPDATE ... FROM");
  if (m.Has(pg::UpdateStmt::kReturning)) Unsupported("UPDATE ... RETURNING");
  if (m.Has(pg::UpdateStmt::kWith)) Unsupported("WITH in front of UPDATE");
  update.set = ToAssignments(m.Repeated(pg::UpdateStmt::kTargets));
  if (m.Has(pg::UpdateStmt::kWhere)) update.where = ToExpr(m.Node(pg::UpdateStmt::kWhere));
  return update;
}

Delete Bridge::ToDelete(const PgMessage& m) {
  Delete del;
  TargetTable(PgMessage(m.Bytes(pg::DeleteStmt::kRelation)), &del.schema, &del.table, &del.alias,
              &del.location);
  if (m.Has(pg::DeleteStmt::kUsing)) Unsupported("DELETE ... USING");
  if (m.Has(pg::DeleteStmt::kReturning)) Unsupported("DELETE ... RETURNING");
  if (m.Has(pg::DeleteStmt::kWith)) Unsupported("WITH in front of DELETE");
  if (m.Has(pg::DeleteStmt::kWhere)) del.where = ToExpr(m.Node(pg::DeleteStmt::kWhere));
  return del;
}

}  // namespace kalamdb::sql
