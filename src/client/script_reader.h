// SQL scripts of any length, one statement at a time: only the statement at hand is in memory.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"

namespace kalamdb::client {

struct ScriptStatement {
  std::string text;     // trimmed, without its semicolon
  uint64_t number = 0;  // from 1
  uint64_t line = 0;    // of its first word, from 1
};

// Not for two threads at once. Owns its descriptor.
class ScriptReader {
 public:
  // Twice what a server takes; comments between statements do not count.
  static constexpr size_t kMaxStatementBytes = 2u << 20;

  // `File error: Failed to read <path>: ...`
  static Result<ScriptReader> Open(std::string path);
  ~ScriptReader();
  ScriptReader(ScriptReader&& other) noexcept;
  ScriptReader& operator=(ScriptReader&& other) noexcept;
  ScriptReader(const ScriptReader&) = delete;
  ScriptReader& operator=(const ScriptReader&) = delete;

  // The next statement; nothing at the end. An unterminated quote or comment lasts to the end of
  // the file. Errors: the file cannot be read, a statement is too long.
  Result<std::optional<ScriptStatement>> Next();

  // Bytes that the statements so far have taken, and of the whole file (0 when it has no length).
  [[nodiscard]] uint64_t position() const { return dropped_ + at_; }
  [[nodiscard]] uint64_t size() const { return size_; }

 private:
  ScriptReader(int fd, std::string path, uint64_t size)
      : fd_(fd), path_(std::move(path)), size_(size) {}
  // Appends a block to the buffer; at the end of the file sets ended_.
  Status Fill();
  void Drop(size_t bytes);

  int fd_;
  std::string path_;
  uint64_t size_;
  std::string buffer_;
  size_t at_ = 0;         // what of the buffer has been given out
  uint64_t dropped_ = 0;  // bytes of the file in front of the buffer
  uint64_t line_ = 1;     // at at_
  uint64_t number_ = 0;
  bool ended_ = false;
};

}  // namespace kalamdb::client
