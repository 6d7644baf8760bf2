// Rows of any schema version, read in terms of the current one.
#include "query/scan.h"
#include "types/convert.h"

namespace kalamdb::query {

Status StoredRow::Set(std::string_view encoded) {
  Result<RowView> view = RowView::Parse(encoded);
  if (!view.ok()) return view.status();
  view_ = *view;
  const uint32_t version = view_.schema_version();
  if (version == table_->schema->version()) {
    written_ = table_->schema.get();
  } else {
    written_ = table_->version(version);
    if (written_ == nullptr) {
      return Corruption(fmt::format("row of {} names schema version {}, which does not exist",
                                    table_->qualified(), version));
    }
  }
  if (arena_.bytes() > 0) arena_.Reset();
  return Status::Ok();
}

Datum StoredRow::Column(size_t ordinal) const {
  const Schema& current = *table_->schema;
  const int slot = current.slot(ordinal);
  if (slot < 0) {
    if (ordinal == current.seq_ordinal()) return Datum::BigInt(view_.seq());
    return Datum::Bool(view_.deleted());
  }
  if (written_ != &current) return TranslatedColumn(ordinal);
  const DataType& type = current.column(ordinal).type;
  if (static_cast<size_t>(slot) >= view_.slots()) return Datum::Null(type.kind);
  return view_.Slot(static_cast<size_t>(slot), type);
}

Datum StoredRow::TranslatedColumn(size_t ordinal) const {
  const kalamdb::Column& current = table_->schema->column(ordinal);
  const std::optional<size_t> then = written_->FindById(current.id);
  if (!then) return AddedDefault(current.id, current);
  const DataType& type = written_->column(*then).type;
  const int slot = written_->slot(*then);
  if (slot < 0 || static_cast<size_t>(slot) >= view_.slots()) return Datum::Null(current.type.kind);
  Datum value = view_.Slot(static_cast<size_t>(slot), type);
  if (type == current.type) return value;
  if (value.null) return Datum::Null(current.type.kind);
  // ALTER allows lossless changes only, so that a failure means a value that fits nowhere.
  Result<Datum> converted = CastDatum(value, current.type, &arena_);
  return converted.ok() ? *converted : Datum::Null(current.type.kind);
}

// Old rows show the default that the column had when it was added, whatever it is now.
Datum StoredRow::AddedDefault(uint32_t column_id, const kalamdb::Column& current) const {
  const Datum null = Datum::Null(current.type.kind);
  for (size_t v = written_->version(); v < table_->versions.size(); ++v) {
    const Schema& schema = *table_->versions[v];
    const std::optional<size_t> ordinal = schema.FindById(column_id);
    if (!ordinal) continue;
    const ColumnDefault& added = schema.column(*ordinal).default_value;
    Datum value = null;
    if (added.kind == ColumnDefault::Kind::kLiteral) {
      value = added.literal.datum();
    } else if (added.kind == ColumnDefault::Kind::kFunction &&
               added.function == ColumnDefault::Function::kNow &&
               v < table_->version_millis.size()) {
      value = Datum::Int(TypeKind::kTimestamp, table_->version_millis[v] * 1000);
    }
    if (value.null) return null;
    if (value.kind == current.type.kind && schema.column(*ordinal).type == current.type)
      return value;
    Result<Datum> converted = CastDatum(value, current.type, &arena_);
    return converted.ok() ? *converted : null;
  }
  return null;
}

}  // namespace kalamdb::query
