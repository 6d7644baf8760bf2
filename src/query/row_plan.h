// The row engine's plan of a SELECT: one table or none, compiled expressions, no thread of its own.
#pragma once

#include <memory>
#include <vector>

#include "query/aggregate.h"
#include "query/binder.h"
#include "query/row_limit.h"
#include "query/scan.h"
#include "query/select.h"
#include "query/sort.h"

namespace kalamdb::query {

// One output cell. Plain columns are read without an evaluation.
struct OutputExpr {
  expr::ExprPtr expr;
  bool plain = false;
  size_t ordinal = 0;  // of a plain column

  explicit OutputExpr(expr::ExprPtr e)
      : expr(std::move(e)),
        plain(expr->node() == expr::Node::kColumn),
        ordinal(plain ? expr->index() : 0) {}
  [[nodiscard]] Datum Eval(const expr::ColumnSource* row, expr::EvalFrame& frame) const {
    return plain ? row->Column(ordinal) : expr->Eval(frame);
  }
};

class RowPlan final : public SelectPlan {
 public:
  Status Run(const RunContext& context, ResultSink& sink, bool* truncated) const override;
  [[nodiscard]] const std::vector<ResultColumn>& columns() const override { return columns_; }
  [[nodiscard]] bool analytical() const override { return false; }
  [[nodiscard]] bool stale() const override {
    return scan_.table != nullptr && scan_.table->stale.load(std::memory_order_acquire);
  }
  [[nodiscard]] bool needs_snapshot() const override {
    return scan_.table != nullptr && scan_.path.kind != AccessPath::Kind::kPoint;
  }
  [[nodiscard]] size_t memory_bytes() const override;

 private:
  friend class RowPlanner;

  Result<RowLimit> EvalLimit(const RunContext& context) const;
  // Each row of FROM that WHERE lets through; false from `visit` stops.
  template <typename Visit>
  Status ForEachRow(const RunContext& context, const Visit& visit) const;
  Status RunStreamed(const RunContext& context, const RowLimit& limit, ResultSink& sink,
                     bool* truncated) const;
  Status RunSorted(const RunContext& context, const RowLimit& limit, ResultSink& sink,
                   bool* truncated) const;
  Status RunAggregated(const RunContext& context, const RowLimit& limit, ResultSink& sink,
                       bool* truncated) const;

  Sources sources_;
  TableLookup from_;  // both null: no FROM
  ScanSpec scan_;     // a stored table's; `predicate` is WHERE for all three
  std::vector<OutputExpr> outputs_;
  std::vector<ResultColumn> columns_;
  std::vector<Aggregate> aggregates_;  // not empty: outputs_ are over their results
  bool aggregated_ = false;
  std::vector<OutputExpr> sort_exprs_;  // empty: rows come in the wanted order
  std::vector<SortKey> sort_keys_;
  expr::ExprPtr limit_, offset_;  // BIGINT
  uint64_t default_limit_ = 0, max_limit_ = 0;
  size_t memory_ = 0;
};

// kNeedsAnalytics for what the row engine does not do.
Result<SelectPlanPtr> PlanRowSelect(const sql::Select& select, const Sources& sources,
                                    const PlanOptions& options);

// Rough bytes held by a bound expression.
size_t ExprBytes(const expr::Expr& e);

}  // namespace kalamdb::query
