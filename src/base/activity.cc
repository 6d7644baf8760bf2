#include "base/activity.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

namespace kalamdb {

Result<std::unique_ptr<ActivityMonitor>> ActivityMonitor::Create() {
  const int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (fd < 0) return StorageError(std::string("eventfd: ") + std::strerror(errno));
  return std::unique_ptr<ActivityMonitor>(new ActivityMonitor(fd));
}

ActivityMonitor::~ActivityMonitor() { close(event_fd_); }

void ActivityMonitor::Notify() {
  const uint64_t one = 1;
  // Fails only when the counter is full, and then the fd is readable already.
  [[maybe_unused]] const ssize_t n = write(event_fd_, &one, sizeof one);
}

void ActivityMonitor::Drain() {
  uint64_t count;
  [[maybe_unused]] const ssize_t n = read(event_fd_, &count, sizeof count);
}

bool ActivityMonitor::FallAsleepIfQuiet() {
  int expected = kWatching;
  if (state_.compare_exchange_strong(expected, kAsleep)) return true;
  state_.store(kWatching);
  return false;
}

}  // namespace kalamdb
