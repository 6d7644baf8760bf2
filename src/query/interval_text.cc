// INTERVAL literals of fixed length: "30 days", "1 day 02:30", "-5 min", "1.5 hours".
#include "query/expr_binder.h"
#include "types/convert.h"

namespace kalamdb::query {
namespace {

constexpr int64_t kSecond = 1'000'000;

// 0 when the word is no unit of fixed length.
int64_t UnitMicros(std::string_view unit) {
  struct Unit {
    std::string_view name;
    int64_t micros;
  };
  static constexpr Unit kUnits[] = {{"microsecond", 1},
                                    {"us", 1},
                                    {"millisecond", 1000},
                                    {"ms", 1000},
                                    {"second", kSecond},
                                    {"sec", kSecond},
                                    {"s", kSecond},
                                    {"minute", 60 * kSecond},
                                    {"min", 60 * kSecond},
                                    {"m", 60 * kSecond},
                                    {"hour", 3600 * kSecond},
                                    {"hr", 3600 * kSecond},
                                    {"h", 3600 * kSecond},
                                    {"day", 86400 * kSecond},
                                    {"d", 86400 * kSecond},
                                    {"week", 7 * 86400 * kSecond},
                                    {"w", 7 * 86400 * kSecond}};
  for (const Unit& known : kUnits) {
    if (unit == known.name) return known.micros;
    if (unit.size() == known.name.size() + 1 && unit.back() == 's' &&
        unit.substr(0, known.name.size()) == known.name) {
      return known.micros;
    }
  }
  return 0;
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

bool ParseFixedInterval(std::string_view text, int64_t* micros) {
  Int128 total = 0;
  size_t at = 0;
  bool any = false;
  auto skip_blanks = [&] {
    while (at < text.size() && (text[at] == ' ' || text[at] == '\t')) ++at;
  };
  for (skip_blanks(); at < text.size(); skip_blanks()) {
    size_t begin = at;
    if (text[at] == '+' || text[at] == '-') ++at;
    bool negative = text[begin] == '-';
    while (at < text.size() && (IsDigit(text[at]) || text[at] == '.' || text[at] == ':')) ++at;
    std::string_view number = text.substr(begin, at - begin);
    if (number.find(':') != std::string_view::npos) {
      std::string_view clock = number;
      if (clock[0] == '+' || clock[0] == '-') clock.remove_prefix(1);
      int64_t time = 0;
      if (!ParseTimeMicros(clock, &time)) return false;
      total += negative ? -time : time;
    } else {
      Int128 value = 0;  // in millionths
      if (!ParseDecimal(number, 6, &value)) return false;
      constexpr Int128 kMost = static_cast<Int128>(1) << 60;
      if (value > kMost || value < -kMost) return false;
      skip_blanks();
      size_t word = at;
      while (at < text.size() && ((text[at] | 0x20) >= 'a' && (text[at] | 0x20) <= 'z')) ++at;
      std::string unit(text.substr(word, at - word));
      for (char& c : unit) c = static_cast<char>(c | 0x20);
      int64_t factor = unit.empty() ? kSecond : UnitMicros(unit);
      if (factor == 0) return false;
      total += value * factor / 1'000'000;
    }
    any = true;
    constexpr Int128 kBound = static_cast<Int128>(1) << 62;
    if (total > kBound || total < -kBound) return false;
  }
  *micros = static_cast<int64_t>(total);
  return any;
}

}  // namespace kalamdb::query
