// Serialises libpg_query's trees, in the place of protobuf-c.
//
// protobuf-c packs a message by asking each of its fields whether it is set, twice, and a Node has
// 240 of them: six sevenths of a parse went there. This packer goes to the one that is set, writes
// from the back to the front so that every length is known when it is due, and needs one pass. The
// linker puts it in (--wrap, src/CMakeLists.txt): inside a PgPackScope libpg_query hands its tree
// to the scope's buffer and gets nothing to copy; outside, protobuf-c works as ever. The bytes are
// the same (tests/unit/sql/pg_pack_test.cc).
#pragma once

#include <cstddef>
#include <string_view>

namespace kalamdb::sql {

// Bytes that grow at their front. Memory comes from malloc and its failure is a flag: the packer
// runs below C frames, which no exception may pass.
class PgPackBuffer {
 public:
  PgPackBuffer() = default;
  PgPackBuffer(PgPackBuffer&& other) noexcept;
  PgPackBuffer& operator=(PgPackBuffer&&) = delete;
  PgPackBuffer(const PgPackBuffer&) = delete;
  PgPackBuffer& operator=(const PgPackBuffer&) = delete;
  ~PgPackBuffer();

  void Prepend(const void* bytes, size_t n);
  void Clear() {
    begin_ = capacity_;
    failed_ = false;
  }
  void Fail() { failed_ = true; }
  // Out of memory, or a tree of a shape that is not expected.
  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] std::string_view bytes() const { return {data_ + begin_, capacity_ - begin_}; }

 private:
  char* data_ = nullptr;
  size_t capacity_ = 0;
  size_t begin_ = 0;  // bytes are data_[begin_ .. capacity_)
  bool failed_ = false;
};

// While it lives, trees that this thread's libpg_query serialises go to `buffer`.
class PgPackScope {
 public:
  explicit PgPackScope(PgPackBuffer* buffer);
  PgPackScope(const PgPackScope&) = delete;
  PgPackScope& operator=(const PgPackScope&) = delete;
  ~PgPackScope();
};

}  // namespace kalamdb::sql
