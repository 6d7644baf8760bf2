// "Executing query..." while somebody waits.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace kalamdb::cli {

// Appears on standard error `threshold` after it was made and is gone when it has been destroyed.
// A thread of its own draws, so that nothing it waits with needs to know.
class Spinner {
 public:
  // Not `enabled`: does nothing.
  Spinner(bool enabled, std::chrono::milliseconds threshold, std::string_view text);
  ~Spinner();
  Spinner(const Spinner&) = delete;
  Spinner& operator=(const Spinner&) = delete;

 private:
  void Run();

  std::chrono::milliseconds threshold_;
  std::string text_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool done_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace kalamdb::cli
