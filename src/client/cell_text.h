// Cells as people read them.
#pragma once

#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace kalamdb::client {

enum class TimestampFormat {
  kIso8601,          // 2025-01-01T00:00:00.000Z
  kIso8601Date,      // 2025-01-01
  kIso8601DateTime,  // 2025-01-01T00:00:00Z
  kUnixMilliseconds,
  kUnixSeconds,
  kRelative,  // 5 minutes ago
  kRfc2822,   // Wed, 01 Jan 2025 00:00:00 +0000
  kRfc3339,   // 2025-01-01T00:00:00+00:00
};

// iso8601, iso8601-date, iso8601_datetime, unix-ms, rfc3339 ...; anything else is the default.
TimestampFormat TimestampFormatByName(std::string_view name);

// A cell of a column of `data_type`: NULL, text as it is, numbers plain, arrays and objects as
// JSON, instants in `format`. Instants are integers whose unit (s, ms, us, ns) their size tells.
std::string CellText(const boost::json::value& cell, std::string_view data_type,
                     TimestampFormat format);

// Microseconds since the epoch in `format`.
std::string InstantText(int64_t micros, TimestampFormat format);

}  // namespace kalamdb::client
