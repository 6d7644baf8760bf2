// count, sum, avg, min and max over all rows of a scan (no GROUP BY).
#pragma once

#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "expr/expr.h"
#include "query/expr_binder.h"

namespace kalamdb::query {

enum class AggregateKind : uint8_t { kCount, kSum, kAvg, kMin, kMax };

// One aggregate call, bound.
struct Aggregate {
  AggregateKind kind = AggregateKind::kCount;
  expr::ExprPtr arg;     // null: count(*)
  expr::ExprPtr filter;  // null: every row
  bool distinct = false;
  DataType type;  // of the result
};

// Binds the aggregate calls of a select list. kNeedsAnalytics for what only the other engine has.
class AggregateBinder final : public AggregateCollector {
 public:
  explicit AggregateBinder(const BindScope& scope) : scope_(scope) {}
  // The call's result as column n of the row of results.
  Result<expr::ExprPtr> Add(const sql::Expr& call) override;
  std::vector<Aggregate> Take() { return std::move(aggregates_); }

 private:
  const BindScope& scope_;
  std::vector<Aggregate> aggregates_;
};

// Whether an aggregate call (not a window) occurs in `ast`, subqueries aside.
bool ContainsAggregate(const sql::Expr& ast);

// The running state of all aggregates of one run, and then their row of results.
class AggregateRun final : public expr::ColumnSource {
 public:
  explicit AggregateRun(const std::vector<Aggregate>& aggregates);
  // `frame.row` is the row.
  Status Step(expr::EvalFrame& frame);
  // Overflow of a sum is an error.
  Status Finish();
  [[nodiscard]] Datum Column(size_t ordinal) const override { return results_[ordinal]; }

 private:
  struct State {
    int64_t count = 0;
    Int128 exact = 0;  // sum of integers, or of decimals in units of their scale
    double real = 0;
    Value best;                            // min, max
    std::unordered_set<std::string> seen;  // DISTINCT
  };
  Status Accumulate(const Aggregate& aggregate, const Datum& d, State* state);
  static Result<Datum> Total(const Aggregate& aggregate, const State& state);

  const std::vector<Aggregate>& aggregates_;
  std::vector<State> states_;
  std::vector<Datum> results_;
  size_t distinct_bytes_ = 0;
};

}  // namespace kalamdb::query
