// Statements from a terminal: editing over several lines, completion, colours, the history menu.
#pragma once

#include <string>

#include "cli/edit_layout.h"
#include "cli/history.h"
#include "cli/name_catalog.h"
#include "cli/terminal.h"

namespace kalamdb::cli {

enum class LineInput { kLine, kEnd, kCancelled };

// Readline keeps its state in globals: one editor at a time, on the main thread. Needs a terminal
// with a cursor on standard input and output.
class LineEditor {
 public:
  // All three outlive the editor.
  LineEditor(History* history, const NameCatalog* names, InterruptSignal* interrupt, bool color);
  ~LineEditor();
  LineEditor(const LineEditor&) = delete;
  LineEditor& operator=(const LineEditor&) = delete;

  // Reads until a statement is finished or given up. kCancelled after Ctrl+C; *text is then what
  // had been typed. kEnd after Ctrl+D on an empty prompt, and when the terminal is gone.
  LineInput Read(const Prompt& prompt, std::string* text);
  // The next Read() begins with the history menu.
  void OpenMenu() { open_menu_ = true; }

  // One Read(), known to readline's callbacks.
  class Editing;

 private:
  History* history_;
  const NameCatalog* names_;
  InterruptSignal* interrupt_;
  bool color_;
  bool open_menu_ = false;
};

}  // namespace kalamdb::cli
