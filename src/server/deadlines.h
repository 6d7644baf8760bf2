// Timeouts of one I/O thread. Every class of timeout has one duration, so a list in order of arming
// is a list in order of expiry: arming, disarming and finding the next to expire are O(1), and ten
// thousand idle connections cost nothing.
#pragma once

#include <array>
#include <cstdint>

namespace kalamdb::server {

enum class DeadlineClass : uint8_t {
  kRequest,      // a silent new connection, an incomplete head, a stalled body
  kKeepAlive,    // idle between requests
  kSend,         // an HTTP answer that the client does not read
  kLinger,       // after our end was closed
  kSocketAuth,   // WebSocket: no authentication yet
  kSocketIdle,   // WebSocket: nothing received
  kSocketPong,   // WebSocket: our ping is unanswered
  kSocketSlow,   // WebSocket: the socket is full
  kSocketClose,  // WebSocket: our close frame is unanswered
  kAcceptPause,  // after running out of descriptors, and while every connection slot is taken
  kCount
};

// An intrusive list node. Its owner disarms it before it dies.
class Deadline {
 public:
  Deadline() = default;
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;
  virtual void OnDeadline(DeadlineClass which) = 0;

 protected:
  ~Deadline() = default;

 private:
  friend class Deadlines;
  Deadline* prev_ = nullptr;
  Deadline* next_ = nullptr;
  int64_t at_ = 0;
  DeadlineClass which_ = DeadlineClass::kCount;  // kCount: not armed

 public:
  [[nodiscard]] bool armed() const { return which_ != DeadlineClass::kCount; }
  [[nodiscard]] DeadlineClass armed_for() const { return which_; }
};

// One thread. Times are monotonic milliseconds.
class Deadlines {
 public:
  void set_duration(DeadlineClass which, int64_t millis) { lists_[Index(which)].duration = millis; }
  [[nodiscard]] int64_t duration(DeadlineClass which) const {
    return lists_[Index(which)].duration;
  }
  void Arm(Deadline* d, DeadlineClass which, int64_t now);  // again: from now on
  void Disarm(Deadline* d);
  // When the next one expires; INT64_MAX: nothing is armed.
  [[nodiscard]] int64_t Next() const;
  // Calls OnDeadline of all that have expired; they are disarmed before.
  void Expire(int64_t now);

 private:
  static size_t Index(DeadlineClass which) { return static_cast<size_t>(which); }
  struct List {
    Deadline* first = nullptr;
    Deadline* last = nullptr;
    int64_t duration = 0;
  };
  std::array<List, static_cast<size_t>(DeadlineClass::kCount)> lists_;
};

}  // namespace kalamdb::server
