//   0                   1                   2                   3
//  +-+-+-+-+-------+-+-------------+-------------------------------+
//  |F|R|R|R| opcode|M| length 7    | 16 bits when 126, 64 when 127 |
//  +-+-+-+-+-------+-+-------------+-------------------------------+
//  | mask, 4 bytes, only from clients | payload ...
#include "client/ws_frame.h"

namespace kalamdb::client {
namespace {

Status Violation(const char* what) {
  return {ErrorCode::kUnavailable, std::string("WebSocket protocol violation: ") + what};
}

}  // namespace

void AppendClientFrame(std::string* out, WsOpcode opcode, std::string_view payload, uint32_t mask) {
  out->push_back(static_cast<char>(0x80 | static_cast<uint8_t>(opcode)));
  const uint64_t size = payload.size();
  const auto big_endian = [out](uint64_t value, int bytes) {
    for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) {
      out->push_back(static_cast<char>(value >> shift));
    }
  };
  if (size < 126) {
    out->push_back(static_cast<char>(0x80 | size));
  } else if (size <= 0xffff) {
    out->push_back(static_cast<char>(0x80 | 126));
    big_endian(size, 2);
  } else {
    out->push_back(static_cast<char>(0x80 | 127));
    big_endian(size, 8);
  }
  big_endian(mask, 4);
  const size_t begin = out->size();
  out->append(payload);
  for (size_t i = 0; i < payload.size(); ++i) {
    (*out)[begin + i] ^= static_cast<char>(mask >> (24 - 8 * (i % 4)));
  }
}

Status WsReader::Feed(std::string_view bytes) {
  buffer_.append(bytes);
  size_t at = 0;
  for (;;) {
    size_t used = 0;
    KDB_RETURN_IF_ERROR(TakeFrame(std::string_view(buffer_).substr(at), &used));
    if (used == 0) break;
    at += used;
  }
  buffer_.erase(0, at);
  return Status::Ok();
}

Status WsReader::TakeFrame(std::string_view rest, size_t* used) {
  *used = 0;
  if (rest.size() < 2) return Status::Ok();
  const auto byte = [rest](size_t i) { return static_cast<uint8_t>(rest[i]); };
  const bool final = (byte(0) & 0x80) != 0;
  const auto opcode = static_cast<WsOpcode>(byte(0) & 0x0f);
  const bool control = (byte(0) & 0x08) != 0;
  if ((byte(0) & 0x70) != 0) return Violation("reserved bits");
  if ((byte(1) & 0x80) != 0) return Violation("a masked frame from the server");
  uint64_t size = byte(1) & 0x7f;
  size_t header = 2;
  if (size >= 126) {
    const size_t extra = size == 126 ? 2 : 8;
    if (control) return Violation("a long control frame");
    if (rest.size() < 2 + extra) return Status::Ok();
    size = 0;
    for (size_t i = 0; i < extra; ++i) size = size << 8 | byte(2 + i);
    header += extra;
  }
  if (size > kMaxMessageBytes || partial_.payload.size() > kMaxMessageBytes - size) {
    return Violation("message too large");
  }
  switch (opcode) {
    case WsOpcode::kText:
    case WsOpcode::kBinary:
      if (in_message_) return Violation("a new message inside another");
      break;
    case WsOpcode::kContinuation:
      if (!in_message_) return Violation("a continuation of nothing");
      break;
    case WsOpcode::kClose:
    case WsOpcode::kPing:
    case WsOpcode::kPong:
      if (!final) return Violation("a fragmented control frame");
      break;
    default:
      return Violation("unknown opcode");
  }
  if (rest.size() < header + size) return Status::Ok();
  const std::string_view payload = rest.substr(header, static_cast<size_t>(size));
  *used = header + static_cast<size_t>(size);
  if (control) {
    ready_.push_back({opcode, std::string(payload)});
    return Status::Ok();
  }
  if (opcode != WsOpcode::kContinuation) partial_.opcode = opcode;
  partial_.payload.append(payload);
  in_message_ = !final;
  if (final) {
    ready_.push_back(std::move(partial_));
    partial_ = {};
  }
  return Status::Ok();
}

bool WsReader::Next(WsMessage* message) {
  if (ready_.empty()) return false;
  *message = std::move(ready_.front());
  ready_.pop_front();
  return true;
}

}  // namespace kalamdb::client
