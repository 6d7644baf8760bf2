// Loading, opening and letting go of DuckDB.
#include "query/analytics.h"

#include <malloc.h>

#include <utility>

#include "query/analytics_plan.h"
#include "query/analytics_sql.h"

namespace kalamdb::query {

AnalyticalEngine::AnalyticalEngine(const Sources& sources, AnalyticsOptions options)
    : impl_(std::make_unique<Impl>(sources, std::move(options))) {}

AnalyticalEngine::~AnalyticalEngine() = default;

Result<SelectPlanPtr> AnalyticalEngine::Plan(const sql::Select& select,
                                             const PlanOptions& options) {
  KDB_ASSIGN_OR_RETURN(AnalyticalStatement statement,
                       SqlWriter(impl_->sources, options).Write(select));
  return SelectPlanPtr(
      std::make_shared<AnalyticalPlan>(impl_.get(), std::move(statement), options));
}

bool AnalyticalEngine::loaded() const {
  std::lock_guard lock(impl_->mutex);
  return impl_->database != nullptr;
}

int64_t AnalyticalEngine::ReleaseIfIdle(int64_t monotonic_micros) {
  const int64_t patience = impl_->options.idle_seconds * 1'000'000;
  std::lock_guard lock(impl_->mutex);
  if (impl_->database == nullptr) return 0;
  if (impl_->active > 0) return std::max<int64_t>(patience, 1);
  if (std::exchange(impl_->used, false)) impl_->idle_since_micros = monotonic_micros;
  const int64_t left = impl_->idle_since_micros + patience - monotonic_micros;
  if (left > 0) return left;
  impl_->database.reset();
  malloc_trim(0);
  impl_->library->ReleasePages();
  return 0;
}

Result<std::shared_ptr<DuckDbDatabase>> AnalyticalEngine::Impl::Acquire() {
  std::lock_guard lock(mutex);
  if (library == nullptr) {
    KDB_ASSIGN_OR_RETURN(library, DuckDbLibrary::Load(options.library_path));
  }
  if (database == nullptr) {
    DuckDbSettings settings;
    settings.memory_limit_bytes = options.memory_limit_bytes;
    settings.temp_directory = options.temp_directory;
    settings.threads = options.threads;
    KDB_ASSIGN_OR_RETURN(std::unique_ptr<DuckDbDatabase> opened,
                         DuckDbDatabase::Open(library->api(), settings, sources.ids));
    database = std::move(opened);
  }
  ++active;
  used = true;
  return database;
}

void AnalyticalEngine::Impl::Release(std::shared_ptr<DuckDbDatabase> released, bool broken) {
  std::lock_guard lock(mutex);
  --active;
  used = true;
  // Runs that still use a broken database keep it until they end.
  if (broken && database == released) database.reset();
}

}  // namespace kalamdb::query
