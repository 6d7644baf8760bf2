#include "live/live_session.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/id_source.h"
#include "base/inflate.h"

namespace kalamdb::live {

namespace {

constexpr size_t kMaxSubscriptionsPerConnection = 100;
// Of ids and SQL that one connection's subscriptions keep.
constexpr size_t kMaxTextBytesPerConnection = 4 << 20;
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

}  // namespace

LiveSession::LiveSession(LoopHub* loop, Outbox* outbox, SessionRequest request)
    : loop_(loop),
      outbox_(outbox),
      frames_(outbox),
      delivery_(this, loop, outbox, &frames_),
      request_(std::make_unique<SessionRequest>(std::move(request))),
      tokens_(loop->deps().config->rate_limit.max_messages_per_sec) {
  compress_ = QueryParameter(request_->query, "compress") != "false";
  tokens_micros_ = deps().clock->MonotonicMicros();
  last_activity_millis_ = deps().clock->WallMillis();
  const std::string id = RandomHex32();
  std::copy_n(id.begin(), connection_id_.size(), connection_id_.begin());
  loop_->Add(this);
}

LiveSession::~LiveSession() = default;  // OnClosed has run: the loop knows this session no more

const HubDeps& LiveSession::deps() const { return loop_->deps(); }

// ---- the connection

void LiveSession::OnOpen() {
  std::lock_guard lock(loop_->mutex);
  if (request_->bearer_token.empty()) return;
  Authenticate(request_->bearer_token,
               QueryParameter(request_->query, "serialization") == "msgpack"
                   ? Serialization::kMsgpack
                   : Serialization::kJson,
               QueryParameter(request_->query, "compression") != "none");
}

void LiveSession::OnActivity() { last_activity_millis_ = deps().clock->WallMillis(); }

void LiveSession::OnAuthTimeout() {
  std::lock_guard lock(loop_->mutex);
  frames_.Text(AuthError("Authentication timeout - no auth message received within 3 seconds"));
  closing_ = true;
  outbox_->Close(1008, "Authentication timeout");
}

void LiveSession::OnClosed() {
  std::lock_guard lock(loop_->mutex);
  while (!subscriptions_.empty()) Remove(subscriptions_.back()->id);
  loop_->Remove(this);
  closing_ = true;
}

void LiveSession::EndForRights() {
  if (closing_) return;
  closing_ = true;
  while (!subscriptions_.empty()) Remove(subscriptions_.back()->id);
  outbox_->Close(1008, "Authentication failed");
}

bool LiveSession::TakeMessageToken() {
  const double rate = deps().config->rate_limit.max_messages_per_sec;
  const int64_t now = deps().clock->MonotonicMicros();
  tokens_ = std::min(rate, tokens_ + static_cast<double>(now - tokens_micros_) * rate / 1e6);
  tokens_micros_ = now;
  if (tokens_ < 1) {
    frames_.Error("rate_limit", "RATE_LIMIT_EXCEEDED", "Too many messages");
    return false;
  }
  tokens_ -= 1;
  return true;
}

void LiveSession::OnTooLarge() {
  std::lock_guard lock(loop_->mutex);
  if (closing_ || !TakeMessageToken()) return;
  SayTooLarge();
}

void LiveSession::SayTooLarge() {
  frames_.Error("protocol", "MESSAGE_TOO_LARGE",
                fmt::format("Message exceeds maximum size of {} bytes",
                            deps().config->security.max_ws_message_size));
}

void LiveSession::OnText(std::string_view text) {
  std::lock_guard lock(loop_->mutex);
  if (closing_ || !TakeMessageToken()) return;
  auto message = ParseClientMessage(Serialization::kJson, text);
  if (!message.ok()) {
    closing_ = true;
    outbox_->Close(1011, fmt::format("Invalid message: {}", message.status().message()));
    return;
  }
  Handle(message.Take());
}

void LiveSession::OnBinary(std::string_view bytes) {
  std::lock_guard lock(loop_->mutex);
  if (closing_ || !TakeMessageToken()) return;
  const auto refuse = [&](std::string_view why) {
    frames_.Error("protocol", "UNSUPPORTED_DATA", why);
  };
  if (frames_.serialization() != Serialization::kMsgpack) return refuse("Binary not supported");
  std::string plain;
  if (bytes.starts_with(kGzipMagic)) {
    switch (InflateGzip(bytes, deps().config->security.max_ws_message_size, &plain)) {
      case InflateOutcome::kOk:
        break;
      case InflateOutcome::kMalformed:
        return refuse("Failed to decompress binary msgpack");
      case InflateOutcome::kTooLarge:
        return SayTooLarge();
    }
    bytes = plain;
  }
  auto message = ParseClientMessage(Serialization::kMsgpack, bytes);
  if (!message.ok()) {
    return refuse(fmt::format("Invalid MessagePack: {}", message.status().message()));
  }
  Handle(message.Take());
}

void LiveSession::Handle(ClientMessage message) {
  // Heartbeats are no work: ten thousand quiet clients must not keep the server from its quiet
  // step.
  if (message.type != ClientMessage::Type::kPing && deps().on_activity) deps().on_activity();
  switch (message.type) {
    case ClientMessage::Type::kPing:
      break;
    case ClientMessage::Type::kAuthenticate:
      Authenticate(message.token, message.serialization, message.gzip);
      break;
    case ClientMessage::Type::kSubscribe:
      if (!authenticated_) {
        frames_.Error("subscribe", "AUTH_REQUIRED", "Authentication required before subscribing");
      } else {
        Subscribe(std::move(message));
      }
      break;
    case ClientMessage::Type::kNextBatch:
      if (authenticated_) NextBatch(message);
      break;
    case ClientMessage::Type::kUnsubscribe:
      if (authenticated_ && !Remove(message.subscription_id)) {
        // The full form of the id, as system.live shows it.
        const std::string prefix = fmt::format("{}-{}-", identity_.user, connection_id());
        if (message.subscription_id.starts_with(prefix))
          Remove(std::string_view(message.subscription_id).substr(prefix.size()));
      }
      break;
  }
}

void LiveSession::Authenticate(std::string_view token, Serialization serialization, bool gzip) {
  auth_started_ = true;
  if (authenticated_) {
    // Idempotent: says again who this is.
    frames_.Text(
        AuthSuccess(identity_.user, RoleName(identity_.role), frames_.serialization(), gzip_));
    return;
  }
  if (!outbox_->AllowAuthAttempt()) {
    frames_.Text(AuthError("Too many authentication attempts. Please retry shortly."));
    closing_ = true;
    outbox_->Close(1008, "Authentication failed");
    return;
  }
  const auth::TokenCheck check = deps().authenticator->CheckAccessToken(token);
  if (!check.ok()) {
    frames_.Text(AuthError("Invalid credentials"));
    closing_ = true;
    outbox_->Close(1008, "Authentication failed");
    return;
  }
  identity_ = check.identity;
  authenticated_ = true;
  frames_.Text(AuthSuccess(identity_.user, RoleName(identity_.role), serialization, gzip));
  gzip_ = gzip;
  // From the next message on.
  frames_.Negotiate(serialization, gzip && compress_);
  request_.reset();
}

// ---- subscriptions

void LiveSession::Subscribe(ClientMessage message) {
  const std::string& id = message.subscription_id;
  if (IsBlank(id)) {
    frames_.Error("invalid_subscription", "INVALID_SUBSCRIPTION_ID",
                  "Subscription ID cannot be empty");
    return;
  }
  const bool replaces = PlaceOf(id) != subscriptions_.end();
  if (!replaces && !loop_->hub()->CountIn(identity_.user)) {
    frames_.Error(id, "SUBSCRIPTION_LIMIT_EXCEEDED", "Maximum subscriptions reached");
    return;
  }
  const auto refuse = [&](std::string_view code, std::string_view text) {
    if (!replaces) loop_->hub()->CountOut(identity_.user);
    frames_.Error(id, code, text);
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
  if (TextBytesBeside(id) + id.size() + message.sql.size() > kMaxTextBytesPerConnection) {
    refuse("UNSUPPORTED",
           fmt::format("Invalid operation: the subscriptions of one connection may hold {} bytes "
                       "of ids and SQL",
                       kMaxTextBytesPerConnection));
    return;
  }
  auto s = std::make_shared<Subscription>();
  s->id = id;
  s->query = std::move(query);
  s->sql = std::make_shared<const std::string>(std::move(message.sql));
  if (message.options) s->options = std::make_unique<SnapshotOptions>(*message.options);
  s->session = this;
  s->serialization = frames_.serialization();
  s->created_millis = s->last_update_millis = deps().clock->WallMillis();
  // Of several that follow each other under one id the last one counts.
  DropSuccessor(id);
  if (replaces) {
    successors_.push_back(s);
  } else {
    subscriptions_.push_back(s);
  }
  loop_->Register(s.get());
  delivery_.Begin(s);
}

size_t LiveSession::TextBytesBeside(std::string_view id) const {
  size_t bytes = 0;
  const auto add = [&](const Subscription& s) {
    if (s.id != id) bytes += s.id.size() + s.sql->size();
  };
  for (const SubscriptionPtr& s : subscriptions_) add(*s);
  for (const SubscriptionPtr& s : successors_) add(*s);
  return bytes;
}

LiveSession::Place LiveSession::PlaceOf(std::string_view id) {
  return std::find_if(subscriptions_.begin(), subscriptions_.end(),
                      [&](const SubscriptionPtr& s) { return s->id == id; });
}

LiveSession::Place LiveSession::SuccessorOf(std::string_view id) {
  return std::find_if(successors_.begin(), successors_.end(),
                      [&](const SubscriptionPtr& s) { return s->id == id; });
}

void LiveSession::DropSuccessor(std::string_view id) {
  const Place found = SuccessorOf(id);
  if (found == successors_.end()) return;
  Detach(found->get());
  successors_.erase(found);
}

void LiveSession::Accept(const SubscriptionPtr& s) {
  const Place found = SuccessorOf(s->id);
  if (found == successors_.end() || *found != s) return;
  successors_.erase(found);
  // The place in the user's count passes on.
  SubscriptionPtr& place = *PlaceOf(s->id);
  Detach(place.get());
  place = s;
}

void LiveSession::NextBatch(const ClientMessage& message) {
  const Place found = PlaceOf(message.subscription_id);
  if (found == subscriptions_.end()) {
    frames_.Error(message.subscription_id, "BATCH_FETCH_FAILED",
                  fmt::format("Not found: Subscription not found: {}", message.subscription_id));
    return;
  }
  const SubscriptionPtr s = *found;
  if (!s->options) {
    frames_.Error(
        s->id, "BATCH_FETCH_FAILED",
        fmt::format("Invalid operation: Subscription {} was created without initial data loading",
                    s->id));
    return;
  }
  if (s->reading || SuccessorOf(s->id) != successors_.end()) {
    frames_.Error(s->id, "BATCH_FETCH_FAILED",
                  "Invalid operation: a batch of this subscription is being read");
    return;
  }
  delivery_.NextPage(s, message.last_seq);
}

void LiveSession::Detach(Subscription* s) {
  loop_->Unregister(s);
  s->session = nullptr;
}

bool LiveSession::Remove(std::string_view id) {
  const Place found = PlaceOf(id);
  if (found == subscriptions_.end()) return false;
  DropSuccessor(id);
  const SubscriptionPtr s = *found;  // `id` may be its own
  subscriptions_.erase(found);
  Detach(s.get());
  loop_->hub()->CountOut(identity_.user);
  return true;
}

void LiveSession::RemoveWithError(Subscription& s, std::string_view code,
                                  std::string_view message) {
  const std::string id = s.id;  // outlives the subscription
  const Place successor = SuccessorOf(id);
  if (successor == successors_.end()) {
    Remove(id);
  } else if (successor->get() == &s) {
    DropSuccessor(id);
  } else {
    // The client waits for the answer to the successor, and that alone may be an error.
    Accept(SubscriptionPtr(*successor));
    return;
  }
  frames_.Error(id, code, message);
}

void LiveSession::OnDrained() {
  std::lock_guard lock(loop_->mutex);
  if (closing_) return;
  delivery_.ReadWaitingPages();
  CatchUp();
}

void LiveSession::CatchUp() {
  if (closing_) return;
  std::vector<SubscriptionPtr> lagging;
  for (const SubscriptionPtr& s : subscriptions_) {
    if (s->state == Subscription::State::kLagging && !s->reading) lagging.push_back(s);
  }
  for (const SubscriptionPtr& s : lagging) delivery_.CatchUp(s);
}

void LiveSession::CatchUpSoon() {
  for (const SubscriptionPtr& s : subscriptions_) {
    if (s->state == Subscription::State::kLagging && !s->reading)
      return outbox_->NotifyWhenDrained();
  }
}

LiveInfo LiveSession::Info(const Subscription& s) const {
  LiveInfo info;
  info.user = identity_.user;
  info.connection_id = connection_id();
  info.subscription_id = s.id;
  info.ns = s.query->table->ns;
  info.table = s.query->table->name;
  info.query = *s.sql;
  if (s.options) info.options_json = OptionsJson(*s.options);
  info.created_millis = s.created_millis;
  info.last_update_millis = s.last_update_millis;
  info.last_ping_millis = last_activity_millis_;
  info.changes = s.changes;
  return info;
}

}  // namespace kalamdb::live
