// The threads on which statements may block.
#pragma once

#include <functional>
#include <memory>

namespace kalamdb::engine {

// Worker threads for what blocks. Threads are made when needed and end after some idle seconds, so
// that an idle server has none.
class WorkerPool {
 public:
  WorkerPool(int max_threads, size_t max_queued);
  ~WorkerPool();
  // Finishes the jobs that run, drops those that wait (whoever waits for their answer is gone when
  // the server ends), and joins. Safe to call again; the object may still be asked.
  void Stop();
  // False when the queue is full, the pool is stopping, or the system gives no thread. A job must
  // not throw.
  bool Submit(std::function<void()> job);
  // After Submit said no: calls `f` once when the queue has room, from a worker's thread or right
  // here. False when no worker is left that would call. Whoever asks does so once at a time, and
  // `f` neither blocks nor throws.
  [[nodiscard]] bool WhenRoom(std::function<void()> f);
  [[nodiscard]] int threads() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace kalamdb::engine
