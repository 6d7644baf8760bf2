// Choosing the engine: the row engine takes what it can, the analytical engine the rest.
#include "query/select.h"

#include "query/analytics.h"
#include "query/row_plan.h"

namespace kalamdb::query {

Result<SelectPlanPtr> PlanSelect(const sql::Select& select, const Sources& sources,
                                 AnalyticalEngine* analytics, const PlanOptions& options) {
  std::string what = "the statement";
  if (options.engine != EngineChoice::kAnalyticsOnly) {
    Result<SelectPlanPtr> plan = PlanRowSelect(select, sources, options);
    if (plan.ok() || plan.code() != ErrorCode::kNeedsAnalytics ||
        options.engine == EngineChoice::kRowOnly) {
      return plan;
    }
    what = plan.status().message();
  }
  if (analytics == nullptr) {
    return NotImplemented(
        fmt::format("This needs the analytical engine, which this server does not have: {}", what));
  }
  return analytics->Plan(select, options);
}

}  // namespace kalamdb::query
