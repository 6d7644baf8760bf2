// One line on standard error that is written again and again and leaves nothing behind.
#pragma once

#include <chrono>
#include <string_view>

namespace kalamdb::cli {

// Does nothing unless standard error is a terminal.
class ProgressLine {
 public:
  explicit ProgressLine(bool enabled);
  ~ProgressLine() { Clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  // Whether it is time to say something new: a caller spares itself the text.
  [[nodiscard]] bool Due() const;
  // Shows the text when it is due.
  void Show(std::string_view text);
  // Before anything else is written to the terminal.
  void Clear();

 private:
  bool enabled_;
  bool shown_ = false;
  std::chrono::steady_clock::time_point next_;
};

}  // namespace kalamdb::cli
