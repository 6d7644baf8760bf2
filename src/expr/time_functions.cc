// Functions of dates and times: the statement's time, DATE_TRUNC, EXTRACT, constructors, TO_CHAR.
#include <cmath>
#include <string>

#include "expr/scalar.h"
#include "expr/time_format.h"

namespace kalamdb::expr {
namespace {

using Args = std::span<const Datum>;

constexpr int64_t kSecond = 1'000'000;
constexpr int64_t kDay = 86'400 * kSecond;
// Years 4714 BC to 294276 AD are PostgreSQL's; ours end where 64 bits of microseconds do.
constexpr int64_t kMaxYear = 294'246;

int64_t FloorDiv(int64_t v, int64_t by) { return v / by - (v % by < 0 ? 1 : 0); }

// Without the product of the whole days, which may not fit.
int64_t SinceMidnight(int64_t micros) { return (micros % kDay + kDay) % kDay; }

Datum Now(const ScalarCall& call, Args) { return call.Int(call.frame.now_micros); }
Datum Today(const ScalarCall& call, Args) {
  return call.Int(FloorDiv(call.frame.now_micros, kDay));
}
Datum TimeOfDay(const ScalarCall& call, Args) {
  return call.Int(SinceMidnight(call.frame.now_micros));
}

enum class Unit : uint8_t {
  kMicrosecond,
  kMillisecond,
  kSecond,
  kMinute,
  kHour,
  kDay,
  kWeek,
  kMonth,
  kQuarter,
  kYear,
  kDecade,
  kCentury,
  kMillennium,
  // For EXTRACT only.
  kEpoch,
  kDow,
  kIsoDow,
  kDoy,
  kIsoYear,
  kJulian,
};
struct UnitName {
  std::string_view name;
  Unit unit;
};
constexpr UnitName kUnits[] = {
    {"microsecond", Unit::kMicrosecond},
    {"microseconds", Unit::kMicrosecond},
    {"us", Unit::kMicrosecond},
    {"millisecond", Unit::kMillisecond},
    {"milliseconds", Unit::kMillisecond},
    {"ms", Unit::kMillisecond},
    {"second", Unit::kSecond},
    {"seconds", Unit::kSecond},
    {"sec", Unit::kSecond},
    {"minute", Unit::kMinute},
    {"minutes", Unit::kMinute},
    {"min", Unit::kMinute},
    {"hour", Unit::kHour},
    {"hours", Unit::kHour},
    {"day", Unit::kDay},
    {"days", Unit::kDay},
    {"week", Unit::kWeek},
    {"weeks", Unit::kWeek},
    {"month", Unit::kMonth},
    {"months", Unit::kMonth},
    {"quarter", Unit::kQuarter},
    {"year", Unit::kYear},
    {"years", Unit::kYear},
    {"decade", Unit::kDecade},
    {"decades", Unit::kDecade},
    {"century", Unit::kCentury},
    {"centuries", Unit::kCentury},
    {"millennium", Unit::kMillennium},
    {"millenniums", Unit::kMillennium},
    {"epoch", Unit::kEpoch},
    {"dow", Unit::kDow},
    {"isodow", Unit::kIsoDow},
    {"doy", Unit::kDoy},
    {"isoyear", Unit::kIsoYear},
    {"julian", Unit::kJulian},
};

bool FindUnit(std::string_view name, Unit* unit) {
  if (name.size() > 16) return false;
  std::string lower(name);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  for (const UnitName& u : kUnits) {
    if (u.name == lower) {
      *unit = u.unit;
      return true;
    }
  }
  return false;
}
Datum UnknownUnit(const ScalarCall& call, std::string_view name) {
  return call.Fail(fmt::format("unit \"{}\" not recognized", name.substr(0, 64)));
}

// Of a count of `step` microseconds each, which the start of a period may carry below the range.
Datum Instant(const ScalarCall& call, int64_t count, int64_t step) {
  int64_t micros = 0;
  if (__builtin_mul_overflow(count, step, &micros)) return call.Fail("timestamp out of range");
  return call.Int(micros);
}
Datum Midnight(const ScalarCall& call, int64_t year, int month, int day) {
  return Instant(call, DaysFromCivil(year, month, day), kDay);
}
// The first year of the decade, century or millennium; the latter two begin with year 1.
int64_t CenturyStart(int64_t year, int64_t length) {
  return year > 0 ? (year - 1) / length * length + 1
                  : -((length - (year - 1)) / length) * length + 1;
}

Datum DateTrunc(const ScalarCall& call, Args a) {
  Unit unit{};
  if (!FindUnit(a[0].text(), &unit) || unit >= Unit::kEpoch) return UnknownUnit(call, a[0].text());
  const int64_t t = a[1].i;
  const CivilTime c = CivilFromMicros(t);
  auto floor_to = [&](int64_t step) { return Instant(call, FloorDiv(t, step), step); };
  switch (unit) {
    case Unit::kMicrosecond:
      return call.Int(t);
    case Unit::kMillisecond:
      return floor_to(1000);
    case Unit::kSecond:
      return floor_to(kSecond);
    case Unit::kMinute:
      return floor_to(60 * kSecond);
    case Unit::kHour:
      return floor_to(3600 * kSecond);
    case Unit::kDay:
      return floor_to(kDay);
    case Unit::kWeek: {
      const int64_t days = FloorDiv(t, kDay);
      return Instant(call, days - (IsoWeekOf(days).weekday - 1), kDay);
    }
    case Unit::kMonth:
      return Midnight(call, c.year, c.month, 1);
    case Unit::kQuarter:
      return Midnight(call, c.year, (c.month - 1) / 3 * 3 + 1, 1);
    case Unit::kYear:
      return Midnight(call, c.year, 1, 1);
    case Unit::kDecade:
      return Midnight(call, FloorDiv(c.year, 10) * 10, 1, 1);
    case Unit::kCentury:
      return Midnight(call, CenturyStart(c.year, 100), 1, 1);
    default:
      return Midnight(call, CenturyStart(c.year, 1000), 1, 1);
  }
}

double Part(Unit unit, int64_t t, const CivilTime& c) {
  const int64_t days = FloorDiv(t, kDay);
  // Without the intermediate sum, so that .5 stays .5.
  const int64_t micros_of_minute = c.second * kSecond + c.micros;
  switch (unit) {
    case Unit::kMicrosecond:
      return static_cast<double>(micros_of_minute);
    case Unit::kMillisecond:
      return static_cast<double>(micros_of_minute) / 1e3;
    case Unit::kSecond:
      return static_cast<double>(micros_of_minute) / 1e6;
    case Unit::kMinute:
      return c.minute;
    case Unit::kHour:
      return c.hour;
    case Unit::kDay:
      return c.day;
    case Unit::kWeek:
      return IsoWeekOf(days).week;
    case Unit::kMonth:
      return c.month;
    case Unit::kQuarter:
      return (c.month - 1) / 3 + 1;
    case Unit::kYear:
      return static_cast<double>(c.year > 0 ? c.year : c.year - 1);
    case Unit::kDecade:
      return static_cast<double>(FloorDiv(c.year, 10));
    case Unit::kCentury:
      return static_cast<double>(c.year > 0 ? (c.year + 99) / 100 : -((99 - (c.year - 1)) / 100));
    case Unit::kMillennium:
      return static_cast<double>(c.year > 0 ? (c.year + 999) / 1000
                                            : -((999 - (c.year - 1)) / 1000));
    case Unit::kEpoch:
      return static_cast<double>(t) / 1e6;
    case Unit::kDow:
      return IsoWeekOf(days).weekday % 7;
    case Unit::kIsoDow:
      return IsoWeekOf(days).weekday;
    case Unit::kDoy:
      return static_cast<double>(days - DaysFromCivil(c.year, 1, 1) + 1);
    case Unit::kIsoYear:
      return static_cast<double>(IsoWeekOf(days).year);
    case Unit::kJulian:
      return static_cast<double>(days + 2'440'588) +
             static_cast<double>(SinceMidnight(t)) / static_cast<double>(kDay);
  }
  return 0;
}
Datum DatePart(const ScalarCall& call, Args a) {
  Unit unit{};
  if (!FindUnit(a[0].text(), &unit)) return UnknownUnit(call, a[0].text());
  return call.Real(Part(unit, a[1].i, CivilFromMicros(a[1].i)));
}
Datum TimePart(const ScalarCall& call, Args a) {
  Unit unit{};
  if (!FindUnit(a[0].text(), &unit)) return UnknownUnit(call, a[0].text());
  if (unit > Unit::kHour && unit != Unit::kEpoch) {
    return call.Fail(fmt::format("unit \"{}\" not supported for type time", a[0].text()));
  }
  return call.Real(Part(unit, a[1].i, CivilFromMicros(a[1].i)));
}

Datum ToTimestamp(const ScalarCall& call, Args a) {
  const double seconds = ToDouble(a[0]);
  if (!(std::fabs(seconds) < 9.2e12)) return call.Fail("timestamp out of range");
  if (IsInteger(a[0].kind)) return call.Int(a[0].i * kSecond);
  return call.Int(std::llround(seconds * 1e6));
}
// The value is TIMESTAMP already: text was read as one.
Datum Same(const ScalarCall& call, Args a) { return call.Int(a[0].i); }
Datum DateOf(const ScalarCall& call, Args a) { return call.Int(FloorDiv(a[0].i, kDay)); }

bool ValidDate(int64_t year, int64_t month, int64_t day) {
  if (year < -4712 || year == 0 || year > kMaxYear || month < 1 || month > 12 || day < 1) {
    return false;
  }
  if (year < 0) ++year;  // there is no year 0
  const int next = month == 12 ? 1 : static_cast<int>(month) + 1;
  const int64_t first = DaysFromCivil(year, static_cast<int>(month), 1);
  const int64_t after = DaysFromCivil(month == 12 ? year + 1 : year, next, 1);
  return day <= after - first;
}
int64_t DaysOf(int64_t year, int64_t month, int64_t day) {
  return DaysFromCivil(year < 0 ? year + 1 : year, static_cast<int>(month), static_cast<int>(day));
}
bool ValidTime(int64_t hour, int64_t minute, double second) {
  return hour >= 0 && hour <= 23 && minute >= 0 && minute <= 59 && second >= 0 && second < 60;
}
int64_t MicrosOf(int64_t hour, int64_t minute, double second) {
  return (hour * 60 + minute) * 60 * kSecond + std::llround(second * 1e6);
}
Datum MakeDate(const ScalarCall& call, Args a) {
  if (!ValidDate(a[0].i, a[1].i, a[2].i)) {
    return call.Fail(
        fmt::format("date field value out of range: {}-{:02}-{:02}", a[0].i, a[1].i, a[2].i));
  }
  return call.Int(DaysOf(a[0].i, a[1].i, a[2].i));
}
Datum MakeTime(const ScalarCall& call, Args a) {
  const double second = ToDouble(a[2]);
  if (!ValidTime(a[0].i, a[1].i, second)) {
    return call.Fail(
        fmt::format("time field value out of range: {}:{:02}:{}", a[0].i, a[1].i, second));
  }
  return call.Int(MicrosOf(a[0].i, a[1].i, second));
}
Datum MakeTimestamp(const ScalarCall& call, Args a) {
  const double second = ToDouble(a[5]);
  if (!ValidDate(a[0].i, a[1].i, a[2].i) || !ValidTime(a[3].i, a[4].i, second)) {
    return call.Fail(fmt::format("timestamp field value out of range: {}-{:02}-{:02} {}:{:02}:{}",
                                 a[0].i, a[1].i, a[2].i, a[3].i, a[4].i, second));
  }
  return call.Int(DaysOf(a[0].i, a[1].i, a[2].i) * kDay + MicrosOf(a[3].i, a[4].i, second));
}

Datum ToChar(const ScalarCall& call, Args a) {
  if (a[1].text().size() > 4096) return call.Fail("requested length too large");
  std::string out;
  AppendToChar(&out, a[1].text(), a[0].i);
  return call.Copy(out);
}

constexpr Overload kFunctions[] = {
    {"now", "", 's', kStable, Now},
    {"current_timestamp", "", 's', kStable, Now},
    {"localtimestamp", "", 's', kStable, Now},
    {"transaction_timestamp", "", 's', kStable, Now},
    {"statement_timestamp", "", 's', kStable, Now},
    {"current_date", "", 'D', kStable, Today},
    {"current_time", "", 'T', kStable, TimeOfDay},
    {"localtime", "", 'T', kStable, TimeOfDay},
    {"date_trunc", "ts", '1', kPlain, DateTrunc},
    {"date_part", "ts", 'd', kPlain, DatePart},
    {"date_part", "tT", 'd', kPlain, TimePart},
    {"extract", "ts", 'd', kPlain, DatePart},
    {"extract", "tT", 'd', kPlain, TimePart},
    {"to_timestamp", "d", 's', kPlain, ToTimestamp},
    {"to_timestamp", "s", 's', kPlain, Same},
    {"date", "s", 'D', kPlain, DateOf},
    {"make_date", "iii", 'D', kPlain, MakeDate},
    {"make_time", "iid", 'T', kPlain, MakeTime},
    {"make_timestamp", "iiiiid", 's', kPlain, MakeTimestamp},
    {"to_char", "st", 't', kPlain, ToChar},
};

}  // namespace

std::span<const Overload> TimeFunctions() { return kFunctions; }

}  // namespace kalamdb::expr
