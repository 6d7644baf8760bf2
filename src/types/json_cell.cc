// Writes cells straight into the answer's buffer.
#include "types/json_cell.h"

#include <charconv>
#include <cmath>
#include <cstring>

#include "base/json_text.h"
#include "types/decimal.h"
#include "types/float_text.h"

namespace kalamdb {

namespace {

void AppendQuotedInteger(std::string* out, int64_t v) {
  char text[22];
  text[0] = '"';
  char* end = std::to_chars(text + 1, text + 21, v).ptr;
  *end++ = '"';
  out->append(text, end);
}

void AppendBytesCell(std::string* out, std::string_view bytes) {
  char text[4];
  out->push_back('[');
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (i != 0) out->push_back(',');
    const unsigned v = static_cast<unsigned char>(bytes[i]);
    out->append(text, std::to_chars(text, text + sizeof text, v).ptr);
  }
  out->push_back(']');
}

void AppendEmbeddingCell(std::string* out, std::string_view floats) {
  out->push_back('[');
  for (size_t at = 0; at + sizeof(float) <= floats.size(); at += sizeof(float)) {
    if (at != 0) out->push_back(',');
    float v;
    std::memcpy(&v, floats.data() + at, sizeof v);
    AppendJsonDouble(out, static_cast<double>(v));
  }
  out->push_back(']');
}

}  // namespace

void AppendInteger(std::string* out, int64_t v) {
  char text[20];
  out->append(text, std::to_chars(text, text + sizeof text, v).ptr);
}

void AppendUuidText(std::string* out, std::string_view uuid) {
  static constexpr char kHex[] = "0123456789abcdef";
  char text[36];
  char* p = text;
  for (size_t i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) *p++ = '-';
    const auto byte = static_cast<unsigned char>(uuid[i]);
    *p++ = kHex[byte >> 4];
    *p++ = kHex[byte & 15];
  }
  out->append(text, sizeof text);
}

void AppendJsonDouble(std::string* out, double v) {
  if (!std::isfinite(v)) {
    out->append("null");
    return;
  }
  // Whole numbers of up to 15 digits are common and need no search for digits.
  const auto whole = std::fabs(v) < 1e15 ? static_cast<int64_t>(v) : int64_t{0};
  if (whole != 0 && static_cast<double>(whole) == v) {
    AppendInteger(out, whole);
    out->append(".0");
    return;
  }
  AppendFloat(out, v, FloatStyle::kJson);
}

void AppendDecimalText(std::string* out, Int128 unscaled, uint8_t scale) {
  char text[48];  // 39 digits of 128 bits, or a zero and 38 digits of scale; the point
  char* const end = text + sizeof text;
  char* p = end;
  UInt128 rest = MagnitudeOf(unscaled);
  size_t digits = 0;
  const size_t wanted = std::min<size_t>(scale, kMaxDecimalPrecision) + 1;
  while (rest != 0 || digits < wanted) {
    // Nineteen digits at a time fit 64 bits, and 64-bit division is the fast one.
    constexpr uint64_t kChunk = 10'000'000'000'000'000'000u;
    auto chunk = static_cast<uint64_t>(rest % kChunk);
    rest /= kChunk;
    for (int i = 0; i < 19 && (chunk != 0 || rest != 0 || digits < wanted); ++i) {
      if (digits == scale && scale != 0) *--p = '.';
      *--p = static_cast<char>('0' + chunk % 10);
      chunk /= 10;
      ++digits;
    }
  }
  if (unscaled < 0) out->push_back('-');
  out->append(p, end);
}

void AppendCell(std::string* out, const Datum& d) {
  if (d.null) {
    out->append("null");
    return;
  }
  switch (d.kind) {
    case TypeKind::kNull:
      out->append("null");
      return;
    case TypeKind::kBoolean:
      out->append(d.b ? "true" : "false");
      return;
    case TypeKind::kBigInt:
      AppendQuotedInteger(out, d.i);
      return;
    case TypeKind::kSmallInt:
    case TypeKind::kInt:
    case TypeKind::kTimestamp:
    case TypeKind::kDateTime:
    case TypeKind::kDate:
    case TypeKind::kTime:
      AppendInteger(out, d.i);
      return;
    case TypeKind::kFloat:
    case TypeKind::kDouble:
      AppendJsonDouble(out, d.d);
      return;
    case TypeKind::kDecimal:
      out->push_back('"');
      AppendDecimalText(out, d.decimal(), d.scale);
      out->push_back('"');
      return;
    case TypeKind::kText:
    case TypeKind::kJson:
    case TypeKind::kFile:
      AppendJsonString(out, d.text());
      return;
    case TypeKind::kBytes:
      AppendBytesCell(out, d.text());
      return;
    case TypeKind::kUuid:
      out->push_back('"');
      AppendUuidText(out, d.text());
      out->push_back('"');
      return;
    case TypeKind::kEmbedding:
      AppendEmbeddingCell(out, d.text());
      return;
    case TypeKind::kList:
      out->append(d.text());
      return;
  }
}

}  // namespace kalamdb
