#include "catalog/table.h"

#include "base/json_text.h"
#include "types/convert.h"
#include "types/json_cell.h"

namespace kalamdb::catalog {
namespace {

std::string_view FunctionName(ColumnDefault::Function f) {
  switch (f) {
    case ColumnDefault::Function::kNow:
      return "NOW";
    case ColumnDefault::Function::kSnowflakeId:
      return "SNOWFLAKE_ID";
    case ColumnDefault::Function::kUuidV7:
      return "UUID_V7";
    case ColumnDefault::Function::kUlid:
      return "ULID";
    case ColumnDefault::Function::kCurrentUser:
      return "CURRENT_USER";
  }
  return "NOW";
}

// As a JSON value in its own right: numbers and booleans plain, the rest as text.
void AppendLiteralJson(std::string* out, const Datum& d) {
  if (d.null) {
    *out += "null";
  } else if (d.kind == TypeKind::kBoolean) {
    *out += d.b ? "true" : "false";
  } else if (IsFloating(d.kind)) {
    AppendJsonDouble(out, d.d);
  } else if (IsInteger(d.kind) || d.kind == TypeKind::kDecimal) {
    AppendText(out, d);
  } else {
    std::string text;
    AppendText(&text, d);
    AppendJsonString(out, text);
  }
}

void AppendDefaultJson(std::string* out, const ColumnDefault& value) {
  switch (value.kind) {
    case ColumnDefault::Kind::kNone:
      *out += R"("None")";
      return;
    case ColumnDefault::Kind::kLiteral:
      *out += R"({"Literal":)";
      AppendLiteralJson(out, value.literal.datum());
      *out += '}';
      return;
    case ColumnDefault::Kind::kFunction:
      *out += R"({"FunctionCall":{"name":")";
      *out += FunctionName(value.function);
      *out += R"(","args":[]}})";
      return;
  }
}

void AppendMember(std::string* out, std::string_view name, std::string_view text) {
  *out += fmt::format(R"(,"{}":)", name);
  AppendJsonString(out, text);
}

void AppendFlushPolicy(std::string* out, const TableOptions& o) {
  *out += R"(,"flush_policy":)";
  if (o.flush_rows != 0 && o.flush_interval_seconds != 0) {
    *out += fmt::format(R"({{"type":"combined","row_limit":{},"interval_seconds":{}}})",
                        o.flush_rows, o.flush_interval_seconds);
  } else if (o.flush_rows != 0) {
    *out += fmt::format(R"({{"type":"row_limit","row_limit":{}}})", o.flush_rows);
  } else if (o.flush_interval_seconds != 0) {
    *out += fmt::format(R"({{"type":"time_interval","interval_seconds":{}}})",
                        o.flush_interval_seconds);
  } else {
    *out += "null";
  }
}

}  // namespace

std::string OptionsJson(const TableInfo& table) {
  const TableOptions& o = table.options;
  std::string out;
  switch (table.kind) {
    case TableKind::kUser:
      out = R"({"table_type":"USER")";
      AppendMember(&out, "storage_id", o.storage_id);
      out += fmt::format(R"(,"use_user_storage":{})", o.use_user_storage);
      AppendFlushPolicy(&out, o);
      AppendMember(&out, "compression", o.compression);
      break;
    case TableKind::kShared:
      out = R"({"table_type":"SHARED")";
      AppendMember(&out, "storage_id", o.storage_id);
      AppendMember(&out, "access_level", AccessLevelTitle(o.access_level));
      AppendFlushPolicy(&out, o);
      AppendMember(&out, "compression", o.compression);
      break;
    case TableKind::kStream:
      out = fmt::format(R"({{"table_type":"STREAM","ttl_seconds":{})", o.ttl_seconds);
      AppendMember(&out, "eviction_strategy", o.eviction_strategy);
      out += fmt::format(R"(,"max_stream_size_bytes":{})", o.max_stream_size_bytes);
      AppendMember(&out, "compression", o.compression);
      break;
    case TableKind::kSystem:
      out =
          R"({"table_type":"SYSTEM","read_only":true,"enable_cache":true,"cache_ttl_seconds":300,)"
          R"("localhost_only":false)";
      break;
  }
  out += '}';
  return out;
}

std::string ColumnsJson(const Schema& schema) {
  std::string out = "[";
  for (size_t i = 0; i < schema.size(); ++i) {
    const Column& c = schema.column(i);
    out += fmt::format(R"({}{{"column_id":{})", i == 0 ? "" : ",", c.id);
    AppendMember(&out, "column_name", c.name);
    if (c.comment.empty()) {
      out += R"(,"column_comment":null)";
    } else {
      AppendMember(&out, "column_comment", c.comment);
    }
    out += R"(,"data_type":)";
    out += WireTypeJson(c.type);
    out += R"(,"default_value":)";
    AppendDefaultJson(&out, c.default_value);
    out += fmt::format(
        R"(,"ordinal_position":{},"is_nullable":{},"is_primary_key":{},"is_partition_key":false}})",
        i + 1, c.nullable, c.primary_key);
  }
  out += ']';
  return out;
}

std::optional<std::string> DefaultText(const Column& column) {
  const ColumnDefault& value = column.default_value;
  switch (value.kind) {
    case ColumnDefault::Kind::kNone:
      return std::nullopt;
    case ColumnDefault::Kind::kFunction:
      return fmt::format("{}()", FunctionName(value.function));
    case ColumnDefault::Kind::kLiteral:
      break;
  }
  const Datum& d = value.literal.datum();
  if (d.null) return "NULL";
  if (d.kind == TypeKind::kBoolean) return d.b ? "TRUE" : "FALSE";
  std::string text;
  AppendText(&text, d);
  if (IsNumeric(d.kind)) return text;
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') quoted += '\'';
    quoted += c;
  }
  quoted += '\'';
  return quoted;
}

}  // namespace kalamdb::catalog
