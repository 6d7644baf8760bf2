// The one place that calls libpg_query.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "sql/pg_pack.h"
#include "sql/rewrite.h"

namespace kalamdb::sql {

// A serialised parse tree.
class PgTree {
 public:
  // kInvalidSql `sql parser error: <message> at Line: l, Column: c` (in the original text).
  static Result<PgTree> Parse(const PgText& text);

  [[nodiscard]] std::string_view bytes() const { return buffer_.bytes(); }

 private:
  explicit PgTree(PgPackBuffer buffer) : buffer_(std::move(buffer)) {}
  PgPackBuffer buffer_;
};

// Runs `work` where recursion over a tree of `depth` levels has room: here when the tree is
// shallow, else on a thread of its own with a large stack, so that a deep statement neither
// overflows the caller's stack nor leaves megabytes of touched stack with a thread that lives on.
Status RunWithStackFor(uint32_t depth, const std::function<void()>& work);

}  // namespace kalamdb::sql
