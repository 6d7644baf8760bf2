#include "system/dba_stats.h"

#include <fmt/format.h>

#include <cmath>

#include "storage/keys.h"
#include "system/dba_tables.h"
#include "system/stats.h"
#include "types/convert.h"
#include "types/row_codec.h"

namespace kalamdb::system {

namespace {

using storage::Family;

constexpr size_t kPruneBatch = 1000;

// Encodes one row by column name, so that columns which somebody added are left NULL or at their
// default and order does not matter.
class StatsRow {
 public:
  explicit StatsRow(const Schema& schema) : schema_(schema) {
    for (const uint16_t ordinal : schema.stored()) {
      const Column& column = schema.column(ordinal);
      slots_.push_back(column.default_value.kind == ColumnDefault::Kind::kLiteral
                           ? column.default_value.literal.datum()
                           : Datum::Null(column.type.kind));
    }
  }
  void Set(std::string_view column, const Datum& value) {
    if (const std::optional<size_t> ordinal = schema_.Find(column)) {
      slots_[static_cast<size_t>(schema_.slot(*ordinal))] = value;
    }
  }
  [[nodiscard]] std::string Encode() const {
    std::string out;
    EncodeRow(schema_, slots_, &out);
    return out;
  }

 private:
  const Schema& schema_;
  std::vector<Datum> slots_;
};

}  // namespace

std::string_view MetricUnit(std::string_view name) {
  if (name.ends_with("_mb")) return "MB";
  if (name.ends_with("_percent")) return "percent";
  if (name.ends_with("_seconds")) return "seconds";
  if (name.ends_with("_bytes")) return "bytes";
  if (name.ends_with("_count")) return "count";
  for (const std::string_view prefix : {"total_", "jobs_", "open_files_", "active_"}) {
    if (name.starts_with(prefix)) return "count";
  }
  return {};
}

Status RecordStatsSnapshot(const SystemSources& sources, shard::CommandExecutor* executor) {
  KDB_ASSIGN_OR_RETURN(const catalog::TablePtr table,
                       sources.catalog->FindTable(kDbaNamespace, kStatsTable));
  const int64_t micros = sources.clock->WallMicros();
  const std::string node = std::to_string(sources.node_id);
  shard::RowCommand command;
  command.table = table;
  Status failed;
  KDB_RETURN_IF_ERROR(CollectStats(sources, [&](std::string_view name, const std::string& text) {
    double value = 0;
    if (!ParseDouble(text, &value) || !std::isfinite(value)) return;
    const std::string id = fmt::format("{:013}:{}:{}", micros / 1000, node, name);
    const std::string_view unit = MetricUnit(name);
    StatsRow row(*table->schema);
    row.Set("id", Datum::Text(id));
    row.Set("node_id", Datum::Text(node));
    row.Set("metric_name", Datum::Text(name));
    row.Set("metric_value", Datum::Real(TypeKind::kDouble, value));
    row.Set("metric_unit", unit.empty() ? Datum::Null(TypeKind::kText) : Datum::Text(unit));
    row.Set("sampled_at", Datum::Int(TypeKind::kTimestamp, micros));
    shard::RowWrite write;
    if (Status s = AppendKey(Datum::Text(id), &write.key); !s.ok()) failed = s;
    write.row = row.Encode();
    command.writes.push_back(std::move(write));
  }));
  KDB_RETURN_IF_ERROR(failed);
  shard::Command whole;
  whole.rows.push_back(std::move(command));
  return executor->Execute(std::move(whole)).status;
}

Result<size_t> PruneStats(const SystemSources& sources, shard::CommandExecutor* executor,
                          int64_t before_millis) {
  KDB_ASSIGN_OR_RETURN(const catalog::TablePtr table,
                       sources.catalog->FindTable(kDbaNamespace, kStatsTable));
  const std::string prefix = storage::OwnerPrefix(table->id, "");
  // Ids begin with their millisecond in 13 digits, so that key order is time order.
  const std::string end = prefix + fmt::format("{:013}", std::max<int64_t>(0, before_millis));
  size_t removed = 0;
  while (true) {
    shard::Command command;
    storage::WriteBatch& batch = command.meta.emplace().batch;
    size_t rows = 0;
    {
      storage::Iterator it = sources.store->NewIterator(Family::kRows, prefix, end, nullptr);
      for (it.SeekToFirst(); it.Valid() && rows < kPruneBatch; it.Next(), ++rows) {
        KDB_ASSIGN_OR_RETURN(const RowView row, RowView::Parse(it.value()));
        std::string by_seq = prefix;
        storage::AppendSeqKey(&by_seq, row.seq());
        batch.Delete(Family::kSeqs, by_seq);
        batch.Delete(Family::kRows, it.key());
      }
      KDB_RETURN_IF_ERROR(it.status());
    }
    if (rows == 0) return removed;
    KDB_RETURN_IF_ERROR(executor->Execute(std::move(command)).status);
    removed += rows;
  }
}

}  // namespace kalamdb::system
