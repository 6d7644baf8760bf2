// See aggregate.h.
#include "query/aggregate.h"

#include <cmath>

#include "expr/functions.h"
#include "query/sort.h"

namespace kalamdb::query {

using expr::ExprPtr;

namespace {

// Sums are kept in 128 bits, so that the order of rows cannot make one overflow that does not in
// the end.
Int128 PowerOfTen(int n) {
  Int128 p = 1;
  for (int i = 0; i < n; ++i) p *= 10;
  return p;
}

bool HasMinMax(TypeKind kind) {
  return IsNumeric(kind) || kind == TypeKind::kText || IsDateTimeKind(kind) ||
         kind == TypeKind::kDate || kind == TypeKind::kTime;
}

void AppendDistinctKey(const Datum& d, std::string* out) {
  if (d.has_bytes()) {
    out->append(d.text());
  } else if (d.kind == TypeKind::kDecimal) {
    AppendFixed(out, d.words[0]);
    AppendFixed(out, d.words[1]);
  } else if (IsFloating(d.kind)) {
    // -0 equals 0, and NaN equals itself.
    AppendFixed(out, std::isnan(d.d) ? std::nan("") : d.d == 0 ? 0.0 : d.d);
  } else if (d.kind == TypeKind::kBoolean) {
    out->push_back(d.b ? 1 : 0);
  } else {
    AppendFixed(out, d.i);
  }
}

}  // namespace

bool ContainsAggregate(const sql::Expr& ast) {
  if (ast.kind == sql::ExprKind::kCall && ast.over == nullptr) {
    const expr::FunctionInfo* function = expr::FindFunction(ast.name);
    if (function != nullptr && function->kind == expr::FunctionKind::kAggregate) return true;
  }
  for (const sql::ExprPtr& arg : ast.args) {
    if (arg != nullptr && ContainsAggregate(*arg)) return true;
  }
  return (ast.operand != nullptr && ContainsAggregate(*ast.operand)) ||
         (ast.else_ != nullptr && ContainsAggregate(*ast.else_));
}

Result<ExprPtr> AggregateBinder::Add(const sql::Expr& call) {
  if (!call.order_by.empty() || call.within_group) return NeedsAnalytics("ordered aggregates");
  Aggregate bound;
  bound.distinct = call.distinct;
  if (call.name == "count") {
    bound.kind = AggregateKind::kCount;
  } else if (call.name == "sum") {
    bound.kind = AggregateKind::kSum;
  } else if (call.name == "avg") {
    bound.kind = AggregateKind::kAvg;
  } else if (call.name == "min") {
    bound.kind = AggregateKind::kMin;
  } else if (call.name == "max") {
    bound.kind = AggregateKind::kMax;
  } else {
    return NeedsAnalytics("aggregate " + call.name);
  }
  ExprBinder binder(scope_);
  if (call.star) {
    if (bound.kind != AggregateKind::kCount || call.distinct) {
      return InvalidSql(fmt::format("{}(*) is not an aggregate", call.name));
    }
  } else {
    if (call.args.size() != 1 || call.args[0] == nullptr) {
      return InvalidSql(fmt::format("{} takes one argument", call.name));
    }
    KDB_ASSIGN_OR_RETURN(bound.arg, binder.Bind(*call.args[0]));
  }
  if (call.filter != nullptr) {
    KDB_ASSIGN_OR_RETURN(bound.filter, binder.Bind(*call.filter));
    if (bound.filter->type().kind != TypeKind::kBoolean) {
      return InvalidSql("FILTER needs a boolean expression");
    }
  }
  const DataType in = bound.arg != nullptr ? bound.arg->type() : DataType();
  switch (bound.kind) {
    case AggregateKind::kCount:
      bound.type = DataType::Of(TypeKind::kBigInt);
      break;
    case AggregateKind::kSum:
    case AggregateKind::kAvg: {
      const bool sum = bound.kind == AggregateKind::kSum;
      if (IsInteger(in.kind)) {
        bound.type = DataType::Of(sum ? TypeKind::kBigInt : TypeKind::kDouble);
      } else if (IsFloating(in.kind)) {
        bound.type = DataType::Of(TypeKind::kDouble);
      } else if (in.kind == TypeKind::kDecimal) {
        const int grown = in.precision + (sum ? 10 : 4);
        const int scale = in.scale + (sum ? 0 : 4);
        bound.type =
            DataType::Decimal(static_cast<uint8_t>(std::min<int>(grown, kMaxDecimalPrecision)),
                              static_cast<uint8_t>(std::min<int>(scale, kMaxDecimalPrecision)));
      } else {
        return NeedsAnalytics("sums of other types");
      }
      break;
    }
    case AggregateKind::kMin:
    case AggregateKind::kMax:
      if (!HasMinMax(in.kind)) return NeedsAnalytics("minimum of other types");
      bound.type = in;
      bound.distinct = false;
      break;
  }
  const DataType type = bound.type;
  aggregates_.push_back(std::move(bound));
  return expr::MakeColumn(aggregates_.size() - 1, type);
}

AggregateRun::AggregateRun(const std::vector<Aggregate>& aggregates)
    : aggregates_(aggregates), states_(aggregates.size()), results_(aggregates.size()) {}

Status AggregateRun::Step(expr::EvalFrame& frame) {
  for (size_t i = 0; i < aggregates_.size(); ++i) {
    const Aggregate& aggregate = aggregates_[i];
    if (aggregate.filter != nullptr) {
      const bool counts = expr::EvalPredicate(*aggregate.filter, frame);
      if (!frame.error.ok()) return frame.error;
      if (!counts) continue;
    }
    if (aggregate.arg == nullptr) {
      ++states_[i].count;
      continue;
    }
    const Datum d = aggregate.arg->Eval(frame);
    if (!frame.error.ok()) return frame.error;
    if (!d.null) KDB_RETURN_IF_ERROR(Accumulate(aggregate, d, &states_[i]));
  }
  return Status::Ok();
}

Status AggregateRun::Accumulate(const Aggregate& aggregate, const Datum& d, State* state) {
  if (aggregate.distinct) {
    std::string key;
    AppendDistinctKey(d, &key);
    constexpr size_t kEntryBytes = 64;  // a node of the set and its bucket
    const size_t bytes = key.size() + kEntryBytes;
    if (!state->seen.insert(std::move(key)).second) return Status::Ok();
    distinct_bytes_ += bytes;
    if (distinct_bytes_ > kSortMemoryBytes) {
      return NeedsAnalytics("DISTINCT larger than the row engine's memory");
    }
  }
  ++state->count;
  switch (aggregate.kind) {
    case AggregateKind::kCount:
      break;
    case AggregateKind::kSum:
    case AggregateKind::kAvg:
      if (IsFloating(d.kind)) {
        state->real += d.d;
      } else if (__builtin_add_overflow(state->exact,
                                        d.kind == TypeKind::kDecimal ? d.decimal() : Int128{d.i},
                                        &state->exact)) {
        return ExecutionError("numeric field overflow");
      }
      break;
    case AggregateKind::kMin:
    case AggregateKind::kMax: {
      if (state->count > 1) {
        const int c = CompareDatums(d, state->best.datum());
        if (aggregate.kind == AggregateKind::kMin ? c >= 0 : c <= 0) break;
      }
      state->best = d;
      break;
    }
  }
  return Status::Ok();
}

Result<Datum> AggregateRun::Total(const Aggregate& aggregate, const State& state) {
  if (aggregate.kind == AggregateKind::kCount) return Datum::BigInt(state.count);
  if (state.count == 0) return Datum::Null(aggregate.type.kind);
  if (aggregate.kind == AggregateKind::kMin || aggregate.kind == AggregateKind::kMax) {
    return state.best.datum();
  }
  const bool sum = aggregate.kind == AggregateKind::kSum;
  const DataType& in = aggregate.arg->type();
  if (IsFloating(in.kind)) {
    return Datum::Real(TypeKind::kDouble,
                       sum ? state.real : state.real / static_cast<double>(state.count));
  }
  if (IsInteger(in.kind)) {
    if (!sum) {
      return Datum::Real(TypeKind::kDouble,
                         static_cast<double>(state.exact) / static_cast<double>(state.count));
    }
    if (state.exact > std::numeric_limits<int64_t>::max() ||
        state.exact < std::numeric_limits<int64_t>::min()) {
      return ExecutionError("bigint out of range");
    }
    return Datum::BigInt(static_cast<int64_t>(state.exact));
  }
  Int128 total = state.exact;
  if (!sum) {
    if (__builtin_mul_overflow(total, PowerOfTen(aggregate.type.scale - in.scale), &total)) {
      return ExecutionError("numeric field overflow");
    }
    const Int128 half = state.count / 2;
    const Int128 rest = total % state.count;
    total /= state.count;
    // Half away from zero; an odd divisor has no exact half.
    const bool odd = state.count % 2 != 0;
    if (rest > half || (rest == half && !odd)) ++total;
    if (-rest > half || (-rest == half && !odd)) --total;
  }
  const Int128 bound = PowerOfTen(aggregate.type.precision);
  if (total >= bound || total <= -bound) return ExecutionError("numeric field overflow");
  return Datum::Decimal(total, aggregate.type.scale);
}

Status AggregateRun::Finish() {
  for (size_t i = 0; i < aggregates_.size(); ++i) {
    KDB_ASSIGN_OR_RETURN(results_[i], Total(aggregates_[i], states_[i]));
  }
  return Status::Ok();
}

}  // namespace kalamdb::query
