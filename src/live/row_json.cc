#include "live/row_json.h"

#include <fmt/format.h>

#include "base/json_text.h"
#include "types/json_cell.h"

namespace kalamdb::live {

namespace {

class ObjectWriter {
 public:
  ObjectWriter(std::string* out, const SubscriptionQuery& query)
      : out_(out), masks_(query.masks_secrets) {
    out_->push_back('{');
  }
  void Cell(std::string_view name, const Datum& value) {
    Name(name);
    if (masks_ && !value.null && IsSecretColumn(name)) {
      out_->append("\"***\"");
    } else {
      AppendCell(out_, value);
    }
  }
  void Seq(int64_t seq) { Cell(kSeqColumn, Datum::BigInt(seq)); }
  void End() { out_->push_back('}'); }

 private:
  void Name(std::string_view name) {
    if (!first_) out_->push_back(',');
    first_ = false;
    AppendJsonString(out_, name);
    out_->push_back(':');
  }
  std::string* out_;
  const bool masks_;
  bool first_ = true;
};

bool Projects(const SubscriptionQuery& query, size_t ordinal) {
  for (uint16_t c : query.columns) {
    if (c == ordinal) return true;
  }
  return false;
}

}  // namespace

bool IsSecretColumn(std::string_view name) {
  return name == "credentials" || name == "password_hash";
}

void AppendRow(std::string* out, const SubscriptionQuery& query, const query::StoredRow& row,
               int64_t seq, bool deleted, bool with_key) {
  const Schema& schema = *query.table->schema;
  ObjectWriter object(out, query);
  for (uint16_t c : query.columns) {
    if (c == schema.seq_ordinal()) {
      object.Seq(seq);
    } else if (c == schema.deleted_ordinal()) {
      object.Cell(kDeletedColumn, Datum::Bool(deleted));
    } else {
      object.Cell(schema.column(c).name, row.Column(c));
    }
  }
  if (!query.all_columns) object.Seq(seq);
  if (with_key && schema.primary_key() && !Projects(query, *schema.primary_key())) {
    object.Cell(schema.column(*schema.primary_key()).name, row.Column(*schema.primary_key()));
  }
  object.End();
}

void AppendUpdatedRow(std::string* out, const SubscriptionQuery& query,
                      const query::StoredRow& row) {
  const Schema& schema = *query.table->schema;
  ObjectWriter object(out, query);
  object.Seq(row.view().seq());
  const auto key = schema.primary_key();
  if (key) object.Cell(schema.column(*key).name, row.Column(*key));
  for (uint16_t c : query.columns) {
    if (schema.column(c).is_system() || (key && c == *key)) continue;
    const Datum value = row.Column(c);
    if (!value.null) object.Cell(schema.column(c).name, value);
  }
  object.End();
}

void AppendReplacedValues(std::string* out, const SubscriptionQuery& query,
                          const query::StoredRow& old_row, const query::StoredRow& new_row) {
  const Schema& schema = *query.table->schema;
  ObjectWriter object(out, query);
  object.Seq(old_row.view().seq());
  const auto key = schema.primary_key();
  if (key) object.Cell(schema.column(*key).name, old_row.Column(*key));
  for (uint16_t c : query.columns) {
    if (schema.column(c).is_system() || (key && c == *key)) continue;
    const Datum before = old_row.Column(c);
    if (!SameValue(before, new_row.Column(c))) object.Cell(schema.column(c).name, before);
  }
  object.End();
}

void AppendKeyAndSeq(std::string* out, const SubscriptionQuery& query,
                     const query::StoredRow& row) {
  const Schema& schema = *query.table->schema;
  ObjectWriter object(out, query);
  object.Seq(row.view().seq());
  if (const auto key = schema.primary_key())
    object.Cell(schema.column(*key).name, row.Column(*key));
  object.End();
}

void AppendAckSchema(std::string* out, const SubscriptionQuery& query) {
  const Schema& schema = *query.table->schema;
  out->push_back('[');
  for (size_t i = 0; i < query.columns.size(); ++i) {
    const Column& c = schema.column(query.columns[i]);
    if (i > 0) out->push_back(',');
    out->append("{\"name\":");
    AppendJsonString(out, c.name);
    out->append(",\"data_type\":");
    out->append(WireTypeJson(c.type));
    fmt::format_to(std::back_inserter(*out), ",\"index\":{}", i);
    if (c.primary_key) {
      out->append(",\"flags\":[\"pk\",\"nn\",\"uq\"]");
    } else if (!c.nullable) {
      out->append(",\"flags\":[\"nn\"]");
    }
    out->push_back('}');
  }
  out->push_back(']');
}

}  // namespace kalamdb::live
