// Life of a WebSocket connection.
#include "server/ws_connection.h"

#include "server/server_context.h"
#include "server/websocket_upgrade.h"

namespace kalamdb::server {

namespace {

// A session bounds its own queue far below this; beyond it the connection is beyond help.
constexpr size_t kMaxQueuedBytes = size_t{128} << 20;

}  // namespace

void WsConnection::Begin(IoLoop* loop, Socket socket, const IpAddress& peer,
                         const IpAddress& client, live::SessionRequest request,
                         std::string_view handshake, std::string rest) {
  auto* c = new WsConnection(loop, std::move(socket), peer, client);  // the loop's reference
  if (!c->Open(true)) return CancelUpgrade(loop->context(), client);
  c->Ref();
  c->queue_.Append(handshake);
  loop->FlushSoon(c);
  c->session_ = loop->context()->deps.sessions->NewSession(loop, c, std::move(request));
  c->session_->OnOpen();
  // A session that refuses at once has closed, and the time for that runs already.
  if (c->phase_ == Phase::kOpen) {
    c->ArmRead(c->session_->auth_started() ? DeadlineClass::kSocketIdle
                                           : DeadlineClass::kSocketAuth);
  }
  if (!rest.empty()) {
    c->Receive(rest.data(), rest.size());
  } else {
    c->WaitForInput();
  }
  c->Unref();
}

WsConnection::WsConnection(IoLoop* loop, Socket socket, const IpAddress& peer,
                           const IpAddress& client)
    : Stream(loop, std::move(socket), peer),
      client_(client),
      reader_(loop->context()->config.security.max_ws_message_size) {
  send_class_ = DeadlineClass::kSocketSlow;
}

WsConnection::~WsConnection() = default;

void WsConnection::OnReadable() {
  const ssize_t n = Stream::Receive(loop_->scratch(), IoLoop::kScratchBytes);
  if (n < 0) return Stream::Close();
  if (n == 0) return WaitForInput();
  Receive(loop_->scratch(), static_cast<size_t>(n));
}

void WsConnection::Receive(char* bytes, size_t size) {
  if (session_) session_->OnActivity();
  const int code = reader_.Feed(bytes, size, this);
  if (code != 0) {
    EndSession();
    if (phase_ == Phase::kOpen) {
      QueueClose(code, code == kBadPayload ? "Text is not UTF-8" : "Protocol error");
    }
    phase_ = Phase::kEnded;
    loop_->FlushSoon(this);
  }
  ArmForActivity();
  WaitForInput();
}

void WsConnection::WaitForInput() {
  if (phase_ == Phase::kEnded) return;  // FlushTurn or OnDrained goes on
  // A client that sends and does not read is not read from either: its pongs and errors would pile
  // up.
  if (blocked() && queue_.bytes() > loop_->context()->config.websocket.max_queued_bytes) return;
  WaitReadable();
}

void WsConnection::ArmForActivity() {
  if (closed() || phase_ != Phase::kOpen || !session_) return;
  if (read_deadline() == DeadlineClass::kSocketAuth && !session_->auth_started()) return;
  ArmRead(DeadlineClass::kSocketIdle);
}

bool WsConnection::OnMessage(bool binary, std::string_view message) {
  if (phase_ != Phase::kOpen || !session_) return phase_ != Phase::kEnded;
  binary ? session_->OnBinary(message) : session_->OnText(message);
  return phase_ != Phase::kEnded;
}

bool WsConnection::OnOversized() {
  if (phase_ == Phase::kOpen && session_) session_->OnTooLarge();
  return phase_ != Phase::kEnded;
}

bool WsConnection::OnPing(std::string_view payload) {
  if (phase_ != Phase::kOpen) return phase_ != Phase::kEnded;
  std::string frame;
  AppendFrameHeader(&frame, Opcode::kPong, payload.size());
  frame.append(payload);
  queue_.Append(frame);
  loop_->FlushSoon(this);
  return true;
}

bool WsConnection::OnPeerClose(int code, std::string_view reason) {
  EndSession();
  if (phase_ == Phase::kOpen) QueueClose(code, reason);
  phase_ = Phase::kEnded;
  loop_->FlushSoon(this);
  return false;
}

void WsConnection::Send(bool binary, std::string payload) {
  if (closed() || phase_ != Phase::kOpen) return;
  std::string header;
  AppendFrameHeader(&header, binary ? Opcode::kBinary : Opcode::kText, payload.size());
  queue_.Append(header);
  queue_.AppendOwned(std::move(payload));
  EndIfOverfull();
  loop_->FlushSoon(this);
}

void WsConnection::EndIfOverfull() {
  if (queue_.bytes() <= kMaxQueuedBytes) return;
  ++loop_->context()->slow_clients_closed;
  Close(1013, "Slow consumer");
}

void WsConnection::SendShared(std::string head, std::shared_ptr<const std::string> body,
                              std::string tail) {
  SendParts(Opcode::kText, std::move(head), std::move(body), std::move(tail));
}

void WsConnection::SendSharedBinary(std::string head, std::shared_ptr<const std::string> body,
                                    std::string tail) {
  SendParts(Opcode::kBinary, std::move(head), std::move(body), std::move(tail));
}

void WsConnection::SendParts(Opcode opcode, std::string head,
                             std::shared_ptr<const std::string> body, std::string tail) {
  if (closed() || phase_ != Phase::kOpen) return;
  std::string header;
  AppendFrameHeader(&header, opcode, head.size() + (body ? body->size() : 0) + tail.size());
  queue_.Append(header);
  queue_.AppendOwned(std::move(head));
  if (body) queue_.AppendShared(std::move(body));
  queue_.AppendOwned(std::move(tail));
  EndIfOverfull();
  loop_->FlushSoon(this);
}

void WsConnection::NoteCommit(int64_t committed_micros) {
  if (oldest_commit_ == 0 && !blocked()) oldest_commit_ = committed_micros;
}

void WsConnection::Close(int code, std::string_view reason) {
  if (closed() || phase_ != Phase::kOpen) return;
  QueueClose(code, reason);
  phase_ = Phase::kClosing;
  ArmRead(DeadlineClass::kSocketClose);
}

bool WsConnection::AllowAuthAttempt() {
  return loop_->context()->auth_limiter.Allow(client_.ToString(), IoLoop::NowMillis());
}

void WsConnection::QueueClose(int code, std::string_view reason) {
  std::string frame;
  AppendCloseFrame(&frame, code, reason);
  queue_.Append(frame);
  loop_->FlushSoon(this);
}

void WsConnection::EndSession() {
  if (!session_) return;
  const std::unique_ptr<live::Session> session = std::move(session_);
  session->OnClosed();
  CancelUpgrade(loop_->context(), client_);
}

void WsConnection::FlushTurn() {
  if (phase_ != Phase::kOpen) EndSession();
  if (drained_) {
    drained_ = false;
    if (session_) session_->OnDrained();
  }
  if (!Flush()) return;
  if (oldest_commit_ != 0) {
    const int64_t now = loop_->context()->deps.clock->MonotonicMicros();
    if (!blocked()) loop_->live_delays().Record(now - oldest_commit_, now);
    oldest_commit_ = 0;
  }
  if (blocked()) return;
  if (phase_ == Phase::kEnded) return Linger();
  // Whoever empties a full queue ends the pause of reading: the socket's edge finds nothing to do.
  WaitForInput();
  if (drain_wanted_) {
    drain_wanted_ = false;
    drained_ = true;
    loop_->FlushSoon(this);
  }
}

void WsConnection::NotifyWhenDrained() {
  if (closed() || phase_ != Phase::kOpen) return;
  drain_wanted_ = true;
  loop_->FlushSoon(this);
}

void WsConnection::OnDrained() {
  if (phase_ == Phase::kEnded) return Linger();
  if (session_) {
    drain_wanted_ = false;
    drained_ = true;
    loop_->FlushSoon(this);
  }
  WaitForInput();
}

void WsConnection::OnReadDeadline(DeadlineClass which) {
  switch (which) {
    case DeadlineClass::kSocketAuth:
      if (session_ && !session_->auth_started()) return session_->OnAuthTimeout();
      return ArmForActivity();
    case DeadlineClass::kSocketIdle: {
      // A full socket has its own deadline, and what the client sent may be waiting unread.
      if (blocked()) return ArmRead(DeadlineClass::kSocketIdle);
      std::string ping;
      AppendFrameHeader(&ping, Opcode::kPing, 0);
      queue_.Append(ping);
      loop_->FlushSoon(this);
      return ArmRead(DeadlineClass::kSocketPong);
    }
    case DeadlineClass::kSocketPong:
      return Close(1000, "Heartbeat timeout");
    default:
      return Stream::Close();
  }
}

void WsConnection::OnSendStalled() {
  // Already saying goodbye, or nobody there to hear it.
  if (phase_ != Phase::kOpen) return Stream::Close();
  ++loop_->context()->slow_clients_closed;
  Close(1013, "Slow consumer");
}

void WsConnection::OnClose() { EndSession(); }

void WsConnection::OnShutdown() { Close(1001, "Server shutting down"); }

}  // namespace kalamdb::server
