#include "live/feed.h"

#include <algorithm>

#include "live/row_encoding.h"
#include "live/server_messages.h"
#include "query/scan.h"
#include "types/row_codec.h"

namespace kalamdb::live {

namespace {

enum class Event : uint8_t { kNone, kInsert, kUpdate, kLeft, kDelete, kCount };

struct ChangedRow {
  const shard::RowChange& change;
  const query::StoredRow* old_row;  // null for an insert
  const query::StoredRow* new_row;  // null for a delete
};

Result<bool> Matches(const SubscriptionQuery& query, const query::StoredRow& row, Arena* arena) {
  if (query.filter == nullptr) return true;
  arena->Reset();
  expr::EvalFrame frame;
  frame.row = &row;
  frame.arena = arena;
  const bool matches = expr::EvalPredicate(*query.filter, frame);
  if (!frame.error.ok()) return frame.error;
  return matches;
}

// A version on which the filter fails was never shown: its end concerns nobody.
bool Matched(const SubscriptionQuery& query, const query::StoredRow& old_row, Arena* arena) {
  const Result<bool> matched = Matches(query, old_row, arena);
  return matched.ok() && *matched;
}

// Fails when the filter cannot tell whether the new row matches.
Result<Event> EventOf(const SubscriptionQuery& query, const ChangedRow& row, Arena* arena) {
  if (row.new_row == nullptr) {
    return Matched(query, *row.old_row, arena) ? Event::kDelete : Event::kNone;
  }
  KDB_ASSIGN_OR_RETURN(const bool matches, Matches(query, *row.new_row, arena));
  if (row.old_row == nullptr) return matches ? Event::kInsert : Event::kNone;
  if (matches) return Event::kUpdate;
  return Matched(query, *row.old_row, arena) ? Event::kLeft : Event::kNone;
}

SharedBytes Encode(const SubscriptionQuery& query, const ChangedRow& row, Event event,
                   Serialization serialization) {
  auto body = std::make_shared<std::string>();
  std::string* const out = body.get();
  switch (event) {
    case Event::kInsert:
      BeginChangeBody(out, serialization, ChangeType::kInsert);
      AppendRow(out, serialization, query, *row.new_row, row.change.seq, false, false);
      break;
    case Event::kUpdate:
      BeginChangeBody(out, serialization, ChangeType::kUpdate);
      AppendUpdatedRow(out, serialization, query, *row.new_row);
      ContinueChangeBody(out, serialization);
      AppendReplacedValues(out, serialization, query, *row.old_row, *row.new_row);
      break;
    default:
      BeginChangeBody(out, serialization, ChangeType::kDelete);
      AppendRow(out, serialization, query, *row.old_row, row.change.seq, true, true);
  }
  EndChangeBody(out, serialization);
  return body;
}

std::string IndexKey(const Datum& value) {
  std::string key;
  // A value that has no key form equals no constant that has one.
  if (value.null || !AppendKey(value, &key).ok()) key.clear();
  return key;
}

}  // namespace

void Feed::Shape::Add(Subscription* s) {
  s->place = static_cast<uint32_t>(subscribers.size());
  subscribers.push_back(s);
}

// Thousands may leave at once: each takes the last one's place out, whatever their number.
void Feed::Shape::Remove(Subscription* s) {
  Subscription* const last = subscribers.back();
  subscribers[s->place] = last;
  last->place = s->place;
  subscribers.pop_back();
}

std::vector<Feed::Shape*>* Feed::IndexSlot(const SubscriptionQuery& query, bool create) {
  if (query.equality_column < 0) return &unindexed_;
  std::string key = IndexKey(query.equality_value.datum());
  if (key.empty()) return &unindexed_;
  const auto column = static_cast<size_t>(query.equality_column);
  for (EqualityIndex& index : indexes_) {
    if (index.column == column) return &index.by_value[std::move(key)];
  }
  if (!create) return &unindexed_;
  indexes_.push_back({column, {}});
  return &indexes_.back().by_value[std::move(key)];
}

size_t Feed::UseProjection(const SubscriptionQuery& query) {
  size_t free = projections_.size();
  for (size_t i = 0; i < projections_.size(); ++i) {
    Projection& p = projections_[i];
    if (p.shapes == 0) {
      free = i;
    } else if (p.all_columns == query.all_columns && p.masks_secrets == query.masks_secrets &&
               p.columns == query.columns) {
      ++p.shapes;
      return i;
    }
  }
  if (free == projections_.size()) projections_.emplace_back();
  projections_[free] = {query.all_columns, query.masks_secrets, query.columns, 1};
  return free;
}

void Feed::Add(Subscription* subscription) {
  const SubscriptionQuery& query = *subscription->query;
  const auto found = shapes_.find(query.fingerprint);
  if (found != shapes_.end()) {
    // The equal one: one copy in memory. Right after a DDL statement the shape may still wait for
    // Rebind; its older table could not read the rows that the newer one writes.
    Shape* const shape = found->second.get();
    if (shape->query->table == query.table) subscription->query = shape->query;
    if (*shape->sql == *subscription->sql) subscription->sql = shape->sql;
    shape->Add(subscription);
    return;
  }
  auto shape = std::make_unique<Shape>();
  shape->query = subscription->query;
  shape->sql = subscription->sql;
  shape->projection = UseProjection(query);
  shape->Add(subscription);
  IndexSlot(query, true)->push_back(shape.get());
  shapes_.emplace(shape->query->fingerprint, std::move(shape));
}

void Feed::Remove(Subscription* subscription) {
  const auto found = shapes_.find(subscription->query->fingerprint);
  if (found == shapes_.end()) return;
  Shape* const shape = found->second.get();
  shape->Remove(subscription);
  if (!shape->subscribers.empty()) return;
  std::vector<Shape*>* slot = IndexSlot(*shape->query, false);
  std::erase(*slot, shape);
  if (slot != &unindexed_ && slot->empty()) {
    for (EqualityIndex& index : indexes_) {
      if (index.column == static_cast<size_t>(shape->query->equality_column)) {
        index.by_value.erase(IndexKey(shape->query->equality_value.datum()));
      }
    }
    std::erase_if(indexes_, [](const EqualityIndex& index) { return index.by_value.empty(); });
  }
  --projections_[shape->projection].shapes;
  const std::unique_ptr<Shape> dying = std::move(found->second);  // outlives its key in the map
  shapes_.erase(found);
}

void Feed::Rebind(const catalog::TablePtr& table) {
  std::unordered_map<std::string_view, std::unique_ptr<Shape>> rebound;
  rebound.reserve(shapes_.size());
  for (auto& [fingerprint, shape] : shapes_) {
    // The keys are views of the queries that go: no look-up in shapes_ until the swap.
    if (shape->query->table->schema->version() > table->schema->version()) {
      const std::string_view key = fingerprint;
      rebound.emplace(key, std::move(shape));  // of a later statement, which is on its way here
      continue;
    }
    auto moved = std::make_shared<SubscriptionQuery>(*shape->query);
    moved->table = table;
    for (Subscription* s : shape->subscribers) {
      // Who subscribed after a still later statement stays with the table of that.
      const catalog::TableInfo& bound = *s->query->table;
      if (bound.stale.load(std::memory_order_acquire) &&
          bound.schema->version() <= table->schema->version()) {
        s->query = moved;
      }
    }
    shape->query = std::move(moved);
    const std::string_view key = shape->query->fingerprint;
    rebound.emplace(key, std::move(shape));
  }
  shapes_ = std::move(rebound);
}

Status Feed::Distribute(const shard::ChangeSet& changes, size_t* next, ChangeSink& sink,
                        std::vector<FilterFailure>* failures) {
  Status unreadable;
  // By shape: the last change on which its filter failed, and why.
  std::unordered_map<const Shape*, std::pair<int64_t, Status>> failing;
  Arena arena;
  // What a change looks like to one projection: for each event and serialization.
  struct Encodings {
    SharedBytes bodies[static_cast<size_t>(Event::kCount)][kSerializations];
  };
  std::vector<Encodings> encodings(projections_.size());
  query::StoredRow old_row(*changes.table), new_row(*changes.table);
  const Schema& schema = *changes.table->schema;
  for (size_t& i = *next; i < changes.changes.size();) {
    const shard::RowChange& change = changes.changes[i++];
    const bool has_old = change.kind != shard::RowChange::Kind::kInsert;
    const bool has_new = change.kind != shard::RowChange::Kind::kDelete;
    if (has_old) unreadable = old_row.Set(change.old_row);
    if (unreadable.ok() && has_new) unreadable = new_row.Set(change.new_row);
    if (!unreadable.ok()) break;
    const ChangedRow row{change, has_old ? &old_row : nullptr, has_new ? &new_row : nullptr};
    std::fill(encodings.begin(), encodings.end(), Encodings());
    const auto offer = [&](const std::vector<Shape*>& shapes) {
      for (Shape* shape : shapes) {
        // Bound to columns that these rows may not have. Its snapshots hold these changes.
        if (shape->query->table->schema->version() > schema.version()) continue;
        const Result<Event> event = EventOf(*shape->query, row, &arena);
        if (!event.ok()) {
          failing[shape] = {change.seq, event.status()};
          continue;
        }
        if (*event == Event::kNone) continue;
        auto& bodies = encodings[shape->projection].bodies[static_cast<size_t>(*event)];
        for (Subscription* s : shape->subscribers) {
          SharedBytes& body = bodies[static_cast<size_t>(s->serialization)];
          if (body == nullptr) body = Encode(*shape->query, row, *event, s->serialization);
          sink.Deliver(*s, change.seq, body);
        }
      }
    };
    offer(unindexed_);
    for (EqualityIndex& index : indexes_) {
      if (index.column >= schema.size()) continue;  // of later versions only
      std::string new_key, old_key;
      if (has_new) new_key = IndexKey(new_row.Column(index.column));
      if (has_old) old_key = IndexKey(old_row.Column(index.column));
      if (!new_key.empty()) {
        if (const auto it = index.by_value.find(new_key); it != index.by_value.end())
          offer(it->second);
      }
      if (!old_key.empty() && old_key != new_key) {
        if (const auto it = index.by_value.find(old_key); it != index.by_value.end())
          offer(it->second);
      }
    }
    offered_ = change.seq;
    if (sink.SliceOver()) break;
  }
  for (const auto& [shape, failure] : failing) {
    for (Subscription* s : shape->subscribers) {
      // What the snapshot holds is no change to them.
      if (failure.first > s->boundary) failures->push_back({s, failure.second});
    }
  }
  return unreadable;
}

std::vector<Subscription*> Feed::Subscribers() const {
  std::vector<Subscription*> all;
  for (const auto& [fingerprint, shape] : shapes_) {
    all.insert(all.end(), shape->subscribers.begin(), shape->subscribers.end());
  }
  return all;
}

}  // namespace kalamdb::live
