// The walk from syntax to bound expressions behind BindExpr, with a seam for aggregates.
#pragma once

#include <string>

#include "query/binder.h"

namespace kalamdb::query {

// Takes the aggregate calls of a select list: each becomes a column of the one row of results.
class AggregateCollector {
 public:
  virtual ~AggregateCollector() = default;
  virtual Result<expr::ExprPtr> Add(const sql::Expr& call) = 0;
};

class ExprBinder {
 public:
  // With a collector, columns outside aggregates are refused with kNeedsAnalytics (grouping).
  explicit ExprBinder(const BindScope& scope, AggregateCollector* aggregates = nullptr)
      : scope_(scope), aggregates_(aggregates) {}

  Result<expr::ExprPtr> Bind(const sql::Expr& ast);
  // The value of `ast` assigned to a column: numbers keep their spelling for DECIMAL, arrays become
  // EMBEDDING text, everything is coerced with the messages of CoerceForColumn.
  Result<expr::ExprPtr> BindForColumn(const sql::Expr& ast, const Column& column);

 private:
  Result<expr::ExprPtr> BindNode(const sql::Expr& ast);
  Result<expr::ExprPtr> BindColumn(const sql::Expr& ast);
  Result<expr::ExprPtr> BindParam(const sql::Expr& ast);
  Result<expr::ExprPtr> BindOperator(const sql::Expr& ast);
  Result<expr::ExprPtr> BindCall(const sql::Expr& ast);
  Result<expr::ExprPtr> BindCase(const sql::Expr& ast);
  Result<expr::ExprPtr> BindArrayText(const sql::Expr& ast);
  Result<expr::ExprPtr> BindIntervalShift(const sql::Expr& ast, bool* handled);
  Result<std::vector<expr::ExprPtr>> BindArgs(const sql::Expr& ast);

  const BindScope& scope_;
  AggregateCollector* aggregates_;
  int depth_ = 0;
};

// The spelling of a number with a fraction ("-1.50"), empty when `ast` is none or has an exponent.
std::string FractionSpelling(const sql::Expr& ast);
// "No field named x. Valid fields are t.a, t.b."
Status UnknownColumn(std::string_view written, const BindScope& scope);
// Microseconds of an INTERVAL literal without months and years; false when it has some or is
// malformed.
bool ParseFixedInterval(std::string_view text, int64_t* micros);

}  // namespace kalamdb::query
