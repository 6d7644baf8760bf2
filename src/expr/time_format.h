// TO_CHAR for instants. Private to src/expr.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace kalamdb::expr {

// Writes `micros` in the pattern of PostgreSQL's to_char: YYYY YY MM MON MONTH DD DDD DY DAY D ID
// IW IYYY Q WW CC HH HH12 HH24 MI SS MS US AM PM TZ, FM and TH after or before them, "quoted" text.
void AppendToChar(std::string* out, std::string_view pattern, int64_t micros);

// Days since Monday (0..6) and the ISO week of a day.
struct IsoWeek {
  int64_t year;
  int week;     // 1..53
  int weekday;  // 1 Monday .. 7 Sunday
};
IsoWeek IsoWeekOf(int64_t days);

}  // namespace kalamdb::expr
