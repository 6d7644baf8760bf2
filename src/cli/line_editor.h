// Lines from a terminal, with editing and history.
#pragma once

#include <string>

namespace kalamdb::cli {

enum class LineInput { kLine, kEnd, kCancelled };

// Readline keeps its state in globals: one editor at a time, on the main thread.
class LineEditor {
 public:
  LineEditor();
  // kCancelled after Ctrl+C, whatever had been typed; kEnd after Ctrl+D on an empty line.
  LineInput Read(const std::string& prompt, std::string* line);
  // Keeps a statement for the arrow keys; the same one twice in a row counts once.
  void Remember(const std::string& statement);

 private:
  std::string last_;
};

}  // namespace kalamdb::cli
