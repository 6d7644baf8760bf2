// Live queries as one WebSocket connection sees them: the protocol of docs/websocket.md between
// frames and the hub.
//
// The server room owns sockets and frames and calls a Session on the connection's own I/O thread;
// the session calls back into its Outbox on that thread only.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "auth/authenticator.h"

namespace kalamdb::live {

// An I/O thread's loop, as the hub needs it. Lives as long as the HTTP server object.
class Loop {
 public:
  virtual ~Loop() = default;
  [[nodiscard]] virtual int index() const = 0;
  // Runs `f` on the loop's thread, soon, in order of posting. Any thread. Dropped unrun once the
  // loop has stopped.
  virtual void Post(std::function<void()> f) = 0;
  // As Post, but in the loop's time for WebSockets: requests go first while many changes are on
  // their way.
  virtual void PostLater(std::function<void()> f) = 0;
  // The loop's thread. Runs `f` once everything that was sent on its connections before was offered
  // to their sockets. Dropped unrun once the loop has stopped.
  virtual void PostFlushed(std::function<void()> f) = 0;
};

// A piece of a frame's payload. Shared bytes are written by many connections without copying.
struct Piece {
  std::shared_ptr<const std::string> shared;  // null: `own`
  std::string own;
};

// The way out of one connection. Its calls never run session code and never end the session inside
// the call. After Close, or once the peer is gone, Send does nothing.
class Outbox {
 public:
  virtual ~Outbox() = default;
  // One WebSocket message. `binary`: opcode 2 instead of 1. Frames of one loop turn leave in one
  // write.
  virtual void Send(bool binary, std::string payload) = 0;
  // A text message of three parts whose middle is shared: head + body + tail.
  virtual void SendShared(std::string head, std::shared_ptr<const std::string> body,
                          std::string tail) = 0;
  // The same as a binary message (msgpack connections).
  virtual void SendSharedBinary(std::string head, std::shared_ptr<const std::string> body,
                                std::string tail) = 0;
  // What is sent next was committed then (monotonic clock): the time until the socket has it is
  // measured.
  virtual void NoteCommit(int64_t /*committed_micros*/) {}
  // Close frame with code and reason (cut at 123 bytes), then the end. What was sent before goes
  // out first.
  virtual void Close(int code, std::string_view reason) = 0;
  // Takes one token of the client address's bucket for authentication attempts, which HTTP logins
  // share. False: too many.
  virtual bool AllowAuthAttempt() { return true; }
  // Bytes queued and not yet taken by the kernel.
  [[nodiscard]] virtual size_t queued_bytes() const = 0;
  // Session::OnDrained is to be called, in a later turn, once nothing is queued any more.
  virtual void NotifyWhenDrained() = 0;
};

// One live connection's protocol. All calls come on the connection's I/O thread; none comes after
// OnClosed, and the session is destroyed right after it. Size and UTF-8 of messages are checked
// before, their rate is not: the session counts text and binary messages (and OnTooLarge) against
// rate_limit.max_messages_per_sec.
class Session {
 public:
  virtual ~Session() = default;
  // Called once, after the 101 answer is queued: header authentication happens here.
  virtual void OnOpen() = 0;
  // Views end with the call.
  virtual void OnText(std::string_view message) = 0;
  virtual void OnBinary(std::string_view message) = 0;
  // A message of more than security.max_ws_message_size bytes came and was skipped.
  virtual void OnTooLarge() = 0;
  // Bytes came from the client, whatever they are; before the calls above. For system.live's
  // last_ping_at.
  virtual void OnActivity() = 0;
  // Whether an authentication attempt has begun: the clock of websocket.auth_timeout_secs stops.
  [[nodiscard]] virtual bool auth_started() const = 0;
  // That clock ran out: send auth_error, close 1008.
  virtual void OnAuthTimeout() = 0;
  // The queue had been held back by a full socket and is empty again: pages that were asked for may
  // be read, and lagging subscriptions catch up.
  virtual void OnDrained() = 0;
  virtual void OnClosed() = 0;
};

// What the session must know of its upgrade request.
struct SessionRequest {
  std::string client_ip;     // after the proxy rules; empty: unknown
  std::string bearer_token;  // of `Authorization: Bearer `, empty: none, or another scheme
  std::string query;         // raw query string of the URL, without '?'
};

// Implemented by the hub. The server is given none when it is built without live queries.
class SessionFactory {
 public:
  virtual ~SessionFactory() = default;
  // I/O thread of `loop`. `loop` and `outbox` outlive the session. Never null.
  virtual std::unique_ptr<Session> NewSession(Loop* loop, Outbox* outbox,
                                              SessionRequest request) = 0;
};

}  // namespace kalamdb::live
