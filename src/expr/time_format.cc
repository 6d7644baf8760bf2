// TO_CHAR for instants, and ISO weeks.
#include "expr/time_format.h"

#include <array>

#include "types/convert.h"

namespace kalamdb::expr {
namespace {

constexpr std::array<std::string_view, 12> kMonths = {
    "January", "February", "March",     "April",   "May",      "June",
    "July",    "August",   "September", "October", "November", "December"};
constexpr std::array<std::string_view, 7> kDays = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                                   "Friday", "Saturday", "Sunday"};

enum class Field : uint8_t {
  kYear4,
  kYear2,
  kIsoYear,
  kMonth,
  kMonthName,
  kMonthShort,
  kDay,
  kDayOfYear,
  kDayName,
  kDayShort,
  kWeekday,
  kIsoWeekday,
  kIsoWeek,
  kWeek,
  kWeekOfMonth,
  kQuarter,
  kCentury,
  kHour12,
  kHour24,
  kMinute,
  kSecond,
  kMillis,
  kMicros,
  kMeridiem,
  kMeridiemDots,
  kZone,
};
struct Token {
  std::string_view text;  // upper case
  Field field;
};
// The longer of two that begin alike comes first.
constexpr Token kTokens[] = {
    {"YYYY", Field::kYear4},        {"IYYY", Field::kIsoYear},
    {"YY", Field::kYear2},          {"MONTH", Field::kMonthName},
    {"MON", Field::kMonthShort},    {"MM", Field::kMonth},
    {"MI", Field::kMinute},         {"MS", Field::kMillis},
    {"DDD", Field::kDayOfYear},     {"DD", Field::kDay},
    {"DAY", Field::kDayName},       {"DY", Field::kDayShort},
    {"D", Field::kWeekday},         {"ID", Field::kIsoWeekday},
    {"IW", Field::kIsoWeek},        {"WW", Field::kWeek},
    {"W", Field::kWeekOfMonth},     {"Q", Field::kQuarter},
    {"CC", Field::kCentury},        {"HH24", Field::kHour24},
    {"HH12", Field::kHour12},       {"HH", Field::kHour12},
    {"SS", Field::kSecond},         {"US", Field::kMicros},
    {"A.M.", Field::kMeridiemDots}, {"P.M.", Field::kMeridiemDots},
    {"AM", Field::kMeridiem},       {"PM", Field::kMeridiem},
    {"TZ", Field::kZone},
};

char Upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }
char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
bool StartsWith(std::string_view s, std::string_view upper) {
  if (s.size() < upper.size()) return false;
  for (size_t i = 0; i < upper.size(); ++i) {
    if (Upper(s[i]) != upper[i]) return false;
  }
  return true;
}

// A name in the case of its pattern: MONTH, Month, month; padded to `width`.
void AppendName(std::string* out, std::string_view name, std::string_view pattern, size_t width) {
  const bool upper = pattern[0] == Upper(pattern[0]) && pattern[1] == Upper(pattern[1]);
  const bool lower = pattern[0] == Lower(pattern[0]);
  for (size_t i = 0; i < name.size(); ++i) {
    out->push_back(upper ? Upper(name[i]) : lower ? Lower(name[i]) : name[i]);
  }
  for (size_t i = name.size(); i < width; ++i) out->push_back(' ');
}

std::string_view Ordinal(int64_t n) {
  if (n / 10 % 10 == 1) return "th";
  switch (n % 10) {
    case 1:
      return "st";
    case 2:
      return "nd";
    case 3:
      return "rd";
    default:
      return "th";
  }
}

struct Moment {
  CivilTime civil;
  int64_t days;
  IsoWeek week;
  int day_of_year;
};

// Number and width of a numeric field; -1 for the others.
int64_t NumberOf(Field field, const Moment& m, int* width) {
  *width = 2;
  switch (field) {
    case Field::kYear4:
      *width = 4;
      return m.civil.year;
    case Field::kYear2:
      return ((m.civil.year % 100) + 100) % 100;
    case Field::kIsoYear:
      *width = 4;
      return m.week.year;
    case Field::kMonth:
      return m.civil.month;
    case Field::kDay:
      return m.civil.day;
    case Field::kDayOfYear:
      *width = 3;
      return m.day_of_year;
    case Field::kWeekday:
      *width = 1;
      return m.week.weekday % 7 + 1;
    case Field::kIsoWeekday:
      *width = 1;
      return m.week.weekday;
    case Field::kIsoWeek:
      return m.week.week;
    case Field::kWeek:
      return (m.day_of_year - 1) / 7 + 1;
    case Field::kWeekOfMonth:
      *width = 1;
      return (m.civil.day - 1) / 7 + 1;
    case Field::kQuarter:
      *width = 1;
      return (m.civil.month - 1) / 3 + 1;
    case Field::kCentury:
      return (m.civil.year + 99) / 100;
    case Field::kHour12:
      return m.civil.hour % 12 == 0 ? 12 : m.civil.hour % 12;
    case Field::kHour24:
      return m.civil.hour;
    case Field::kMinute:
      return m.civil.minute;
    case Field::kSecond:
      return m.civil.second;
    case Field::kMillis:
      *width = 3;
      return m.civil.micros / 1000;
    case Field::kMicros:
      *width = 6;
      return m.civil.micros;
    default:
      return -1;
  }
}

void AppendField(std::string* out, Field field, std::string_view pattern, bool fill,
                 const Moment& m) {
  const size_t width = fill ? 9 : 0;
  switch (field) {
    case Field::kMonthName:
      return AppendName(out, kMonths[static_cast<size_t>(m.civil.month - 1)], pattern, width);
    case Field::kMonthShort:
      return AppendName(out, kMonths[static_cast<size_t>(m.civil.month - 1)].substr(0, 3), pattern,
                        0);
    case Field::kDayName:
      return AppendName(out, kDays[static_cast<size_t>(m.week.weekday - 1)], pattern, width);
    case Field::kDayShort:
      return AppendName(out, kDays[static_cast<size_t>(m.week.weekday - 1)].substr(0, 3), pattern,
                        0);
    case Field::kMeridiem:
    case Field::kMeridiemDots: {
      const bool dots = field == Field::kMeridiemDots;
      const bool lower = pattern[0] == Lower(pattern[0]);
      const bool am = m.civil.hour < 12;
      out->append(lower ? (dots ? (am ? "a.m." : "p.m.") : (am ? "am" : "pm"))
                        : (dots ? (am ? "A.M." : "P.M.") : (am ? "AM" : "PM")));
      return;
    }
    case Field::kZone:
      out->append(pattern[0] == 't' ? "utc" : "UTC");
      return;
    default:
      break;
  }
  int digits = 0;
  const int64_t n = NumberOf(field, m, &digits);
  out->append(fill ? fmt::format("{:0{}}", n, digits) : fmt::format("{}", n));
}

}  // namespace

IsoWeek IsoWeekOf(int64_t days) {
  // Day 0, 1970-01-01, was a Thursday.
  const int64_t monday_based = ((days + 3) % 7 + 7) % 7;
  const int64_t thursday = days - monday_based + 3;
  CivilTime t{};
  CivilDateFromDays(thursday, &t);
  const int64_t first = DaysFromCivil(t.year, 1, 1);
  return {t.year, static_cast<int>((thursday - first) / 7 + 1), static_cast<int>(monday_based + 1)};
}

void AppendToChar(std::string* out, std::string_view p, int64_t micros) {
  Moment m{CivilFromMicros(micros), 0, {}, 0};
  m.days = DaysFromCivil(m.civil.year, m.civil.month, m.civil.day);
  m.week = IsoWeekOf(m.days);
  m.day_of_year = static_cast<int>(m.days - DaysFromCivil(m.civil.year, 1, 1) + 1);
  while (!p.empty()) {
    if (p[0] == '"') {
      const size_t close = p.find('"', 1);
      out->append(p, 1, close == std::string_view::npos ? close : close - 1);
      p = close == std::string_view::npos ? std::string_view() : p.substr(close + 1);
      continue;
    }
    const bool bare = StartsWith(p, "FM");
    const std::string_view at = bare ? p.substr(2) : p;
    const Token* token = nullptr;
    for (const Token& t : kTokens) {
      if (token == nullptr && StartsWith(at, t.text)) token = &t;
    }
    if (token == nullptr) {
      if (bare) {
        p = at;
        continue;
      }
      out->push_back(p[0]);
      p.remove_prefix(1);
      continue;
    }
    AppendField(out, token->field, at, !bare, m);
    p = at.substr(token->text.size());
    int width = 0;
    const int64_t n = NumberOf(token->field, m, &width);
    if (n >= 0 && StartsWith(p, "TH")) {
      for (const char c : Ordinal(n)) out->push_back(p[0] == 'T' ? Upper(c) : c);
      p.remove_prefix(2);
    }
  }
}

}  // namespace kalamdb::expr
