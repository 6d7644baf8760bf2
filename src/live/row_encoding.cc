#include "live/row_encoding.h"

namespace kalamdb::live {

namespace {

// The map of one row.
template <class Writer>
class RowMap {
 public:
  RowMap(Writer* writer, const SubscriptionQuery& query)
      : writer_(writer),
        masks_(query.masks_secrets),
        // The key and _seq may stand beside the projection.
        begun_(writer->BeginOpenMap(query.columns.size() + 2)) {}
  void Cell(std::string_view name, const Datum& value) {
    ++cells_;
    writer_->Key(name);
    if (masks_ && !value.null && IsSecretColumn(name)) {
      writer_->Text("***");
    } else {
      writer_->Cell(value);
    }
  }
  void Seq(int64_t seq) { Cell(kSeqColumn, Datum::BigInt(seq)); }
  void End() { writer_->EndOpenMap(begun_, cells_); }

 private:
  Writer* const writer_;
  const bool masks_;
  const size_t begun_;
  size_t cells_ = 0;
};

bool Projects(const SubscriptionQuery& query, size_t ordinal) {
  for (uint16_t c : query.columns) {
    if (c == ordinal) return true;
  }
  return false;
}

template <class Writer>
void WriteRow(Writer writer, const SubscriptionQuery& query, const query::StoredRow& row,
              int64_t seq, bool deleted, bool with_key) {
  const Schema& schema = *query.table->schema;
  RowMap map(&writer, query);
  for (uint16_t c : query.columns) {
    if (c == schema.seq_ordinal()) {
      map.Seq(seq);
    } else if (c == schema.deleted_ordinal()) {
      map.Cell(kDeletedColumn, Datum::Bool(deleted));
    } else {
      map.Cell(schema.column(c).name, row.Column(c));
    }
  }
  if (!query.all_columns) map.Seq(seq);
  if (with_key && schema.primary_key() && !Projects(query, *schema.primary_key())) {
    map.Cell(schema.column(*schema.primary_key()).name, row.Column(*schema.primary_key()));
  }
  map.End();
}

template <class Writer>
void WriteUpdatedRow(Writer writer, const SubscriptionQuery& query, const query::StoredRow& row) {
  const Schema& schema = *query.table->schema;
  RowMap map(&writer, query);
  map.Seq(row.view().seq());
  const auto key = schema.primary_key();
  if (key) map.Cell(schema.column(*key).name, row.Column(*key));
  for (uint16_t c : query.columns) {
    if (schema.column(c).is_system() || (key && c == *key)) continue;
    const Datum value = row.Column(c);
    if (!value.null) map.Cell(schema.column(c).name, value);
  }
  map.End();
}

template <class Writer>
void WriteReplacedValues(Writer writer, const SubscriptionQuery& query,
                         const query::StoredRow& old_row, const query::StoredRow& new_row) {
  const Schema& schema = *query.table->schema;
  RowMap map(&writer, query);
  map.Seq(old_row.view().seq());
  const auto key = schema.primary_key();
  if (key) map.Cell(schema.column(*key).name, old_row.Column(*key));
  for (uint16_t c : query.columns) {
    if (schema.column(c).is_system() || (key && c == *key)) continue;
    const Datum before = old_row.Column(c);
    if (!SameValue(before, new_row.Column(c))) map.Cell(schema.column(c).name, before);
  }
  map.End();
}

template <class Writer>
void WriteKeyAndSeq(Writer writer, const SubscriptionQuery& query, const query::StoredRow& row) {
  const Schema& schema = *query.table->schema;
  RowMap map(&writer, query);
  map.Seq(row.view().seq());
  if (const auto key = schema.primary_key()) map.Cell(schema.column(*key).name, row.Column(*key));
  map.End();
}

}  // namespace

bool IsSecretColumn(std::string_view name) {
  return name == "credentials" || name == "password_hash";
}

void AppendRow(std::string* out, Serialization serialization, const SubscriptionQuery& query,
               const query::StoredRow& row, int64_t seq, bool deleted, bool with_key) {
  WriteWith(serialization, out,
            [&](auto writer) { WriteRow(writer, query, row, seq, deleted, with_key); });
}

void AppendUpdatedRow(std::string* out, Serialization serialization, const SubscriptionQuery& query,
                      const query::StoredRow& row) {
  WriteWith(serialization, out, [&](auto writer) { WriteUpdatedRow(writer, query, row); });
}

void AppendReplacedValues(std::string* out, Serialization serialization,
                          const SubscriptionQuery& query, const query::StoredRow& old_row,
                          const query::StoredRow& new_row) {
  WriteWith(serialization, out,
            [&](auto writer) { WriteReplacedValues(writer, query, old_row, new_row); });
}

void AppendKeyAndSeq(std::string* out, Serialization serialization, const SubscriptionQuery& query,
                     const query::StoredRow& row) {
  WriteWith(serialization, out, [&](auto writer) { WriteKeyAndSeq(writer, query, row); });
}

}  // namespace kalamdb::live
