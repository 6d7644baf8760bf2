// sched_setattr has neither a wrapper nor a usable declaration in the C library.
#include "base/thread_latency.h"

#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

namespace kalamdb {

namespace {

// The kernel's struct sched_attr, as of its first version.
struct SchedulingAttributes {
  uint32_t size = sizeof(SchedulingAttributes);
  uint32_t policy = SCHED_OTHER;
  uint64_t flags = 0;
  int32_t nice = 0;
  uint32_t priority = 0;
  // Nanoseconds. For SCHED_OTHER the length of a turn, from 0.1 to 100 ms; who asks for short turns
  // has the nearer deadline and goes first.
  uint64_t runtime = 100'000;
  uint64_t deadline = 0;
  uint64_t period = 0;
};

}  // namespace

void AskForPromptWakeups() {
  SchedulingAttributes attributes;
  attributes.nice = getpriority(PRIO_PROCESS, 0);
  // A kernel that knows nothing of it refuses or ignores it, and nothing is lost.
  syscall(SYS_sched_setattr, 0, &attributes, 0U);
}

}  // namespace kalamdb
