// What the loop of an I/O thread has yet to work off for its live queries: committed changes, DDL
// and changed rights, in order, within a bound of bytes.
#pragma once

#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_set>
#include <variant>

#include "catalog/table.h"
#include "shard/change_set.h"

namespace kalamdb::live {

// One owner's part of one table.
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

class Inbox {
 public:
  struct TableChange {
    TableId id;
    catalog::TablePtr current;  // null: dropped
  };
  struct RightsChange {
    std::string user;
  };
  // Change sets of the feed were dropped at this place: its subscriptions read them from storage.
  struct Lost {
    FeedKey feed;
  };
  using Item = std::variant<shard::ChangeSetPtr, TableChange, RightsChange, Lost>;

  // Any thread. Change sets beyond the bound are dropped and leave a mark of their feed. True: the
  // reader has said that it found nothing, and must be told.
  [[nodiscard]] bool Push(Item item);

  // --- The loop's thread.
  // None: Push says when there is something.
  std::optional<Item> Pop();
  // A set that Pop gave out was worked off: its bytes count no more.
  void Release(const shard::ChangeSet& set);

 private:
  std::mutex mutex_;
  std::deque<Item> items_;
  size_t bytes_ = 0;  // of the change sets in items_ and of those that are being worked off
  std::unordered_set<FeedKey, FeedKeyHash> lost_;  // those with a mark in items_
  bool reader_waits_ = true;
};

}  // namespace kalamdb::live
