// Live queries as one WebSocket connection sees them: the protocol of spec/live.md between frames and the hub.
//
// The server room owns sockets and frames and calls a LiveSession on the connection's own I/O thread; the session calls back into
// its Outbox on that thread only.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "auth/authenticator.h"

namespace kalamdb::live {

// An I/O thread's loop, as the hub needs it.
class Loop {
 public:
  virtual ~Loop() = default;
  [[nodiscard]] virtual int index() const = 0;
  // Runs `f` on the loop's thread, soon. Any thread.
  virtual void Post(std::function<void()> f) = 0;
};

// A piece of a frame's payload. Shared bytes are written by many connections without copying.
struct Piece {
  std::shared_ptr<const std::string> shared;  // null: `own`
  std::string own;
};

class Outbox {
 public:
  virtual ~Outbox() = default;
  // One WebSocket message. `binary`: opcode 2 instead of 1. Frames of one loop turn leave in one write.
  virtual void Send(bool binary, std::string payload) = 0;
  // A message of three parts whose middle is shared: head + body + tail.
  virtual void SendShared(std::string head, std::shared_ptr<const std::string> body, std::string tail) = 0;
  // Close frame with code and reason (at most 123 bytes), then the end.
  virtual void Close(int code, std::string_view reason) = 0;
  // Bytes queued and not yet taken by the kernel.
  [[nodiscard]] virtual size_t queued_bytes() const = 0;
};

}  // namespace kalamdb::live
