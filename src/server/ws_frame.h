// WebSocket frames (RFC 6455 section 5) without extensions: reading the client's, writing the
// server's.
//
//   0               1               2 ..
//   F R R R opcode  M length:7      [length:16 | length:64] [masking key:32] payload
//
// F: last frame of its message. M: payload is masked; set on every frame of a client and on none of
// a server.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace kalamdb::server {

enum class Opcode : uint8_t {
  kContinuation = 0,
  kText = 1,
  kBinary = 2,
  kClose = 8,
  kPing = 9,
  kPong = 10,
};

// Close codes that the codec itself answers with.
inline constexpr int kProtocolError = 1002;
inline constexpr int kBadPayload = 1007;
inline constexpr size_t kMaxControlPayload = 125;

// Appends the header of an unmasked, unfragmented frame.
void AppendFrameHeader(std::string* out, Opcode opcode, uint64_t payload_size);
// Appends a Close frame; the reason is cut at a character boundary within 123 bytes.
void AppendCloseFrame(std::string* out, int code, std::string_view reason);

// What a MessageReader finds. The views end with the call. Returning false stops the reader.
class MessageSink {
 public:
  virtual bool OnMessage(bool binary, std::string_view message) = 0;
  // More than the limit; its bytes were skipped.
  virtual bool OnOversized() = 0;
  virtual bool OnPing(std::string_view payload) = 0;
  virtual bool OnPong() = 0;
  // `code` 0: the frame was empty.
  virtual bool OnPeerClose(int code, std::string_view reason) = 0;

 protected:
  ~MessageSink() = default;
};

// Reassembles messages from bytes that come in any portions. Between messages it holds no memory.
class MessageReader {
 public:
  explicit MessageReader(uint64_t max_message);
  ~MessageReader();
  MessageReader(const MessageReader&) = delete;
  MessageReader& operator=(const MessageReader&) = delete;

  // Unmasks in place. 0, or the code to close with after a violation; nothing may be fed after
  // that.
  [[nodiscard]] int Feed(char* bytes, size_t size, MessageSink* sink);

 private:
  struct State;
  int Run(State* s, char* bytes, size_t size, MessageSink* sink);
  int FinishFrame(State* s, std::string_view payload, MessageSink* sink, bool* stop) const;

  const uint64_t max_message_;
  std::unique_ptr<State> state_;  // only in the middle of a message or frame
};

}  // namespace kalamdb::server
