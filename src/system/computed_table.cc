#include "system/computed_table.h"

#include <cassert>

namespace kalamdb::system {

RowWriter& RowWriter::Text(std::string_view text) {
  cells_.push_back(Datum::Bytes(next(), text));
  return *this;
}

RowWriter& RowWriter::TextOrNull(std::string_view text) {
  return text.empty() ? Null() : Text(text);
}

RowWriter& RowWriter::Owned(std::string text) {
  owned_.push_back(std::move(text));
  return Text(owned_.back());
}

RowWriter& RowWriter::Number(int64_t value) {
  cells_.push_back(Datum::Int(next(), value));
  return *this;
}

RowWriter& RowWriter::Real(double value) {
  cells_.push_back(Datum::Real(next(), value));
  return *this;
}

RowWriter& RowWriter::Bool(bool value) {
  cells_.push_back(Datum::Bool(value));
  return *this;
}

RowWriter& RowWriter::Millis(int64_t unix_millis) { return Number(unix_millis * 1000); }

RowWriter& RowWriter::MillisOrNull(int64_t unix_millis) {
  return unix_millis == 0 ? Null() : Millis(unix_millis);
}

RowWriter& RowWriter::Null() {
  assert(columns_[cells_.size()].nullability == Nullability::kNullable);
  cells_.push_back(Datum::Null(next()));
  return *this;
}

bool RowWriter::Emit() {
  assert(cells_.size() == columns_.size());
  const bool more = emit_(cells_);
  cells_.clear();
  owned_.clear();
  return more;
}

SchemaPtr SchemaOf(const TableSpec& spec) {
  std::vector<Column> columns;
  columns.reserve(spec.columns.size());
  for (const ColumnSpec& c : spec.columns) {
    Column& column = columns.emplace_back();
    column.id = static_cast<uint32_t>(columns.size());
    column.name = std::string(c.name);
    column.type = DataType::Of(c.type);
    column.nullable = c.nullability == Nullability::kNullable;
    column.primary_key = c.nullability == Nullability::kKey;
  }
  return std::make_shared<const Schema>(1, std::move(columns));
}

ComputedTable::ComputedTable(const TableSpec& spec, const SystemSources* sources)
    : spec_(spec), sources_(sources), schema_(SchemaOf(spec)) {}

bool ComputedTable::admin_only() const { return spec_.ns == "system"; }

Status ComputedTable::Scan(std::string_view user, Role role, const EmitRow& emit) const {
  if (spec_.fill == nullptr) return {};
  RowWriter rows(spec_.columns, emit);
  return spec_.fill(ScanContext{*sources_, user, role}, rows);
}

}  // namespace kalamdb::system
