// Sequences of xterm, the Linux console and rxvt.
#include "cli/key_decoder.h"

#include <array>
#include <string_view>
#include <utility>

namespace kalamdb::cli {
namespace {

constexpr size_t kLongestSequence = 16;

constexpr auto kSequences = std::to_array<std::pair<std::string_view, Key>>({
    {"\x1b[A", Key::kUp},
    {"\x1bOA", Key::kUp},
    {"\x1b[B", Key::kDown},
    {"\x1bOB", Key::kDown},
    {"\x1b[5~", Key::kPageUp},
    {"\x1b[6~", Key::kPageDown},
    {"\x1b[H", Key::kHome},
    {"\x1bOH", Key::kHome},
    {"\x1b[1~", Key::kHome},
    {"\x1b[7~", Key::kHome},
    {"\x1b[F", Key::kEnd},
    {"\x1bOF", Key::kEnd},
    {"\x1b[4~", Key::kEnd},
    {"\x1b[8~", Key::kEnd},
});

size_t LengthOf(unsigned char lead) {
  if (lead >= 0xf0) return 4;
  if (lead >= 0xe0) return 3;
  return lead >= 0xc0 ? 2 : 1;
}

Key ControlKey(char byte) {
  switch (byte) {
    case '\r':
    case '\n':
      return Key::kEnter;
    case 0x7f:
    case 0x08:
      return Key::kBackspace;
    case 0x15:
      return Key::kClear;
    case 0x10:
      return Key::kUp;
    case 0x0e:
      return Key::kDown;
    case 0x01:
      return Key::kHome;
    case 0x05:
      return Key::kEnd;
    case 0x03:
    case 0x07:
      return Key::kEscape;
    case 0x04:
      return Key::kEndOfInput;
    default:
      return Key::kOther;
  }
}

}  // namespace

std::optional<KeyPress> KeyDecoder::Feed(char byte) {
  bytes_ += byte;
  const auto lead = static_cast<unsigned char>(bytes_[0]);
  if (lead == 0x1b) {
    if (bytes_.size() == 1) return std::nullopt;
    if (bytes_.size() == 2 && (byte == '[' || byte == 'O')) return std::nullopt;
    const bool ended = bytes_[1] == 'O' || bytes_[1] != '[' || (byte >= 0x40 && byte <= 0x7e);
    if (!ended && bytes_.size() < kLongestSequence) return std::nullopt;
    const std::string sequence = std::exchange(bytes_, {});
    if (sequence == "\x1b[200~") pasting_ = true;
    if (sequence == "\x1b[201~") pasting_ = false;
    for (const auto& [text, key] : kSequences) {
      if (sequence == text) return KeyPress{key, {}};
    }
    return KeyPress{Key::kOther, {}};
  }
  if (lead < 0x20 || lead == 0x7f) {
    bytes_.clear();
    if (pasting_) return KeyPress{Key::kText, " "};
    return KeyPress{ControlKey(byte), {}};
  }
  if (bytes_.size() < LengthOf(lead)) return std::nullopt;
  return KeyPress{Key::kText, std::exchange(bytes_, {})};
}

std::optional<KeyPress> KeyDecoder::Flush() {
  if (bytes_.empty()) return std::nullopt;
  const bool escape = std::exchange(bytes_, {}) == "\x1b";
  return KeyPress{escape ? Key::kEscape : Key::kOther, {}};
}

}  // namespace kalamdb::cli
