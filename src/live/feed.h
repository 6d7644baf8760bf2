// The subscribers of one owner's part of one table on one I/O thread.
//
//   Feed -> Shape (one distinct filter and projection: evaluated once a change, encoded once)
//              -> Subscription, Subscription, ...
//
// A shape whose filter demands `column = constant` is found through an index by that value, so that
// a change costs as much as the shapes that it concerns, however many there are.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "live/subscription.h"
#include "shard/change_set.h"

namespace kalamdb::live {

class ChangeSink {
 public:
  virtual ~ChangeSink() = default;
  // `body` is the change without what names its receiver (server_messages.h), shared by all
  // receivers of one shape and serialization.
  virtual void Deliver(Subscription& subscription, int64_t seq, const SharedBytes& body) = 0;
  // Asked between two changes: the rest waits for another call.
  [[nodiscard]] virtual bool SliceOver() const = 0;
};

struct FilterFailure {
  Subscription* subscription;
  Status why;
};

class Feed {
 public:
  void Add(Subscription* subscription);
  void Remove(Subscription* subscription);
  [[nodiscard]] bool empty() const { return shapes_.empty(); }
  // `table` replaced the version that the queries were bound to, with equal columns.
  void Rebind(const catalog::TablePtr& table);
  // Evaluates and encodes each change from `*next` on for the shapes it may concern, at least one,
  // until the sink's slice is over; `*next` is then the first that is left. Whose filter fails on a
  // new row is added to `failures`, each once: that change is lost to them. kCorruption for a row
  // that cannot be read; nobody heard of it and of those behind it.
  Status Distribute(const shard::ChangeSet& changes, size_t* next, ChangeSink& sink,
                    std::vector<FilterFailure>* failures);
  [[nodiscard]] std::vector<Subscription*> Subscribers() const;
  // The _seq up to which every change was offered to whoever subscribed before it.
  [[nodiscard]] int64_t offered() const { return offered_; }

 private:
  struct Shape {
    SubscriptionQueryPtr query;
    SharedBytes sql;                         // of the first subscriber
    size_t projection = 0;                   // shapes with equal columns share encodings
    std::vector<Subscription*> subscribers;  // each knows its place

    void Add(Subscription* s);
    void Remove(Subscription* s);
  };
  struct EqualityIndex {
    size_t column;
    std::unordered_map<std::string, std::vector<Shape*>> by_value;
  };

  struct Projection {
    bool all_columns = false;
    bool masks_secrets = false;
    std::vector<uint16_t> columns;
    size_t shapes = 0;  // 0: the place is free
  };

  std::vector<Shape*>* IndexSlot(const SubscriptionQuery& query, bool create);
  size_t UseProjection(const SubscriptionQuery& query);

  // By fingerprint; the view is of the shape's own query.
  std::unordered_map<std::string_view, std::unique_ptr<Shape>> shapes_;
  std::vector<Projection> projections_;
  std::vector<Shape*> unindexed_;
  std::vector<EqualityIndex> indexes_;
  int64_t offered_ = 0;
};

}  // namespace kalamdb::live
