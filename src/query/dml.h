// INSERT, UPDATE and DELETE: from syntax to a plan that is kept, and from the plan to the writes of
// one run.
//
//   PlanInsert / PlanUpdate / PlanDelete   names, types, defaults: once per text
//   DmlPlan::Prepare                       rights, values, rows that match: per run, on the
//   snapshot shard::CommandExecutor                 commits PreparedDml::rows, all or nothing
//   PreparedDml::ChangedRows, EmitRows     what the client hears of it
//
// On kRetry from Prepare (the table changed) plan again; on kRetry from the executor (a row
// changed) prepare again on a new snapshot. UPDATE and DELETE of fixed keys are decided in the
// writer and never come back.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "query/context.h"
#include "query/select.h"
#include "shard/command.h"
#include "sql/ast.h"

namespace kalamdb::query {

enum class DmlKind : uint8_t { kInsert, kUpdate, kDelete };

// How RETURNING turns stored rows into result rows. Shared with the plan.
class ReturningList;

class PreparedDml {
 public:
  DmlKind kind = DmlKind::kInsert;
  // For shard::Command::rows; at most one element (one table, one owner). Empty: nothing matches,
  // nothing to submit.
  std::vector<shard::RowCommand> rows;

  // The statement's row_count once the command was committed.
  [[nodiscard]] size_t ChangedRows(const shard::CommandOutcome& outcome) const;
  [[nodiscard]] bool returning() const { return returning_ != nullptr; }
  // RETURNING: writes the result for CommandOutcome::rows (none when nothing was submitted). Needs
  // nothing of `rows`, which may have been moved into the command.
  Status EmitRows(const RunContext& context, const std::vector<std::string>& stored,
                  ResultSink& sink) const;

 private:
  friend class InsertPlan;
  friend class RowSelectionPlan;
  std::shared_ptr<const ReturningList> returning_;
  size_t distinct_keys_ = 0;  // STREAM deletes count keys, not events; 0: count what the writer did
};

// Immutable, shared between threads and runs, like SelectPlan: typed by the kinds of the
// parameters.
class DmlPlan {
 public:
  virtual ~DmlPlan() = default;
  // kNeedsPool (only when context.scan_budget is set): run it on a worker thread without budget.
  // kNeedsAnalytics: an INSERT ... SELECT outgrew the row engine, plan again with
  // EngineChoice::kAnalyticsOnly. The params that `context` points at are copied where the writer
  // needs them.
  virtual Result<PreparedDml> Prepare(const RunContext& context) const = 0;
  [[nodiscard]] virtual DmlKind kind() const = 0;
  [[nodiscard]] virtual const catalog::TablePtr& table() const = 0;
  // Columns of RETURNING; empty: none.
  [[nodiscard]] virtual const std::vector<ResultColumn>& columns() const = 0;
  // Whether Prepare reads rows: it then wants context.snapshot.
  [[nodiscard]] virtual bool needs_snapshot() const = 0;
  // Whether Prepare runs DuckDB and belongs on a worker thread.
  [[nodiscard]] virtual bool analytical() const = 0;
  [[nodiscard]] virtual bool stale() const = 0;
  [[nodiscard]] virtual size_t memory_bytes() const = 0;
};
using DmlPlanPtr = std::shared_ptr<const DmlPlan>;

// Of PlanOptions default_ns, params and engine count. `analytics` may be null, as for PlanSelect.
Result<DmlPlanPtr> PlanInsert(const sql::Insert& insert, const Sources& sources,
                              AnalyticalEngine* analytics, const PlanOptions& options);
Result<DmlPlanPtr> PlanUpdate(const sql::Update& update, const Sources& sources,
                              AnalyticalEngine* analytics, const PlanOptions& options);
Result<DmlPlanPtr> PlanDelete(const sql::Delete& statement, const Sources& sources,
                              AnalyticalEngine* analytics, const PlanOptions& options);

// Bytes of rows that one statement may write.
inline constexpr size_t kMaxStatementBytes = 256 << 20;

}  // namespace kalamdb::query
