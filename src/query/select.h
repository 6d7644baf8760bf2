// SELECT: planning picks the row engine where it can, the analytical engine for everything else.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "query/context.h"
#include "sql/ast.h"

namespace kalamdb::query {

class AnalyticalEngine;

enum class EngineChoice : uint8_t {
  kAuto,
  kRowOnly,
  kAnalyticsOnly
};  // the latter two for differential tests

struct PlanOptions {
  std::string default_ns = "default";
  std::span<const Value> params;  // kinds only: a plan is valid for other values of the same kinds
  uint64_t default_limit = 0;     // limits.default_query_limit, limits.max_query_limit; 0: none
  uint64_t max_limit = 0;
  EngineChoice engine = EngineChoice::kAuto;
};

// Immutable, shared between threads and runs; keeps no identity and no values.
class SelectPlan {
 public:
  virtual ~SelectPlan() = default;
  // Rights are checked against context.role each time. kRetry: a table changed since planning, plan
  // again. kNeedsPool (only when context.scan_budget is set): drop what was emitted and run it on a
  // worker thread without budget. kNeedsAnalytics: nothing was emitted; a sort or DISTINCT outgrew
  // the row engine's memory, plan again with EngineChoice::kAnalyticsOnly. `truncated` is set when
  // a configured limit cut the result.
  virtual Status Run(const RunContext& context, ResultSink& sink, bool* truncated) const = 0;
  [[nodiscard]] virtual const std::vector<ResultColumn>& columns()
      const = 0;  // empty when known only by running
  [[nodiscard]] virtual bool analytical() const = 0;
  [[nodiscard]] virtual bool stale() const = 0;  // a table it read was changed
  // False: one look-up, or no table at all; context.snapshot may then be null, which reads the
  // newest state.
  [[nodiscard]] virtual bool needs_snapshot() const { return true; }
  [[nodiscard]] virtual size_t memory_bytes() const = 0;
};
using SelectPlanPtr = std::shared_ptr<const SelectPlan>;

// `analytics` may be null (minimal build): what needs it is then refused with kNotImplemented.
Result<SelectPlanPtr> PlanSelect(const sql::Select& select, const Sources& sources,
                                 AnalyticalEngine* analytics, const PlanOptions& options);

}  // namespace kalamdb::query
