// Jobs run once, within the bound, and end with the pool.
#include "engine/worker_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <thread>

namespace kalamdb::engine {
namespace {

TEST(WorkerPool, JobsRunBesideEachOtherUpToTheLimit) {
  WorkerPool pool(2, 10);
  EXPECT_EQ(pool.threads(), 0);
  std::latch both(2), done(3);
  // Each of the two waits for the other.
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(pool.Submit([&] {
      both.arrive_and_wait();
      done.count_down();
    }));
  }
  ASSERT_TRUE(pool.Submit([&] { done.count_down(); }));
  done.wait();
  EXPECT_LE(pool.threads(), 2);
}

TEST(WorkerPool, AFullQueueRefuses) {
  std::latch go(1), started(1);
  std::atomic<int> ran{0};
  {
    WorkerPool pool(1, 2);
    ASSERT_TRUE(pool.Submit([&] {
      started.count_down();
      go.wait();
      ++ran;
    }));
    started.wait();
    EXPECT_TRUE(pool.Submit([&] { ++ran; }));
    std::latch last(1);
    EXPECT_TRUE(pool.Submit([&] {
      ++ran;
      last.count_down();
    }));
    EXPECT_FALSE(pool.Submit([&] { ++ran; }));
    go.count_down();
    last.wait();
  }
  EXPECT_EQ(ran, 3);
}

TEST(WorkerPool, WhoWasRefusedIsToldOnceThereIsRoom) {
  std::latch go(1), started(1), told(1);
  std::atomic<int> calls{0};
  WorkerPool pool(1, 1);
  EXPECT_FALSE(pool.WhenRoom([&] { ++calls; }));  // no worker that would tell
  ASSERT_TRUE(pool.Submit([&] {
    started.count_down();
    go.wait();
  }));
  started.wait();
  ASSERT_TRUE(pool.WhenRoom([&] { ++calls; }));  // there is room
  EXPECT_EQ(calls, 1);
  ASSERT_TRUE(pool.Submit([] {}));
  ASSERT_FALSE(pool.Submit([] {}));
  ASSERT_TRUE(pool.WhenRoom([&] {
    ++calls;
    told.count_down();
  }));
  EXPECT_EQ(calls, 1);
  go.count_down();
  told.wait();
  EXPECT_EQ(calls, 2);
  pool.Stop();
  EXPECT_FALSE(pool.WhenRoom([&] { ++calls; }));
}

TEST(WorkerPool, StoppingFinishesWhatRunsAndDropsWhatWaits) {
  WorkerPool pool(1, 10'000'000);  // never full: only stopping refuses
  std::latch go(1), started(1);
  std::atomic<bool> first{false}, second{false};
  auto waits = std::make_shared<int>(0);
  ASSERT_TRUE(pool.Submit([&] {
    started.count_down();
    go.wait();
    // A job may still ask, and is told no.
    EXPECT_FALSE(pool.Submit([&] { second = true; }));
    first = true;
  }));
  started.wait();
  ASSERT_TRUE(pool.Submit([&second, waits] { second = true; }));
  std::thread stopper([&] { pool.Stop(); });
  while (pool.Submit([] {})) std::this_thread::yield();
  go.count_down();
  stopper.join();
  EXPECT_TRUE(first);
  EXPECT_FALSE(second);
  EXPECT_EQ(waits.use_count(), 1);
  EXPECT_EQ(pool.threads(), 0);
  EXPECT_FALSE(pool.Submit([] {}));
  pool.Stop();
}

}  // namespace
}  // namespace kalamdb::engine
