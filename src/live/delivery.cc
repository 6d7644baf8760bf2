#include "live/delivery.h"

#include <fmt/format.h>

#include "base/snowflake.h"
#include "live/live_session.h"

namespace kalamdb::live {

namespace {

// Rows that a page may look at on the I/O thread; longer ones are read by a worker.
constexpr size_t kInlineScanBudget = 2000;
// Deletes that one resume reports; beyond it the application had better reload.
constexpr size_t kMaxResumeDeletes = 10000;
// Rows of one step of catching up: the queue is looked at between two of them.
constexpr uint64_t kCatchUpRows = 500;

// On a worker thread, where nobody else catches what a library throws.
Result<Page> ReadPageAnyway(const query::Sources& sources, const PageRequest& request,
                            const storage::SnapshotPtr& snapshot, int64_t now_micros) {
  try {
    return ReadPage(sources, request, snapshot, now_micros, 0);
  } catch (const std::exception& e) {
    return InternalError(e.what());
  }
}

}  // namespace

Delivery::Delivery(LiveSession* session, LoopHub* loop, Outbox* outbox, FrameWriter* frames)
    : session_(session), loop_(loop), outbox_(outbox), frames_(frames) {}

Delivery::~Delivery() {
  if (alive_) *alive_ = false;
}

std::shared_ptr<bool> Delivery::Alive() {
  if (!alive_) alive_ = std::make_shared<bool>(true);
  return alive_;
}

bool Delivery::Attached(const Subscription& s) const {
  return s.session == session_ && !session_->closing();
}

bool Delivery::QueueFull() const {
  return outbox_->queued_bytes() > deps().config->websocket.max_queued_bytes;
}

Result<int64_t> Delivery::Boundary(const Subscription& s, const storage::Snapshot& snapshot) const {
  return shard::SnapshotBoundary(*deps().sources.store, deps().shards, snapshot, *s.query->table,
                                 s.query->owner);
}

// ---- pages

void Delivery::Begin(const SubscriptionPtr& s) {
  // The interest is registered, now comes the snapshot: what commits in between is in both, and
  // told apart by its _seq.
  const storage::SnapshotPtr snapshot = deps().sources.store->GetSnapshot();
  const auto boundary = Boundary(*s, *snapshot);
  if (!boundary.ok()) {
    FailPage(s, boundary.status(), Purpose::kFirst);
    return;
  }
  s->boundary = s->delivered = *boundary;
  if (!s->options) {
    session_->Accept(s);
    SendAck(*s, {0, false, "ready", std::nullopt});
    s->state = Subscription::State::kLive;
    return;
  }
  PageRequest page;
  page.boundary = s->boundary;
  page.limit = s->options->batch_size;
  if (s->options->from) {
    page.after = *s->options->from;
    page.known_until = s->options->from;
    // What was seen last belonged to an earlier table of this name: nothing is left of it here.
    if (page.after > 0 && SnowflakeMillis(page.after) < s->query->table->created_millis) {
      page.after = 0;
      page.known_until.reset();
      s->resume_too_old = true;
    }
  } else {
    page.last_rows = s->options->last_rows;
  }
  StartPage(s, std::move(page), snapshot, Purpose::kFirst);
}

void Delivery::NextPage(const SubscriptionPtr& s, std::optional<int64_t> last_seq) {
  PageRequest page;
  page.boundary = s->boundary;
  page.limit = s->options->batch_size;
  page.after = last_seq.value_or(s->options->from.value_or(0));
  if (s->options->from) {
    page.after = std::max(page.after, *s->options->from);
    page.known_until = s->options->from;
  }
  ++s->batch_num;
  StartPage(s, std::move(page), deps().sources.store->GetSnapshot(), Purpose::kNext);
}

void Delivery::StartPage(const SubscriptionPtr& s, PageRequest request,
                         storage::SnapshotPtr snapshot, Purpose purpose) {
  // Who asks for pages and does not read them gets no further ones.
  if (purpose != Purpose::kCatchUp && QueueFull()) {
    s->reading = true;
    if (!waiting_) waiting_ = std::make_unique<std::deque<WaitingPage>>();
    std::erase_if(*waiting_, [this](const WaitingPage& w) { return !Attached(*w.s); });
    waiting_->push_back({s, std::move(request), purpose});
    outbox_->NotifyWhenDrained();
    return;
  }
  // Asked after the snapshot was taken: a row that a newer version of the table wrote can only be
  // in it when the flag is up.
  if (s->query->table->stale.load(std::memory_order_acquire)) {
    // The DDL statement waits in the loop's inbox, and what it does to this subscription comes
    // first.
    s->reading = true;
    loop_->loop()->Post([this, s, request = std::move(request), snapshot, purpose, alive = Alive(),
                         loop = loop_]() mutable {
      if (!*alive) return;
      std::lock_guard lock(loop->mutex);
      s->reading = false;
      if (Attached(*s)) StartPage(s, std::move(request), std::move(snapshot), purpose);
    });
    return;
  }
  request.query = s->query;
  request.serialization = s->serialization;
  const int64_t now = deps().clock->WallMicros();
  auto page = ReadPage(deps().sources, request, snapshot, now, kInlineScanBudget);
  if (page.code() != ErrorCode::kNeedsPool) {
    FinishPage(s, std::move(page), purpose);
    return;
  }
  s->reading = true;
  // The worker knows the sources only; the session may be gone before it ends.
  const bool queued = deps().run_blocking([this, s, request = std::move(request), purpose, snapshot,
                                           now, alive = Alive(), loop = loop_,
                                           sources = deps().sources] {
    auto result = std::make_shared<Result<Page>>(ReadPageAnyway(sources, request, snapshot, now));
    loop->loop()->Post([this, s, purpose, alive, loop, result] {
      if (!*alive) return;
      std::lock_guard lock(loop->mutex);
      s->reading = false;
      FinishPage(s, std::move(*result), purpose);
    });
  });
  if (queued) return;
  s->reading = false;
  // Nobody waits for the answer to a catch-up: it begins anew once a worker is free.
  if (purpose == Purpose::kCatchUp && loop_->AwaitWorker()) return;
  FailPage(s, Status(ErrorCode::kUnavailable, "too many reads are waiting; retry"), purpose);
}

void Delivery::ReadWaitingPages() {
  while (waiting_ && !QueueFull()) {
    WaitingPage page = std::move(waiting_->front());
    waiting_->pop_front();
    if (waiting_->empty()) waiting_.reset();
    Subscription& s = *page.s;
    s.reading = false;
    if (!Attached(s)) continue;
    // The snapshot of then was not kept: as between two pages, see FinishPage.
    if (page.purpose == Purpose::kFirst && s.options->from) FallBehind(s, s.boundary);
    StartPage(page.s, std::move(page.request), deps().sources.store->GetSnapshot(), page.purpose);
  }
  if (waiting_) outbox_->NotifyWhenDrained();
}

void Delivery::FailPage(const SubscriptionPtr& s, const Status& status, Purpose purpose) {
  const std::string text = fmt::format("Execution error: {}", status.message());
  if (purpose == Purpose::kNext) {
    frames_->Error(s->id, "BATCH_FETCH_FAILED", text);
  } else {
    session_->RemoveWithError(*s, "SUBSCRIPTION_FAILED", text);
  }
}

void Delivery::FinishPage(const SubscriptionPtr& s, Result<Page> page, Purpose purpose) {
  if (!Attached(*s)) return;  // removed or replaced meanwhile
  // Whoever falls behind during a read is passed over when the queue drains.
  if (s->state == Subscription::State::kLagging && purpose != Purpose::kCatchUp)
    outbox_->NotifyWhenDrained();
  if (!page.ok()) {
    FailPage(s, page.status(), purpose);
    return;
  }
  if (purpose == Purpose::kCatchUp) {
    FinishCatchUp(*s, *page);
    return;
  }
  if (purpose == Purpose::kFirst) session_->Accept(s);
  SendPage(*s, *page, purpose);
  // A row that left the filter before the boundary and changes again before its page is read is in
  // no page, and that change is no event of this filter. Storage knows of it afterwards.
  if (page->has_more && s->options->from && s->state == Subscription::State::kSnapshot)
    FallBehind(*s, s->boundary);
  if (!page->has_more && s->state == Subscription::State::kSnapshot) GoLive(*s);
}

void Delivery::SendPage(Subscription& s, const Page& page, Purpose purpose) {
  BatchControl control;
  control.batch_num = s.batch_num;
  control.has_more = page.has_more;
  control.status = !page.has_more               ? "ready"
                   : purpose == Purpose::kFirst ? "loading"
                                                : "loading_batch";
  control.last_seq = page.last_seq;
  if (purpose == Purpose::kFirst) SendAck(s, control);
  // Deletes of a resume stand before the batch: clients drop what comes for older rows once a
  // snapshot is ready.
  for (const PageRow& row : page.rows) {
    if (!row.is_delete) continue;
    if (++s.deletes_reported > kMaxResumeDeletes) {
      s.resume_too_old = true;
      break;
    }
    frames_->Change(s.id, std::make_shared<std::string>(
                              ChangeBody(s.serialization, ChangeType::kDelete, row.encoded)));
  }
  frames_->Message(BatchMessage(s.serialization, s.id, page, control));
  // Before the snapshot is ready a client would take it for the end of the subscription.
  if (s.resume_too_old && !page.has_more) {
    s.resume_too_old = false;
    frames_->Error(s.id, "RESUME_TOO_OLD",
                   "More was deleted since `from` than is reported row by row; reload");
  }
}

void Delivery::SendAck(const Subscription& s, const BatchControl& control) {
  frames_->Message(AckMessage(s.serialization, s.id, control, *s.query));
}

void Delivery::GoLive(Subscription& s) {
  std::vector<Subscription::Held> held;
  held.swap(s.held);
  s.held_bytes = 0;
  if (s.overflowed) {
    s.overflowed = false;
    loop_->CountFallBehind();
    s.state = Subscription::State::kLagging;
    outbox_->NotifyWhenDrained();
    return;
  }
  s.state = Subscription::State::kLive;
  for (const Subscription::Held& change : held) Deliver(s, change.seq, change.body);
}

// ---- changes

void Delivery::FallBehind(Subscription& s, int64_t offered) {
  switch (s.state) {
    case Subscription::State::kSnapshot:
      s.overflowed = true;
      std::vector<Subscription::Held>().swap(s.held);
      return;
    case Subscription::State::kLagging:
      s.missed = true;
      return;
    case Subscription::State::kLive:
      s.state = Subscription::State::kLagging;
      // What was worked off and did not concern it is not looked at again.
      s.delivered = std::max(s.delivered, offered);
      loop_->CountFallBehind();
      outbox_->NotifyWhenDrained();
  }
}

void Delivery::Deliver(Subscription& s, int64_t seq, const SharedBytes& body) {
  if (session_->closing() || seq <= s.boundary) return;
  switch (s.state) {
    case Subscription::State::kSnapshot:
      if (s.overflowed) return;
      s.held_bytes += body->size() + sizeof(Subscription::Held);
      if (s.held_bytes > deps().config->websocket.max_snapshot_buffer_bytes) {
        FallBehind(s, seq - 1);
        return;
      }
      s.held.push_back({seq, body});
      return;
    case Subscription::State::kLagging:
      s.missed = true;
      return;
    case Subscription::State::kLive:
      if (QueueFull()) {
        FallBehind(s, seq - 1);
        return;
      }
      outbox_->NoteCommit(loop_->commit_in_hand());
      SendChange(s, body);
      s.delivered = seq;
  }
}

void Delivery::SendChange(Subscription& s, const SharedBytes& body) {
  ++s.changes;
  s.last_update_millis = deps().clock->WallMillis();
  frames_->Change(s.id, body);
}

// ---- catching up

void Delivery::CatchUp(const SubscriptionPtr& s) {
  if (QueueFull()) {
    outbox_->NotifyWhenDrained();
    return;
  }
  // Reading up to the point where a worker is needed would be in vain.
  if (loop_->awaits_worker()) return;
  // One snapshot for both, or a change that no event tells of could fall between them.
  const storage::SnapshotPtr snapshot = deps().sources.store->GetSnapshot();
  const auto boundary = Boundary(*s, *snapshot);
  if (!boundary.ok()) {
    FailPage(s, boundary.status(), Purpose::kCatchUp);
    return;
  }
  PageRequest page;
  page.after = s->delivered;
  page.known_until = s->delivered;
  page.boundary = *boundary;
  page.limit = kCatchUpRows;
  // What commits while a worker reads the page lies behind this boundary: it is missed, and caught
  // up by another round.
  s->boundary = *boundary;
  s->missed = false;
  StartPage(s, std::move(page), snapshot, Purpose::kCatchUp);
}

void Delivery::FinishCatchUp(Subscription& s, const Page& page) {
  for (const PageRow& row : page.rows) {
    const ChangeType type = row.is_delete ? ChangeType::kDelete : ChangeType::kInsert;
    SendChange(s, std::make_shared<std::string>(ChangeBody(s.serialization, type, row.encoded)));
  }
  s.delivered = page.has_more ? page.last_seq.value_or(s.delivered) : s.boundary;
  if (page.has_more || s.missed) {
    outbox_->NotifyWhenDrained();
    return;
  }
  s.state = Subscription::State::kLive;
}

}  // namespace kalamdb::live
