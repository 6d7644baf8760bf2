// The server's log: one object, made in main and passed down. Writes whole lines, never blocks on more
// than the file system, and holds no buffer and no thread of its own.
#pragma once

#include <fmt/format.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/status.h"

namespace kalamdb {

enum class LogLevel : unsigned char { kError, kWarn, kInfo, kDebug, kTrace };

struct LogOptions {
  LogLevel level = LogLevel::kInfo;
  std::string directory;       // empty: no file
  bool console = true;         // standard error
  bool json = false;           // server.jsonl instead of server.log
};

class Logger {
 public:
  static Result<std::unique_ptr<Logger>> Open(const LogOptions& options);
  // Writes nothing anywhere: for tests and tools.
  static std::unique_ptr<Logger> Null();
  ~Logger();

  [[nodiscard]] bool enabled(LogLevel level) const { return level <= level_; }
  // `target` names the room. The message must be free of secrets.
  void Write(LogLevel level, std::string_view target, std::string_view message);

  template <typename... Args>
  void Log(LogLevel level, std::string_view target, fmt::format_string<Args...> f, Args&&... args) {
    if (enabled(level)) Write(level, target, fmt::format(f, std::forward<Args>(args)...));
  }
  template <typename... Args>
  void Info(std::string_view target, fmt::format_string<Args...> f, Args&&... args) {
    Log(LogLevel::kInfo, target, f, std::forward<Args>(args)...);
  }
  template <typename... Args>
  void Warn(std::string_view target, fmt::format_string<Args...> f, Args&&... args) {
    Log(LogLevel::kWarn, target, f, std::forward<Args>(args)...);
  }
  template <typename... Args>
  void Error(std::string_view target, fmt::format_string<Args...> f, Args&&... args) {
    Log(LogLevel::kError, target, f, std::forward<Args>(args)...);
  }

 private:
  Logger() = default;
  LogLevel level_ = LogLevel::kInfo;
  bool console_ = false;
  bool json_ = false;
  int fd_ = -1;
  std::mutex mutex_;
};

}  // namespace kalamdb
