#include "engine/result_json.h"

#include <fmt/format.h>

#include "base/json_text.h"
#include "types/json_cell.h"

namespace kalamdb::engine {

namespace {

void AppendSchema(std::string* out, const std::vector<query::ResultColumn>& columns) {
  out->append("\"schema\":[");
  for (size_t i = 0; i < columns.size(); ++i) {
    const query::ResultColumn& c = columns[i];
    if (i > 0) out->push_back(',');
    out->append("{\"name\":");
    AppendJsonString(out, c.name);
    out->append(",\"data_type\":");
    out->append(c.wire_type.empty() ? WireTypeJson(c.type) : c.wire_type);
    fmt::format_to(std::back_inserter(*out), ",\"index\":{}", i);
    if (c.primary_key) {
      out->append(",\"flags\":[\"pk\",\"nn\",\"uq\"]");
    } else if (c.not_null) {
      out->append(",\"flags\":[\"nn\"]");
    }
    out->push_back('}');
  }
  out->append("],");
}

}  // namespace

Status RowResultWriter::Begin(const std::vector<query::ResultColumn>& columns) {
  begun_ = true;
  body_->push_back('{');
  if (!columns.empty()) AppendSchema(body_, columns);
  body_->append("\"rows\":[");
  if (mask_) {
    masked_.resize(columns.size());
    for (size_t i = 0; i < columns.size(); ++i) {
      masked_[i] = columns[i].masked || columns[i].name == "credentials" ||
                   columns[i].name == "password_hash";
    }
  }
  return {};
}

Status RowResultWriter::Row(std::span<const Datum> cells) {
  if (rows_ > 0) body_->push_back(',');
  body_->push_back('[');
  for (size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) body_->push_back(',');
    if (mask_ && i < masked_.size() && masked_[i] && !cells[i].null) {
      body_->append("\"***\"");
    } else {
      AppendCell(body_, cells[i]);
    }
  }
  body_->push_back(']');
  ++rows_;
  return grown_ ? grown_(body_) : Status();
}

void RowResultWriter::End(std::string_view as_user, bool truncated) {
  if (!begun_) body_->append("{\"rows\":[");
  fmt::format_to(std::back_inserter(*body_), "],\"row_count\":{}", rows_);
  if (truncated) body_->append(",\"truncated\":true");
  body_->append(",\"as_user\":");
  AppendJsonString(body_, as_user);
  body_->push_back('}');
}

void AppendMessageResult(std::string* body, uint64_t row_count, std::string_view message,
                         std::string_view as_user) {
  fmt::format_to(std::back_inserter(*body), "{{\"row_count\":{},\"message\":", row_count);
  AppendJsonString(body, message);
  body->append(",\"as_user\":");
  AppendJsonString(body, as_user);
  body->push_back('}');
}

std::vector<query::ResultColumn> HandmadeColumns(std::span<const HandmadeColumn> columns) {
  std::vector<query::ResultColumn> out;
  out.reserve(columns.size());
  for (const HandmadeColumn& c : columns) {
    query::ResultColumn r;
    r.name = c.name;
    r.type = DataType::Of(c.type);
    r.primary_key = c.primary_key;
    r.not_null = c.not_null;
    out.push_back(std::move(r));
  }
  return out;
}

}  // namespace kalamdb::engine
