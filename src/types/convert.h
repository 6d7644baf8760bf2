// Conversion between types: what INSERT and UPDATE coerce, what CAST does, how values turn to text.
//
// Meaning is PostgreSQL's unless the dialect says otherwise (docs/sql.md, "Types": offsets convert to
// UTC, DECIMAL rounds half away from zero, integers for timestamps are microseconds).
#pragma once

#include "types/datum.h"

namespace kalamdb {

// Text of a value as CAST(x AS TEXT) gives it: numbers plain, true/false, `2025-01-31 12:00:00.5`,
// `2025-01-31`, `12:00:00`, hyphenated UUID, `[0.1,0.2]`, BYTES as \x hex. Appends.
void AppendText(std::string* out, const Datum& d);

// Assigning a value to a column of type `to`: like CAST, but a number with a fraction is refused
// for an integer column ("value 1.7 is not a whole number for column 'n'"), numbers and booleans
// turn to text. Errors are complete messages of the dialect, naming `column`, e.g. "Schema coercion
// failed: Unable to cast value <T> to <U> for column 'c': ..." with code kInvalidOperation. Bytes
// of the result live in `arena` or in `d`.
Result<Datum> CoerceForColumn(const Datum& d, const DataType& to, std::string_view column,
                              Arena* arena);

// CAST(d AS to): rounds numbers half away from zero for DECIMAL -> integer, half to even for
// floating -> integer as PostgreSQL; out of range is an error; TRY_CAST is the caller's.
Result<Datum> CastDatum(const Datum& d, const DataType& to, Arena* arena);

// Without the blanks, tabs and line ends around it.
std::string_view TrimBlanks(std::string_view text);

// Parsers of text, blanks around it aside; false when it is none.
bool ParseInt64(std::string_view text, int64_t* out);
bool ParseDouble(std::string_view text, double* out);
bool ParseFloat(std::string_view text, float* out);  // rounds once, not by way of a double
bool ParseBool(std::string_view text,
               bool* out);  // true/t/yes/y/on/1 and their opposites, any case
bool ParseTimestampMicros(std::string_view text, int64_t* out);
bool ParseDateDays(std::string_view text, int32_t* out);
bool ParseTimeMicros(std::string_view text, int64_t* out);
// Rounds half away from zero to `scale`; false when it is no number or exceeds precision 38.
bool ParseDecimal(std::string_view text, uint8_t scale, Int128* out);
// '[0.1, 2]' -> little-endian floats appended to `out`; false when malformed or a number is not
// finite as float.
bool ParseEmbedding(std::string_view text, std::string* out);

// Calendar: days since the epoch <-> proleptic Gregorian date.
int64_t DaysFromCivil(int64_t year, int month, int day);
struct CivilTime {
  int64_t year;
  int month, day, hour, minute, second, micros;
};
// Sets year, month and day only.
void CivilDateFromDays(int64_t days, CivilTime* t);
CivilTime CivilFromMicros(int64_t micros);
// At the ends of the range of timestamps beyond it.
int64_t MicrosFromCivil(const CivilTime& t);

}  // namespace kalamdb
