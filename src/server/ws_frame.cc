// The frame codec.
#include "server/ws_frame.h"

#include <cstring>

#include "base/json_text.h"

namespace kalamdb::server {

namespace {

constexpr size_t kMaxHeader = 14;

struct FrameHeader {
  bool fin = false;
  Opcode opcode = Opcode::kContinuation;
  uint64_t length = 0;
  unsigned char mask[4] = {};
};

bool IsControl(Opcode opcode) { return (static_cast<uint8_t>(opcode) & 8U) != 0; }

// Bytes of the header that starts with these two.
size_t HeaderSize(unsigned char second) {
  const unsigned length = second & 0x7FU;
  return 2 + (length == 126 ? 2 : length == 127 ? 8 : 0) + ((second & 0x80U) ? 4 : 0);
}

// The two first bytes say enough to refuse the frame. 0, or a close code.
int CheckHeader(const unsigned char* h, bool in_message) {
  if ((h[0] & 0x70U) != 0) return kProtocolError;  // no extension was negotiated
  if ((h[1] & 0x80U) == 0) return kProtocolError;  // clients mask
  const unsigned opcode = h[0] & 0x0FU;
  if (opcode >= 8) {
    if (opcode > 10) return kProtocolError;
    if ((h[0] & 0x80U) == 0 || (h[1] & 0x7FU) > kMaxControlPayload) return kProtocolError;
    return 0;
  }
  if (opcode > 2) return kProtocolError;
  return (opcode == 0) == in_message ? 0 : kProtocolError;
}

bool ParseHeader(const unsigned char* h, FrameHeader* out) {
  out->fin = (h[0] & 0x80U) != 0;
  out->opcode = static_cast<Opcode>(h[0] & 0x0FU);
  out->length = h[1] & 0x7FU;
  const unsigned char* p = h + 2;
  if (out->length >= 126) {
    const int bytes = out->length == 126 ? 2 : 8;
    const uint64_t least = out->length == 126 ? 126 : 65536;
    out->length = 0;
    for (int i = 0; i < bytes; ++i) out->length = out->length << 8 | *p++;
    // The shortest form is mandatory, the top bit must be clear.
    if (out->length < least || (out->length >> 63) != 0) return false;
  }
  std::memcpy(out->mask, p, 4);
  return true;
}

void Unmask(char* data, size_t n, const unsigned char* mask, uint64_t offset) {
  unsigned char turned[8];
  for (size_t i = 0; i < 8; ++i) turned[i] = mask[(offset + i) & 3];
  uint64_t wide;
  std::memcpy(&wide, turned, 8);
  size_t i = 0;
  for (; i + 8 <= n; i += 8) {
    uint64_t v;
    std::memcpy(&v, data + i, 8);
    v ^= wide;
    std::memcpy(data + i, &v, 8);
  }
  for (; i < n; ++i) data[i] = static_cast<char>(data[i] ^ static_cast<char>(turned[i & 7]));
}

bool ValidCloseCode(int code) {
  if (code >= 3000) return code <= 4999;
  return code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
}

}  // namespace

void AppendFrameHeader(std::string* out, Opcode opcode, uint64_t payload_size) {
  out->push_back(static_cast<char>(0x80U | static_cast<uint8_t>(opcode)));
  int bytes = 0;
  if (payload_size < 126) {
    out->push_back(static_cast<char>(payload_size));
  } else if (payload_size < 65536) {
    out->push_back(126);
    bytes = 2;
  } else {
    out->push_back(127);
    bytes = 8;
  }
  for (int i = bytes - 1; i >= 0; --i) out->push_back(static_cast<char>(payload_size >> (8 * i)));
}

void AppendCloseFrame(std::string* out, int code, std::string_view reason) {
  if (code == 0) return AppendFrameHeader(out, Opcode::kClose, 0);
  constexpr size_t kMaxReason = kMaxControlPayload - 2;
  size_t n = std::min(reason.size(), kMaxReason);
  if (n < reason.size()) {
    while (n > 0 && (static_cast<unsigned char>(reason[n]) & 0xC0U) == 0x80U) --n;
  }
  AppendFrameHeader(out, Opcode::kClose, n + 2);
  out->push_back(static_cast<char>(code >> 8));
  out->push_back(static_cast<char>(code));
  out->append(reason.substr(0, n));
}

struct MessageReader::State {
  unsigned char header[kMaxHeader];
  uint8_t header_have = 0;  // bytes of an incomplete header
  bool in_frame = false;    // `frame` is valid, its payload incomplete
  bool in_message = false;  // a data frame without FIN came, or one is being read
  bool binary = false;
  bool oversized = false;
  uint8_t control_have = 0;
  uint64_t payload_done = 0;  // bytes of the current frame's payload
  FrameHeader frame;
  std::string message;  // data frames so far, unmasked
  char control[kMaxControlPayload];
  [[nodiscard]] bool at_rest() const { return !in_frame && !in_message && header_have == 0; }
};

MessageReader::MessageReader(uint64_t max_message) : max_message_(max_message) {}
MessageReader::~MessageReader() = default;

int MessageReader::Feed(char* bytes, size_t size, MessageSink* sink) {
  if (state_) {
    std::unique_ptr<State> state = std::move(state_);
    const int code = Run(state.get(), bytes, size, sink);
    if (code == 0 && !state->at_rest()) state_ = std::move(state);
    return code;
  }
  State state;
  const int code = Run(&state, bytes, size, sink);
  if (code == 0 && !state.at_rest()) state_ = std::make_unique<State>(std::move(state));
  return code;
}

int MessageReader::Run(State* s, char* bytes, size_t size, MessageSink* sink) {
  size_t at = 0;
  for (;;) {
    if (!s->in_frame) {
      while (s->header_have < 2 && at < size) {
        s->header[s->header_have++] = static_cast<unsigned char>(bytes[at++]);
      }
      if (s->header_have < 2) return 0;
      if (const int code = CheckHeader(s->header, s->in_message)) return code;
      const size_t need = HeaderSize(s->header[1]);
      while (s->header_have < need && at < size) {
        s->header[s->header_have++] = static_cast<unsigned char>(bytes[at++]);
      }
      if (s->header_have < need) return 0;
      s->header_have = 0;
      if (!ParseHeader(s->header, &s->frame)) return kProtocolError;
      s->in_frame = true;
      s->payload_done = 0;
      s->control_have = 0;
      if (!IsControl(s->frame.opcode)) {
        if (s->frame.opcode != Opcode::kContinuation) {
          s->binary = s->frame.opcode == Opcode::kBinary;
          s->oversized = false;
          s->message.clear();
        }
        s->in_message = true;
        if (s->frame.length > max_message_ - std::min<uint64_t>(max_message_, s->message.size())) {
          s->oversized = true;
          std::string().swap(s->message);
        }
      }
    }
    const size_t n =
        static_cast<size_t>(std::min<uint64_t>(s->frame.length - s->payload_done, size - at));
    char* part = bytes + at;
    const bool control = IsControl(s->frame.opcode);
    const bool skip = !control && s->oversized;
    if (n > 0 && !skip) Unmask(part, n, s->frame.mask, s->payload_done);
    at += n;
    s->payload_done += n;
    const bool complete = s->payload_done == s->frame.length;
    std::string_view payload(part, n);
    if (control) {
      if (!complete || s->control_have > 0) {
        std::memcpy(s->control + s->control_have, part, n);
        s->control_have = static_cast<uint8_t>(s->control_have + n);
        payload = {s->control, s->control_have};
      }
    } else if (!skip && (!complete || !s->frame.fin || !s->message.empty())) {
      s->message.append(part, n);
      payload = s->message;
    }
    if (!complete) return 0;
    bool stop = false;
    if (const int code = FinishFrame(s, payload, sink, &stop)) return code;
    if (stop) return 0;
    if (at == size) return 0;
  }
}

int MessageReader::FinishFrame(State* s, std::string_view payload, MessageSink* sink,
                               bool* stop) const {
  s->in_frame = false;
  switch (s->frame.opcode) {
    case Opcode::kPing:
      *stop = !sink->OnPing(payload);
      return 0;
    case Opcode::kPong:
      *stop = !sink->OnPong();
      return 0;
    case Opcode::kClose: {
      if (payload.empty()) {
        *stop = !sink->OnPeerClose(0, {});
        return 0;
      }
      if (payload.size() == 1) return kProtocolError;
      const int code =
          static_cast<unsigned char>(payload[0]) << 8 | static_cast<unsigned char>(payload[1]);
      if (!ValidCloseCode(code)) return kProtocolError;
      if (!IsValidUtf8(payload.substr(2))) return kBadPayload;
      *stop = !sink->OnPeerClose(code, payload.substr(2));
      return 0;
    }
    default:
      break;
  }
  if (!s->frame.fin) return 0;
  s->in_message = false;
  if (s->oversized) {
    *stop = !sink->OnOversized();
  } else if (!s->binary && !IsValidUtf8(payload)) {
    return kBadPayload;
  } else {
    *stop = !sink->OnMessage(s->binary, payload);
  }
  std::string().swap(s->message);
  return 0;
}

}  // namespace kalamdb::server
