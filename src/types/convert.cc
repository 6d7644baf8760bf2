// Casts and assignments: one function for each target type, which both share.
#include "types/convert.h"

#include <cfloat>
#include <cmath>
#include <limits>

#include "base/id_source.h"
#include "types/decimal.h"
#include "types/float_text.h"

namespace kalamdb {

namespace {

constexpr size_t kPreviewBytes = 64;

// One conversion: what is asked for, and the words to refuse it with.
struct Conversion {
  const Datum& from;
  const DataType& to;
  Arena* arena;
  bool assignment;          // into `column`; otherwise a CAST
  std::string_view column;  // of an assignment

  [[nodiscard]] Status Wrap(std::string message) const {
    if (assignment) return InvalidOperation("Schema coercion failed: " + message);
    return ExecutionError(std::move(message));
  }
  [[nodiscard]] std::string ForColumn() const {
    return assignment ? fmt::format(" for column '{}'", column) : std::string();
  }
  // The value as a message may show it.
  [[nodiscard]] std::string Preview() const {
    if (IsTextual(from.kind) && from.s.size > kPreviewBytes) return Cut(from.text());
    if (from.kind == TypeKind::kBytes || from.kind == TypeKind::kEmbedding ||
        from.kind == TypeKind::kList) {
      return fmt::format("of {} bytes", from.s.size);
    }
    std::string text;
    AppendText(&text, from);
    return text;
  }
  static std::string Cut(std::string_view text) {
    size_t n = std::min(text.size(), kPreviewBytes);
    while (n > 0 && n < text.size() && (static_cast<unsigned char>(text[n]) & 0xc0) == 0x80) --n;
    return std::string(text.substr(0, n)) + (n < text.size() ? "..." : "");
  }
  [[nodiscard]] Status Refuse(std::string_view reason) const {
    return Wrap(fmt::format("Unable to cast value {} to {}{}: {}", FromName(), SqlTypeName(to),
                            ForColumn(), reason));
  }
  [[nodiscard]] std::string FromName() const {
    // A value knows neither its precision nor, as text, its dimension.
    if (from.kind == TypeKind::kDecimal) return "DECIMAL";
    if (from.kind == TypeKind::kEmbedding) return "EMBEDDING";
    return SqlTypeName(DataType::Of(from.kind));
  }
  [[nodiscard]] Status NoSuchCast() const { return Refuse("there is no such conversion"); }
  [[nodiscard]] Status Malformed() const {
    return Refuse(fmt::format("'{}' is not a valid {}", Preview(), SqlTypeName(to)));
  }
  [[nodiscard]] Status OutOfRange() const {
    return Refuse(fmt::format("value {} is out of range", Preview()));
  }
  [[nodiscard]] Status NotWhole() const {
    return Wrap(fmt::format("value {} is not a whole number{}", Preview(), ForColumn()));
  }
};

Result<Datum> ToBoolean(const Conversion& c) {
  if (IsTextual(c.from.kind)) {
    bool v = false;
    if (!ParseBool(c.from.text(), &v)) return c.Malformed();
    return Datum::Bool(v);
  }
  if (!IsInteger(c.from.kind)) return c.NoSuchCast();
  if (c.assignment && c.from.i != 0 && c.from.i != 1) return c.OutOfRange();
  return Datum::Bool(c.from.i != 0);
}

// A number as a 64-bit integer.
Result<int64_t> WholeNumber(const Conversion& c) {
  const Datum& d = c.from;
  if (IsInteger(d.kind)) return d.i;
  if (IsFloating(d.kind)) {
    const double rounded = std::nearbyint(d.d);  // half to even, the rounding mode of the process
    if (!(rounded >= -0x1p63 && rounded < 0x1p63)) return c.OutOfRange();
    if (c.assignment && rounded != d.d) return c.NotWhole();
    return static_cast<int64_t>(rounded);
  }
  Int128 rounded = 0;
  if (!RescaleDecimal(d.decimal(), d.scale, 0, &rounded)) return c.OutOfRange();
  if (c.assignment && d.decimal() % kPowersOfTen[d.scale] != 0) return c.NotWhole();
  if (rounded < std::numeric_limits<int64_t>::min() ||
      rounded > std::numeric_limits<int64_t>::max()) {
    return c.OutOfRange();
  }
  return static_cast<int64_t>(rounded);
}

Result<Datum> ToInteger(const Conversion& c) {
  int64_t v = 0;
  if (IsNumeric(c.from.kind)) {
    KDB_ASSIGN_OR_RETURN(v, WholeNumber(c));
  } else if (IsTextual(c.from.kind)) {
    if (!ParseInt64(c.from.text(), &v)) return c.Malformed();
  } else if (c.from.kind == TypeKind::kBoolean) {
    v = c.from.b ? 1 : 0;
  } else if (KindIn(c.from.kind, kInt64Kinds)) {
    v = c.from.i;  // dates and times as they are counted
  } else {
    return c.NoSuchCast();
  }
  if (c.to.kind == TypeKind::kInt && v != static_cast<int32_t>(v)) return c.OutOfRange();
  if (c.to.kind == TypeKind::kSmallInt && v != static_cast<int16_t>(v)) return c.OutOfRange();
  return Datum::Int(c.to.kind, v);
}

Result<Datum> ToFloating(const Conversion& c) {
  const bool single = c.to.kind == TypeKind::kFloat;
  double v = 0;
  if (IsInteger(c.from.kind)) {
    v = single ? static_cast<double>(static_cast<float>(c.from.i)) : static_cast<double>(c.from.i);
  } else if (IsFloating(c.from.kind)) {
    v = c.from.d;
  } else if (c.from.kind == TypeKind::kDecimal) {
    v = DecimalToDouble(c.from.decimal(), c.from.scale);
  } else if (IsTextual(c.from.kind)) {
    float narrow = 0;
    if (single ? !ParseFloat(c.from.text(), &narrow) : !ParseDouble(c.from.text(), &v)) {
      return c.Malformed();
    }
    if (single) v = static_cast<double>(narrow);
  } else {
    return c.NoSuchCast();
  }
  if (single && std::isfinite(v)) {
    // A double beyond the range has no float to convert to: looked at before it is converted.
    constexpr double kBound = 0x1.ffffffp127;  // halfway to what would be the next float
    if (std::fabs(v) >= kBound) return c.OutOfRange();
    v = static_cast<double>(static_cast<float>(v));
  }
  return Datum::Real(c.to.kind, v);
}

Result<Datum> ToDecimal(const Conversion& c) {
  Int128 v = 0;
  bool fits = false;
  if (IsInteger(c.from.kind)) {
    fits = RescaleDecimal(c.from.i, 0, c.to.scale, &v);
  } else if (c.from.kind == TypeKind::kDecimal) {
    fits = RescaleDecimal(c.from.decimal(), c.from.scale, c.to.scale, &v);
  } else if (IsFloating(c.from.kind)) {
    // By its shortest text: 2.675 means 2.675, though the nearest double is a little less.
    if (!std::isfinite(c.from.d)) return c.OutOfRange();
    std::string text;
    if (c.from.kind == TypeKind::kFloat) {
      AppendFloat(&text, static_cast<float>(c.from.d), FloatStyle::kJson);
    } else {
      AppendFloat(&text, c.from.d, FloatStyle::kJson);
    }
    fits = ParseDecimal(text, c.to.scale, &v);
  } else if (IsTextual(c.from.kind)) {
    if (double number = 0; !ParseDecimal(c.from.text(), c.to.scale, &v)) {
      // Too large a number, or none at all.
      return ParseDouble(c.from.text(), &number) ? c.OutOfRange() : c.Malformed();
    }
    fits = true;
  } else {
    return c.NoSuchCast();
  }
  if (!fits || !FitsPrecision(v, c.to.precision)) return c.OutOfRange();
  return Datum::Decimal(v, c.to.scale);
}

// Anything turns to TEXT; JSON is made only of what is JSON in text, a file reference of nothing.
Result<Datum> ToTextual(const Conversion& c) {
  if (IsTextual(c.from.kind)) return Datum::Bytes(c.to.kind, c.from.text());
  if (c.to.kind == TypeKind::kFile) return c.NoSuchCast();
  if (c.to.kind == TypeKind::kJson) {
    const bool json = IsNumeric(c.from.kind) || c.from.kind == TypeKind::kBoolean ||
                      c.from.kind == TypeKind::kList || c.from.kind == TypeKind::kEmbedding;
    if (!json) return c.NoSuchCast();
    if (IsFloating(c.from.kind) && !std::isfinite(c.from.d)) return c.OutOfRange();
  }
  if (c.from.kind == TypeKind::kList) return Datum::Bytes(c.to.kind, c.from.text());
  std::string text;
  AppendText(&text, c.from);
  return Datum::Bytes(c.to.kind, c.arena->Copy(text));
}

Result<Datum> ToTimestamp(const Conversion& c) {
  int64_t v = 0;
  if (IsDateTimeKind(c.from.kind)) {
    v = c.from.i;
  } else if (IsTextual(c.from.kind)) {
    if (!ParseTimestampMicros(c.from.text(), &v)) return c.Malformed();
  } else if (c.from.kind == TypeKind::kDate) {
    if (__builtin_mul_overflow(c.from.i, kMicrosPerDay, &v)) return c.OutOfRange();
  } else if (IsNumeric(c.from.kind)) {
    KDB_ASSIGN_OR_RETURN(v, WholeNumber(c));
  } else {
    return c.NoSuchCast();
  }
  return Datum::Int(c.to.kind, v);
}

Result<Datum> ToDate(const Conversion& c) {
  int64_t v = 0;
  if (IsTextual(c.from.kind)) {
    int32_t days = 0;
    if (!ParseDateDays(c.from.text(), &days)) return c.Malformed();
    v = days;
  } else if (IsDateTimeKind(c.from.kind)) {
    v = c.from.i / kMicrosPerDay - (c.from.i % kMicrosPerDay < 0 ? 1 : 0);
  } else if (IsNumeric(c.from.kind)) {
    KDB_ASSIGN_OR_RETURN(v, WholeNumber(c));
  } else {
    return c.NoSuchCast();
  }
  if (v != static_cast<int32_t>(v)) return c.OutOfRange();
  return Datum::Int(c.to.kind, v);
}

Result<Datum> ToTime(const Conversion& c) {
  int64_t v = 0;
  if (IsTextual(c.from.kind)) {
    if (!ParseTimeMicros(c.from.text(), &v)) return c.Malformed();
  } else if (IsDateTimeKind(c.from.kind)) {
    v = c.from.i % kMicrosPerDay;
    if (v < 0) v += kMicrosPerDay;
  } else if (IsNumeric(c.from.kind)) {
    KDB_ASSIGN_OR_RETURN(v, WholeNumber(c));
    if (v < 0 || v >= kMicrosPerDay) return c.OutOfRange();
  } else {
    return c.NoSuchCast();
  }
  return Datum::Int(c.to.kind, v);
}

Result<Datum> ToBytes(const Conversion& c) {
  if (!IsTextual(c.from.kind) && c.from.kind != TypeKind::kUuid) return c.NoSuchCast();
  return Datum::Bytes(c.to.kind, c.from.text());
}

Result<Datum> ToUuid(const Conversion& c) {
  const auto bad = [&](std::string_view reason) {
    return c.Wrap(
        fmt::format("Invalid UUID literal '{}'{}: {}", c.Preview(), c.ForColumn(), reason));
  };
  if (c.from.kind == TypeKind::kBytes) {
    if (c.from.s.size != 16) return bad("a UUID has 16 bytes");
    return Datum::Bytes(c.to.kind, c.from.text());
  }
  if (!IsTextual(c.from.kind)) return c.NoSuchCast();
  unsigned char bytes[16];
  if (!ParseUuid(TrimBlanks(c.from.text()), bytes)) {
    return bad("expected 32 hexadecimal digits, with or without hyphens");
  }
  return Datum::Bytes(c.to.kind,
                      c.arena->Copy({reinterpret_cast<const char*>(bytes), sizeof bytes}));
}

// A target without a dimension takes any.
Result<Datum> ToEmbedding(const Conversion& c) {
  std::string parsed;
  std::string_view floats;
  if (c.from.kind == TypeKind::kEmbedding) {
    floats = c.from.text();
  } else if (IsTextual(c.from.kind) || c.from.kind == TypeKind::kList) {
    if (!ParseEmbedding(c.from.text(), &parsed)) {
      return c.Wrap(fmt::format("Invalid embedding JSON{}: expected an array of finite numbers",
                                c.ForColumn()));
    }
    floats = parsed;
  } else {
    return c.NoSuchCast();
  }
  const size_t n = floats.size() / sizeof(float);
  if (c.to.dimension != 0 && n != c.to.dimension) {
    return c.Wrap(fmt::format("Embedding dimension mismatch{}: expected {}, got {}", c.ForColumn(),
                              c.to.dimension, n));
  }
  if (c.from.kind != TypeKind::kEmbedding) floats = c.arena->Copy(floats);
  return Datum::Bytes(c.to.kind, floats);
}

Result<Datum> Convert(const Conversion& c) {
  if (c.from.null) return Datum::Null(c.to.kind);
  if (c.from.kind == c.to.kind && c.to.kind != TypeKind::kDecimal &&
      c.to.kind != TypeKind::kEmbedding) {
    return c.from;
  }
  switch (c.to.kind) {
    case TypeKind::kBoolean:
      return ToBoolean(c);
    case TypeKind::kSmallInt:
    case TypeKind::kInt:
    case TypeKind::kBigInt:
      return ToInteger(c);
    case TypeKind::kFloat:
    case TypeKind::kDouble:
      return ToFloating(c);
    case TypeKind::kDecimal:
      return ToDecimal(c);
    case TypeKind::kText:
    case TypeKind::kJson:
    case TypeKind::kFile:
      return ToTextual(c);
    case TypeKind::kTimestamp:
    case TypeKind::kDateTime:
      return ToTimestamp(c);
    case TypeKind::kDate:
      return ToDate(c);
    case TypeKind::kTime:
      return ToTime(c);
    case TypeKind::kBytes:
      return ToBytes(c);
    case TypeKind::kUuid:
      return ToUuid(c);
    case TypeKind::kEmbedding:
      return ToEmbedding(c);
    case TypeKind::kNull:
    case TypeKind::kList:
      break;
  }
  return c.NoSuchCast();
}

}  // namespace

Result<Datum> CoerceForColumn(const Datum& d, const DataType& to, std::string_view column,
                              Arena* arena) {
  return Convert({d, to, arena, true, column});
}

Result<Datum> CastDatum(const Datum& d, const DataType& to, Arena* arena) {
  return Convert({d, to, arena, false, {}});
}

}  // namespace kalamdb
