#include "live/interest.h"

#include <mutex>

namespace kalamdb::live {

uint64_t InterestIndex::Loops(TableId table, std::string_view owner) const {
  // Sequentially consistent with Add: a subscriber counts itself before it takes its snapshot, the
  // committer looks after its write is visible. One of them sees the other.
  if (total_.load() == 0) return 0;
  std::shared_lock lock(mutex_);
  const auto it = entries_.find(KeyView{table, owner});
  return it == entries_.end() ? 0 : it->second.mask;
}

void InterestIndex::Add(TableId table, std::string_view owner, int loop) {
  std::unique_lock lock(mutex_);
  ++total_;
  auto it = entries_.find(KeyView{table, owner});
  if (it == entries_.end()) it = entries_.emplace(Key{table, std::string(owner)}, Entry{}).first;
  Entry& entry = it->second;
  entry.mask |= uint64_t{1} << loop;
  for (auto& [l, count] : entry.counts) {
    if (l == loop) {
      ++count;
      return;
    }
  }
  entry.counts.emplace_back(static_cast<uint8_t>(loop), 1);
}

void InterestIndex::Remove(TableId table, std::string_view owner, int loop) {
  std::unique_lock lock(mutex_);
  const auto it = entries_.find(KeyView{table, owner});
  if (it == entries_.end()) return;
  Entry& entry = it->second;
  for (size_t i = 0; i < entry.counts.size(); ++i) {
    if (entry.counts[i].first != loop) continue;
    --total_;
    if (--entry.counts[i].second == 0) {
      entry.counts.erase(entry.counts.begin() + static_cast<ptrdiff_t>(i));
      entry.mask &= ~(uint64_t{1} << loop);
    }
    break;
  }
  if (entry.counts.empty()) entries_.erase(it);
}

}  // namespace kalamdb::live
