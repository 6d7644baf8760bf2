// The live queries of one I/O thread: its feeds, its sessions, and the inbox that commits fill.
//
// The loop serves HTTP too, and a burst of changes to thousands of subscribers must not keep
// writers waiting: the inbox is worked off in slices of time, and no further than the sockets are
// written.
#pragma once

#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "live/feed.h"
#include "live/hub.h"
#include "live/inbox.h"

namespace kalamdb::live {

class LiveSession;

class LoopHub final : public ChangeSink {
 public:
  LoopHub(Hub* hub, Loop* loop) : hub_(hub), loop_(loop) {}

  // Any thread. Items are worked off on the loop, in order. Change sets beyond the bound are
  // dropped while the loop is behind; their subscriptions catch up from storage.
  void Enqueue(Inbox::Item item);

  // --- With `mutex` held, on the loop's thread (Unregister and sessions also elsewhere).
  void Add(LiveSession* session);
  void Remove(LiveSession* session);
  [[nodiscard]] const std::vector<LiveSession*>& sessions() const { return sessions_; }
  void Register(Subscription* subscription);
  void Unregister(Subscription* subscription);
  void Deliver(Subscription& subscription, int64_t seq, const SharedBytes& body) override;
  [[nodiscard]] bool SliceOver() const override;

  // Somebody waits for a worker: whoever else needs one is told together with them.
  [[nodiscard]] bool awaits_worker() const { return awaits_worker_; }
  // When what is being delivered was committed (monotonic clock); 0: nothing is.
  [[nodiscard]] int64_t commit_in_hand() const {
    return in_hand_ == nullptr ? 0 : in_hand_->committed_micros;
  }
  void CountFallBehind() { ++hub_->fell_behind_; }
  // Lagging subscriptions go on once a worker takes jobs again. False when nobody would tell.
  bool AwaitWorker();

  Hub* hub() const { return hub_; }
  [[nodiscard]] const HubDeps& deps() const;
  Loop* loop() const { return loop_; }

  // Guards everything below and the sessions: taken by the loop in every call, and now and then by
  // a thread that lists or kills.
  std::mutex mutex;

 private:
  void Drain();
  // The next of the inbox: a change set into the hand, others are applied. False: there is none.
  bool TakeItem();
  // The set in hand, until it or the slice is over.
  void Distribute();
  // Goes on with Drain in the next turn.
  void DrainNextTurn();
  // Goes on with Drain once what was handed to connections was offered to their sockets.
  void AwaitFlush();
  void Warn(const std::string& table, const Status& failed);
  // A feed's changes were not delivered.
  void FallBehind(const FeedKey& key);
  void Apply(const Inbox::TableChange& change);
  void Apply(const Inbox::RightsChange& change);

  Hub* const hub_;
  Loop* const loop_;
  std::vector<LiveSession*> sessions_;  // each knows its place
  std::unordered_map<FeedKey, Feed, FeedKeyHash> feeds_;

  Inbox inbox_;
  // Taken from the inbox and worked off up to `next_change_`.
  shard::ChangeSetPtr in_hand_;
  size_t next_change_ = 0;
  int64_t slice_end_micros_ = 0;
  size_t unflushed_bytes_ = 0;  // handed to connections and perhaps not yet offered to sockets
  bool awaits_flush_ = false;
  bool drain_posted_ = false;  // by DrainNextTurn

  bool awaits_worker_ = false;
  int64_t next_warning_micros_ = 0;
};

}  // namespace kalamdb::live
