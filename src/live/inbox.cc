#include "live/inbox.h"

namespace kalamdb::live {

namespace {

// Change sets that wait for a loop. One alone may be larger.
constexpr size_t kMaxBytes = 16 << 20;

size_t BytesOf(const shard::ChangeSet& set) {
  size_t bytes = sizeof set + set.owner.size();
  for (const shard::RowChange& c : set.changes) {
    bytes += sizeof c + c.key.size() + c.old_row.size() + c.new_row.size();
  }
  return bytes;
}

}  // namespace

bool Inbox::Push(Item item) {
  std::lock_guard lock(mutex_);
  if (const auto* set = std::get_if<shard::ChangeSetPtr>(&item)) {
    const size_t bytes = BytesOf(**set);
    if (bytes_ + bytes > kMaxBytes && bytes_ > 0) {
      FeedKey feed{(*set)->table->id, (*set)->owner};
      // A mark that still waits covers this set too: what is read then is newer.
      if (!lost_.insert(feed).second) return false;
      item = Lost{std::move(feed)};
    } else {
      bytes_ += bytes;
    }
  }
  items_.push_back(std::move(item));
  return std::exchange(reader_waits_, false);
}

std::optional<Inbox::Item> Inbox::Pop() {
  std::lock_guard lock(mutex_);
  if (items_.empty()) {
    reader_waits_ = true;
    std::deque<Item>().swap(items_);
    return std::nullopt;
  }
  std::optional<Item> item(std::move(items_.front()));
  items_.pop_front();
  if (const auto* lost = std::get_if<Lost>(&*item)) lost_.erase(lost->feed);
  return item;
}

void Inbox::Release(const shard::ChangeSet& set) {
  const size_t bytes = BytesOf(set);
  std::lock_guard lock(mutex_);
  bytes_ -= bytes;
}

}  // namespace kalamdb::live
