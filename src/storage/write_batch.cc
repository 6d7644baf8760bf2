#include <cassert>

#include "base/bytes.h"
#include "storage/hot_store.h"
#include "storage/write_batch_impl.h"

namespace kalamdb::storage {

void WriteBatch::Impl::Add(WriteKind kind, Family family, std::string_view key,
                           std::string_view value) {
  char head[9];
  head[0] = static_cast<char>(static_cast<uint8_t>(kind) << 4 | static_cast<uint8_t>(family));
  StoreFixed<uint32_t>(head + 1, static_cast<uint32_t>(key.size()));
  StoreFixed<uint32_t>(head + 5, static_cast<uint32_t>(value.size()));
  writes.append(head, sizeof(head)).append(key).append(value);
}

WriteBatch::WriteBatch() : impl_(std::make_unique<Impl>()) {}
WriteBatch::~WriteBatch() = default;
WriteBatch::WriteBatch(WriteBatch&&) noexcept = default;
WriteBatch& WriteBatch::operator=(WriteBatch&&) noexcept = default;

void WriteBatch::Put(Family family, std::string_view key, std::string_view value) {
  impl_->Add(WriteKind::kPut, family, key, value);
}

void WriteBatch::Delete(Family family, std::string_view key) {
  impl_->Add(WriteKind::kDelete, family, key, {});
}

void WriteBatch::DeleteRange(Family family, std::string_view begin, std::string_view end) {
  impl_->Add(WriteKind::kDeleteRange, family, begin, end);
}

void WriteBatch::Append(const WriteBatch& other) { impl_->writes.append(other.impl_->writes); }

size_t WriteBatch::bytes() const { return impl_ ? impl_->writes.size() : 0; }
bool WriteBatch::empty() const { return bytes() == 0; }
void WriteBatch::Clear() { impl_->writes.clear(); }

void WriteBatch::Rollback(size_t bytes) {
  assert(bytes <= impl_->writes.size());
  impl_->writes.resize(bytes);
}

void WriteBatch::ShrinkBuffer(size_t max_bytes) {
  assert(empty());
  if (impl_->writes.capacity() > max_bytes) std::string().swap(impl_->writes);
}

}  // namespace kalamdb::storage
