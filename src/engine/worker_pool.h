// The threads on which statements may block.
#pragma once

#include <functional>
#include <memory>

namespace kalamdb::engine {

// Worker threads for what blocks. Threads are made when needed and end after some idle seconds, so that an idle server has none.
class WorkerPool {
 public:
  WorkerPool(int max_threads, size_t max_queued);
  ~WorkerPool();  // runs what is queued, then joins
  // False when the queue is full or the pool is stopping.
  bool Submit(std::function<void()> job);
  [[nodiscard]] int threads() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace kalamdb::engine
