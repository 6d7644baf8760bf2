// Cells as the wire shows them, the same for HTTP results and live rows (64-bit integers as
// strings, DECIMAL as string with its scale, timestamps as microseconds, BYTES as arrays of
// numbers, NaN and infinities as null).
#pragma once

#include <string>
#include <string_view>

#include "types/datum.h"

namespace kalamdb {

void AppendCell(std::string* out, const Datum& d);
// A DOUBLE or FLOAT as JSON: shortest text that reads back the same, whole numbers with ".0", null
// for NaN and infinities.
void AppendJsonDouble(std::string* out, double v);
// Exactly `scale` digits behind the point, no point for scale 0; keeps the sign of -0.50.
void AppendDecimalText(std::string* out, Int128 unscaled, uint8_t scale);
void AppendInteger(std::string* out, int64_t v);
// Hyphenated lower-case text of 16 bytes, without quotes.
void AppendUuidText(std::string* out, std::string_view uuid);

}  // namespace kalamdb
