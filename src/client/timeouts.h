// How long a client waits, in one place.
#pragma once

#include <chrono>

namespace kalamdb::client {

using Clock = std::chrono::steady_clock;
using Deadline = Clock::time_point;
inline constexpr Deadline kNoDeadline = Deadline::max();

struct Timeouts {
  std::chrono::milliseconds connect{10'000};    // TCP, and TLS
  std::chrono::milliseconds request{30'000};    // an HTTP exchange as a whole
  std::chrono::milliseconds send{30'000};       // a request or a WebSocket frame into the socket
  std::chrono::milliseconds receive{30'000};    // silence while an answer is awaited or arrives
  std::chrono::milliseconds auth{5'000};        // upgrade to auth_success
  std::chrono::milliseconds subscribe{30'000};  // a subscription to its acknowledgement
  std::chrono::milliseconds initial_data{
      30'000};                                  // between two messages of a snapshot; 0 = no limit
  std::chrono::milliseconds keepalive{10'000};  // silence after which the client pings
  std::chrono::milliseconds pong{5'000};        // silence after a ping that ends the connection
};

inline Deadline In(std::chrono::milliseconds wait) { return Clock::now() + wait; }

}  // namespace kalamdb::client
