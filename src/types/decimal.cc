// Change of scale and conversion of decimals.
#include "types/decimal.h"

#include <charconv>
#include <string>

#include "types/json_cell.h"

namespace kalamdb {

bool RescaleDecimal(Int128 v, uint8_t from, uint8_t to, Int128* out) {
  if (to >= from) {
    const Int128 factor = kPowersOfTen[to - from];
    if (MagnitudeOf(v) > static_cast<UInt128>(kMaxDecimal / factor)) return false;
    *out = v * factor;
    return true;
  }
  const Int128 divisor = kPowersOfTen[from - to];
  Int128 quotient = v / divisor;
  const UInt128 rest = MagnitudeOf(v % divisor);
  if (rest >= static_cast<UInt128>(divisor) - rest) quotient += v < 0 ? -1 : 1;
  *out = quotient;
  return FitsPrecision(quotient, kMaxDecimalPrecision);
}

double DecimalToDouble(Int128 v, uint8_t scale) {
  // Up to 2^53 over up to 10^22 both sides are exact, so the division rounds once.
  if (scale <= 22 && MagnitudeOf(v) <= (UInt128{1} << 53)) {
    return static_cast<double>(static_cast<int64_t>(v)) / static_cast<double>(kPowersOfTen[scale]);
  }
  std::string text;
  AppendDecimalText(&text, v, scale);
  double d = 0;
  std::from_chars(text.data(), text.data() + text.size(), d);
  return d;
}

}  // namespace kalamdb
