#include "shard/shard_writer.h"

#include "base/bytes.h"
#include "catalog/meta_keys.h"
#include "types/convert.h"
#include "types/row_codec.h"

namespace kalamdb::shard {
namespace {

using storage::Family;

// Buffers up to this size are kept while idle.
constexpr size_t kKeptBytes = 64 << 10;

Status Retry(const catalog::TableInfo& table, std::string_view why) {
  return {ErrorCode::kRetry, fmt::format("{}: {}", table.qualified(), why)};
}

Status PrimaryKeyViolation(const catalog::TableInfo& table, std::string_view row) {
  std::string value = "?";
  std::string_view column = "?";
  if (auto view = RowView::Parse(row); view.ok()) {
    const Schema* schema = table.version(view->schema_version());
    if (schema != nullptr && schema->primary_key()) {
      const Column& key = schema->column(*schema->primary_key());
      const auto slot = static_cast<size_t>(schema->slot(*schema->primary_key()));
      value.clear();
      AppendText(&value, view->Slot(slot, key.type));
      column = key.name;
    }
  }
  return AlreadyExists(fmt::format(
      "Primary key violation: value '{}' already exists in column '{}'", value, column));
}

}  // namespace

Result<std::unique_ptr<ShardWriter>> ShardWriter::Open(storage::HotStore* store, const Clock* clock,
                                                       const PipelineOptions& options) {
  std::unique_ptr<ShardWriter> writer(new ShardWriter(store, options));
  for (int i = 0; i < options.shards.Count(); ++i) {
    std::string key = catalog::CounterKey("shard/" + options.shards.Name(i));
    std::string value;
    KDB_ASSIGN_OR_RETURN(const bool found, store->Get(Family::kMeta, key, nullptr, &value));
    if (found && value.size() != 8) return Corruption("shard counter is damaged");
    const int64_t last = found ? LoadFixed<int64_t>(value.data()) : 0;
    writer->shards_.push_back(
        {SnowflakeGenerator(clock, options.worker_id, last), std::move(key), false});
  }
  return writer;
}

Status ShardWriter::Add(Command* command) {
  const size_t batch_mark = batch_.bytes();
  const size_t overlay_mark = overlay_.size();
  const size_t applied_mark = applied_.size();
  const bool needed_sync = needs_sync_;
  Status status;
  for (uint32_t i = 0; i < command->rows.size() && status.ok(); ++i) {
    status = AddRows(&command->rows[i], i);
  }
  if (!status.ok()) {
    // A shard stays marked as written: its counter may then be stored without a row of it, which is
    // harmless.
    batch_.Rollback(batch_mark);
    overlay_.Rollback(overlay_mark);
    applied_.resize(applied_mark);
    needs_sync_ = needed_sync;
    return status;
  }
  if (command->meta && !command->meta->batch.empty()) {
    batch_.Append(command->meta->batch);
    needs_sync_ = true;
  }
  return status;
}

Status ShardWriter::AddRows(RowCommand* rows, uint32_t index) {
  const catalog::TableInfo& table = *rows->table;
  if (table.stale.load(std::memory_order_acquire)) return Retry(table, "the table changed");
  const auto shard = static_cast<size_t>(shards_map_.Of(table, rows->owner));
  const Target to{&table, storage::OwnerPrefix(table.id, rows->owner), &shards_[shard], index};
  for (uint32_t i = 0; i < rows->writes.size(); ++i) {
    RowWrite* w = &rows->writes[i];
    const bool stream = w->op == WriteOp::kStreamInsert || w->op == WriteOp::kStreamDelete;
    if (stream != (table.kind == TableKind::kStream)) {
      return InternalError(fmt::format("{}: wrong kind of write", table.qualified()));
    }
    KDB_RETURN_IF_ERROR(stream ? AddStreamWrite(to, w, i) : AddWrite(to, w, i));
  }
  return Status::Ok();
}

Status ShardWriter::AddWrite(const Target& to, RowWrite* w, uint32_t index) {
  BuildKey(to, w->key);
  std::string_view stored;
  if (w->op == WriteOp::kInsertGenerated) {
    // New by construction, except against what this batch made of it.
    if (const std::string_view* row = overlay_.Find(row_key_)) stored = old_rows_.Copy(*row);
  } else {
    KDB_ASSIGN_OR_RETURN(stored, Newest());
  }
  RowView view;
  const RowView* newest = nullptr;
  if (!stored.empty()) {
    KDB_ASSIGN_OR_RETURN(view, RowView::Parse(stored));
    newest = &view;
  }
  const bool live = newest != nullptr && !newest->deleted();

  switch (w->op) {
    case WriteOp::kInsert:
    case WriteOp::kInsertGenerated:
      if (live) return PrimaryKeyViolation(*to.table, w->row);
      return Put(to, w, index, RowChange::Kind::kInsert, newest);
    case WriteOp::kUpdate:
    case WriteOp::kDelete:
      if (!live || newest->seq() != w->expected_seq) return Retry(*to.table, "a row changed");
      return Put(to, w, index,
                 w->op == WriteOp::kUpdate ? RowChange::Kind::kUpdate : RowChange::Kind::kDelete,
                 newest);
    case WriteOp::kMutate:
      return AddMutation(to, w, index, newest);
    case WriteOp::kStreamInsert:
    case WriteOp::kStreamDelete:
      break;
  }
  return InternalError("unknown kind of write");
}

Status ShardWriter::AddMutation(const Target& to, RowWrite* w, uint32_t index,
                                const RowView* newest) {
  const bool live = newest != nullptr && !newest->deleted();
  KDB_ASSIGN_OR_RETURN(const Mutation::Action action,
                       w->mutation->Decide(live ? newest : nullptr, &w->row));
  switch (action) {
    case Mutation::Action::kNothing:
      return Status::Ok();
    case Mutation::Action::kInsert:
      if (live) return PrimaryKeyViolation(*to.table, w->row);
      return Put(to, w, index, RowChange::Kind::kInsert, newest);
    case Mutation::Action::kUpdate:
    case Mutation::Action::kDelete:
      if (!live) return InternalError("a mutation changes a row that is not there");
      return Put(
          to, w, index,
          action == Mutation::Action::kUpdate ? RowChange::Kind::kUpdate : RowChange::Kind::kDelete,
          newest);
  }
  return InternalError("unknown action of a mutation");
}

Status ShardWriter::Put(const Target& to, RowWrite* w, uint32_t index, RowChange::Kind kind,
                        const RowView* newest) {
  const bool removed = kind == RowChange::Kind::kDelete;
  if (removed) w->row.assign(newest->bytes());
  if (w->row.size() < kRowHeaderBytes) return InternalError("a write without a row");
  const int64_t seq = to.shard->seq.Next();
  PatchRowVersion(w->row.data(), seq, newest != nullptr ? newest->insert_seq() : seq, removed);

  if (newest != nullptr) batch_.Delete(Family::kSeqs, SeqKey(to, newest->seq()));
  batch_.Put(Family::kRows, row_key_, w->row);
  batch_.Put(Family::kSeqs, SeqKey(to, seq), w->key);
  const std::string_view old_row =
      kind == RowChange::Kind::kInsert ? std::string_view() : newest->bytes();
  overlay_.Set(row_key_, w->row);
  applied_.push_back({to.row_command, index, kind, seq, old_row});
  to.shard->written = true;
  needs_sync_ = true;
  return Status::Ok();
}

Status ShardWriter::AddStreamWrite(const Target& to, RowWrite* w, uint32_t index) {
  if (w->op == WriteOp::kStreamDelete) {
    w->key.clear();
    storage::AppendSeqKey(&w->key, w->expected_seq);
    BuildKey(to, w->key);
    KDB_ASSIGN_OR_RETURN(const std::string_view event, Newest());
    if (event.empty()) return Status::Ok();  // evicted, or removed by another statement
    batch_.Delete(Family::kRows, row_key_);
    overlay_.Set(row_key_, {});
    applied_.push_back({to.row_command, index, RowChange::Kind::kDelete, w->expected_seq, event});
    return Status::Ok();
  }
  if (w->row.size() < kRowHeaderBytes) return InternalError("a write without a row");
  const int64_t seq = to.shard->seq.Next();
  PatchRowVersion(w->row.data(), seq, seq, false);
  w->key.clear();
  storage::AppendSeqKey(&w->key, seq);
  BuildKey(to, w->key);
  batch_.Put(Family::kRows, row_key_, w->row);
  applied_.push_back({to.row_command, index, RowChange::Kind::kInsert, seq, {}});
  to.shard->written = true;
  return Status::Ok();
}

Result<std::string_view> ShardWriter::Newest() {
  if (const std::string_view* row = overlay_.Find(row_key_)) return old_rows_.Copy(*row);
  KDB_ASSIGN_OR_RETURN(const bool found,
                       store_->Get(Family::kRows, row_key_, nullptr, &read_buffer_));
  if (!found) return std::string_view();
  return old_rows_.Copy(read_buffer_);
}

void ShardWriter::BuildKey(const Target& to, std::string_view key) {
  row_key_.assign(to.prefix).append(key);
}

std::string_view ShardWriter::SeqKey(const Target& to, int64_t seq) {
  seq_key_.assign(to.prefix);
  storage::AppendSeqKey(&seq_key_, seq);
  return seq_key_;
}

Status ShardWriter::Commit() {
  if (batch_.empty()) return Status::Ok();
  for (const Shard& shard : shards_) {
    if (!shard.written) continue;
    char last[sizeof(int64_t)];
    StoreFixed<int64_t>(last, shard.seq.last());
    batch_.Put(Family::kMeta, shard.counter_key, {last, sizeof(last)});
  }
  return store_->Write(std::move(batch_), needs_sync_);
}

void ShardWriter::Clear() {
  for (Shard& shard : shards_) shard.written = false;
  batch_.Clear();
  overlay_.Clear();
  applied_.clear();
  old_rows_.Reset();
  needs_sync_ = false;
}

void ShardWriter::Shrink() {
  overlay_.Shrink();
  batch_.ShrinkBuffer(kKeptBytes);
  if (applied_.capacity() * sizeof(AppliedWrite) > kKeptBytes) {
    std::vector<AppliedWrite>().swap(applied_);
  }
  if (read_buffer_.capacity() > kKeptBytes) std::string().swap(read_buffer_);
}

uint64_t ShardWriter::clock_regressions() const {
  uint64_t n = 0;
  for (const Shard& shard : shards_) n += shard.seq.clock_regressions();
  return n;
}

}  // namespace kalamdb::shard
