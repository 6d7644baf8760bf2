// LIMIT, OFFSET and the configured limits, between an operator and the sink.
#pragma once

#include <limits>

#include "query/context.h"

namespace kalamdb::query {

inline constexpr uint64_t kNoLimit = std::numeric_limits<uint64_t>::max();

// What one run may emit.
struct RowLimit {
  uint64_t offset = 0;
  uint64_t limit = kNoLimit;       // the statement's
  uint64_t configured = kNoLimit;  // the server's; cutting by it is reported

  // Rows that have to be found in order, the one that proves a cut included.
  [[nodiscard]] uint64_t wanted() const {
    uint64_t most = limit;
    if (configured < limit) most = configured + 1;
    return most > kNoLimit - offset ? kNoLimit : offset + most;
  }
};

class LimitedSink {
 public:
  LimitedSink(const RowLimit& limit, ResultSink* sink, bool* truncated)
      : limit_(limit), sink_(sink), truncated_(truncated) {}

  // No row at all is wanted.
  [[nodiscard]] bool done() const { return emitted_ >= limit_.limit; }
  // True when the next row counts as skipped by OFFSET: it need not be computed.
  bool Skip() {
    if (skipped_ >= limit_.offset) return false;
    ++skipped_;
    return true;
  }
  // False: the result is complete.
  Result<bool> Emit(std::span<const Datum> cells) {
    if (emitted_ >= limit_.configured) {
      if (truncated_ != nullptr) *truncated_ = true;
      return false;
    }
    KDB_RETURN_IF_ERROR(sink_->Row(cells));
    ++emitted_;
    return emitted_ < limit_.limit;
  }

 private:
  RowLimit limit_;
  ResultSink* sink_;
  bool* truncated_;
  uint64_t skipped_ = 0;
  uint64_t emitted_ = 0;
};

}  // namespace kalamdb::query
