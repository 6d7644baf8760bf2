// Colours of a statement that is being typed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kalamdb::cli {

enum class TextStyle : uint8_t {
  kPlain,
  kKeyword,
  kType,
  kString,
  kNumber,
  kComment,
  kHint,
  kGood,
  kBad
};

// The style of every byte of `text`. Shell commands are plain but for SQL behind them.
std::vector<TextStyle> Highlight(std::string_view text);

// The escape sequence that begins a style, from plain; "" for plain itself.
std::string_view StyleSequence(TextStyle style);
inline constexpr std::string_view kPlainSequence = "\x1b[0m";

}  // namespace kalamdb::cli
