// Running a row engine plan.
#include "query/row_plan.h"

#include <new>

namespace kalamdb::query {
namespace {

// Text that expressions computed for rows already emitted.
constexpr size_t kArenaBytes = 64 << 10;

// Cells of one row. Up to kInline of them need no memory of their own.
class CellBuffer {
 public:
  explicit CellBuffer(size_t n) : size_(n) {
    if (n > kInline) {
      heap_.resize(n);
      cells_ = heap_.data();
    } else {
      cells_ = reinterpret_cast<Datum*>(inline_);
    }
  }
  CellBuffer(const CellBuffer&) = delete;
  CellBuffer& operator=(const CellBuffer&) = delete;
  void Set(size_t i, const Datum& d) { new (&cells_[i]) Datum(d); }
  [[nodiscard]] std::span<const Datum> cells() const { return {cells_, size_}; }

 private:
  static constexpr size_t kInline = 32;
  alignas(Datum) char inline_[kInline * sizeof(Datum)];
  std::vector<Datum> heap_;
  Datum* cells_;
  size_t size_;
};

// A row of a virtual table.
class DatumRow final : public expr::ColumnSource {
 public:
  void Set(std::span<const Datum> cells) { cells_ = cells; }
  [[nodiscard]] Datum Column(size_t ordinal) const override {
    return ordinal < cells_.size() ? cells_[ordinal] : Datum();
  }

 private:
  std::span<const Datum> cells_;
};

Status EvalCells(const std::vector<OutputExpr>& exprs, const expr::ColumnSource* row,
                 expr::EvalFrame& frame, CellBuffer* cells) {
  frame.row = row;
  for (size_t i = 0; i < exprs.size(); ++i) cells->Set(i, exprs[i].Eval(row, frame));
  return frame.error.ok() ? Status::Ok() : std::move(frame.error);
}

Result<uint64_t> EvalCount(const expr::Expr& e, expr::EvalFrame& frame, std::string_view clause,
                           uint64_t if_null) {
  const Datum d = e.Eval(frame);
  if (!frame.error.ok()) return frame.error;
  if (d.null) return if_null;
  if (d.i < 0) return ExecutionError(fmt::format("{} must not be negative", clause));
  return static_cast<uint64_t>(d.i);
}

}  // namespace

size_t ExprBytes(const expr::Expr& e) {
  size_t bytes = 160 + (e.constant().datum().has_bytes() ? e.constant().datum().s.size : 0);
  for (const expr::ExprPtr& arg : e.args()) bytes += ExprBytes(*arg);
  return bytes;
}

size_t RowPlan::memory_bytes() const { return memory_; }

Result<RowLimit> RowPlan::EvalLimit(const RunContext& context) const {
  RowLimit limit;
  if (limit_ != nullptr || offset_ != nullptr) {
    Arena arena;
    expr::EvalFrame frame = MakeFrame(sources_, context, &arena);
    if (limit_ != nullptr) {
      KDB_ASSIGN_OR_RETURN(limit.limit, EvalCount(*limit_, frame, "LIMIT", kNoLimit));
    }
    if (offset_ != nullptr) {
      KDB_ASSIGN_OR_RETURN(limit.offset, EvalCount(*offset_, frame, "OFFSET", 0));
    }
  }
  if (max_limit_ != 0) limit.configured = max_limit_;
  if (default_limit_ != 0 && limit_ == nullptr && offset_ == nullptr) {
    limit.configured = std::min(limit.configured, default_limit_);
  }
  return limit;
}

template <typename Visit>
Status RowPlan::ForEachRow(const RunContext& context, const Visit& visit) const {
  if (scan_.table != nullptr) {
    return Scan(sources_, scan_, context,
                [&visit](std::string_view, const StoredRow& row) { return visit(&row); });
  }
  Arena arena;
  expr::EvalFrame frame = MakeFrame(sources_, context, &arena);
  const expr::Expr* predicate = scan_.predicate.get();
  if (from_.virtual_table == nullptr) {
    if (predicate != nullptr && !expr::EvalPredicate(*predicate, frame)) return frame.error;
    return visit(static_cast<const expr::ColumnSource*>(nullptr)).status();
  }
  DatumRow row;
  frame.row = &row;
  StopProbe stop(StopOf(sources_, context));
  Status failure;
  KDB_RETURN_IF_ERROR(from_.virtual_table->Scan(
      context.user, context.role, [&](std::span<const Datum> cells) -> bool {
        failure = stop.Step();
        if (!failure.ok()) return false;
        row.Set(cells);
        if (predicate != nullptr) {
          const bool match = expr::EvalPredicate(*predicate, frame);
          if (!frame.error.ok()) return false;
          if (arena.bytes() > kArenaBytes) arena.Reset();
          if (!match) return true;
        }
        Result<bool> more = visit(&row);
        if (!more.ok()) failure = more.status();
        return more.ok() && *more;
      }));
  if (!frame.error.ok()) return frame.error;
  return failure;
}

Status RowPlan::Run(const RunContext& context, ResultSink& sink, bool* truncated) const {
  if (stale()) return {ErrorCode::kRetry, "the table was changed"};
  if (from_.table != nullptr || from_.virtual_table != nullptr) {
    KDB_RETURN_IF_ERROR(CheckRead(from_, context.role));
  }
  // Computed tables may walk the whole catalog or a log before they give their first row.
  if (from_.virtual_table != nullptr && context.scan_budget != 0) {
    return {ErrorCode::kNeedsPool, "a computed table"};
  }
  KDB_ASSIGN_OR_RETURN(RowLimit limit, EvalLimit(context));
  if (limit.limit == 0) return sink.Begin(columns_);
  if (aggregated_) return RunAggregated(context, limit, sink, truncated);
  if (!sort_exprs_.empty()) return RunSorted(context, limit, sink, truncated);
  return RunStreamed(context, limit, sink, truncated);
}

Status RowPlan::RunStreamed(const RunContext& context, const RowLimit& limit, ResultSink& sink,
                            bool* truncated) const {
  KDB_RETURN_IF_ERROR(sink.Begin(columns_));
  LimitedSink out(limit, &sink, truncated);
  Arena arena;
  expr::EvalFrame frame = MakeFrame(sources_, context, &arena);
  CellBuffer cells(outputs_.size());
  return ForEachRow(context, [&](const expr::ColumnSource* row) -> Result<bool> {
    if (out.Skip()) return true;
    KDB_RETURN_IF_ERROR(EvalCells(outputs_, row, frame, &cells));
    KDB_ASSIGN_OR_RETURN(bool more, out.Emit(cells.cells()));
    if (arena.bytes() > kArenaBytes) arena.Reset();
    return more;
  });
}

Status RowPlan::RunSorted(const RunContext& context, const RowLimit& limit, ResultSink& sink,
                          bool* truncated) const {
  RowSorter sorter(sort_keys_, limit.wanted());
  {
    Arena arena;
    expr::EvalFrame frame = MakeFrame(sources_, context, &arena);
    CellBuffer keys(sort_exprs_.size());
    CellBuffer cells(outputs_.size());
    KDB_RETURN_IF_ERROR(ForEachRow(context, [&](const expr::ColumnSource* row) -> Result<bool> {
      KDB_RETURN_IF_ERROR(EvalCells(sort_exprs_, row, frame, &keys));
      if (sorter.Wants(keys.cells())) {
        KDB_RETURN_IF_ERROR(EvalCells(outputs_, row, frame, &cells));
        KDB_RETURN_IF_ERROR(sorter.Add(keys.cells(), cells.cells()));
      }
      if (arena.bytes() > kArenaBytes) arena.Reset();
      return true;
    }));
  }
  sorter.Finish();
  KDB_RETURN_IF_ERROR(sink.Begin(columns_));
  LimitedSink out(limit, &sink, truncated);
  StopProbe stop(StopOf(sources_, context));
  for (size_t i = 0; i < sorter.size(); ++i) {
    KDB_RETURN_IF_ERROR(stop.Step());
    if (out.Skip()) continue;
    KDB_ASSIGN_OR_RETURN(bool more, out.Emit(sorter.cells(i)));
    if (!more) break;
  }
  return Status::Ok();
}

Status RowPlan::RunAggregated(const RunContext& context, const RowLimit& limit, ResultSink& sink,
                              bool* truncated) const {
  Arena arena;
  expr::EvalFrame frame = MakeFrame(sources_, context, &arena);
  AggregateRun run(aggregates_);
  KDB_RETURN_IF_ERROR(ForEachRow(context, [&](const expr::ColumnSource* row) -> Result<bool> {
    frame.row = row;
    KDB_RETURN_IF_ERROR(run.Step(frame));
    if (arena.bytes() > kArenaBytes) arena.Reset();
    return true;
  }));
  KDB_RETURN_IF_ERROR(run.Finish());
  CellBuffer cells(outputs_.size());
  KDB_RETURN_IF_ERROR(EvalCells(outputs_, &run, frame, &cells));
  KDB_RETURN_IF_ERROR(sink.Begin(columns_));
  LimitedSink out(limit, &sink, truncated);
  if (out.Skip()) return Status::Ok();
  return out.Emit(cells.cells()).status();
}

}  // namespace kalamdb::query
