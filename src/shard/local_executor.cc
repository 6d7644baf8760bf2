// The commit thread and the queue in front of it.
#include <pthread.h>

#include <thread>

#include "shard/executor.h"
#include "shard/shard_writer.h"

namespace kalamdb::shard {
namespace {

using Done = std::function<void(CommandOutcome)>;

// Above this many slots an idle queue gives its memory back.
constexpr size_t kKeptSlots = 64;

size_t BytesOf(const Command& command) {
  size_t bytes = command.meta ? command.meta->batch.bytes() : 0;
  for (const RowCommand& rows : command.rows) {
    bytes += rows.writes.size() * sizeof(RowWrite);
    for (const RowWrite& w : rows.writes) bytes += w.key.size() + w.row.size();
  }
  return bytes;
}

void Refuse(const Done& done, const char* why) {
  CommandOutcome outcome;
  outcome.status = Status(ErrorCode::kUnavailable, why);
  done(std::move(outcome));
}

constexpr char kQueueFull[] = "the write queue is full; try again";
constexpr char kShuttingDown[] = "the server is shutting down";

}  // namespace

CommandOutcome CommandExecutor::Execute(Command command) {
  std::mutex mutex;
  std::condition_variable ready;
  std::optional<CommandOutcome> outcome;
  command.done = [&](CommandOutcome o) {
    // Notified under the lock: the waiter's frame ends as soon as it gets it.
    std::lock_guard lock(mutex);
    outcome = std::move(o);
    ready.notify_one();
  };
  Submit(std::move(command));
  std::unique_lock lock(mutex);
  ready.wait(lock, [&] { return outcome.has_value(); });
  return std::move(*outcome);
}

struct LocalExecutor::Impl {
  const Clock* clock;
  Logger* log;
  PipelineOptions options;
  std::unique_ptr<ShardWriter> writer;
  ChangeListener* listener = nullptr;

  std::mutex mutex;
  std::condition_variable wake;
  // Under the mutex.
  std::vector<Command> queue;
  std::vector<Done> refused;  // answered from the commit thread, as everything is
  size_t queued_bytes = 0;
  bool sleeping = false;
  bool stopping = false;

  // Written by the commit thread.
  std::atomic<uint64_t> commands{0}, batches{0}, rows{0}, retries{0}, conflicts{0}, regressions{0};

  // What became of one command of the batch at hand; commit thread only.
  struct Pending {
    Status status;
    size_t first, end;  // its part of writer->applied()
    std::vector<std::string> rows;
  };
  std::vector<Pending> pending;
  bool clock_was_back = false;

  std::thread thread;  // last: it uses the rest

  void Submit(Command command);
  void Run();
  bool Take(std::vector<Command>* taken, std::vector<Done>* turned_away);
  size_t CommitFrom(std::vector<Command>* taken, size_t begin);
  void Publish(Command* command, Pending* outcome, int64_t committed_micros);
  void Finish(Command* command, Pending* outcome);
  void WatchClock();
};

void LocalExecutor::Impl::Submit(Command command) {
  const size_t bytes = BytesOf(command);
  bool wake_up = false;
  const char* refusal = kQueueFull;
  {
    std::lock_guard lock(mutex);
    if (stopping) refusal = kShuttingDown;
    const bool full = queue.size() >= options.max_queued_commands ||
                      (!queue.empty() && queued_bytes + bytes > options.max_queued_bytes);
    if (!stopping && (!full || refused.size() < options.max_queued_commands)) {
      if (full) {
        refused.push_back(std::exchange(command.done, nullptr));
      } else {
        queued_bytes += bytes;
        queue.push_back(std::move(command));
        command.done = nullptr;
      }
      wake_up = std::exchange(sleeping, false);
    }
  }
  if (wake_up) wake.notify_one();
  if (command.done) Refuse(command.done, refusal);
}

bool LocalExecutor::Impl::Take(std::vector<Command>* taken, std::vector<Done>* turned_away) {
  std::unique_lock lock(mutex);
  if (queue.empty() && refused.empty() && !stopping) {
    lock.unlock();
    writer->Shrink();
    if (taken->capacity() > kKeptSlots) std::vector<Command>().swap(*taken);
    if (pending.capacity() > kKeptSlots) std::vector<Pending>().swap(pending);
    lock.lock();
    if (queue.empty() && queue.capacity() > kKeptSlots) std::vector<Command>().swap(queue);
    while (queue.empty() && refused.empty() && !stopping) {
      sleeping = true;
      wake.wait(lock, [this] { return !sleeping; });
    }
  }
  taken->swap(queue);
  turned_away->swap(refused);
  queued_bytes = 0;
  return !taken->empty() || !turned_away->empty();
}

void LocalExecutor::Impl::Run() {
  pthread_setname_np(pthread_self(), "kdb-commit");
  std::vector<Command> taken;
  std::vector<Done> turned_away;
  while (Take(&taken, &turned_away)) {
    for (const Done& done : turned_away) {
      if (done) Refuse(done, kQueueFull);
    }
    turned_away.clear();
    for (size_t next = 0; next < taken.size();) next = CommitFrom(&taken, next);
    taken.clear();
  }
}

// Commits one batch of the commands from `begin` on; returns where the next one begins.
size_t LocalExecutor::Impl::CommitFrom(std::vector<Command>* taken, size_t begin) {
  size_t end = begin;
  while (end < taken->size()) {
    Command& command = (*taken)[end++];
    const size_t first = writer->applied().size();
    Status status = writer->Add(&command);
    const bool last = status.ok() && command.meta.has_value();
    pending.push_back({std::move(status), first, writer->applied().size(), {}});
    if (last || writer->batch_bytes() >= options.max_batch_bytes) break;
  }

  const bool wrote = writer->batch_bytes() != 0;
  const Status committed = writer->Commit();
  const int64_t committed_micros = clock->MonotonicMicros();
  if (!committed.ok()) {
    log->Error("shard", "commit of {} commands failed: {}", end - begin, committed.message());
    // Refusals too may have rested on rows of this batch.
    for (Pending& p : pending) {
      p.status = committed;
      p.first = p.end;
    }
  } else if (wrote) {
    batches.fetch_add(1, std::memory_order_relaxed);
  }
  for (size_t i = begin; i < end; ++i) {
    Pending& p = pending[i - begin];
    if (p.status.ok()) Publish(&(*taken)[i], &p, committed_micros);
  }
  WatchClock();
  for (size_t i = begin; i < end; ++i) Finish(&(*taken)[i], &pending[i - begin]);
  pending.clear();
  writer->Clear();
  return end;
}

// The commit is durable: tells the catalog and the listener.
void LocalExecutor::Impl::Publish(Command* command, Pending* outcome, int64_t committed_micros) {
  if (command->meta && command->meta->applied) command->meta->applied();
  const std::vector<AppliedWrite>& applied = writer->applied();
  size_t next = outcome->first;
  for (uint32_t i = 0; i < command->rows.size(); ++i) {
    RowCommand& part = command->rows[i];
    const size_t first = next;
    while (next < outcome->end && applied[next].row_command == i) ++next;

    if (part.want_rows) {
      const size_t base = outcome->rows.size();
      outcome->rows.resize(base + part.writes.size());
      for (size_t a = first; a < next; ++a) {
        const RowWrite& w = part.writes[applied[a].write];
        outcome->rows[base + applied[a].write] =
            w.op == WriteOp::kStreamDelete ? std::string(applied[a].old_row) : w.row;
      }
    }
    if (first == next || listener == nullptr || !listener->Wants(part.table->id, part.owner)) {
      continue;
    }
    auto set = std::make_shared<ChangeSet>();
    set->table = part.table;
    set->committed_micros = committed_micros;
    set->changes.reserve(next - first);
    for (size_t a = first; a < next; ++a) {
      RowWrite& w = part.writes[applied[a].write];
      RowChange& change = set->changes.emplace_back();
      change.kind = applied[a].kind;
      change.seq = applied[a].seq;
      change.old_row = applied[a].old_row;
      change.key = std::move(w.key);
      if (w.op != WriteOp::kStreamDelete) change.new_row = std::move(w.row);
    }
    set->owner = std::move(part.owner);
    listener->OnCommit(set);
  }
}

void LocalExecutor::Impl::Finish(Command* command, Pending* p) {
  CommandOutcome outcome;
  if (p->status.ok()) {
    const std::vector<AppliedWrite>& applied = writer->applied();
    for (size_t a = p->first; a < p->end; ++a) {
      switch (applied[a].kind) {
        case RowChange::Kind::kInsert:
          ++outcome.inserted;
          break;
        case RowChange::Kind::kUpdate:
          ++outcome.updated;
          break;
        case RowChange::Kind::kDelete:
          ++outcome.deleted;
          break;
      }
      outcome.last_seq = std::max(outcome.last_seq, applied[a].seq);
    }
    rows.fetch_add(p->end - p->first, std::memory_order_relaxed);
  } else if (p->status.code() == ErrorCode::kRetry) {
    retries.fetch_add(1, std::memory_order_relaxed);
  } else if (p->status.code() == ErrorCode::kAlreadyExists) {
    conflicts.fetch_add(1, std::memory_order_relaxed);
  }
  commands.fetch_add(1, std::memory_order_relaxed);
  outcome.status = std::move(p->status);
  outcome.rows = std::move(p->rows);
  if (const Done done = std::move(command->done)) done(std::move(outcome));
}

void LocalExecutor::Impl::WatchClock() {
  const uint64_t now = writer->clock_regressions();
  const bool back = now != regressions.load(std::memory_order_relaxed);
  if (back && !clock_was_back) {
    log->Warn("shard", "the wall clock went back; versions go on from the last one");
  }
  clock_was_back = back;
  regressions.store(now, std::memory_order_relaxed);
}

LocalExecutor::LocalExecutor(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::unique_ptr<LocalExecutor>> LocalExecutor::Open(storage::HotStore* store,
                                                           const Clock* clock, Logger* log,
                                                           const PipelineOptions& options) {
  auto impl = std::make_unique<Impl>();
  impl->clock = clock;
  impl->log = log;
  impl->options = options;
  KDB_ASSIGN_OR_RETURN(impl->writer, ShardWriter::Open(store, clock, options));
  impl->thread = std::thread([raw = impl.get()] { raw->Run(); });
  return std::unique_ptr<LocalExecutor>(new LocalExecutor(std::move(impl)));
}

LocalExecutor::~LocalExecutor() { Stop(); }

void LocalExecutor::Stop() {
  {
    std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
    impl_->sleeping = false;
  }
  impl_->wake.notify_one();
  if (impl_->thread.joinable()) impl_->thread.join();
}

void LocalExecutor::Submit(Command command) { impl_->Submit(std::move(command)); }
void LocalExecutor::set_listener(ChangeListener* listener) { impl_->listener = listener; }
const ShardMap& LocalExecutor::shards() const { return impl_->options.shards; }

LocalExecutor::Stats LocalExecutor::stats() const {
  const auto get = [](const std::atomic<uint64_t>& n) { return n.load(std::memory_order_relaxed); };
  return {get(impl_->commands), get(impl_->batches),   get(impl_->rows),
          get(impl_->retries),  get(impl_->conflicts), get(impl_->regressions)};
}

}  // namespace kalamdb::shard
