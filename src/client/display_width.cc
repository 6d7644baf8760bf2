// Ranges after Unicode's EastAsianWidth (W and F) and the general categories Mn, Me and Cf,
// coarsened to blocks.
#include "client/display_width.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace kalamdb::client {
namespace {

struct Range {
  uint32_t first;
  uint32_t last;
};

constexpr std::array kZeroWidth = {
    Range{0x0300, 0x036f},   Range{0x0483, 0x0489},   Range{0x0591, 0x05bd},
    Range{0x05bf, 0x05bf},   Range{0x05c1, 0x05c2},   Range{0x05c4, 0x05c5},
    Range{0x0610, 0x061a},   Range{0x064b, 0x065f},   Range{0x0670, 0x0670},
    Range{0x06d6, 0x06dc},   Range{0x06df, 0x06e4},   Range{0x06e7, 0x06e8},
    Range{0x06ea, 0x06ed},   Range{0x0900, 0x0902},   Range{0x093a, 0x093a},
    Range{0x093c, 0x093c},   Range{0x0941, 0x0948},   Range{0x094d, 0x094d},
    Range{0x0e31, 0x0e31},   Range{0x0e34, 0x0e3a},   Range{0x0e47, 0x0e4e},
    Range{0x1ab0, 0x1aff},   Range{0x1dc0, 0x1dff},   Range{0x200b, 0x200f},
    Range{0x202a, 0x202e},   Range{0x2060, 0x2064},   Range{0x20d0, 0x20f0},
    Range{0xfe00, 0xfe0f},   Range{0xfe20, 0xfe2f},   Range{0xfeff, 0xfeff},
    Range{0x1f3fb, 0x1f3ff}, Range{0xe0001, 0xe007f}, Range{0xe0100, 0xe01ef},
};

constexpr std::array kWide = {
    Range{0x1100, 0x115f},   Range{0x231a, 0x231b},   Range{0x23e9, 0x23ec},
    Range{0x23f0, 0x23f0},   Range{0x25fd, 0x25fe},   Range{0x2614, 0x2615},
    Range{0x2648, 0x2653},   Range{0x267f, 0x267f},   Range{0x2693, 0x2693},
    Range{0x26a1, 0x26a1},   Range{0x26aa, 0x26ab},   Range{0x26bd, 0x26be},
    Range{0x26c4, 0x26c5},   Range{0x26ce, 0x26ce},   Range{0x26d4, 0x26d4},
    Range{0x26ea, 0x26ea},   Range{0x26f2, 0x26f5},   Range{0x26fa, 0x26fd},
    Range{0x2705, 0x2705},   Range{0x270a, 0x270b},   Range{0x2728, 0x2728},
    Range{0x274c, 0x274e},   Range{0x2753, 0x2757},   Range{0x2795, 0x2797},
    Range{0x27b0, 0x27bf},   Range{0x2b1b, 0x2b1c},   Range{0x2b50, 0x2b55},
    Range{0x2e80, 0x303e},   Range{0x3041, 0x4dbf},   Range{0x4e00, 0xa4cf},
    Range{0xa960, 0xa97f},   Range{0xac00, 0xd7a3},   Range{0xf900, 0xfaff},
    Range{0xfe30, 0xfe6f},   Range{0xff00, 0xff60},   Range{0xffe0, 0xffe6},
    Range{0x16fe0, 0x18cff}, Range{0x1b000, 0x1b2ff}, Range{0x1f004, 0x1f004},
    Range{0x1f0cf, 0x1f0cf}, Range{0x1f18e, 0x1f19a}, Range{0x1f200, 0x1f265},
    Range{0x1f300, 0x1f64f}, Range{0x1f680, 0x1f6ff}, Range{0x1f7e0, 0x1f7f0},
    Range{0x1f90c, 0x1f9ff}, Range{0x1fa70, 0x1faff}, Range{0x20000, 0x3fffd},
};

template <size_t N>
bool Contains(const std::array<Range, N>& ranges, uint32_t c) {
  const auto after =
      std::upper_bound(ranges.begin(), ranges.end(), c,
                       [](uint32_t value, const Range& r) { return value < r.first; });
  return after != ranges.begin() && c <= std::prev(after)->last;
}

size_t WidthOf(uint32_t c) {
  if (c < 0x300) return 1;
  if (Contains(kZeroWidth, c)) return 0;
  return Contains(kWide, c) ? 2 : 1;
}

// The character at the front of `text`; *size is its bytes, 1 for a byte that is no UTF-8.
uint32_t Decode(std::string_view text, size_t* size) {
  const auto lead = static_cast<uint8_t>(text[0]);
  const size_t length = lead < 0x80    ? 1
                        : lead >= 0xf0 ? 4
                        : lead >= 0xe0 ? 3
                        : lead >= 0xc0 ? 2
                                       : 0;
  *size = 1;
  if (length <= 1 || text.size() < length) return lead;
  uint32_t c = lead & (0x7f >> length);
  for (size_t i = 1; i < length; ++i) {
    const auto byte = static_cast<uint8_t>(text[i]);
    if ((byte & 0xc0) != 0x80) return lead;
    c = c << 6 | (byte & 0x3f);
  }
  *size = length;
  return c;
}

}  // namespace

Character FirstCharacter(std::string_view text) {
  size_t size = 1;
  const uint32_t c = Decode(text, &size);
  const bool control = c < 0x20 || (c >= 0x7f && c < 0xa0);
  return {size, WidthOf(c), !control && (c < 0x80 || size > 1)};
}

size_t DisplayWidth(std::string_view text) {
  size_t width = 0;
  while (!text.empty()) {
    size_t size = 1;
    width += WidthOf(Decode(text, &size));
    text.remove_prefix(size);
  }
  return width;
}

std::string FitToWidth(std::string_view text, size_t width) {
  if (DisplayWidth(text) <= width) return std::string(text);
  const std::string_view dots = width >= 4 ? "..." : "";
  size_t used = 0;
  size_t end = 0;
  while (end < text.size()) {
    size_t size = 1;
    const size_t columns = WidthOf(Decode(text.substr(end), &size));
    if (used + columns + dots.size() > width) break;
    used += columns;
    end += size;
  }
  return std::string(text.substr(0, end)).append(dots);
}

std::string EscapeControls(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c < 0x20 || c == 0x7f) {
      out += fmt::format("\\x{:02x}", c);
    } else if (c == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0) {
      // U+0080 to U+009F: control characters that some terminals obey.
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[++i]));
    } else {
      out += static_cast<char>(c);
    }
  }
  return out;
}

}  // namespace kalamdb::client
