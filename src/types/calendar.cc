// Dates and times: the proleptic Gregorian calendar and the texts of timestamps.
#include <algorithm>
#include <limits>

#include "types/convert.h"

namespace kalamdb {

namespace {

constexpr int64_t kMicrosPerSecond = 1'000'000;
constexpr int64_t kMicrosPerMinute = 60 * kMicrosPerSecond;
constexpr int64_t kMicrosPerHour = 60 * kMicrosPerMinute;
constexpr int kMaxYearDigits = 7;  // DATE reaches into the year 5 881 580

int64_t FloorDiv(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

bool IsLeap(int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }
int DaysOfMonth(int64_t year, int month) {
  static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && IsLeap(year) ? 29 : kDays[month - 1];
}

// Takes pieces from the front of a text; every Take leaves it alone when it fails.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}
  [[nodiscard]] bool done() const { return rest_.empty(); }
  bool TakeChar(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool TakeWord(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  // As many digits as there are, at least `min` and at most `max` of them.
  bool TakeNumber(int min, int max, int64_t* out) {
    const int digits = Digits();
    if (digits < min || digits > max) return false;
    *out = 0;
    for (int i = 0; i < digits; ++i) *out = *out * 10 + (rest_[static_cast<size_t>(i)] - '0');
    rest_.remove_prefix(static_cast<size_t>(digits));
    return true;
  }
  // Digits behind a point, as microseconds; the seventh digit rounds.
  bool TakeFraction(int64_t* micros) {
    const int digits = Digits();
    if (digits == 0) return false;
    *micros = 0;
    for (int i = 0; i < 6; ++i) {
      *micros = *micros * 10 + (i < digits ? rest_[static_cast<size_t>(i)] - '0' : 0);
    }
    if (digits > 6 && rest_[6] >= '5') ++*micros;
    rest_.remove_prefix(static_cast<size_t>(digits));
    return true;
  }

 private:
  [[nodiscard]] int Digits() const {
    size_t n = 0;
    while (n < rest_.size() && rest_[n] >= '0' && rest_[n] <= '9') ++n;
    return static_cast<int>(std::min<size_t>(n, 1 << 20));
  }
  std::string_view rest_;
};

// A trailing " BC", as dates before the year 1 are written.
bool RemoveEra(std::string_view* text) {
  if (text->size() < 3) return false;
  const std::string_view era = text->substr(text->size() - 3);
  if (era != " BC" && era != " bc") return false;
  text->remove_suffix(3);
  return true;
}

bool TakeDate(Scanner* in, bool before_christ, int64_t* days) {
  int64_t year = 0;
  int64_t month = 0;
  int64_t day = 0;
  if (!in->TakeNumber(4, kMaxYearDigits, &year) || !in->TakeChar('-') ||
      !in->TakeNumber(1, 2, &month) || !in->TakeChar('-') || !in->TakeNumber(1, 2, &day)) {
    return false;
  }
  if (year == 0 || month < 1 || month > 12) return false;
  if (before_christ) year = 1 - year;
  if (day < 1 || day > DaysOfMonth(year, static_cast<int>(month))) return false;
  *days = DaysFromCivil(year, static_cast<int>(month), static_cast<int>(day));
  return true;
}

// HH:MM[:SS[.f]]; rounding may give exactly one day.
bool TakeTime(Scanner* in, int64_t* micros) {
  int64_t hour = 0;
  int64_t minute = 0;
  int64_t second = 0;
  int64_t fraction = 0;
  if (!in->TakeNumber(1, 2, &hour) || !in->TakeChar(':') || !in->TakeNumber(2, 2, &minute)) {
    return false;
  }
  if (in->TakeChar(':')) {
    if (!in->TakeNumber(2, 2, &second)) return false;
    if (in->TakeChar('.') && !in->TakeFraction(&fraction)) return false;
  }
  if (hour > 23 || minute > 59 || second > 59) return false;
  *micros =
      hour * kMicrosPerHour + minute * kMicrosPerMinute + second * kMicrosPerSecond + fraction;
  return true;
}

// Nothing, Z, UTC, or ±hh, ±hhmm, ±hh:mm; what is to be subtracted to get UTC.
bool TakeOffset(Scanner* in, int64_t* micros) {
  *micros = 0;
  in->TakeChar(' ');
  if (in->done() || in->TakeChar('Z') || in->TakeChar('z') || in->TakeWord("UTC")) return true;
  const bool west = in->TakeChar('-');
  if (!west && !in->TakeChar('+')) return false;
  int64_t hour = 0;
  int64_t minute = 0;
  if (in->TakeNumber(1, 2, &hour)) {
    if (in->TakeChar(':') && !in->TakeNumber(2, 2, &minute)) return false;
  } else if (in->TakeNumber(4, 4, &minute)) {
    hour = minute / 100;
    minute %= 100;
  } else {
    return false;
  }
  if (hour > 15 || minute > 59) return false;  // PostgreSQL's bound too
  *micros = (hour * kMicrosPerHour + minute * kMicrosPerMinute) * (west ? -1 : 1);
  return true;
}

bool ToInt64(Int128 v, int64_t* out) {
  *out = static_cast<int64_t>(v);
  return *out == v;
}

// An instant in microseconds, which may lie outside of what a timestamp holds.
bool ParseInstant(std::string_view text, Int128* micros) {
  text = TrimBlanks(text);
  const bool before_christ = RemoveEra(&text);
  Scanner in(text);
  int64_t days = 0;
  if (!TakeDate(&in, before_christ, &days)) return false;
  *micros = static_cast<Int128>(days) * kMicrosPerDay;
  if (in.done()) return true;
  int64_t time = 0;
  int64_t offset = 0;
  if (!in.TakeChar('T') && !in.TakeChar('t') && !in.TakeChar(' ')) return false;
  if (!TakeTime(&in, &time) || !TakeOffset(&in, &offset) || !in.done()) return false;
  *micros += time - offset;
  return true;
}

}  // namespace

// Counts from the first of March, which puts the leap day at the end of the year, in eras of the
// 400 years after which the calendar repeats (146 097 days).
int64_t DaysFromCivil(int64_t year, int month, int day) {
  if (month <= 2) --year;
  const int64_t era = FloorDiv(year, 400);
  const int64_t year_of_era = year - era * 400;
  const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + day_of_era - 719'468;
}

CivilTime CivilFromMicros(int64_t micros) {
  int64_t time = micros % kMicrosPerDay;
  if (time < 0) time += kMicrosPerDay;
  CivilTime t{};
  CivilDateFromDays(FloorDiv(micros, kMicrosPerDay), &t);
  t.hour = static_cast<int>(time / kMicrosPerHour);
  t.minute = static_cast<int>(time / kMicrosPerMinute % 60);
  t.second = static_cast<int>(time / kMicrosPerSecond % 60);
  t.micros = static_cast<int>(time % kMicrosPerSecond);
  return t;
}

void CivilDateFromDays(int64_t days, CivilTime* t) {
  days += 719'468;
  const int64_t era = FloorDiv(days, 146'097);
  const int64_t day_of_era = days - era * 146'097;
  const int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t shifted = (5 * day_of_year + 2) / 153;  // 0 is March
  t->day = static_cast<int>(day_of_year - (153 * shifted + 2) / 5 + 1);
  t->month = static_cast<int>(shifted < 10 ? shifted + 3 : shifted - 9);
  t->year = year_of_era + era * 400 + (t->month <= 2 ? 1 : 0);
}

int64_t MicrosFromCivil(const CivilTime& t) {
  const Int128 micros = static_cast<Int128>(DaysFromCivil(t.year, t.month, t.day)) * kMicrosPerDay +
                        t.hour * kMicrosPerHour + t.minute * kMicrosPerMinute +
                        t.second * kMicrosPerSecond + t.micros;
  constexpr Int128 kMax = std::numeric_limits<int64_t>::max();
  return static_cast<int64_t>(std::clamp(micros, -kMax - 1, kMax));
}

bool ParseTimestampMicros(std::string_view text, int64_t* out) {
  Int128 micros = 0;
  return ParseInstant(text, &micros) && ToInt64(micros, out);
}

bool ParseDateDays(std::string_view text, int32_t* out) {
  Int128 micros = 0;
  if (!ParseInstant(text, &micros)) return false;
  Int128 days = micros / kMicrosPerDay;
  if (micros % kMicrosPerDay < 0) --days;
  *out = static_cast<int32_t>(days);
  return *out == days;
}

bool ParseTimeMicros(std::string_view text, int64_t* out) {
  Scanner in(TrimBlanks(text));
  return TakeTime(&in, out) && in.done() && *out < kMicrosPerDay;
}

}  // namespace kalamdb
