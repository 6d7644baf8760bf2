// Bodies with `Transfer-Encoding: chunked` (RFC 9112 7.1).
//
//   *( size [ ;extension ] CRLF  data CRLF )  0 [ ;extension ] CRLF  *( trailer CRLF )  CRLF
//
// Our own: Beast 1.81 asserts on a last chunk that arrives in pieces of less than five bytes, which
// any client can send.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace kalamdb::server {

// A state machine over bytes; holds no memory besides itself. Extensions and trailers are dropped.
class ChunkedBody {
 public:
  // `limit`: bytes of decoded body.
  explicit ChunkedBody(size_t limit) : limit_(limit) {}
  enum class Progress : uint8_t { kNeedMore, kDone, kMalformed, kTooLarge };
  // Appends what `bytes` hold of the body to `body`. `used`: all of them, or at kDone those up to
  // the body's end.
  Progress Feed(std::string_view bytes, size_t* used, std::string* body);

 private:
  enum class State : uint8_t {
    kSize,
    kExtension,
    kSizeEnd,
    kData,
    kDataReturn,
    kDataEnd,
    kTrailerStart,
    kTrailer,
    kTrailerEnd,
    kEnd
  };
  bool SizeDigit(unsigned char c);

  static constexpr uint32_t kMaxLineBytes = 4096;      // of a size line
  static constexpr uint32_t kMaxTrailerBytes = 16384;  // of all trailers

  const size_t limit_;
  uint64_t size_ = 0;  // of the chunk; then what is missing of it
  uint32_t digits_ = 0;
  uint32_t overhead_ = 0;  // bytes of the line or of the trailers so far
  State state_ = State::kSize;
};

}  // namespace kalamdb::server
