#include "engine/worker_pool.h"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace kalamdb::engine {

namespace {
// How long a worker waits for another job before it ends.
constexpr std::chrono::seconds kIdleLife(5);
}  // namespace

struct WorkerPool::Impl {
  Impl(int max, size_t queue) : max_threads(max), max_queued(queue) {}

  const int max_threads;
  const size_t max_queued;
  std::mutex mutex;
  std::condition_variable work;
  std::condition_variable ended;
  std::deque<std::function<void()>> jobs;
  std::vector<std::function<void()>> waiting_for_room;
  int threads = 0;
  int idle = 0;
  bool stopping = false;

  void Loop() {
    std::unique_lock lock(mutex);
    while (true) {
      if (!jobs.empty()) {
        std::function<void()> job = std::move(jobs.front());
        jobs.pop_front();
        const std::vector<std::function<void()>> told = std::exchange(waiting_for_room, {});
        lock.unlock();
        for (const auto& f : told) f();
        job();
        job = nullptr;  // what it captured dies outside the lock
        lock.lock();
        continue;
      }
      if (stopping) break;
      ++idle;
      const bool signalled =
          work.wait_for(lock, kIdleLife, [this] { return stopping || !jobs.empty(); });
      --idle;
      if (!signalled) break;
    }
    --threads;
    ended.notify_all();
  }
};

WorkerPool::WorkerPool(int max_threads, size_t max_queued)
    : impl_(std::make_shared<Impl>(max_threads, max_queued)) {}

WorkerPool::~WorkerPool() { Stop(); }

void WorkerPool::Stop() {
  std::deque<std::function<void()>> dropped;  // dies outside the lock
  std::unique_lock lock(impl_->mutex);
  impl_->stopping = true;
  dropped.swap(impl_->jobs);
  impl_->waiting_for_room.clear();
  impl_->work.notify_all();
  impl_->ended.wait(lock, [this] { return impl_->threads == 0; });
  lock.unlock();
}

bool WorkerPool::Submit(std::function<void()> job) {
  std::lock_guard lock(impl_->mutex);
  if (impl_->stopping || impl_->jobs.size() >= impl_->max_queued) return false;
  impl_->jobs.push_back(std::move(job));
  if (impl_->idle >= static_cast<int>(impl_->jobs.size())) {
    impl_->work.notify_one();
  } else if (impl_->threads < impl_->max_threads) {
    ++impl_->threads;
    try {
      // The thread shares the state, so that it may outlive this call but never the wait in Stop.
      std::thread([impl = impl_] { impl->Loop(); }).detach();
    } catch (const std::system_error&) {
      // No thread to be had. Those that run take the job; without any it would wait for ever.
      if (--impl_->threads == 0) {
        impl_->jobs.pop_back();
        return false;
      }
    }
  } else {
    impl_->work.notify_one();
  }
  return true;
}

bool WorkerPool::WhenRoom(std::function<void()> f) {
  std::unique_lock lock(impl_->mutex);
  if (impl_->stopping || impl_->threads == 0) return false;
  if (impl_->jobs.size() >= impl_->max_queued) {
    impl_->waiting_for_room.push_back(std::move(f));
  } else {
    lock.unlock();
    f();
  }
  return true;
}

int WorkerPool::threads() const {
  std::lock_guard lock(impl_->mutex);
  return impl_->threads;
}

}  // namespace kalamdb::engine
