// Parsing, dispatching and answering on one HTTP connection.
#include "server/http_connection.h"

#include <sys/socket.h>

#include "base/inflate.h"
#include "server/protection.h"
#include "server/reply_channel.h"
#include "server/router.h"
#include "server/server_context.h"
#include "server/websocket_upgrade.h"

namespace kalamdb::server {

namespace {

constexpr size_t kFlushAnswersAt = 65536;  // pipelined answers are sent together up to this
constexpr size_t kLargeBody = 32768;       // sent from where it lies, without a copy
constexpr size_t kKeepAnswersCapacity = 131072;

}  // namespace

double Exchange::took_millis() const {
  return static_cast<double>(context->deps.clock->MonotonicMicros() - started_micros) / 1000.0;
}
void Exchange::Answer(Response response) { connection->OnAnswer(std::move(response)); }
std::shared_ptr<ReplyChannel> Exchange::Defer() { return connection->Defer(); }

void HttpConnection::Begin(IoLoop* loop, Socket socket, const IpAddress& peer) {
  auto* connection = new HttpConnection(loop, std::move(socket), peer);  // the loop's reference
  if (!connection->Open()) return;
  connection->ArmRead(DeadlineClass::kRequest);
  connection->WaitReadable();
}

HttpConnection::HttpConnection(IoLoop* loop, Socket socket, const IpAddress& peer)
    : Stream(loop, std::move(socket), peer) {}

HttpConnection::~HttpConnection() = default;

void HttpConnection::OnReadable() {
  char* scratch = loop_->scratch();
  const ssize_t n = Receive(scratch, IoLoop::kScratchBytes);
  if (n == -1 && (!answered_ || blocked())) {
    // Nothing more comes, and most likely nobody is there. Who ended only the sending side still
    // gets what is on its way.
    if (channel_) channel_->ClientEnded();
    return;
  }
  if (n < 0) return Close();
  if (n == 0) return WaitReadable();
  const std::string_view in(scratch, static_cast<size_t>(n));
  if (pending_ && !pending_->bytes.empty()) {
    pending_->bytes.append(in);
    DrivePending();
  } else {
    Drive(in);
  }
}

void HttpConnection::DrivePending() {
  if (!pending_ || pending_->bytes.empty()) return Drive({});
  std::string hold = std::move(pending_->bytes);
  pending_->bytes.clear();
  Ref();
  loop_->driver = this;
  const std::string_view rest = Consume(hold);
  loop_->driver = nullptr;
  if (!closed() && !rest.empty()) {
    if (!pending_) pending_ = std::make_unique<Pending>();
    if (rest.size() != hold.size()) hold.erase(0, hold.size() - rest.size());
    pending_->bytes = std::move(hold);
  }
  FlushAnswers();
  Settle();
  Unref();
}

void HttpConnection::Drive(std::string_view in) {
  Ref();
  loop_->driver = this;
  const std::string_view rest = Consume(in);
  loop_->driver = nullptr;
  if (!closed() && !rest.empty()) {
    if (!pending_) pending_ = std::make_unique<Pending>();
    pending_->bytes.assign(rest);
  }
  FlushAnswers();
  Settle();
  Unref();
}

std::string_view HttpConnection::Consume(std::string_view in) {
  while (!in.empty() && !ending_ && !closed() && answered_ && !blocked()) {
    if (pending_ && pending_->reading_body()) {
      in.remove_prefix(ContinueBody(in));
      if (pending_ && pending_->reading_body()) break;
      continue;
    }
    if (in.starts_with("\r\n")) {  // a blank line before the request line means nothing
      in.remove_prefix(2);
      if (pending_) pending_->scanned = 0;
      continue;
    }
    // Another protocol, TLS for one: no method begins so, and its client would wait for the
    // timeout.
    if ((in.front() < '!' || in.front() > '~') && in != "\r") {
      Fail(400);
      break;
    }
    const size_t head_size = FindHeadEnd(in, pending_ ? pending_->scanned : 0);
    if (head_size == std::string_view::npos) {
      if (in.size() > kMaxHeadBytes) Fail(431);
      break;
    }
    if (head_size > kMaxHeadBytes) {
      Fail(431);
      break;
    }
    if (pending_) pending_->scanned = 0;
    in.remove_prefix(BeginRequest(in, head_size));
    if (loop_->answers().size() >= kFlushAnswersAt) FlushAnswers();
  }
  return ending_ || closed() ? std::string_view() : in;
}

size_t HttpConnection::BeginRequest(std::string_view in, size_t head_size) {
  Exchange exchange;
  const std::string_view head_bytes = in.substr(0, head_size);
  const std::string_view rest = in.substr(head_size);
  RequestHead& head = exchange.head;
  if (const HeadFault fault = ParseHead(head_bytes, &head); fault != HeadFault::kNone) {
    Fail(fault == HeadFault::kTooLarge ? 431 : 400);
    return in.size();
  }
  ServerContext& context = *loop_->context();
  exchange.context = &context;
  exchange.connection = this;
  exchange.client = context.proxies.Resolve(peer_, head);
  const bool upgrade =
      context.deps.sessions != nullptr && head.method == Method::kGet && head.path() == "/v1/ws";
  if (upgrade && !loop_->answers().empty()) {
    FlushAnswers();  // the socket changes hands with nothing left to send
    if (closed() || blocked()) return 0;
  }
  loop_->CountRequest();
  exchange.started_micros = context.deps.clock->MonotonicMicros();
  answered_ = false;
  answer_.keep_alive = head.keep_alive;
  answer_.http10 = head.http10;
  answer_.allowed_origin = context.cors.AllowedOrigin(head);

  const bool whole = !head.chunked && head.content_length <= rest.size();
  const size_t used = whole ? head_size + head.content_length : in.size();
  auto refuse = [&](Response response) {
    // Whatever comes of a body that is not here yet would be taken for the next request.
    if (!whole) {
      answer_.keep_alive = false;
      unread_ = true;
    }
    OnAnswer(std::move(response));
    return used;
  };

  if (Cors::IsPreflight(head)) {
    return refuse(context.cors.AnswerPreflight(head, &answer_.allowed_origin));
  }
  if (upgrade) {
    if (auto refusal = RefuseUpgrade(&context, head, exchange.client)) {
      return refuse(std::move(*refusal));
    }
    if (!whole || head.content_length != 0) {
      CancelUpgrade(&context, exchange.client);
      return refuse(Response::Empty(400));
    }
    Upgrade(exchange, rest);
    return in.size();
  }
  if (auto refusal = Protect(&context, head, exchange.client)) return refuse(std::move(*refusal));
  const Route* route = context.router->Find(head.method, head.path());
  if (route == nullptr) return refuse(Response::Empty(404));
  if (auto refusal = route->Admit(&exchange)) return refuse(std::move(*refusal));
  const size_t limit = route->body_limit(head);
  if (head.content_length > limit) {
    return refuse(route->RefuseBody(exchange, BodyFault::kTooLarge));
  }
  if (whole) {
    HandleWithBody(&exchange, route, rest.substr(0, head.content_length));
    return used;
  }
  if (rest.empty() && !head.http10 &&
      EqualsIgnoreCase(head.value(Header::kExpect), "100-continue")) {
    loop_->answers() += "HTTP/1.1 100 Continue\r\n\r\n";
  }
  answered_ = true;  // so that its body is read
  KeepForBody(std::move(exchange), route, head_bytes, limit);
  return head_size;
}

void HttpConnection::KeepForBody(Exchange exchange, const Route* route, std::string_view head_bytes,
                                 size_t body_limit) {
  if (!pending_) pending_ = std::make_unique<Pending>();
  Pending& p = *pending_;
  p.head_bytes = head_bytes;
  p.exchange = std::move(exchange);
  p.exchange.head.Rebase(head_bytes.data(), p.head_bytes.data());
  p.route = route;
  p.answer = std::move(answer_);
  p.body_limit = body_limit;
  p.body_missing = p.exchange.head.content_length;
  if (p.exchange.head.chunked) p.chunked.emplace(body_limit);
}

size_t HttpConnection::ContinueBody(std::string_view in) {
  Pending& p = *pending_;
  size_t used = 0;
  bool too_large = false;
  if (p.chunked) {
    switch (p.chunked->Feed(in, &used, &p.body)) {
      case ChunkedBody::Progress::kNeedMore:
        return used;
      case ChunkedBody::Progress::kMalformed:
        Fail(400);
        return in.size();
      case ChunkedBody::Progress::kTooLarge:
        too_large = true;
        break;
      case ChunkedBody::Progress::kDone:
        break;
    }
  } else {
    used = std::min<uint64_t>(p.body_missing, in.size());
    p.body.append(in.substr(0, used));
    p.body_missing -= used;
    if (p.body_missing != 0) return used;
  }
  const std::unique_ptr<Pending> request = std::move(pending_);
  answer_ = std::move(request->answer);
  answered_ = false;
  if (too_large) {
    answer_.keep_alive = false;
    unread_ = true;
    OnAnswer(request->route->RefuseBody(request->exchange, BodyFault::kTooLarge));
    return in.size();
  }
  HandleWithBody(&request->exchange, request->route, request->body);
  return used;
}

void HttpConnection::HandleWithBody(Exchange* exchange, const Route* route, std::string_view body) {
  const std::string_view encoding = TrimBlanks(exchange->head.value(Header::kContentEncoding));
  if (body.empty() || encoding.empty() || EqualsIgnoreCase(encoding, "identity")) {
    exchange->body = body;
    return route->Handle(exchange);
  }
  std::string plain;
  const size_t limit = route->body_limit(exchange->head);
  const InflateOutcome outcome =
      EqualsIgnoreCase(encoding, "gzip") || EqualsIgnoreCase(encoding, "x-gzip")
          ? InflateGzip(body, limit, &plain)
          : InflateOutcome::kMalformed;
  if (outcome != InflateOutcome::kOk) {
    return OnAnswer(route->RefuseBody(*exchange, outcome == InflateOutcome::kTooLarge
                                                     ? BodyFault::kTooLarge
                                                     : BodyFault::kBadEncoding));
  }
  exchange->body = plain;
  route->Handle(exchange);
}

void HttpConnection::Upgrade(const Exchange& exchange, std::string_view rest) {
  moved_ = true;
  BeginWebSocket(loop_, Release(), peer_, exchange, rest);
}

std::shared_ptr<ReplyChannel> HttpConnection::Defer() {
  channel_ = std::make_shared<ReplyChannel>(loop_->shared_from_this(), this, std::move(answer_));
  return channel_;
}

void HttpConnection::OnAnswer(Response response) {
  if (answered_ || closed()) return;
  if (channel_) {
    answer_ = std::move(channel_->answer());
    channel_->Detach();
    channel_.reset();
  }
  Write(std::move(response));
  answered_ = true;
  if (!answer_.keep_alive) ending_ = true;
  if (loop_->driver != this) DrivePending();
}

void HttpConnection::OnStreamBegin(int status) {
  if (answered_ || closed() || !channel_) return;
  answer_ = std::move(channel_->answer());
  if (answer_.http10) answer_.keep_alive = false;
  std::string head;
  WriteHead(&head, status, kJsonType, {}, 0, true);
  queue_.Append(head);
}

void HttpConnection::OnStreamChunks(std::vector<std::string> chunks, bool end, bool broken) {
  if (answered_ || closed() || !channel_) return;
  // The client must not take half an answer for a whole one.
  if (broken) return Close();
  Ref();
  for (std::string& chunk : chunks) queue_.AppendOwned(std::move(chunk));
  if (end && !answer_.http10) queue_.Append("0\r\n\r\n");
  channel_->SetUnsent(queue_.bytes());
  if (Flush() && end) {
    channel_->Detach();
    channel_.reset();
    answered_ = true;
    if (!answer_.keep_alive) ending_ = true;
    DrivePending();
  }
  Unref();
}

void HttpConnection::WriteHead(std::string* out, int status, std::string_view content_type,
                               std::string_view headers, size_t content_length, bool streaming) {
  if (loop_->context()->shutting_down.load(std::memory_order_relaxed)) answer_.keep_alive = false;
  AppendStatusLine(out, status);
  if (!content_type.empty()) {
    out->append("content-type: ").append(content_type).append("\r\n");
  }
  if (!streaming) {
    out->append("content-length: ");
    const fmt::format_int digits(content_length);
    out->append(digits.data(), digits.size()).append("\r\n");
  } else if (!answer_.http10) {
    out->append("transfer-encoding: chunked\r\n");
  }
  out->append(loop_->date_header());
  out->append(loop_->context()->cors.common_headers());
  if (!answer_.allowed_origin.empty()) {
    out->append("access-control-allow-origin: ").append(answer_.allowed_origin).append("\r\n");
  }
  out->append(headers);
  if (!answer_.keep_alive) {
    out->append("connection: close\r\n");
  } else if (answer_.http10) {
    out->append("connection: keep-alive\r\n");
  }
  out->append("\r\n");
}

void HttpConnection::Write(Response response) {
  std::string& out = loop_->answers();
  WriteHead(&out, response.status, response.content_type, response.headers, response.body.size(),
            false);
  if (response.body.size() < kLargeBody) {
    out += response.body;
    return;
  }
  queue_.Append(out);
  out.clear();
  queue_.AppendOwned(std::move(response.body));
  Flush();
}

void HttpConnection::Fail(int status) {
  answer_ = {};
  answer_.keep_alive = false;
  Write(Response::Empty(status));
  answered_ = true;
  ending_ = true;
  unread_ = true;
}

bool HttpConnection::FlushAnswers() {
  std::string& out = loop_->answers();
  if (out.empty()) return !closed();
  size_t sent = 0;
  bool broken = closed();
  if (!broken && queue_.empty()) {
    const ssize_t n = ::send(fd(), out.data(), out.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n >= 0) {
      sent = static_cast<size_t>(n);
    } else {
      broken = errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR;
    }
  }
  if (!broken && sent < out.size()) queue_.Append(std::string_view(out).substr(sent));
  out.clear();
  if (out.capacity() > kKeepAnswersCapacity) std::string().swap(out);
  if (broken) {
    Close();
    return false;
  }
  return queue_.empty() || Flush();
}

// Decides what the connection waits for next.
void HttpConnection::Settle() {
  if (closed() || moved_ || lingering()) return;
  if (ending_) {
    pending_.reset();
    DisarmRead();
    if (blocked()) return;
    return unread_ ? Linger() : Close();
  }
  if (!answered_ || blocked()) {
    DisarmRead();
    // Notices when the client goes while its answer is computed. What it sends ahead is kept once.
    if (channel_ && (!pending_ || pending_->bytes.empty())) WaitReadable();
    return;
  }
  if (pending_ && pending_->bytes.empty() && !pending_->reading_body()) pending_.reset();
  if (!pending_) {
    if (loop_->context()->shutting_down.load(std::memory_order_relaxed)) return Close();
    ArmRead(DeadlineClass::kKeepAlive);
  } else if (pending_->reading_body()) {
    ArmRead(DeadlineClass::kRequest);  // anew: the body moves
  } else {
    if (pending_->scanned == 0) ArmRead(DeadlineClass::kRequest);
    pending_->scanned = pending_->bytes.size();
  }
  WaitReadable();
}

void HttpConnection::OnDrained() {
  if (answered_) DrivePending();
}

void HttpConnection::OnProgress() {
  if (channel_) channel_->SetUnsent(queue_.bytes());
}

void HttpConnection::OnReadDeadline(DeadlineClass which) {
  if (which == DeadlineClass::kKeepAlive) return Close();
  Fail(408);
  if (FlushAnswers()) Settle();
}

void HttpConnection::OnClose() {
  if (channel_) channel_->Detach();
  channel_.reset();
}

void HttpConnection::OnShutdown() {
  if (answered_ && !blocked() && !(pending_ && pending_->reading_body()) && !lingering()) Close();
}

}  // namespace kalamdb::server
