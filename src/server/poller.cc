// epoll and eventfd.
#include "server/poller.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>

namespace kalamdb::server {

namespace {

constexpr int kEventsPerWait = 256;
constexpr uint32_t kEverything = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;

bool Control(int epoll, int operation, int fd, Pollable* pollable, uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = pollable;
  return epoll_ctl(epoll, operation, fd, &event) == 0;
}

}  // namespace

Poller::Poller()
    : epoll_(epoll_create1(EPOLL_CLOEXEC)), event_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  // Its counter is never read: each write is an edge of its own.
  if (ok() && !Control(epoll_.fd(), EPOLL_CTL_ADD, event_.fd(), nullptr, EPOLLIN | EPOLLET)) {
    epoll_.Close();
  }
}

bool Poller::Add(int fd, Pollable* pollable) {
  return Control(epoll_.fd(), EPOLL_CTL_ADD, fd, pollable, kEverything);
}

bool Poller::Hand(int fd, Pollable* pollable) {
  return Control(epoll_.fd(), EPOLL_CTL_MOD, fd, pollable, kEverything);
}

void Poller::Wait(int millis) {
  epoll_event events[kEventsPerWait];
  const int n = epoll_wait(epoll_.fd(), events, kEventsPerWait, millis);
  asleep_.store(false, std::memory_order_relaxed);
  for (int i = 0; i < n; ++i) {
    if (events[i].data.ptr) static_cast<Pollable*>(events[i].data.ptr)->OnEvents(events[i].events);
  }
}

void Poller::Wake() {
  if (!asleep_.exchange(false)) return;
  const uint64_t one = 1;
  // Fails only when the counter is full, and then the edge is there.
  [[maybe_unused]] const ssize_t n = ::write(event_.fd(), &one, sizeof one);
}

}  // namespace kalamdb::server
