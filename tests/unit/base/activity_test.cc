#include "base/activity.h"

#include <gtest/gtest.h>
#include <poll.h>

#include "base/process_memory.h"

namespace kalamdb {
namespace {

bool Readable(int fd) {
  pollfd p{fd, POLLIN, 0};
  return poll(&p, 1, 0) == 1;
}

TEST(ActivityMonitor, SleepsOnlyAfterAWholeQuietPeriodAndIsWokenByTheNextTouch) {
  auto monitor = ActivityMonitor::Create();
  ASSERT_TRUE(monitor.ok());
  ActivityMonitor& m = **monitor;
  EXPECT_FALSE(m.FallAsleepIfQuiet());  // starting up counts as work
  m.Touch();
  EXPECT_FALSE(m.FallAsleepIfQuiet());
  EXPECT_FALSE(Readable(m.event_fd()));  // awake: nobody needs to be told
  EXPECT_TRUE(m.FallAsleepIfQuiet());
  m.Touch();
  EXPECT_TRUE(Readable(m.event_fd()));
  m.Drain();
  EXPECT_FALSE(Readable(m.event_fd()));
  m.Touch();
  EXPECT_FALSE(Readable(m.event_fd()));
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define KDB_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define KDB_SANITIZED 1
#endif
#endif

TEST(ProcessMemory, GivesFreedMemoryBackAndGoesOnWorking) {
#ifdef KDB_SANITIZED
  GTEST_SKIP() << "a sanitizer's heap keeps freed memory in quarantine";
#endif
  const uint64_t before = ReadProcessMemory().anonymous_bytes;
  {
    std::vector<std::string> held(2000, std::string(16384, 'x'));
    EXPECT_GT(ReadProcessMemory().anonymous_bytes, before + (20ULL << 20));
  }
  ReleaseIdleMemory();
  EXPECT_LT(ReadProcessMemory().anonymous_bytes, before + (8ULL << 20));
}

}  // namespace
}  // namespace kalamdb
