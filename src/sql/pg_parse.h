// The one place that calls libpg_query.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "sql/rewrite.h"

namespace kalamdb::sql {

// A serialised parse tree: bytes that libpg_query allocated.
class PgTree {
 public:
  // kInvalidSql `sql parser error: <message> at Line: l, Column: c` (in the original text).
  static Result<PgTree> Parse(const PgText& text);

  PgTree(const PgTree&) = delete;
  PgTree& operator=(const PgTree&) = delete;
  PgTree(PgTree&& other) noexcept : data_(other.data_), size_(other.size_) {
    other.data_ = nullptr;
  }
  PgTree& operator=(PgTree&&) = delete;
  ~PgTree();

  [[nodiscard]] std::string_view bytes() const { return {data_, size_}; }

 private:
  PgTree(char* data, size_t size) : data_(data), size_(size) {}
  char* data_;
  size_t size_;
};

// Runs `work` where recursion over a tree of `depth` levels has room: here when the tree is
// shallow, else on a thread of its own with a large stack, so that a deep statement neither
// overflows the caller's stack nor leaves megabytes of touched stack with a thread that lives on.
Status RunWithStackFor(uint32_t depth, const std::function<void()>& work);

}  // namespace kalamdb::sql
