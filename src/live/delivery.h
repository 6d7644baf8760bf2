// What reaches the subscriptions of one connection, in order: the pages of a snapshot, then changes
// as they are committed, and from storage what a connection that reads too slowly has missed.
//
//   kSnapshot --last page sent--> kLive --queue full--> kLagging --caught up--> kLive
//
// Everything runs on the connection's loop with the loop's lock held.
#pragma once

#include <deque>
#include <memory>
#include <optional>

#include "live/frame_writer.h"
#include "live/loop_hub.h"
#include "live/page_reader.h"

namespace kalamdb::live {

class Delivery {
 public:
  using SubscriptionPtr = std::shared_ptr<Subscription>;

  Delivery(LiveSession* session, LoopHub* loop, Outbox* outbox, FrameWriter* frames);
  ~Delivery();

  // Of a subscription that is registered already: acknowledges it, with the first page if it has a
  // snapshot. LiveSession::Accept is called before the acknowledgement; if there is none,
  // RemoveWithError.
  void Begin(const SubscriptionPtr& s);
  // The page behind `last_seq`; none: from the beginning.
  void NextPage(const SubscriptionPtr& s, std::optional<int64_t> last_seq);
  void Deliver(Subscription& s, int64_t seq, const SharedBytes& body);
  // Changes of the subscription were lost on the way here: it catches up from storage. Those up to
  // `offered` were not, whether they concerned it or not.
  void FallBehind(Subscription& s, int64_t offered);
  // Of a lagging subscription.
  void CatchUp(const SubscriptionPtr& s);
  // Nothing is queued any more: pages that waited for that.
  void ReadWaitingPages();

 private:
  enum class Purpose : uint8_t { kFirst, kNext, kCatchUp };

  struct WaitingPage {
    SubscriptionPtr s;  // its `reading` is set
    PageRequest request;
    Purpose purpose;
  };

  // Reads a page here when it is short, on a worker otherwise, and goes on with FinishPage.
  void StartPage(const SubscriptionPtr& s, PageRequest request, storage::SnapshotPtr snapshot,
                 Purpose purpose);
  void FinishPage(const SubscriptionPtr& s, Result<Page> page, Purpose purpose);
  void FailPage(const SubscriptionPtr& s, const Status& status, Purpose purpose);
  void FinishCatchUp(Subscription& s, const Page& page);
  void SendAck(const Subscription& s, const BatchControl& control);
  void SendPage(Subscription& s, const Page& page, Purpose purpose);
  void SendChange(Subscription& s, const SharedBytes& body);
  void GoLive(Subscription& s);
  [[nodiscard]] Result<int64_t> Boundary(const Subscription& s,
                                         const storage::Snapshot& snapshot) const;
  [[nodiscard]] bool QueueFull() const;
  // Whether the subscription is still one of an open connection.
  [[nodiscard]] bool Attached(const Subscription& s) const;
  [[nodiscard]] const HubDeps& deps() const { return loop_->deps(); }

  LiveSession* const session_;
  LoopHub* const loop_;
  Outbox* const outbox_;
  FrameWriter* const frames_;
  // Whether this object is still there, for what is posted or runs on a worker.
  std::shared_ptr<bool> Alive();

  std::shared_ptr<bool> alive_;  // null until somebody asks
  // Asked for while the queue was full, one a subscription; null: none.
  std::unique_ptr<std::deque<WaitingPage>> waiting_;
};

}  // namespace kalamdb::live
