// WebSocket frames as a client writes and reads them (RFC 6455, no extensions).
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "base/status.h"

namespace kalamdb::client {

enum class WsOpcode : uint8_t {
  kContinuation = 0,
  kText = 1,
  kBinary = 2,
  kClose = 8,
  kPing = 9,
  kPong = 10
};

struct WsMessage {
  WsOpcode opcode = WsOpcode::kText;  // never kContinuation: fragments are put together
  std::string payload;
};

// Appends one whole frame, masked with `mask` as every frame of a client must be.
void AppendClientFrame(std::string* out, WsOpcode opcode, std::string_view payload, uint32_t mask);

// Takes a server's frames apart. Control frames come out between the fragments of a message, as
// they arrived.
class WsReader {
 public:
  static constexpr uint64_t kMaxMessageBytes = 64ull << 20;

  // An error when the peer breaks the protocol or sends a message over the limit; the connection is
  // of no use then.
  Status Feed(std::string_view bytes);
  // Takes the next whole message; false when none is complete.
  bool Next(WsMessage* message);

 private:
  // Takes one frame from the front of `rest`; *used stays 0 while it is not complete.
  Status TakeFrame(std::string_view rest, size_t* used);

  std::string buffer_;
  WsMessage partial_;
  bool in_message_ = false;
  std::deque<WsMessage> ready_;
};

}  // namespace kalamdb::client
