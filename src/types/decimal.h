// Arithmetic that decimals share: powers of ten and change of scale. A decimal is a 128-bit integer
// and a scale; at most 38 digits count.
#pragma once

#include <array>
#include <cstdint>

#include "types/datum.h"

namespace kalamdb {

inline constexpr std::array<Int128, 39> kPowersOfTen = [] {
  std::array<Int128, 39> p{};
  p[0] = 1;
  for (size_t i = 1; i < p.size(); ++i) p[i] = p[i - 1] * 10;
  return p;
}();
// The greatest unscaled value, 38 nines.
inline constexpr Int128 kMaxDecimal = kPowersOfTen[38] - 1;

// Without the overflow of the most negative value.
inline UInt128 MagnitudeOf(Int128 v) {
  return v < 0 ? UInt128{0} - static_cast<UInt128>(v) : static_cast<UInt128>(v);
}
inline bool FitsPrecision(Int128 v, uint8_t precision) {
  return MagnitudeOf(v) < static_cast<UInt128>(kPowersOfTen[precision]);
}

// Brings a value from one scale (0..38) to another, half away from zero. False when the result has
// more than 38 digits.
bool RescaleDecimal(Int128 v, uint8_t from, uint8_t to, Int128* out);
// The nearest double.
double DecimalToDouble(Int128 v, uint8_t scale);

}  // namespace kalamdb
