// Text by characters. Bytes that are no UTF-8 count as one character each, so that every text has a
// length and nothing reads past its end. Private to src/expr.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace kalamdb::expr {

// Bytes of the character at the front of `s`, which is not empty.
inline size_t CharBytes(std::string_view s) {
  const auto lead = static_cast<unsigned char>(s[0]);
  const size_t n = lead < 0xC2 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 1;
  if (n > s.size()) return 1;
  for (size_t i = 1; i < n; ++i) {
    if ((static_cast<unsigned char>(s[i]) & 0xC0) != 0x80) return 1;
  }
  return n;
}
// Code point of the character at the front; a stray byte is itself.
uint32_t DecodeChar(std::string_view s, size_t* bytes);
void AppendChar(std::string* out, uint32_t code_point);

bool IsAscii(std::string_view s);
int64_t CountChars(std::string_view s);
// Byte offset of character `n` (from 0), the size of `s` when there are not so many.
size_t CharOffset(std::string_view s, int64_t n);

// Simple case mapping of Unicode, one character to one, as towupper of the C.UTF-8 locale.
uint32_t ToUpper(uint32_t code_point);
uint32_t ToLower(uint32_t code_point);
bool IsAlphanumeric(uint32_t code_point);
void AppendUpper(std::string* out, std::string_view s);
void AppendLower(std::string* out, std::string_view s);

}  // namespace kalamdb::expr
