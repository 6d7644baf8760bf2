// Bytes of a terminal as keys, for the history menu.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace kalamdb::cli {

enum class Key : uint8_t {
  kText,  // one character
  kEnter,
  kEscape,
  kUp,
  kDown,
  kPageUp,
  kPageDown,
  kHome,
  kEnd,
  kBackspace,
  kClear,       // Ctrl+U
  kEndOfInput,  // Ctrl+D
  kOther,
};

struct KeyPress {
  Key key;
  std::string text;  // of kText
};

class KeyDecoder {
 public:
  // A key when `byte` completes one.
  std::optional<KeyPress> Feed(char byte);
  // Bytes of an unfinished key are waiting; when no more come, Flush() tells what they are.
  [[nodiscard]] bool pending() const { return !bytes_.empty(); }
  std::optional<KeyPress> Flush();

 private:
  std::string bytes_;
  bool pasting_ = false;
};

}  // namespace kalamdb::cli
