// See run_watch.h.
#include "query/run_watch.h"

#include <chrono>
#include <system_error>

namespace kalamdb::query {

namespace {
constexpr std::chrono::milliseconds kLookPeriod(50);
// How long the thread waits for another run before it ends.
constexpr std::chrono::seconds kIdleLife(5);
}  // namespace

RunWatch::~RunWatch() {
  {
    std::lock_guard lock(mutex_);
    ending_ = true;
    changed_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

bool RunWatch::EnsureThread() {
  if (running_) return true;
  // It decided to end and takes no lock after that.
  if (thread_.joinable()) thread_.join();
  try {
    thread_ = std::thread([this] { Loop(); });
  } catch (const std::system_error&) {
    return false;
  }
  running_ = true;
  return true;
}

void RunWatch::Loop() {
  std::unique_lock lock(mutex_);
  while (!ending_) {
    if (runs_.empty()) {
      if (!changed_.wait_for(lock, kIdleLife, [this] { return ending_ || !runs_.empty(); })) break;
      continue;
    }
    for (const Run* run : runs_) {
      // Again on each look: an interrupt that comes before the query begins is forgotten.
      if (!run->token_->Check().ok()) run->api_.interrupt(run->connection_);
    }
    changed_.wait_for(lock, kLookPeriod, [this] { return ending_; });
  }
  running_ = false;
}

RunWatch::Run::Run(RunWatch* watch, const DuckDbApi& api, duckdb_connection connection,
                   const StopToken* token)
    : watch_(watch), api_(api), connection_(connection), token_(token) {
  if (token_ == nullptr) return;
  std::lock_guard lock(watch_->mutex_);
  if (!watch_->EnsureThread()) return;
  place_ = watch_->runs_.insert(watch_->runs_.end(), this);
  watched_ = true;
  if (watch_->runs_.size() == 1) watch_->changed_.notify_all();
}

RunWatch::Run::~Run() {
  if (!watched_) return;
  std::lock_guard lock(watch_->mutex_);
  watch_->runs_.erase(place_);
}

Status RunWatch::Run::status() const {
  if (token_ == nullptr || watched_) return Status::Ok();
  return {ErrorCode::kUnavailable, "no thread for an analytical query; retry"};
}

}  // namespace kalamdb::query
