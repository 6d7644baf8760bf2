#include "live/loop_hub.h"

#include <fmt/format.h>

#include "live/live_session.h"

namespace kalamdb::live {

namespace {

// Changes are worked off for so long before the loop looks at its sockets again.
constexpr int64_t kSliceMicros = 200;
// And no more than so many bytes before what was queued is offered to the sockets: enough for
// several changes to leave in one write, and a bound on the memory of a burst.
constexpr size_t kBytesBeforeFlush = 8 << 20;
// What a message costs beside its body.
constexpr size_t kBytesPerMessage = 64;
// A filter that fails may do so with every change.
constexpr int64_t kWarningPauseMicros = 10'000'000;

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

void LoopHub::Enqueue(Inbox::Item item) {
  if (inbox_.Push(std::move(item))) loop_->PostLater([this] { Drain(); });
}

void LoopHub::Drain() {
  if (deps().on_activity) deps().on_activity();
  std::lock_guard lock(mutex);
  drain_posted_ = false;
  slice_end_micros_ = deps().clock->MonotonicMicros() + kSliceMicros;
  while (unflushed_bytes_ < kBytesBeforeFlush) {
    if (in_hand_ == nullptr && !TakeItem()) break;
    if (in_hand_ != nullptr) Distribute();
    if (deps().clock->MonotonicMicros() >= slice_end_micros_) {
      DrainNextTurn();
      break;
    }
  }
  AwaitFlush();
}

void LoopHub::DrainNextTurn() {
  // At most one at a time: a turn works off one slice, whoever else asked for it.
  if (std::exchange(drain_posted_, true)) return;
  loop_->PostLater([this] { Drain(); });
}

bool LoopHub::TakeItem() {
  std::optional<Inbox::Item> item = inbox_.Pop();
  if (!item) return false;
  if (auto* set = std::get_if<shard::ChangeSetPtr>(&*item)) {
    in_hand_ = std::move(*set);
    next_change_ = 0;
  } else if (const auto* change = std::get_if<Inbox::TableChange>(&*item)) {
    Apply(*change);
  } else if (const auto* rights = std::get_if<Inbox::RightsChange>(&*item)) {
    Apply(*rights);
  } else {
    FallBehind(std::get<Inbox::Lost>(*item).feed);
  }
  return true;
}

bool LoopHub::SliceOver() const {
  return unflushed_bytes_ >= kBytesBeforeFlush ||
         deps().clock->MonotonicMicros() >= slice_end_micros_;
}

void LoopHub::Distribute() {
  const FeedKey key{in_hand_->table->id, in_hand_->owner};
  const auto feed = feeds_.find(key);
  if (feed != feeds_.end()) {
    std::vector<FilterFailure> failures;
    const Status failed = feed->second.Distribute(*in_hand_, &next_change_, *this, &failures);
    if (!failed.ok()) Warn(in_hand_->table->qualified(), failed);
    if (failed.code() == ErrorCode::kCorruption) {
      // Rows that cannot be read were not delivered: the catching up reads them from storage, or
      // tells the client why it cannot.
      FallBehind(key);
    }
    // The feed may be gone after this.
    for (const FilterFailure& f : failures) {
      f.subscription->session->RemoveWithError(*f.subscription, "SUBSCRIPTION_FAILED",
                                               fmt::format("Execution error: {}", f.why.message()));
    }
    if (failed.code() != ErrorCode::kCorruption && next_change_ < in_hand_->changes.size()) {
      return;
    }
  }
  inbox_.Release(*in_hand_);
  in_hand_ = nullptr;
}

void LoopHub::AwaitFlush() {
  if (unflushed_bytes_ == 0 || awaits_flush_) return;
  awaits_flush_ = true;
  loop_->PostFlushed([this] {
    {
      std::lock_guard lock(mutex);
      awaits_flush_ = false;
      unflushed_bytes_ = 0;
      if (drain_posted_) return;
    }
    Drain();
  });
}

void LoopHub::FallBehind(const FeedKey& key) {
  const auto feed = feeds_.find(key);
  if (feed == feeds_.end()) return;
  const int64_t offered = feed->second.offered();
  for (Subscription* s : feed->second.Subscribers()) s->session->delivery().FallBehind(*s, offered);
}

void LoopHub::Warn(const std::string& table, const Status& failed) {
  const int64_t now = deps().clock->MonotonicMicros();
  if (now < next_warning_micros_) return;
  next_warning_micros_ = now + kWarningPauseMicros;
  deps().log->Warn("live", "changes of {} could not be evaluated: {}", table, failed.message());
}

const HubDeps& LoopHub::deps() const { return hub_->deps_; }

bool LoopHub::AwaitWorker() {
  if (!awaits_worker_) {
    awaits_worker_ = deps().when_worker_free && deps().when_worker_free([this] {
      loop_->Post([this] {
        std::lock_guard lock(mutex);
        awaits_worker_ = false;
        for (LiveSession* session : sessions_) session->CatchUpSoon();
      });
    });
  }
  return awaits_worker_;
}

void LoopHub::Add(LiveSession* session) {
  session->place_ = sessions_.size();
  sessions_.push_back(session);
  ++hub_->sessions_;
}

void LoopHub::Remove(LiveSession* session) {
  LiveSession* const last = sessions_.back();
  sessions_[session->place_] = last;
  last->place_ = session->place_;
  sessions_.pop_back();
  if (sessions_.empty()) std::vector<LiveSession*>().swap(sessions_);
  --hub_->sessions_;
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
  unflushed_bytes_ += body->size() + kBytesPerMessage;
  subscription.session->delivery().Deliver(subscription, seq, body);
}

void LoopHub::Apply(const Inbox::TableChange& change) {
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
    // Who subscribed behind the statement knows what it did, and perhaps more.
    if (!old.stale.load(std::memory_order_acquire) ||
        old.schema->version() > change.current->schema->version()) {
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

void LoopHub::Apply(const Inbox::RightsChange& change) {
  for (LiveSession* session : sessions_) {
    if (session->user() == change.user) session->EndForRights();
  }
}

}  // namespace kalamdb::live
