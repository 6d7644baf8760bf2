// What one I/O thread sleeps on: epoll, edge-triggered, and a way to be woken.
//
// A descriptor is registered once, for everything, and costs no further call. Edges come only when
// something changes, so whoever gets one remembers it until recv or send say EAGAIN.
#pragma once

#include <atomic>
#include <cstdint>

#include "server/socket.h"

namespace kalamdb::server {

class Pollable {
 public:
  // `events`: EPOLLIN, EPOLLOUT, EPOLLRDHUP, EPOLLHUP, EPOLLERR as they are now. It must outlive
  // the Wait that was running when its descriptor was closed: events of one Wait are handed out in
  // one go.
  virtual void OnEvents(uint32_t events) = 0;

 protected:
  ~Pollable() = default;
};

class Poller {
 public:
  Poller();  // without descriptors: ok() is false
  [[nodiscard]] bool ok() const { return epoll_.open() && event_.open(); }

  // False: out of memory or of watches; nothing is registered. Closing `fd` ends the registration.
  [[nodiscard]] bool Add(int fd, Pollable* pollable);
  // Events go to `pollable` from now on; what holds at the moment is told again.
  [[nodiscard]] bool Hand(int fd, Pollable* pollable);

  // Before the last look for work that came from other threads: a Wake after it ends the Wait that
  // follows.
  void AnnounceWait() { asleep_.store(true); }
  // Sleeps until an event, a Wake or `millis` (-1: for ever), and hands the events out.
  void Wait(int millis);
  // Any thread.
  void Wake();

 private:
  Socket epoll_, event_;
  std::atomic<bool> asleep_{false};
};

}  // namespace kalamdb::server
