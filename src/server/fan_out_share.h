// Whose time it is on an I/O thread while a burst of changes is on its way to WebSockets: theirs,
// or that of requests alone.
//
// A burst that has gone on for a millisecond lets requests go first for as long as they come and
// go; then four milliseconds belong to them, one to the WebSockets, and so on. Without requests the
// WebSockets have it all. Times are monotonic microseconds.
#pragma once

#include <cstdint>

namespace kalamdb::server {

class FanOutShare {
 public:
  // Nothing waits for WebSockets.
  void Idle() { burst_since_ = yields_until_ = 0; }
  // Whether somebody waits, and a request is worth noting.
  [[nodiscard]] bool bursting() const { return burst_since_ != 0; }
  // A request came, or was answered.
  void NoteRequest(int64_t now) { last_request_ = now; }
  // Something waits for WebSockets: whether it goes on waiting.
  [[nodiscard]] bool Yields(int64_t now);
  // What Yields said last.
  [[nodiscard]] bool yielding() const { return yields_until_ != 0; }

  static constexpr int64_t kBurstMicros = 1000;
  static constexpr int64_t kRequestShareMicros = 4000;
  static constexpr int64_t kFanOutShareMicros = 1000;
  // A request so long ago has no others behind it.
  static constexpr int64_t kRequestMicros = 1000;

 private:
  int64_t burst_since_ = 0;   // 0: no burst
  int64_t yields_until_ = 0;  // 0: the requests' time has not begun
  int64_t its_turn_until_ = 0;
  int64_t last_request_ = 0;
};

}  // namespace kalamdb::server
