#include "live/live_session.h"

#include <fmt/format.h>

#include "base/id_source.h"
#include "base/json_text.h"
#include "live/gzip.h"
#include "live/row_json.h"

namespace kalamdb::live {

namespace {

constexpr size_t kMaxSubscriptionsPerConnection = 100;
// Rows that a page may look at on the I/O thread; longer ones are read by a worker.
constexpr size_t kInlineScanBudget = 2000;
// Deletes that one resume reports; beyond it the application had better reload.
constexpr size_t kMaxResumeDeletes = 10000;
// Rows of one step of catching up: the queue is looked at between two of them.
constexpr uint64_t kCatchUpRows = 500;

bool IsBlank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n\f\v") == std::string_view::npos;
}

// The last value of a query parameter; keys are case-sensitive, values not.
std::string QueryParameter(std::string_view query, std::string_view key) {
  std::string out;
  while (!query.empty()) {
    const size_t end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    if (pair.size() > key.size() && pair.starts_with(key) && pair[key.size()] == '=')
      out = pair.substr(key.size() + 1);
    if (end == std::string_view::npos) break;
    query.remove_prefix(end + 1);
  }
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return out;
}

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

LiveSession::LiveSession(LoopHub* loop, Outbox* outbox, SessionRequest request)
    : loop_(loop),
      outbox_(outbox),
      connection_id_(RandomHex32()),
      request_(std::make_unique<SessionRequest>(std::move(request))),
      tokens_(loop->hub()->deps_.config->rate_limit.max_messages_per_sec) {
  compress_ = QueryParameter(request_->query, "compress") != "false";
  tokens_micros_ = deps().clock->MonotonicMicros();
  last_activity_millis_ = deps().clock->WallMillis();
  loop_->sessions.insert(this);
  ++loop_->hub()->sessions_;
}

LiveSession::~LiveSession() {
  // OnClosed has run: the loop knows this session no more.
  *alive_ = false;
}

const HubDeps& LiveSession::deps() const { return loop_->hub()->deps_; }

// ---- the connection

void LiveSession::OnOpen() {
  std::lock_guard lock(loop_->mutex);
  if (request_->bearer_token.empty()) return;
  Authenticate(request_->bearer_token, QueryParameter(request_->query, "compression") != "none");
}

void LiveSession::OnActivity() {
  last_activity_millis_ = deps().clock->WallMillis();
  if (deps().on_activity) deps().on_activity();
}

void LiveSession::OnAuthTimeout() {
  std::lock_guard lock(loop_->mutex);
  SendText(AuthError("Authentication timeout - no auth message received within 3 seconds"));
  closing_ = true;
  outbox_->Close(1008, "Authentication timeout");
}

void LiveSession::OnClosed() {
  std::lock_guard lock(loop_->mutex);
  while (!subscriptions_.empty()) Remove(subscriptions_.begin()->first);
  loop_->sessions.erase(this);
  --loop_->hub()->sessions_;
  closing_ = true;
}

void LiveSession::EndForRights() {
  if (closing_) return;
  closing_ = true;
  while (!subscriptions_.empty()) Remove(subscriptions_.begin()->first);
  outbox_->Close(1008, "Authentication failed");
}

bool LiveSession::TakeMessageToken() {
  const double rate = deps().config->rate_limit.max_messages_per_sec;
  const int64_t now = deps().clock->MonotonicMicros();
  tokens_ = std::min(rate, tokens_ + static_cast<double>(now - tokens_micros_) * rate / 1e6);
  tokens_micros_ = now;
  if (tokens_ < 1) {
    SendError("rate_limit", "RATE_LIMIT_EXCEEDED", "Too many messages");
    return false;
  }
  tokens_ -= 1;
  return true;
}

void LiveSession::OnTooLarge() {
  std::lock_guard lock(loop_->mutex);
  if (!TakeMessageToken()) return;
  SendError("protocol", "MESSAGE_TOO_LARGE",
            fmt::format("Message exceeds maximum size of {} bytes",
                        deps().config->security.max_ws_message_size));
}

void LiveSession::OnBinary(std::string_view) {
  std::lock_guard lock(loop_->mutex);
  if (!TakeMessageToken()) return;
  SendError("protocol", "UNSUPPORTED_DATA", "Binary not supported");
}

void LiveSession::OnText(std::string_view text) {
  std::lock_guard lock(loop_->mutex);
  if (closing_ || !TakeMessageToken()) return;
  auto message = ParseClientMessage(text);
  if (!message.ok()) {
    closing_ = true;
    outbox_->Close(1011,
                   fmt::format("Invalid message: {}", message.status().message()).substr(0, 123));
    return;
  }
  switch (message->type) {
    case ClientMessage::Type::kPing:
      break;
    case ClientMessage::Type::kAuthenticate:
      Authenticate(message->token, message->gzip);
      break;
    case ClientMessage::Type::kSubscribe:
      if (!authenticated_) {
        SendError("subscribe", "AUTH_REQUIRED", "Authentication required before subscribing");
      } else {
        Subscribe(std::move(*message));
      }
      break;
    case ClientMessage::Type::kNextBatch:
      if (authenticated_) NextBatch(*message);
      break;
    case ClientMessage::Type::kUnsubscribe:
      if (authenticated_ && !Remove(message->subscription_id)) {
        // The full form of the id, as system.live shows it.
        const std::string prefix = fmt::format("{}-{}-", identity_.user, connection_id_);
        if (message->subscription_id.starts_with(prefix))
          Remove(message->subscription_id.substr(prefix.size()));
      }
      break;
  }
}

void LiveSession::Authenticate(std::string_view token, bool gzip) {
  auth_started_ = true;
  if (authenticated_) {
    // Idempotent: says again who this is.
    SendText(AuthSuccess(identity_.user, RoleName(identity_.role), false, gzip_));
    return;
  }
  if (!outbox_->AllowAuthAttempt()) {
    SendText(AuthError("Too many authentication attempts. Please retry shortly."));
    closing_ = true;
    outbox_->Close(1008, "Authentication failed");
    return;
  }
  const auth::TokenCheck check = deps().authenticator->CheckAccessToken(token);
  if (!check.ok()) {
    SendText(AuthError("Invalid credentials"));
    closing_ = true;
    outbox_->Close(1008, "Authentication failed");
    return;
  }
  identity_ = check.identity;
  authenticated_ = true;
  // Frames are JSON whatever was asked for; the answer says so.
  SendText(AuthSuccess(identity_.user, RoleName(identity_.role), false, gzip));
  gzip_ = gzip && compress_;
  request_.reset();
}

// ---- subscriptions

void LiveSession::Subscribe(ClientMessage message) {
  const std::string& id = message.subscription_id;
  if (IsBlank(id)) {
    SendError("invalid_subscription", "INVALID_SUBSCRIPTION_ID", "Subscription ID cannot be empty");
    return;
  }
  const bool replaces = subscriptions_.contains(id);
  if (!replaces && !loop_->hub()->CountIn(identity_.user)) {
    SendError(id, "SUBSCRIPTION_LIMIT_EXCEEDED", "Maximum subscriptions reached");
    return;
  }
  const auto refuse = [&](std::string_view code, std::string_view text) {
    if (!replaces) loop_->hub()->CountOut(identity_.user);
    SendError(id, code, text);
  };
  if (message.options && message.options->last_rows &&
      *message.options->last_rows > message.options->batch_size) {
    refuse("UNSUPPORTED", fmt::format("last_rows ({}) cannot exceed batch_size ({}); paginated "
                                      "last_rows replay is not supported",
                                      *message.options->last_rows, message.options->batch_size));
    return;
  }
  Refusal refusal;
  SubscriptionQueryPtr query =
      BindSubscription(deps().sources, message.sql, {identity_.user, identity_.role},
                       deps().clock->WallMicros(), &refusal);
  if (query == nullptr) {
    refuse(refusal.code, refusal.message);
    return;
  }
  if (!replaces && subscriptions_.size() >= kMaxSubscriptionsPerConnection) {
    refuse("UNSUPPORTED",
           fmt::format("Invalid operation: Maximum subscriptions ({}) per connection exceeded",
                       kMaxSubscriptionsPerConnection));
    return;
  }
  auto s = std::make_shared<Subscription>();
  s->id = id;
  s->query = std::move(query);
  s->sql = std::move(message.sql);
  if (message.options) s->options = std::make_unique<SnapshotOptions>(*message.options);
  s->session = this;
  s->created_millis = s->last_update_millis = deps().clock->WallMillis();
  if (replaces) {
    // The place in the user's count passes on to the new one.
    const SubscriptionPtr old = subscriptions_[id];
    loop_->Unregister(old.get());
    old->session = nullptr;
  }
  subscriptions_[id] = s;
  // First the interest, then the snapshot: what commits in between is in both, and told apart by
  // its _seq.
  loop_->Register(s.get());
  const storage::SnapshotPtr snapshot = deps().sources.store->GetSnapshot();
  const auto boundary = shard::SnapshotBoundary(*deps().sources.store, deps().shards, *snapshot,
                                                *s->query->table, s->query->owner);
  if (!boundary.ok()) {
    FailPage(s, boundary.status(), Purpose::kFirst);
    return;
  }
  s->boundary = s->delivered = *boundary;
  if (!s->options) {
    SendAck(*s, {0, false, "ready", std::nullopt});
    s->state = Subscription::State::kLive;
    return;
  }
  PageRequest page;
  page.query = s->query;
  page.boundary = s->boundary;
  page.limit = s->options->batch_size;
  if (s->options->from) {
    page.after = *s->options->from;
    page.known_until = s->options->from;
  } else {
    page.last_rows = s->options->last_rows;
  }
  StartPage(s, std::move(page), Purpose::kFirst);
}

void LiveSession::NextBatch(const ClientMessage& message) {
  const auto found = subscriptions_.find(message.subscription_id);
  if (found == subscriptions_.end()) {
    SendError(message.subscription_id, "BATCH_FETCH_FAILED",
              fmt::format("Not found: Subscription not found: {}", message.subscription_id));
    return;
  }
  const SubscriptionPtr s = found->second;
  if (!s->options) {
    SendError(
        s->id, "BATCH_FETCH_FAILED",
        fmt::format("Invalid operation: Subscription {} was created without initial data loading",
                    s->id));
    return;
  }
  if (s->reading) {
    SendError(s->id, "BATCH_FETCH_FAILED",
              "Invalid operation: a batch of this subscription is being read");
    return;
  }
  PageRequest page;
  page.query = s->query;
  page.boundary = s->boundary;
  page.limit = s->options->batch_size;
  page.after = message.last_seq.value_or(s->options->from.value_or(0));
  if (s->options->from) {
    page.after = std::max(page.after, *s->options->from);
    page.known_until = s->options->from;
  }
  ++s->batch_num;
  StartPage(s, std::move(page), Purpose::kNext);
}

bool LiveSession::Remove(const std::string& id) {
  const auto found = subscriptions_.find(id);
  if (found == subscriptions_.end()) return false;
  const SubscriptionPtr s = found->second;
  subscriptions_.erase(found);
  loop_->Unregister(s.get());
  s->session = nullptr;
  loop_->hub()->CountOut(identity_.user);
  return true;
}

void LiveSession::RemoveWithError(const std::string& id, std::string_view code,
                                  std::string_view message) {
  const std::string kept = id;  // the argument may be the subscription's own
  if (Remove(kept)) SendError(kept, code, message);
}

// ---- pages

void LiveSession::StartPage(const SubscriptionPtr& s, PageRequest request, Purpose purpose) {
  const storage::SnapshotPtr snapshot = deps().sources.store->GetSnapshot();
  // Asked after the snapshot was taken: a row that a newer version of the table wrote can only be
  // in it when the flag is up.
  if (s->query->table->stale.load(std::memory_order_acquire)) {
    // The DDL statement waits in the loop's inbox, and what it does to this subscription comes
    // first.
    s->reading = true;
    loop_->loop()->Post(
        [this, s, request = std::move(request), purpose, alive = alive_, loop = loop_]() mutable {
          if (!*alive) return;
          std::lock_guard lock(loop->mutex);
          s->reading = false;
          if (s->session == this && !closing_) StartPage(s, std::move(request), purpose);
        });
    return;
  }
  request.query = s->query;
  const int64_t now = deps().clock->WallMicros();
  auto page = ReadPage(deps().sources, request, snapshot, now, kInlineScanBudget);
  if (page.code() != ErrorCode::kNeedsPool) {
    FinishPage(s, std::move(page), purpose);
    return;
  }
  s->reading = true;
  // The worker knows the sources only; the session may be gone before it ends.
  const bool queued = deps().run_blocking([this, s, request = std::move(request), purpose, snapshot,
                                           now, alive = alive_, loop = loop_,
                                           sources = deps().sources] {
    auto result = std::make_shared<Result<Page>>(ReadPageAnyway(sources, request, snapshot, now));
    loop->loop()->Post([this, s, purpose, alive, loop, result] {
      if (!*alive) return;
      std::lock_guard lock(loop->mutex);
      s->reading = false;
      FinishPage(s, std::move(*result), purpose);
    });
  });
  if (!queued) {
    s->reading = false;
    FailPage(s, Status(ErrorCode::kUnavailable, "too many reads are waiting; retry"), purpose);
  }
}

void LiveSession::FailPage(const SubscriptionPtr& s, const Status& status, Purpose purpose) {
  const std::string text = fmt::format("Execution error: {}", status.message());
  if (purpose == Purpose::kNext) {
    SendError(s->id, "BATCH_FETCH_FAILED", text);
  } else {
    RemoveWithError(s->id, "SUBSCRIPTION_FAILED", text);
  }
}

void LiveSession::FinishPage(const SubscriptionPtr& s, Result<Page> page, Purpose purpose) {
  if (s->session != this || closing_) return;  // removed or replaced meanwhile
  // Whoever falls behind during a read is passed over by OnDrained.
  if (s->state == Subscription::State::kLagging && purpose != Purpose::kCatchUp)
    outbox_->NotifyWhenDrained();
  if (!page.ok()) {
    FailPage(s, page.status(), purpose);
    return;
  }
  if (purpose == Purpose::kCatchUp) {
    for (const PageRow& row : page->rows) {
      auto body =
          std::make_shared<std::string>(row.is_delete ? R"(,"change_type":"delete","old_values":[)"
                                                      : R"(,"change_type":"insert","rows":[)");
      body->append(row.json);
      body->append("]}");
      SendChange(*s, body);
    }
    s->delivered = page->has_more ? page->last_seq.value_or(s->delivered) : s->boundary;
    if (page->has_more || s->missed) {
      outbox_->NotifyWhenDrained();
      return;
    }
    s->state = Subscription::State::kLive;
    return;
  }
  SendPage(*s, *page, purpose);
  if (!page->has_more && s->state == Subscription::State::kSnapshot) GoLive(s);
}

void LiveSession::SendPage(Subscription& s, const Page& page, Purpose purpose) {
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
    SendText(ChangeHead(s.id) + R"(,"change_type":"delete","old_values":[)" + row.json + "]}");
  }
  std::string batch = R"({"type":"initial_data_batch","subscription_id":)";
  AppendJsonString(&batch, s.id);
  batch += ",\"rows\":[";
  bool first = true;
  for (const PageRow& row : page.rows) {
    if (row.is_delete) continue;
    if (!first) batch.push_back(',');
    first = false;
    batch += row.json;
  }
  batch += "],";
  AppendBatchControl(&batch, control);
  batch.push_back('}');
  SendText(std::move(batch));
  // Before the snapshot is ready a client would take it for the end of the subscription.
  if (s.resume_too_old && !page.has_more) {
    s.resume_too_old = false;
    SendError(s.id, "RESUME_TOO_OLD",
              "More rows were deleted since `from` than are reported one by one; reload");
  }
}

void LiveSession::SendAck(const Subscription& s, const BatchControl& control) {
  std::string ack = R"({"type":"subscription_ack","subscription_id":)";
  AppendJsonString(&ack, s.id);
  ack += ",\"total_rows\":0,";
  AppendBatchControl(&ack, control);
  ack += ",\"schema\":";
  AppendAckSchema(&ack, *s.query);
  ack.push_back('}');
  SendText(std::move(ack));
}

void LiveSession::GoLive(const SubscriptionPtr& s) {
  std::deque<Subscription::Held> held;
  held.swap(s->held);
  s->held_bytes = 0;
  if (s->overflowed) {
    s->overflowed = false;
    s->state = Subscription::State::kLagging;
    outbox_->NotifyWhenDrained();
    return;
  }
  s->state = Subscription::State::kLive;
  for (const Subscription::Held& change : held) Deliver(*s, change.seq, change.body);
}

// ---- changes

void LiveSession::FallBehind(Subscription& s) {
  switch (s.state) {
    case Subscription::State::kSnapshot:
      s.overflowed = true;
      s.held.clear();
      return;
    case Subscription::State::kLagging:
      s.missed = true;
      return;
    case Subscription::State::kLive:
      s.state = Subscription::State::kLagging;
      outbox_->NotifyWhenDrained();
  }
}

void LiveSession::Deliver(Subscription& s, int64_t seq, const SharedBytes& body) {
  if (closing_ || seq <= s.boundary) return;
  switch (s.state) {
    case Subscription::State::kSnapshot:
      if (s.overflowed) return;
      s.held_bytes += body->size() + sizeof(Subscription::Held);
      if (s.held_bytes > deps().config->websocket.max_snapshot_buffer_bytes) {
        FallBehind(s);
        return;
      }
      s.held.push_back({seq, body});
      return;
    case Subscription::State::kLagging:
      s.missed = true;
      return;
    case Subscription::State::kLive:
      if (outbox_->queued_bytes() > deps().config->websocket.max_queued_bytes) {
        FallBehind(s);
        return;
      }
      SendChange(s, body);
      s.delivered = seq;
  }
}

void LiveSession::OnDrained() {
  std::lock_guard lock(loop_->mutex);
  if (closing_) return;
  std::vector<SubscriptionPtr> lagging;
  for (const auto& [id, s] : subscriptions_) {
    if (s->state == Subscription::State::kLagging && !s->reading) lagging.push_back(s);
  }
  for (const SubscriptionPtr& s : lagging) CatchUp(s);
}

void LiveSession::CatchUp(const SubscriptionPtr& s) {
  if (outbox_->queued_bytes() > deps().config->websocket.max_queued_bytes) {
    outbox_->NotifyWhenDrained();
    return;
  }
  const storage::SnapshotPtr snapshot = deps().sources.store->GetSnapshot();
  const auto boundary = shard::SnapshotBoundary(*deps().sources.store, deps().shards, *snapshot,
                                                *s->query->table, s->query->owner);
  if (!boundary.ok()) {
    FailPage(s, boundary.status(), Purpose::kCatchUp);
    return;
  }
  PageRequest page;
  page.query = s->query;
  page.after = s->delivered;
  page.known_until = s->delivered;
  page.boundary = *boundary;
  page.limit = kCatchUpRows;
  // What commits while a worker reads the page lies behind this boundary: it is missed, and caught
  // up by another round.
  s->boundary = *boundary;
  s->missed = false;
  StartPage(s, std::move(page), Purpose::kCatchUp);
}

// ---- sending

void LiveSession::SendChange(Subscription& s, const SharedBytes& body) {
  ++s.changes;
  s.last_update_millis = deps().clock->WallMillis();
  std::string head = ChangeHead(s.id);
  if (gzip_ && head.size() + body->size() >= kGzipThreshold) {
    SendText(head + *body);
    return;
  }
  outbox_->SendShared(std::move(head), body, {});
}

void LiveSession::SendText(std::string text) {
  if (gzip_) {
    std::string packed;
    if (GzipIfSmaller(text, &packed)) {
      outbox_->Send(true, std::move(packed));
      return;
    }
  }
  outbox_->Send(false, std::move(text));
}

void LiveSession::SendError(std::string_view id, std::string_view code, std::string_view message) {
  outbox_->Send(false, ErrorMessage(id, code, message));
}

LiveInfo LiveSession::Info(const Subscription& s) const {
  LiveInfo info;
  info.user = identity_.user;
  info.connection_id = connection_id_;
  info.subscription_id = s.id;
  info.ns = s.query->table->ns;
  info.table = s.query->table->name;
  info.query = s.sql;
  if (s.options) info.options_json = OptionsJson(*s.options);
  info.created_millis = s.created_millis;
  info.last_update_millis = s.last_update_millis;
  info.last_ping_millis = last_activity_millis_;
  info.changes = s.changes;
  return info;
}

}  // namespace kalamdb::live
