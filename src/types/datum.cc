// The arena, owning values, and the order and hash of values.
#include "types/datum.h"

#include <cassert>
#include <cmath>
#include <functional>
#include <limits>
#include <utility>

#include "types/decimal.h"

namespace kalamdb {

namespace {

constexpr size_t kFirstBlockBytes = 512;
constexpr size_t kMaxBlockBytes = 64 << 10;

int Sign(bool greater, bool less) { return static_cast<int>(greater) - static_cast<int>(less); }

int CompareDoubles(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return Sign(std::isnan(a), std::isnan(b));
  return Sign(a > b, a < b);
}

int CompareDecimals(Int128 a, uint8_t a_scale, Int128 b, uint8_t b_scale) {
  if (a_scale == b_scale) return Sign(a > b, a < b);
  if (a_scale > b_scale) return -CompareDecimals(b, b_scale, a, a_scale);
  // A product beyond 128 bits is greater in magnitude than any decimal.
  const Int128 factor = kPowersOfTen[b_scale - a_scale];
  constexpr Int128 kMax = static_cast<Int128>(~UInt128{0} >> 1);
  if (MagnitudeOf(a) > static_cast<UInt128>(kMax / factor)) return a < 0 ? -1 : 1;
  a *= factor;
  return Sign(a > b, a < b);
}

// Exact: whole parts as integers, fractions bit by bit (doubling loses nothing on either side).
int CompareDecimalToDouble(Int128 v, uint8_t scale, double d) {
  constexpr double kTwo127 = 170141183460469231731687303715884105728.0;
  if (std::isnan(d) || d >= kTwo127) return -1;
  if (d < -kTwo127) return 1;
  const Int128 divisor = kPowersOfTen[scale];
  const Int128 whole = v / divisor;
  const double d_trunc = std::trunc(d);
  const auto d_whole = static_cast<Int128>(d_trunc);
  if (whole != d_whole) return whole > d_whole ? 1 : -1;
  const Int128 signed_rest = v % divisor;
  double fraction = d - d_trunc;
  const int v_sign = Sign(signed_rest > 0, signed_rest < 0);
  const int d_sign = Sign(fraction > 0, fraction < 0);
  if (v_sign != d_sign) return v_sign > d_sign ? 1 : -1;
  UInt128 rest = MagnitudeOf(signed_rest);
  fraction = std::fabs(fraction);
  // Ends with the last bit of the double, after 1074 rounds at most.
  while (fraction != 0) {
    rest *= 2;
    fraction *= 2;
    const bool v_bit = rest >= static_cast<UInt128>(divisor);
    const bool d_bit = fraction >= 1;
    if (v_bit != d_bit) return v_bit ? v_sign : -v_sign;
    if (v_bit) {
      rest -= static_cast<UInt128>(divisor);
      fraction -= 1;
    }
  }
  return rest == 0 ? 0 : v_sign;
}

int CompareIntToDouble(int64_t v, double d) {
  constexpr double kTwo63 = 9223372036854775808.0;
  if (std::isnan(d) || d >= kTwo63) return -1;
  if (d < -kTwo63) return 1;
  const double d_trunc = std::trunc(d);
  const auto d_whole = static_cast<int64_t>(d_trunc);
  if (v != d_whole) return v > d_whole ? 1 : -1;
  return Sign(d<d_trunc, d> d_trunc);
}

int CompareNumbers(const Datum& a, const Datum& b) {
  if (IsInteger(a.kind)) {
    if (IsInteger(b.kind)) return Sign(a.i > b.i, a.i < b.i);
    if (IsFloating(b.kind)) return CompareIntToDouble(a.i, b.d);
    return CompareDecimals(a.i, 0, b.decimal(), b.scale);
  }
  if (IsFloating(a.kind)) {
    if (IsFloating(b.kind)) return CompareDoubles(a.d, b.d);
    return -CompareNumbers(b, a);
  }
  if (IsInteger(b.kind)) return CompareDecimals(a.decimal(), a.scale, b.i, 0);
  if (IsFloating(b.kind)) return CompareDecimalToDouble(a.decimal(), a.scale, b.d);
  return CompareDecimals(a.decimal(), a.scale, b.decimal(), b.scale);
}

int CompareEmbeddings(std::string_view a, std::string_view b) {
  const size_t n = std::min(a.size(), b.size()) / sizeof(float);
  for (size_t i = 0; i < n; ++i) {
    float x;
    float y;
    std::memcpy(&x, a.data() + i * sizeof(float), sizeof x);
    std::memcpy(&y, b.data() + i * sizeof(float), sizeof y);
    if (const int c = CompareDoubles(x, y); c != 0) return c;
  }
  return Sign(a.size() > b.size(), a.size() < b.size());
}

bool IsInstant(TypeKind k) { return IsDateTimeKind(k) || k == TypeKind::kDate; }
Int128 InstantMicros(const Datum& d) {
  return d.kind == TypeKind::kDate ? static_cast<Int128>(d.i) * kMicrosPerDay : Int128{d.i};
}

uint64_t Mix(uint64_t x) {  // the finaliser of SplitMix64
  x ^= x >> 30;
  x *= 0xbf58476d1ce4e5b9;
  x ^= x >> 27;
  x *= 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

// A number as whole part and the first 64 bits of the fraction, truncated towards zero: what is
// equal in value gives the same words, whatever its kind.
uint64_t HashNumber(Int128 whole, uint64_t fraction, bool negative) {
  const auto narrow = static_cast<int64_t>(whole);
  if (fraction == 0 && narrow == whole) return Mix(static_cast<uint64_t>(narrow));
  const auto bits = static_cast<UInt128>(whole);
  const uint64_t h = Mix(static_cast<uint64_t>(bits) + (negative ? 1 : 2));
  return Mix(h ^ Mix(static_cast<uint64_t>(bits >> 64)) ^ fraction);
}

uint64_t HashDouble(double d) {
  if (std::isnan(d)) return Mix(0x7ff8);
  if (!(std::fabs(d) < 0x1p126)) {
    uint64_t bits;
    std::memcpy(&bits, &d, sizeof bits);
    return Mix(bits);
  }
  const double whole = std::trunc(d);
  const double fraction = std::fabs(d - whole);
  return HashNumber(static_cast<Int128>(whole), static_cast<uint64_t>(fraction * 0x1p64), d < 0);
}

uint64_t HashDecimal(Int128 v, uint8_t scale) {
  const auto divisor = static_cast<UInt128>(kPowersOfTen[scale]);
  const Int128 whole = v / static_cast<Int128>(divisor);
  if (MagnitudeOf(whole) >= (UInt128{1} << 126)) {
    // The range that a double hashes by its bits; the conversion is exact for every value that is
    // equal to a double.
    return HashDouble(DecimalToDouble(v, scale));
  }
  UInt128 rest = MagnitudeOf(v % static_cast<Int128>(divisor));
  uint64_t fraction = 0;
  if (rest != 0 && scale <= 19) {
    fraction = static_cast<uint64_t>((rest << 64) / divisor);
  } else if (rest != 0) {
    for (int bit = 0; bit < 64; ++bit) {
      rest *= 2;
      fraction <<= 1;
      if (rest >= divisor) {
        rest -= divisor;
        fraction |= 1;
      }
    }
  }
  return HashNumber(whole, fraction, v < 0);
}

uint64_t HashEmbedding(std::string_view bytes) {
  uint64_t h = bytes.size();
  for (size_t at = 0; at + sizeof(float) <= bytes.size(); at += sizeof(float)) {
    float x;
    std::memcpy(&x, bytes.data() + at, sizeof x);
    h = Mix(h ^ HashDouble(x));
  }
  return h;
}

}  // namespace

char* Arena::Allocate(size_t n) {
  if (blocks_.empty() || blocks_.back().size - used_ < n) {
    const size_t last = blocks_.empty() ? kFirstBlockBytes / 2 : blocks_.back().size;
    const size_t size = std::max(n, std::min(last * 2, kMaxBlockBytes));
    blocks_.push_back({std::unique_ptr<char[]>(new char[size]), size});
    used_ = 0;
    total_ += size;
  }
  char* p = blocks_.back().data.get() + used_;
  used_ += n;
  return p;
}

std::string_view Arena::Copy(std::string_view bytes) {
  char* p = Allocate(bytes.size());
  if (!bytes.empty()) std::memcpy(p, bytes.data(), bytes.size());
  return {p, bytes.size()};
}

void Arena::Reset() {
  used_ = 0;
  if (blocks_.empty()) return;
  const bool keep = blocks_.front().size <= kMaxBlockBytes;
  blocks_.resize(keep ? 1 : 0);
  total_ = keep ? blocks_.front().size : 0;
}

Value& Value::operator=(const Datum& d) {
  Datum copy = d;  // `d` may be our own
  if (copy.has_bytes()) {
    if (copy.s.size != 0) {
      bytes_.assign(copy.s.data, copy.s.size);
    } else {
      bytes_.clear();
    }
    copy.s.data = bytes_.data();
  } else {
    bytes_ = std::string();
  }
  datum_ = copy;
  return *this;
}

Value::Value(Value&& other) noexcept { *this = std::move(other); }

Value& Value::operator=(Value&& other) noexcept {
  if (this == &other) return *this;
  datum_ = other.datum_;
  bytes_ = std::move(other.bytes_);
  if (datum_.has_bytes()) datum_.s.data = bytes_.data();
  other.datum_ = Datum();
  other.bytes_.clear();
  return *this;
}

Value Value::Text(std::string text) {
  Value v;
  v.bytes_ = std::move(text);
  v.datum_ = Datum::Text(v.bytes_);
  return v;
}

bool IsComparable(TypeKind a, TypeKind b) {
  if (a == TypeKind::kNull || b == TypeKind::kNull) return true;
  if (IsNumeric(a)) return IsNumeric(b);
  if (IsTextual(a)) return IsTextual(b);
  if (IsInstant(a)) return IsInstant(b);
  return a == b && a != TypeKind::kList;
}

int CompareUnlikeDatums(const Datum& a, const Datum& b) {
  assert(IsComparable(a.kind, b.kind));
  if (IsNumeric(a.kind)) return CompareNumbers(a, b);
  if (IsInstant(a.kind)) {
    const Int128 x = InstantMicros(a);
    const Int128 y = InstantMicros(b);
    return Sign(x > y, x < y);
  }
  switch (a.kind) {
    case TypeKind::kBoolean:
      return Sign(a.b && !b.b, !a.b && b.b);
    case TypeKind::kEmbedding:
      return CompareEmbeddings(a.text(), b.text());
    default:
      return a.has_bytes() && b.has_bytes() ? CompareBytes(a.text(), b.text()) : 0;
  }
}

bool SameValue(const Datum& a, const Datum& b) {
  if (a.null || b.null) return a.null && b.null;
  if (a.kind == TypeKind::kList && b.kind == TypeKind::kList) return a.text() == b.text();
  return IsComparable(a.kind, b.kind) && CompareDatums(a, b) == 0;
}

uint64_t HashDatum(const Datum& d) {
  if (d.null) return Mix(0x6e756c6c);
  switch (d.kind) {
    case TypeKind::kNull:
      return Mix(0x6e756c6c);
    case TypeKind::kBoolean:
      return Mix(d.b ? 1 : 2);
    case TypeKind::kSmallInt:
    case TypeKind::kInt:
    case TypeKind::kBigInt:
    case TypeKind::kTimestamp:
    case TypeKind::kDateTime:
    case TypeKind::kTime:
      return Mix(static_cast<uint64_t>(d.i));
    case TypeKind::kDate:
      return Mix(static_cast<uint64_t>(d.i) * static_cast<uint64_t>(kMicrosPerDay));
    case TypeKind::kFloat:
    case TypeKind::kDouble:
      return HashDouble(d.d);
    case TypeKind::kDecimal:
      return HashDecimal(d.decimal(), d.scale);
    case TypeKind::kEmbedding:
      return HashEmbedding(d.text());
    case TypeKind::kText:
    case TypeKind::kJson:
    case TypeKind::kFile:
    case TypeKind::kBytes:
    case TypeKind::kUuid:
    case TypeKind::kList:
      return std::hash<std::string_view>{}(d.text());
  }
  return 0;
}

}  // namespace kalamdb
