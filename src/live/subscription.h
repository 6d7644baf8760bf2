// One subscription of one connection. Belongs to its loop; guarded by the loop's lock.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "live/client_message.h"
#include "live/subscription_query.h"

namespace kalamdb::live {

class LiveSession;

using SharedBytes = std::shared_ptr<const std::string>;

struct Subscription {
  enum class State : uint8_t {
    kSnapshot,  // changes are held until the last page was sent
    kLive,
    kLagging,  // the connection's queue was full: changes are dropped here and read from storage
               // later
  };

  std::string id;  // the client's, verbatim
  SubscriptionQueryPtr query;
  SharedBytes sql;                           // as received; equal ones of a shape are one
  std::unique_ptr<SnapshotOptions> options;  // null: none were given
  LiveSession* session = nullptr;            // null once removed
  State state = State::kSnapshot;
  Serialization serialization = Serialization::kJson;  // the connection's
  bool reading = false;                                // a page is being read on a worker thread
  bool overflowed = false;  // held changes passed their bound and were given up: catch up instead
  bool missed = false;      // a change was dropped since the last catching up began
  bool resume_too_old = false;  // more deletes than are reported: told once the snapshot is ready
  uint32_t batch_num = 0;
  uint32_t deletes_reported = 0;
  uint32_t place = 0;  // the feed's: among the subscribers of its shape

  // Changes at or below are in the snapshot (or were caught up).
  int64_t boundary = 0;
  int64_t delivered = 0;  // _seq up to which everything was sent

  // Held while state is kSnapshot. Bodies are shared with other subscriptions.
  struct Held {
    int64_t seq;
    SharedBytes body;
  };
  std::vector<Held> held;
  size_t held_bytes = 0;

  int64_t created_millis = 0;
  int64_t last_update_millis = 0;
  int64_t changes = 0;
};

}  // namespace kalamdb::live
