// Lays out the digits that std::to_chars finds.
#include "types/float_text.h"

#include <charconv>
#include <cstdint>
#include <cstring>

namespace kalamdb {

namespace {

// Where the point may stand (digits before it) for a number to be written without an exponent.
struct FixedRange {
  int from;
  int to;
};

FixedRange RangeOf(FloatStyle style, bool single) {
  if (style == FloatStyle::kJson) return {-4, 16};
  return single ? FixedRange{-3, 6} : FixedRange{-3, 15};
}

template <typename Float>
void Append(std::string* out, Float v, FloatStyle style) {
  char scientific[32];  // [-]d[.ddd]e[+-]dd[d]
  const char* p = scientific;
  const char* const end =
      std::to_chars(scientific, scientific + sizeof scientific, v, std::chars_format::scientific)
          .ptr;
  char digits[20];
  int count = 0;
  if (*p == '-') {
    out->push_back('-');
    ++p;
  }
  for (; *p != 'e'; ++p) {
    if (*p != '.') digits[count++] = *p;
  }
  ++p;
  if (*p == '+') ++p;
  int exponent = 0;
  std::from_chars(p, end, exponent);
  const int point = digits[0] == '0' ? 1 : exponent + 1;

  const FixedRange fixed = RangeOf(style, sizeof(Float) == sizeof(float));
  if (point < fixed.from || point > fixed.to) {
    out->push_back(digits[0]);
    if (count > 1) {
      out->push_back('.');
      out->append(digits + 1, static_cast<size_t>(count - 1));
    }
    out->push_back('e');
    char text[8];
    char* text_end =
        std::to_chars(text, text + sizeof text, exponent < 0 ? -exponent : exponent).ptr;
    if (exponent < 0) out->push_back('-');
    if (style == FloatStyle::kPostgres) {
      if (exponent >= 0) out->push_back('+');
      if (text_end - text < 2) out->push_back('0');
    }
    out->append(text, text_end);
    return;
  }
  if (point <= 0) {
    out->append("0.");
    out->append(static_cast<size_t>(-point), '0');
    out->append(digits, static_cast<size_t>(count));
    return;
  }
  if (count > point) {
    out->append(digits, static_cast<size_t>(point));
    out->push_back('.');
    out->append(digits + point, static_cast<size_t>(count - point));
    return;
  }
  out->append(digits, static_cast<size_t>(count));
  out->append(static_cast<size_t>(point - count), '0');
  if (style == FloatStyle::kJson) out->append(".0");
}

}  // namespace

void AppendFloat(std::string* out, double v, FloatStyle style) { Append(out, v, style); }
void AppendFloat(std::string* out, float v, FloatStyle style) { Append(out, v, style); }

}  // namespace kalamdb
