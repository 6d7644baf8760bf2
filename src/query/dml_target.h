// What the three DML plans share: the table they write, its defaults, and the evaluation that the
// writer does.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "query/binder.h"
#include "query/dml.h"
#include "query/scan.h"

namespace kalamdb::query {

// The table of a DML statement. `verb`: "insert", "update", "delete". Virtual tables and the system
// namespaces are refused as `Cannot insert system table 'system.x'`.
Result<catalog::TablePtr> FindTarget(const Sources& sources, std::string_view verb,
                                     std::string_view schema, std::string_view table,
                                     const PlanOptions& options);

// Ordinal of a column that a statement may write. "Column 'x' does not exist", system columns
// included for INSERT.
Result<size_t> FindTargetColumn(const catalog::TableInfo& table, const std::string& name);

// The DEFAULT of a column, already of its type; NULL when it has none. Ids are fresh each time.
Result<Datum> EvalDefault(const Column& column, expr::EvalFrame& frame);
// Whether the default is an id that cannot collide.
bool IsGeneratedId(const ColumnDefault& value);

Status NotNullViolation(const Column& column, size_t row);

// column = value of SET: an expression over the old row, or DEFAULT (null).
struct BoundAssignment {
  size_t ordinal = 0;
  expr::ExprPtr value;
};
// The old row with `assignments` applied, evaluated with frame.row = old row, encoded by the
// table's current schema. `changed` tells whether any value differs.
Status ApplyAssignments(const catalog::TableInfo& table, const StoredRow& old,
                        const std::vector<BoundAssignment>& assignments, expr::EvalFrame& frame,
                        std::string* row, bool* changed);
// Likewise with the values at hand, one per assignment, of the columns' types.
Status ApplyValues(const catalog::TableInfo& table, const StoredRow& old,
                   const std::vector<BoundAssignment>& assignments, std::span<const Datum> values,
                   std::string* row, bool* changed);

// The part of a run that the writer needs after the statement's own frame is gone: owns its
// parameters.
struct WriterContext {
  catalog::TablePtr table;
  std::vector<Value> params;
  std::string user;
  Role role = Role::kUser;
  int64_t now_micros = 0;
  IdSource* ids = nullptr;

  WriterContext(catalog::TablePtr t, const Sources& sources, const RunContext& context)
      : table(std::move(t)),
        params(context.params.begin(), context.params.end()),
        user(context.user),
        role(context.role),
        now_micros(context.now_micros),
        ids(sources.ids) {}
  [[nodiscard]] expr::EvalFrame Frame(Arena* arena) const;
};

// Binds RETURNING items over the stored row.
class ReturningList {
 public:
  static Result<std::shared_ptr<const ReturningList>> Bind(
      const std::vector<sql::SelectItem>& items, const Sources& sources, catalog::TablePtr table,
      const BindScope& scope);
  [[nodiscard]] const std::vector<ResultColumn>& columns() const { return columns_; }
  Status Emit(const RunContext& context, const std::vector<std::string>& stored,
              ResultSink& sink) const;

 private:
  Sources sources_;
  catalog::TablePtr table_;
  std::vector<expr::ExprPtr> outputs_;
  std::vector<ResultColumn> columns_;
};

// The owner under which a run writes to `table`.
std::string OwnerOf(const catalog::TableInfo& table, const RunContext& context);

}  // namespace kalamdb::query
