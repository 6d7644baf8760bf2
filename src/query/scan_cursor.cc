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
    : sources_(&sources),
      spec_(&spec),
      context_(context),
      row_(*spec.table),
      frame_(MakeFrame(sources, context_, &arena_)),
      visibility_(*spec.table, context, spec.include_deleted),
      stop_(StopOf(sources, context)) {
  AppendVisiblePrefix(*spec.table, context, &prefix_);
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
  KDB_RETURN_IF_ERROR(FoldPredicate());
  if (nothing_) return Status::Ok();
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

Status ScanCursor::FoldPredicate() {
  if (spec_->predicate == nullptr || spec_->path.exact) return Status::Ok();
  KDB_ASSIGN_OR_RETURN(predicate_, expr::Fold(spec_->predicate, frame_, false));
  if (predicate_->node() == expr::Node::kConstant) {
    nothing_ = !expr::EvalPredicate(*predicate_, frame_);
    if (!frame_.error.ok()) return frame_.error;
    predicate_ = nullptr;
  }
  return Status::Ok();
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
    if (!bound.empty()) {
      // No key is a prefix of another, so that this skips the bound's own row and nothing else.
      if (!spec_->path.lower_inclusive) bound.push_back('\0');
      from = std::move(bound);
    }
  }
  if (upper != nullptr && !nothing_) {
    std::string bound;
    KDB_RETURN_IF_ERROR(Bound(*upper, seq_bounds, &bound, &nothing_));
    if (!bound.empty()) {
      // The first key behind it. A negative _seq bound was raised to 0, where no row is.
      if (spec_->path.upper_inclusive) bound.push_back('\0');
      to = std::move(bound);
    }
  }
  // Expired rows lie below the first that is visible.
  if (spec_->table->kind == TableKind::kStream && visibility_.oldest_seq() > 0) {
    std::string oldest = prefix_;
    storage::AppendSeqKey(&oldest, visibility_.oldest_seq());
    from = std::max(from, oldest);
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
  KDB_RETURN_IF_ERROR(stop_.Step());
  KDB_RETURN_IF_ERROR(row_.Set(encoded));
  const RowView& view = row_.view();
  if (!visibility_.Sees(view)) return false;
  if (predicate_ == nullptr) return true;
  if (arena_.bytes() > 0) arena_.Reset();
  frame_.row = &row_;
  const bool matches = expr::EvalPredicate(*predicate_, frame_);
  if (!frame_.error.ok()) return frame_.error;
  return matches;
}

Result<bool> ScanCursor::NextKey() {
  while (next_key_ < keys_.size()) {
    const std::string& key = keys_[next_key_++];
    KDB_ASSIGN_OR_RETURN(
        bool found, sources_->store->Get(Family::kRows, key, context_.snapshot.get(), &value_));
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
