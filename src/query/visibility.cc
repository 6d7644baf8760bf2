// See visibility.h.
#include "query/visibility.h"

#include "base/snowflake.h"

namespace kalamdb::query {

void AppendVisiblePrefix(const catalog::TableInfo& table, const RunContext& context,
                         std::string* key) {
  AppendBigEndian32(key, table.id);
  AppendEscaped(table.owned() ? context.user : std::string_view(), key);
}

Visibility::Visibility(const catalog::TableInfo& table, const RunContext& context,
                       bool include_deleted)
    : include_deleted_(include_deleted) {
  if (table.kind != TableKind::kStream || table.options.ttl_seconds == 0) return;
  // A ttl beyond what the clock can express never ends.
  constexpr uint64_t kForever = 1'000'000'000'000;
  if (table.options.ttl_seconds >= kForever) return;
  const int64_t ttl_millis = static_cast<int64_t>(table.options.ttl_seconds) * 1000;
  oldest_seq_ = SnowflakeFloor(context.now_micros / 1000 - ttl_millis + 1);
}

}  // namespace kalamdb::query
