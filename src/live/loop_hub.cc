#include "live/loop_hub.h"

#include <fmt/format.h>

#include "live/live_session.h"

namespace kalamdb::live {

namespace {

// Change sets that wait for a loop. One alone may be larger.
constexpr size_t kMaxInboxBytes = 16 << 20;
// A filter that fails may do so with every change.
constexpr int64_t kWarningPauseMicros = 10'000'000;

size_t BytesOf(const shard::ChangeSet& set) {
  size_t bytes = sizeof set + set.owner.size();
  for (const shard::RowChange& c : set.changes) {
    bytes += sizeof c + c.key.size() + c.old_row.size() + c.new_row.size();
  }
  return bytes;
}

// Whether two versions of a table have the same columns, so that bound filters and projections
// still mean the same.
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
  if (const auto* set = std::get_if<shard::ChangeSetPtr>(&item)) {
    const size_t bytes = BytesOf(**set);
    if (inbox_bytes_ + bytes > kMaxInboxBytes && inbox_bytes_ > 0) {
      lost_.insert(FeedKey{(*set)->table->id, (*set)->owner});
      return;  // the loop was told when the inbox began to fill
    }
    inbox_bytes_ += bytes;
  }
  inbox_.push_back(std::move(item));
  if (scheduled_) return;
  scheduled_ = true;
  loop_->Post([this] { Drain(); });
}

void LoopHub::Drain() {
  std::deque<Item> items;
  std::unordered_set<FeedKey, FeedKeyHash> lost;
  {
    std::lock_guard lock(inbox_mutex_);
    items.swap(inbox_);
    lost.swap(lost_);
    inbox_bytes_ = 0;
    scheduled_ = false;
  }
  std::lock_guard lock(mutex);
  for (const Item& item : items) {
    if (const auto* set = std::get_if<shard::ChangeSetPtr>(&item)) {
      Distribute(**set);
    } else if (const auto* change = std::get_if<TableChange>(&item)) {
      Apply(*change);
    } else {
      Apply(std::get<RightsChange>(item));
    }
  }
  // What was dropped came behind the items above.
  for (const FeedKey& key : lost) FallBehind(key);
  if (hub_->deps_.on_activity) hub_->deps_.on_activity();
}

void LoopHub::Distribute(const shard::ChangeSet& changes) {
  const FeedKey key{changes.table->id, changes.owner};
  const auto feed = feeds_.find(key);
  if (feed == feeds_.end()) return;
  const Status failed = feed->second.Distribute(changes, *this);
  if (failed.ok()) return;
  // Rows that cannot be read were not delivered: the catching up reads them from storage, or tells
  // the client why it cannot.
  if (failed.code() == ErrorCode::kCorruption) FallBehind(key);
  const int64_t now = hub_->deps_.clock->MonotonicMicros();
  if (now < next_warning_micros_) return;
  next_warning_micros_ = now + kWarningPauseMicros;
  hub_->deps_.log->Warn("live", "changes of {} could not be evaluated: {}",
                        changes.table->qualified(), failed.message());
}

void LoopHub::FallBehind(const FeedKey& key) {
  const auto feed = feeds_.find(key);
  if (feed == feeds_.end()) return;
  for (Subscription* s : feed->second.Subscribers()) s->session->delivery().FallBehind(*s);
}

const HubDeps& LoopHub::deps() const { return hub_->deps_; }

bool LoopHub::AwaitWorker() {
  if (!awaits_worker_) {
    awaits_worker_ = deps().when_worker_free && deps().when_worker_free([this] {
      loop_->Post([this] {
        std::lock_guard lock(mutex);
        awaits_worker_ = false;
        for (LiveSession* session : sessions) session->CatchUp();
      });
    });
  }
  return awaits_worker_;
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
  subscription.session->delivery().Deliver(subscription, seq, body);
}

void LoopHub::Apply(const TableChange& change) {
  // Pointers stay good: a subscription goes only by its own removal.
  std::vector<Subscription*> concerned;
  for (const auto& [key, feed] : feeds_) {
    if (key.table != change.id) continue;
    const auto subscribers = feed.Subscribers();
    concerned.insert(concerned.end(), subscribers.begin(), subscribers.end());
  }
  for (Subscription* s : concerned) {
    const catalog::TableInfo& old = *s->query->table;
    if (change.current == nullptr) {
      s->session->RemoveWithError(
          *s, "NOT_FOUND", fmt::format("Not found: Table not found: {}:{}", old.ns, old.name));
      continue;
    }
    Refusal refusal;
    if (!MaySubscribe(*change.current, s->session->role(), &refusal)) {
      s->session->RemoveWithError(*s, refusal.code, refusal.message);
    } else if (!SameColumns(*old.schema, *change.current->schema)) {
      s->session->RemoveWithError(*s, "INVALID_SQL",
                                  "Invalid SQL: the table's columns changed; subscribe again");
    }
  }
  if (change.current == nullptr) return;
  // The rest goes on as it is. Nobody leaves the interest index for it, or a commit in between
  // would find nobody who wants it.
  for (auto& [key, feed] : feeds_) {
    if (key.table == change.id) feed.Rebind(change.current);
  }
}

void LoopHub::Apply(const RightsChange& change) {
  for (LiveSession* session : sessions) {
    if (session->user() == change.user) session->EndForRights();
  }
}

}  // namespace kalamdb::live
