#include "live/hub.h"

#include <fmt/format.h>

#include <algorithm>

#include "live/live_session.h"
#include "live/loop_hub.h"

namespace kalamdb::live {

Hub::Hub(const HubDeps& deps) : deps_(deps) { loops_.resize(kMaxLoops); }

Hub::~Hub() = default;

LoopHub* Hub::OfLoop(Loop* loop) {
  std::lock_guard lock(loops_mutex_);
  auto& slot = loops_[static_cast<size_t>(loop->index())];
  if (slot == nullptr) slot = std::make_unique<LoopHub>(this, loop);
  return slot.get();
}

bool Hub::Wants(TableId table, std::string_view owner) {
  return interest_.Loops(table, owner) != 0;
}

void Hub::OnCommit(const shard::ChangeSetPtr& changes) {
  uint64_t mask = interest_.Loops(changes->table->id, changes->owner);
  std::lock_guard lock(loops_mutex_);
  for (size_t i = 0; mask != 0; ++i, mask >>= 1) {
    if ((mask & 1) != 0 && loops_[i] != nullptr) loops_[i]->Enqueue(changes);
  }
}

void Hub::OnTableChanged(const catalog::TableInfo& old, const catalog::TablePtr& current) {
  std::lock_guard lock(loops_mutex_);
  for (const auto& loop : loops_) {
    if (loop != nullptr) loop->Enqueue(Inbox::TableChange{old.id, current});
  }
}

void Hub::OnRightsChanged(std::string_view user) {
  std::lock_guard lock(loops_mutex_);
  for (const auto& loop : loops_) {
    if (loop != nullptr) loop->Enqueue(Inbox::RightsChange{std::string(user)});
  }
}

std::unique_ptr<Session> Hub::NewSession(Loop* loop, Outbox* outbox, SessionRequest request) {
  LoopHub* hub = OfLoop(loop);
  std::lock_guard lock(hub->mutex);
  return std::make_unique<LiveSession>(hub, outbox, std::move(request));
}

std::vector<LiveInfo> Hub::List() const {
  std::vector<LoopHub*> loops;
  {
    std::lock_guard lock(loops_mutex_);
    for (const auto& loop : loops_) {
      if (loop != nullptr) loops.push_back(loop.get());
    }
  }
  std::vector<LiveInfo> out;
  for (LoopHub* loop : loops) {
    std::lock_guard lock(loop->mutex);
    for (const LiveSession* session : loop->sessions()) {
      for (const auto& s : session->subscriptions()) out.push_back(session->Info(*s));
    }
  }
  std::sort(out.begin(), out.end(), [](const LiveInfo& a, const LiveInfo& b) {
    return std::tie(a.user, a.connection_id, a.subscription_id) <
           std::tie(b.user, b.connection_id, b.subscription_id);
  });
  return out;
}

Status Hub::Kill(std::string_view live_id) {
  if (live_id.empty()) return InvalidSql("Live query ID cannot be empty");
  if (std::count(live_id.begin(), live_id.end(), '-') < 2) {
    return InvalidSql(
        fmt::format("Invalid live_query_id format: {}. Expected: "
                    "{{user_id}}-{{connection_id}}-{{subscription_id}}",
                    live_id));
  }
  std::vector<LoopHub*> loops;
  {
    std::lock_guard lock(loops_mutex_);
    for (const auto& loop : loops_) {
      if (loop != nullptr) loops.push_back(loop.get());
    }
  }
  for (LoopHub* loop : loops) {
    std::lock_guard lock(loop->mutex);
    for (LiveSession* session : loop->sessions()) {
      // User ids may hold dashes: compare whole prefixes instead of splitting.
      const std::string prefix = fmt::format("{}-{}-", session->user(), session->connection_id());
      if (!live_id.starts_with(prefix)) continue;
      session->Remove(live_id.substr(prefix.size()));
      return {};
    }
  }
  return NotFound(fmt::format("Connection not found for live query: {}", live_id));
}

HubCounters Hub::counters() const {
  return {sessions_.load(), subscriptions_.load(), subscriptions_peak_.load(), fell_behind_.load()};
}

bool Hub::CountIn(const std::string& user) {
  std::lock_guard lock(counts_mutex_);
  uint32_t& count = per_user_[user];
  if (count >= deps_.config->rate_limit.max_subscriptions_per_user) {
    if (count == 0) per_user_.erase(user);
    return false;
  }
  ++count;
  const size_t total = ++subscriptions_;
  if (total > subscriptions_peak_) subscriptions_peak_ = total;
  return true;
}

void Hub::CountOut(const std::string& user) {
  std::lock_guard lock(counts_mutex_);
  const auto it = per_user_.find(user);
  if (it == per_user_.end()) return;
  --subscriptions_;
  if (--it->second == 0) per_user_.erase(it);
}

}  // namespace kalamdb::live
