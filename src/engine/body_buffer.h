// The body of a batch's answer while its statements still run: nothing of it may leave before the
// last one succeeded. In memory up to a bound, beyond it in an unlinked temporary file, which has a
// bound too: it shares its disk with the data.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"
#include "engine/sql_service.h"

namespace kalamdb::engine {

class BodyBuffer {
 public:
  static constexpr uint64_t kMaxFileBytes = uint64_t{1} << 30;
  // `directory`: where the file goes once it is needed.
  BodyBuffer(std::string directory, size_t memory_bound, uint64_t file_bound = kMaxFileBytes)
      : directory_(std::move(directory)), bound_(memory_bound), file_bound_(file_bound) {}
  ~BodyBuffer();
  BodyBuffer(const BodyBuffer&) = delete;
  BodyBuffer& operator=(const BodyBuffer&) = delete;

  // The tail that is still written to. Call Settle after growing it.
  std::string* tail() { return &tail_; }
  // Moves the tail to the file when it passed the bound.
  Status Settle();
  // Sends everything; worker threads only. False when the client went away or the file cannot be
  // read: the reply is unfinished then.
  bool SendTo(int http_status, Reply& reply);

 private:
  std::string directory_;
  size_t bound_;
  const uint64_t file_bound_;
  uint64_t file_bytes_ = 0;
  std::string tail_;
  int fd_ = -1;
};

}  // namespace kalamdb::engine
