// The text of a value, as CAST(x AS TEXT) gives it.
#include <cmath>

#include "base/bytes.h"
#include "types/convert.h"
#include "types/float_text.h"
#include "types/json_cell.h"

namespace kalamdb {

namespace {

void AppendTwoDigits(std::string* out, int v) {
  out->push_back(static_cast<char>('0' + v / 10));
  out->push_back(static_cast<char>('0' + v % 10));
}

template <typename Float>
void AppendPlainFloat(std::string* out, Float v) {
  if (std::isnan(v)) {
    out->append("NaN");
  } else if (std::isinf(v)) {
    out->append(v < 0 ? "-Infinity" : "Infinity");
  } else {
    AppendFloat(out, v, FloatStyle::kPostgres);
  }
}

// The year without its era: there is no year 0, 1 BC comes before 1.
void AppendDate(std::string* out, const CivilTime& t) {
  const int64_t year = t.year > 0 ? t.year : 1 - t.year;
  for (int64_t bound = 1000; bound > year && bound > 1; bound /= 10) out->push_back('0');
  AppendInteger(out, year);
  out->push_back('-');
  AppendTwoDigits(out, t.month);
  out->push_back('-');
  AppendTwoDigits(out, t.day);
}

void AppendEra(std::string* out, const CivilTime& t) {
  if (t.year <= 0) out->append(" BC");
}

void AppendTime(std::string* out, const CivilTime& t) {
  AppendTwoDigits(out, t.hour);
  out->push_back(':');
  AppendTwoDigits(out, t.minute);
  out->push_back(':');
  AppendTwoDigits(out, t.second);
  if (t.micros == 0) return;
  char text[7] = {'.'};
  int micros = t.micros;
  for (int i = 6; i >= 1; --i, micros /= 10) text[i] = static_cast<char>('0' + micros % 10);
  size_t size = sizeof text;
  while (text[size - 1] == '0') --size;
  out->append(text, size);
}

}  // namespace

void AppendText(std::string* out, const Datum& d) {
  if (d.null) return;
  switch (d.kind) {
    case TypeKind::kNull:
      return;
    case TypeKind::kBoolean:
      out->append(d.b ? "true" : "false");
      return;
    case TypeKind::kSmallInt:
    case TypeKind::kInt:
    case TypeKind::kBigInt:
      AppendInteger(out, d.i);
      return;
    case TypeKind::kFloat:
      AppendPlainFloat(out, static_cast<float>(d.d));
      return;
    case TypeKind::kDouble:
      AppendPlainFloat(out, d.d);
      return;
    case TypeKind::kDecimal:
      AppendDecimalText(out, d.decimal(), d.scale);
      return;
    case TypeKind::kTimestamp:
    case TypeKind::kDateTime: {
      const CivilTime t = CivilFromMicros(d.i);
      AppendDate(out, t);
      out->push_back(' ');
      AppendTime(out, t);
      AppendEra(out, t);
      return;
    }
    case TypeKind::kDate: {
      CivilTime t{};
      CivilDateFromDays(d.i, &t);
      AppendDate(out, t);
      AppendEra(out, t);
      return;
    }
    case TypeKind::kTime:
      // A time of day has no date; that of the epoch is left out.
      AppendTime(out, CivilFromMicros(d.i % kMicrosPerDay));
      return;
    case TypeKind::kUuid:
      AppendUuidText(out, d.text());
      return;
    case TypeKind::kBytes:
      out->append("\\x");
      out->append(HexEncode(d.text()));
      return;
    case TypeKind::kEmbedding: {
      const std::string_view floats = d.text();
      out->push_back('[');
      for (size_t at = 0; at + sizeof(float) <= floats.size(); at += sizeof(float)) {
        if (at != 0) out->push_back(',');
        AppendPlainFloat(out, LoadFixed<float>(floats.data() + at));
      }
      out->push_back(']');
      return;
    }
    case TypeKind::kText:
    case TypeKind::kJson:
    case TypeKind::kFile:
    case TypeKind::kList:
      out->append(d.text());
      return;
  }
}

}  // namespace kalamdb
