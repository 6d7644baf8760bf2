// UTF-8 by characters and simple case mapping.
#include "expr/utf8.h"

#include <clocale>
#include <cwctype>

namespace kalamdb::expr {
namespace {

// Written once and never freed; null when the C library has no such locale, which leaves ASCII.
locale_t Unicode() {
  static const locale_t locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  return locale;
}

char AsciiUpper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }
char AsciiLower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

void AppendMapped(std::string* out, std::string_view s, uint32_t (*map)(uint32_t)) {
  while (!s.empty()) {
    size_t n = 0;
    const uint32_t c = DecodeChar(s, &n);
    if (n == 1 && c >= 0x80) {
      out->push_back(s[0]);  // no character: stays as it is
    } else {
      AppendChar(out, map(c));
    }
    s.remove_prefix(n);
  }
}

}  // namespace

uint32_t DecodeChar(std::string_view s, size_t* bytes) {
  const size_t n = CharBytes(s);
  *bytes = n;
  auto at = [&](size_t i) { return static_cast<uint32_t>(static_cast<unsigned char>(s[i])); };
  switch (n) {
    case 2:
      return (at(0) & 0x1F) << 6 | (at(1) & 0x3F);
    case 3:
      return (at(0) & 0x0F) << 12 | (at(1) & 0x3F) << 6 | (at(2) & 0x3F);
    case 4:
      return (at(0) & 0x07) << 18 | (at(1) & 0x3F) << 12 | (at(2) & 0x3F) << 6 | (at(3) & 0x3F);
    default:
      return at(0);
  }
}

void AppendChar(std::string* out, uint32_t c) {
  auto put = [&](uint32_t byte) { out->push_back(static_cast<char>(byte)); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | c >> 6);
    put(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    put(0xE0 | c >> 12);
    put(0x80 | (c >> 6 & 0x3F));
    put(0x80 | (c & 0x3F));
  } else {
    put(0xF0 | c >> 18);
    put(0x80 | (c >> 12 & 0x3F));
    put(0x80 | (c >> 6 & 0x3F));
    put(0x80 | (c & 0x3F));
  }
}

bool IsAscii(std::string_view s) {
  unsigned char any = 0;
  for (const char c : s) any |= static_cast<unsigned char>(c);
  return any < 0x80;
}

int64_t CountChars(std::string_view s) {
  if (IsAscii(s)) return static_cast<int64_t>(s.size());
  int64_t n = 0;
  for (; !s.empty(); ++n) s.remove_prefix(CharBytes(s));
  return n;
}

size_t CharOffset(std::string_view s, int64_t n) {
  size_t at = 0;
  for (; n > 0 && at < s.size(); --n) at += CharBytes(s.substr(at));
  return at;
}

uint32_t ToUpper(uint32_t c) {
  if (c < 0x80) return static_cast<unsigned char>(AsciiUpper(static_cast<char>(c)));
  return Unicode() == nullptr ? c : static_cast<uint32_t>(towupper_l(c, Unicode()));
}
uint32_t ToLower(uint32_t c) {
  if (c < 0x80) return static_cast<unsigned char>(AsciiLower(static_cast<char>(c)));
  return Unicode() == nullptr ? c : static_cast<uint32_t>(towlower_l(c, Unicode()));
}
bool IsAlphanumeric(uint32_t c) {
  if (c < 0x80) {
    const char l = AsciiLower(static_cast<char>(c));
    return (l >= 'a' && l <= 'z') || (l >= '0' && l <= '9');
  }
  return Unicode() != nullptr && iswalnum_l(c, Unicode()) != 0;
}

void AppendUpper(std::string* out, std::string_view s) {
  if (!IsAscii(s)) return AppendMapped(out, s, ToUpper);
  for (const char c : s) out->push_back(AsciiUpper(c));
}
void AppendLower(std::string* out, std::string_view s) {
  if (!IsAscii(s)) return AppendMapped(out, s, ToLower);
  for (const char c : s) out->push_back(AsciiLower(c));
}

}  // namespace kalamdb::expr
