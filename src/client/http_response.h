// HTTP/1.1 answers, parsed as their bytes arrive.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"

namespace kalamdb::client {

struct HttpResponse {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;
  bool keep_alive = true;

  // The first header of that (lower-case) name, or null.
  [[nodiscard]] const std::string* Header(std::string_view name) const;
};

// Takes one answer apart: status line, headers, a body with a length, in chunks, or up to the end
// of the stream. Interim answers (1xx) are skipped, except 101, which ends the HTTP part of a
// connection.
class HttpResponseParser {
 public:
  static constexpr size_t kMaxHeadBytes = 64 * 1024;
  static constexpr size_t kMaxHeaders = 256;
  static constexpr uint64_t kMaxBodyBytes = 1ull << 30;

  // Returns how many bytes belong to this answer; fewer than given only when done() is true.
  Result<size_t> Feed(std::string_view bytes);
  // The stream ended. An error unless the answer was complete or its body lasts until here.
  Status End();
  [[nodiscard]] bool done() const { return state_ == State::kDone; }
  // No byte has been taken yet.
  [[nodiscard]] bool untouched() const { return untouched_; }
  HttpResponse Take() { return std::move(response_); }

 private:
  enum class State {
    kStatusLine,
    kHeaders,
    kBody,
    kChunkSize,
    kChunkData,
    kChunkEnd,
    kTrailers,
    kBodyToEnd,
    kDone
  };

  Status OnLine(std::string_view line);
  Status OnStatusLine(std::string_view line);
  Status OnHeader(std::string_view line);
  Status OnHeadersEnd();
  Status OnChunkSize(std::string_view line);

  State state_ = State::kStatusLine;
  HttpResponse response_;
  std::string line_;  // an unfinished line
  size_t head_bytes_ = 0;
  uint64_t remaining_ = 0;  // of the body or the chunk
  bool http_1_0_ = false;
  bool untouched_ = true;
};

}  // namespace kalamdb::client
