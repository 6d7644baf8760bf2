#include "live/loop_hub.h"

#include <fmt/format.h>

#include "live/live_session.h"

namespace kalamdb::live {

namespace {

// Whether two versions of a table have the same columns, so that bound filters and projections still mean the same.
bool SameColumns(const Schema& a, const Schema& b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    const Column &x = a.column(i), &y = b.column(i);
    if (x.id != y.id || x.name != y.name || x.type != y.type) return false;
  }
  return true;
}

}  // namespace

void LoopHub::Enqueue(Item item) {
  std::lock_guard lock(inbox_mutex_);
  inbox_.push_back(std::move(item));
  if (scheduled_) return;
  scheduled_ = true;
  loop_->Post([this] { Drain(); });
}

void LoopHub::Drain() {
  std::deque<Item> items;
  {
    std::lock_guard lock(inbox_mutex_);
    items.swap(inbox_);
    scheduled_ = false;
  }
  std::lock_guard lock(mutex);
  for (const Item& item : items) {
    if (const auto* set = std::get_if<shard::ChangeSetPtr>(&item)) {
      const auto feed = feeds_.find(FeedKey{(*set)->table->id, (*set)->owner});
      if (feed == feeds_.end()) continue;
      if (Status failed = feed->second.Distribute(**set, *this); !failed.ok()) {
        hub_->deps_.log->Warn("live", "a filter on {} could not be evaluated: {}", (*set)->table->qualified(),
                              failed.message());
      }
    } else if (const auto* change = std::get_if<TableChange>(&item)) {
      Apply(*change);
    } else {
      Apply(std::get<RightsChange>(item));
    }
  }
  if (hub_->deps_.on_activity) hub_->deps_.on_activity();
}

void LoopHub::Register(Subscription* subscription) {
  const SubscriptionQuery& q = *subscription->query;
  const TableId table = q.table->id;
  const std::string owner = q.owner;
  feeds_[FeedKey{table, owner}].Add(subscription);
  hub_->interest_.Add(table, owner, loop_->index());
}

void LoopHub::Unregister(Subscription* subscription) {
  const SubscriptionQuery& q = *subscription->query;
  const FeedKey key{q.table->id, q.owner};
  hub_->interest_.Remove(key.table, key.owner, loop_->index());
  const auto feed = feeds_.find(key);
  if (feed == feeds_.end()) return;
  feed->second.Remove(subscription);
  if (feed->second.empty()) feeds_.erase(feed);
}

void LoopHub::Deliver(Subscription& subscription, int64_t seq, const SharedBytes& body) {
  subscription.session->Deliver(subscription, seq, body);
}

void LoopHub::Apply(const TableChange& change) {
  std::vector<Subscription*> concerned;
  for (const auto& [key, feed] : feeds_) {
    if (key.table != change.id) continue;
    const auto subscribers = feed.Subscribers();
    concerned.insert(concerned.end(), subscribers.begin(), subscribers.end());
  }
  for (Subscription* s : concerned) {
    const catalog::TableInfo& old = *s->query->table;
    if (change.current == nullptr) {
      s->session->RemoveWithError(s->id, "NOT_FOUND", fmt::format("Not found: Table not found: {}:{}", old.ns, old.name));
      continue;
    }
    Refusal refusal;
    if (!MaySubscribe(*change.current, s->session->role(), &refusal)) {
      s->session->RemoveWithError(s->id, refusal.code, refusal.message);
    } else if (!SameColumns(*old.schema, *change.current->schema)) {
      s->session->RemoveWithError(s->id, "INVALID_SQL", "Invalid SQL: the table's columns changed; subscribe again");
    } else {
      Unregister(s);
      auto moved = std::make_shared<SubscriptionQuery>(*s->query);
      moved->table = change.current;
      s->query = std::move(moved);
      Register(s);
    }
  }
}

void LoopHub::Apply(const RightsChange& change) {
  for (LiveSession* session : sessions) {
    if (session->user() == change.user) session->EndForRights();
  }
}

}  // namespace kalamdb::live
