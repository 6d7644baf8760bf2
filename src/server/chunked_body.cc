// Decoding chunks.
#include "server/chunked_body.h"

#include <algorithm>

namespace kalamdb::server {

namespace {

// Control characters have no place in extensions and trailers; a bare LF would be read as a line
// end by others.
bool IsControl(unsigned char c) { return (c < 0x20 && c != '\t') || c == 0x7F; }

}  // namespace

bool ChunkedBody::SizeDigit(unsigned char c) {
  unsigned digit;
  if (c >= '0' && c <= '9') {
    digit = c - '0';
  } else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') {
    digit = (c | 0x20) - 'a' + 10;
  } else {
    return false;
  }
  if (++digits_ > 16) return false;
  size_ = size_ << 4 | digit;
  return true;
}

ChunkedBody::Progress ChunkedBody::Feed(std::string_view bytes, size_t* used, std::string* body) {
  size_t& at = *used;
  at = 0;
  while (at < bytes.size()) {
    if (state_ == State::kData) {
      const auto n = static_cast<size_t>(std::min<uint64_t>(size_, bytes.size() - at));
      body->append(bytes.substr(at, n));
      at += n;
      size_ -= n;
      if (size_ == 0) state_ = State::kDataReturn;
      continue;
    }
    const auto c = static_cast<unsigned char>(bytes[at++]);
    switch (state_) {
      case State::kSize:
        if (SizeDigit(c)) break;
        if (digits_ == 0 || digits_ > 16) return Progress::kMalformed;
        if (c == '\r') {
          state_ = State::kSizeEnd;
        } else if (c == ';' || c == ' ' || c == '\t') {
          state_ = State::kExtension;
        } else {
          return Progress::kMalformed;
        }
        break;
      case State::kExtension:
        if (c == '\r') {
          state_ = State::kSizeEnd;
        } else if (IsControl(c) || ++overhead_ > kMaxLineBytes) {
          return Progress::kMalformed;
        }
        break;
      case State::kSizeEnd:
        if (c != '\n') return Progress::kMalformed;
        if (size_ > limit_ - body->size()) return Progress::kTooLarge;
        state_ = size_ == 0 ? State::kTrailerStart : State::kData;
        digits_ = overhead_ = 0;
        break;
      case State::kData:
        break;
      case State::kDataReturn:
        if (c != '\r') return Progress::kMalformed;
        state_ = State::kDataEnd;
        break;
      case State::kDataEnd:
        if (c != '\n') return Progress::kMalformed;
        state_ = State::kSize;
        break;
      case State::kTrailerStart:
        if (c == '\r') {
          state_ = State::kEnd;
          break;
        }
        state_ = State::kTrailer;
        [[fallthrough]];
      case State::kTrailer:
        if (c == '\r') {
          state_ = State::kTrailerEnd;
        } else if (IsControl(c) || ++overhead_ > kMaxTrailerBytes) {
          return Progress::kMalformed;
        }
        break;
      case State::kTrailerEnd:
        if (c != '\n') return Progress::kMalformed;
        state_ = State::kTrailerStart;
        break;
      case State::kEnd:
        return c == '\n' ? Progress::kDone : Progress::kMalformed;
    }
  }
  return Progress::kNeedMore;
}

}  // namespace kalamdb::server
