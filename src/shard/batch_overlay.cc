#include "shard/batch_overlay.h"

#include <algorithm>
#include <cassert>
#include <functional>

namespace kalamdb::shard {

size_t BatchOverlay::Probe(std::string_view key, uint64_t hash) const {
  const size_t mask = slots_.size() - 1;
  for (size_t slot = hash & mask;; slot = (slot + 1) & mask) {
    const uint32_t index = slots_[slot];
    if (index == kNone) return slot;
    const Version& v = versions_[index];
    if (v.hash == hash && KeyOf(v) == key) return slot;
  }
}

const std::string_view* BatchOverlay::Find(std::string_view key) const {
  if (versions_.empty()) return nullptr;
  const uint32_t index = slots_[Probe(key, std::hash<std::string_view>{}(key))];
  return index == kNone ? nullptr : &versions_[index].row;
}

void BatchOverlay::Set(std::string_view key, std::string_view row) {
  if (slots_.size() < 2 * (versions_.size() + 1)) Grow();
  Version v;
  v.hash = std::hash<std::string_view>{}(key);
  v.slot = Probe(key, v.hash);
  v.replaced = slots_[v.slot];
  v.row = row;
  v.key_size = static_cast<uint32_t>(key.size());
  if (v.replaced == kNone) {
    v.key_offset = keys_.size();
    keys_.append(key);
  } else {
    v.key_offset = versions_[v.replaced].key_offset;
  }
  slots_[v.slot] = static_cast<uint32_t>(versions_.size());
  versions_.push_back(v);
}

void BatchOverlay::Rollback(size_t size) {
  assert(size <= versions_.size());
  while (versions_.size() > size) {
    const Version& v = versions_.back();
    slots_[v.slot] = v.replaced;
    if (v.replaced == kNone) keys_.resize(v.key_offset);
    versions_.pop_back();
  }
}

void BatchOverlay::Clear() {
  for (const Version& v : versions_) slots_[v.slot] = kNone;
  versions_.clear();
  keys_.clear();
}

void BatchOverlay::Shrink() {
  assert(versions_.empty());
  if (slots_.size() <= 256 && keys_.capacity() <= (16 << 10)) return;
  std::vector<uint32_t>().swap(slots_);
  std::vector<Version>().swap(versions_);
  std::string().swap(keys_);
}

void BatchOverlay::Grow() {
  slots_.assign(std::max(kMinSlots, slots_.size() * 2), kNone);
  for (uint32_t i = 0; i < versions_.size(); ++i) {
    Version& v = versions_[i];
    v.slot = Probe(KeyOf(v), v.hash);
    slots_[v.slot] = i;
  }
}

}  // namespace kalamdb::shard
