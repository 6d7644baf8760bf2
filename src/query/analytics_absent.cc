// Takes the place of the analytical engine in a build without it (CMake option KDB_ANALYTICS): nobody makes one, and what would
// need it is refused.
#include "query/analytics.h"

namespace kalamdb::query {

struct AnalyticalEngine::Impl {};

AnalyticalEngine::AnalyticalEngine(const Sources&, AnalyticsOptions) {}
AnalyticalEngine::~AnalyticalEngine() = default;

Result<SelectPlanPtr> AnalyticalEngine::Plan(const sql::Select&, const PlanOptions&) {
  return NotImplemented("this build has no analytical engine");
}

int64_t AnalyticalEngine::ReleaseIfIdle(int64_t) { return 0; }
bool AnalyticalEngine::loaded() const { return false; }

}  // namespace kalamdb::query
