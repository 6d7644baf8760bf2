// Walks rows of one owner by key, by key range or by _seq, on the snapshot of the run.
#include "query/scan_cursor.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/bytes.h"
#include "base/snowflake.h"
#include "types/row_codec.h"

namespace kalamdb::query {

using storage::Family;

ScanCursor::ScanCursor(const Sources& sources, const ScanSpec& spec, const RunContext& context)
    : sources_(&sources), spec_(&spec), context_(context), row_(*spec.table) {
  frame_.params = context_.params;
  frame_.user = context_.user;
  frame_.role = context_.role;
  frame_.now_micros = context_.now_micros;
  frame_.ids = sources.ids;
  frame_.arena = &arena_;
  prefix_ = storage::OwnerPrefix(spec.table->id,
                                 spec.table->owned() ? context_.user : std::string_view());
}

Result<bool> ScanCursor::Next() {
  if (!started_) {
    started_ = true;
    KDB_RETURN_IF_ERROR(Start());
  }
  if (nothing_) return false;
  return by_key_ ? NextKey() : NextInOrder();
}

Status ScanCursor::Start() {
  const AccessPath& path = spec_->path;
  const bool stream = spec_->table->kind == TableKind::kStream;
  switch (path.kind) {
    case AccessPath::Kind::kPoint:
    case AccessPath::Kind::kKeys:
      return StartKeys();
    case AccessPath::Kind::kKeyRange:
      return StartRange(Family::kRows, path.lower, path.upper, false);
    case AccessPath::Kind::kSeqRange:
      return StartRange(stream ? Family::kRows : Family::kSeqs, path.lower, path.upper, true);
    case AccessPath::Kind::kOwner:
      return StartRange(spec_->by_seq && !stream ? Family::kSeqs : Family::kRows, nullptr, nullptr,
                        false);
  }
  return InternalError("unknown access path");
}

Result<Datum> ScanCursor::Evaluate(const expr::Expr& key) {
  Datum d = key.Eval(frame_);
  if (!frame_.error.ok()) return frame_.error;
  return d;
}

Status ScanCursor::StartKeys() {
  by_key_ = true;
  for (const expr::ExprPtr& expr : spec_->path.keys) {
    KDB_ASSIGN_OR_RETURN(Datum d, Evaluate(*expr));
    if (d.null) continue;
    std::string key = prefix_;
    // What cannot be a key (NaN, too long) equals no key.
    if (!AppendKey(d, &key).ok()) continue;
    keys_.push_back(std::move(key));
  }
  std::sort(keys_.begin(), keys_.end());
  keys_.erase(std::unique(keys_.begin(), keys_.end()), keys_.end());
  if (spec_->reverse) std::reverse(keys_.begin(), keys_.end());
  return Status::Ok();
}

Status ScanCursor::Bound(const expr::Expr& bound, bool seq, std::string* out, bool* empty) {
  KDB_ASSIGN_OR_RETURN(Datum d, Evaluate(bound));
  if (d.null) {
    *empty = true;
    return Status::Ok();
  }
  std::string key = prefix_;
  if (seq) {
    // No _seq is negative, and a negative bound must not wrap around.
    storage::AppendSeqKey(&key, std::max<int64_t>(d.i, 0));
  } else if (!AppendKey(d, &key).ok()) {
    return Status::Ok();  // no key: leave this side open, the predicate decides
  }
  *out = std::move(key);
  return Status::Ok();
}

Status ScanCursor::StartRange(Family family, const expr::ExprPtr& lower, const expr::ExprPtr& upper,
                              bool seq_bounds) {
  std::string from = prefix_;
  std::string to = storage::PrefixEnd(prefix_);
  if (lower != nullptr) {
    std::string bound;
    KDB_RETURN_IF_ERROR(Bound(*lower, seq_bounds, &bound, &nothing_));
    // An exclusive lower bound is not skipped by appending to it: the predicate drops the one row.
    if (!bound.empty()) from = std::move(bound);
  }
  if (upper != nullptr && !nothing_) {
    std::string bound;
    KDB_RETURN_IF_ERROR(Bound(*upper, seq_bounds, &bound, &nothing_));
    if (!bound.empty()) {
      if (spec_->path.upper_inclusive) bound.push_back('\0');  // the first key behind it
      to = std::move(bound);
    }
  }
  if (nothing_ || (!to.empty() && from >= to)) {
    nothing_ = true;
    return Status::Ok();
  }
  through_seqs_ = family == Family::kSeqs;
  iterator_ = std::make_unique<storage::Iterator>(
      sources_->store->NewIterator(family, from, to, context_.snapshot.get()));
  if (spec_->reverse) {
    iterator_->SeekToLast();
  } else {
    iterator_->SeekToFirst();
  }
  return Status::Ok();
}

Result<bool> ScanCursor::Accept(std::string_view encoded) {
  if (context_.scan_budget != 0 && ++looked_at_ > context_.scan_budget) {
    return Status(ErrorCode::kNeedsPool, "scan budget exceeded");
  }
  KDB_RETURN_IF_ERROR(row_.Set(encoded));
  const RowView& view = row_.view();
  if (view.deleted() && !spec_->include_deleted) return false;
  const catalog::TableInfo& table = *spec_->table;
  if (table.kind == TableKind::kStream && table.options.ttl_seconds != 0) {
    // A ttl beyond what the clock can express never ends.
    constexpr uint64_t kForever = 1'000'000'000'000;
    if (table.options.ttl_seconds < kForever) {
      const int64_t expires = SnowflakeMillis(view.seq()) +
                              static_cast<int64_t>(table.options.ttl_seconds) * 1000;
      if (expires <= context_.now_micros / 1000) return false;
    }
  }
  if (spec_->predicate == nullptr) return true;
  arena_.Reset();
  frame_.row = &row_;
  const bool matches = expr::EvalPredicate(*spec_->predicate, frame_);
  if (!frame_.error.ok()) return frame_.error;
  return matches;
}

Result<bool> ScanCursor::NextKey() {
  while (next_key_ < keys_.size()) {
    const std::string& key = keys_[next_key_++];
    KDB_ASSIGN_OR_RETURN(bool found, sources_->store->Get(Family::kRows, key,
                                                          context_.snapshot.get(), &value_));
    if (!found) continue;
    KDB_ASSIGN_OR_RETURN(bool seen, Accept(value_));
    if (!seen) continue;
    key_ = std::string_view(key).substr(prefix_.size());
    return true;
  }
  return false;
}

Result<bool> ScanCursor::NextInOrder() {
  while (true) {
    if (moved_) {
      if (spec_->reverse) {
        iterator_->Prev();
      } else {
        iterator_->Next();
      }
    }
    moved_ = true;
    if (!iterator_->Valid()) {
      KDB_RETURN_IF_ERROR(iterator_->status());
      return false;
    }
    std::string_view encoded = iterator_->value();
    std::string_view key = iterator_->key().substr(prefix_.size());
    if (through_seqs_) {
      row_key_ = prefix_;
      row_key_.append(encoded);
      KDB_ASSIGN_OR_RETURN(bool found, sources_->store->Get(Family::kRows, row_key_,
                                                            context_.snapshot.get(), &value_));
      if (!found) return Corruption("a row named by its _seq is missing");
      encoded = value_;
      key = std::string_view(row_key_).substr(prefix_.size());
    }
    KDB_ASSIGN_OR_RETURN(bool seen, Accept(encoded));
    if (!seen) continue;
    key_ = key;
    return true;
  }
}

}  // namespace kalamdb::query
