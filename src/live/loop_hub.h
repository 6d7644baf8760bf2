// The live queries of one I/O thread: its feeds, its sessions, and the inbox that commits fill.
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <variant>

#include "live/feed.h"
#include "live/hub.h"

namespace kalamdb::live {

class LiveSession;

class LoopHub final : public ChangeSink {
 public:
  LoopHub(Hub* hub, Loop* loop) : hub_(hub), loop_(loop) {}

  struct TableChange {
    TableId id;
    catalog::TablePtr current;  // null: dropped
  };
  struct RightsChange {
    std::string user;
  };
  using Item = std::variant<shard::ChangeSetPtr, TableChange, RightsChange>;
  // Any thread. Items are worked off on the loop, in order. Change sets beyond the bound are
  // dropped while the loop is behind; their subscriptions catch up from storage.
  void Enqueue(Item item);

  // --- With `mutex` held, on the loop's thread (Unregister also elsewhere).
  void Register(Subscription* subscription);
  void Unregister(Subscription* subscription);
  void Deliver(Subscription& subscription, int64_t seq, const SharedBytes& body) override;

  // Lagging subscriptions go on once a worker takes jobs again. False when nobody would tell.
  bool AwaitWorker();

  Hub* hub() const { return hub_; }
  [[nodiscard]] const HubDeps& deps() const;
  Loop* loop() const { return loop_; }

  // Guards everything below and the sessions: taken by the loop in every call, and now and then by
  // a thread that lists or kills.
  std::mutex mutex;
  std::set<LiveSession*> sessions;

 private:
  struct FeedKey {
    TableId table;
    std::string owner;
    bool operator==(const FeedKey&) const = default;
  };
  struct FeedKeyHash {
    size_t operator()(const FeedKey& k) const {
      return std::hash<std::string>()(k.owner) * 31 + k.table;
    }
  };

  void Drain();
  void Distribute(const shard::ChangeSet& changes);
  // A feed's changes were not delivered.
  void FallBehind(const FeedKey& key);
  void Apply(const TableChange& change);
  void Apply(const RightsChange& change);

  Hub* const hub_;
  Loop* const loop_;
  std::unordered_map<FeedKey, Feed, FeedKeyHash> feeds_;

  std::mutex inbox_mutex_;
  std::deque<Item> inbox_;
  size_t inbox_bytes_ = 0;  // of change sets
  std::unordered_set<FeedKey, FeedKeyHash>
      lost_;  // whose change sets were dropped; no more than there are feeds
  bool scheduled_ = false;

  bool awaits_worker_ = false;
  int64_t next_warning_micros_ = 0;
};

}  // namespace kalamdb::live
