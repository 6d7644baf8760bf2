// A scan that is pulled, row by row: what Scan pushes to its visitor, for callers that cannot be
// called back (the analytical engine asks for a chunk at a time). Owner, tombstones and expiry are
// handled here for both.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "query/scan.h"
#include "query/visibility.h"

namespace kalamdb::query {

// Not shared between threads; may move between them from call to call. `sources`, `spec` and
// whatever `context` points at outlive it.
class ScanCursor {
 public:
  ScanCursor(const Sources& sources, const ScanSpec& spec, const RunContext& context);

  // Moves to the next matching row; false at the end. Errors: evaluation, storage, kNeedsPool when
  // context.scan_budget rows were looked at, what a StopToken reports. Not to be called again after
  // an error or the end.
  Result<bool> Next();
  // Valid until the next call of Next.
  [[nodiscard]] const StoredRow& row() const { return row_; }
  // The primary key part of the storage key; STREAM tables: the 8 bytes of _seq.
  [[nodiscard]] std::string_view key() const { return key_; }

 private:
  Status Start();
  Status FoldPredicate();
  Status StartKeys();
  Status StartRange(storage::Family family, const expr::ExprPtr& lower, const expr::ExprPtr& upper,
                    bool seq_bounds);
  // The bound as key bytes behind the owner's prefix; nothing matches when it is NULL.
  Status Bound(const expr::Expr& bound, bool seq, std::string* out, bool* empty);
  Result<Datum> Evaluate(const expr::Expr& key);
  Result<bool> NextKey();
  Result<bool> NextInOrder();
  // Whether the encoded row is seen by this scan.
  Result<bool> Accept(std::string_view encoded);

  const Sources* sources_;
  const ScanSpec* spec_;
  RunContext context_;
  StoredRow row_;
  Arena arena_;
  expr::EvalFrame frame_;
  Visibility visibility_;
  expr::ExprPtr
      predicate_;  // the spec's with all that does not depend on the row computed; null: all rows
  std::string prefix_;  // table and owner
  bool started_ = false;
  bool nothing_ = false;  // a key or bound was NULL
  size_t looked_at_ = 0;
  StopProbe stop_;

  bool by_key_ = false;            // kPoint, kKeys
  std::vector<std::string> keys_;  // full storage keys in the order of the scan
  size_t next_key_ = 0;
  std::string value_;  // what was read by key

  bool moved_ = false;         // the iterator stands on a row that was already looked at
  bool through_seqs_ = false;  // the iterator walks kSeqs, rows are read by key
  std::unique_ptr<storage::Iterator> iterator_;
  std::string row_key_;
  std::string_view key_;
};

}  // namespace kalamdb::query
