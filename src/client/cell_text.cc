// Rendering by data type; calendar arithmetic by <chrono>.
#include "client/cell_text.h"

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <limits>

#include "client/json.h"
#include "client/text.h"

namespace kalamdb::client {
namespace {

constexpr int64_t kMicrosPerSecond = 1'000'000;
constexpr int64_t kMicrosPerDay = 86'400 * kMicrosPerSecond;

std::optional<int64_t> Integer(const boost::json::value& cell) {
  if (cell.is_int64()) return cell.get_int64();
  if (!cell.is_string()) return std::nullopt;
  const auto& text = cell.get_string();
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

int64_t ScaledToMicros(int64_t value) {
  const uint64_t size = value < 0 ? 0 - static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
  if (size >= 100'000'000'000'000'000) return value / 1000;
  if (size >= 100'000'000'000'000) return value;
  if (size >= 100'000'000'000) return value * 1000;
  return value * kMicrosPerSecond;
}

std::string Relative(int64_t micros) {
  const auto now = std::chrono::duration_cast<std::chrono::microseconds>(
                       std::chrono::system_clock::now().time_since_epoch())
                       .count();
  const bool past = micros <= now;
  const auto seconds = static_cast<uint64_t>(past ? now - micros : micros - now) / kMicrosPerSecond;
  struct Unit {
    uint64_t seconds;
    const char* name;
  };
  constexpr Unit kUnits[] = {{365 * 86400, "year"}, {30 * 86400, "month"}, {86400, "day"},
                             {3600, "hour"},        {60, "minute"},        {1, "second"}};
  for (const Unit& unit : kUnits) {
    if (seconds < unit.seconds) continue;
    const uint64_t n = seconds / unit.seconds;
    const std::string text = fmt::format("{} {}{}", n, unit.name, n == 1 ? "" : "s");
    return past ? text + " ago" : "in " + text;
  }
  return "just now";
}

}  // namespace

TimestampFormat TimestampFormatByName(std::string_view name) {
  std::string key = AsciiLower(name);
  for (char& c : key) {
    if (c == '_') c = '-';
  }
  if (key == "iso8601-date" || key == "date") return TimestampFormat::kIso8601Date;
  if (key == "iso8601-datetime" || key == "datetime") return TimestampFormat::kIso8601DateTime;
  if (key == "unix-ms" || key == "ms") return TimestampFormat::kUnixMilliseconds;
  if (key == "unix-sec" || key == "unix" || key == "sec") return TimestampFormat::kUnixSeconds;
  if (key == "relative") return TimestampFormat::kRelative;
  if (key == "rfc2822") return TimestampFormat::kRfc2822;
  if (key == "rfc3339") return TimestampFormat::kRfc3339;
  return TimestampFormat::kIso8601;
}

std::string InstantText(int64_t micros, TimestampFormat format) {
  using namespace std::chrono;  // NOLINT: calendar types only
  int64_t days = micros / kMicrosPerDay;
  int64_t rest = micros % kMicrosPerDay;
  if (rest < 0) {
    rest += kMicrosPerDay;
    --days;
  }
  const sys_days date{std::chrono::days(days)};
  const year_month_day ymd{date};
  const int year_number = static_cast<int>(ymd.year());
  const unsigned month_number = static_cast<unsigned>(ymd.month());
  const unsigned day_number = static_cast<unsigned>(ymd.day());
  const std::string day_text =
      fmt::format("{:04}-{:02}-{:02}", year_number, month_number, day_number);
  const int64_t second = rest / kMicrosPerSecond;
  const std::string clock =
      fmt::format("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60);
  constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  switch (format) {
    case TimestampFormat::kIso8601:
      return fmt::format("{}T{}.{:03}Z", day_text, clock, rest % kMicrosPerSecond / 1000);
    case TimestampFormat::kIso8601Date:
      return day_text;
    case TimestampFormat::kIso8601DateTime:
      return fmt::format("{}T{}Z", day_text, clock);
    case TimestampFormat::kUnixMilliseconds:
      return std::to_string(micros / 1000);
    case TimestampFormat::kUnixSeconds:
      return std::to_string(micros / kMicrosPerSecond);
    case TimestampFormat::kRelative:
      return Relative(micros);
    case TimestampFormat::kRfc2822:
      return fmt::format("{}, {:02} {} {:04} {} +0000", kDays[weekday(date).c_encoding()],
                         day_number, kMonths[month_number - 1], year_number, clock);
    case TimestampFormat::kRfc3339:
      return fmt::format("{}T{}+00:00", day_text, clock);
  }
  return {};
}

std::string CellText(const boost::json::value& cell, std::string_view data_type,
                     TimestampFormat format) {
  if (cell.is_null()) return "NULL";
  if (data_type == "Timestamp" || data_type == "DateTime") {
    const std::optional<int64_t> value = Integer(cell);
    return value ? InstantText(ScaledToMicros(*value), format) : "NULL";
  }
  if (data_type == "Date") {
    const std::optional<int64_t> days = Integer(cell);
    constexpr int64_t kMaxDays = std::numeric_limits<int64_t>::max() / kMicrosPerDay;
    if (!days || *days > kMaxDays || *days < -kMaxDays) return "NULL";
    // A day has no time of day to show.
    const bool by_default = format == TimestampFormat::kIso8601;
    return InstantText(*days * kMicrosPerDay, by_default ? TimestampFormat::kIso8601Date : format);
  }
  if (cell.is_string()) return {cell.get_string().data(), cell.get_string().size()};
  return CompactJson(cell);
}

}  // namespace kalamdb::client
