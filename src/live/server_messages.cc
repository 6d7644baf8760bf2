#include "live/server_messages.h"

#include <fmt/format.h>

#include <algorithm>

namespace kalamdb::live {

namespace {

template <class Writer>
void WriteBatchControl(Writer& writer, const BatchControl& control) {
  writer.Key("batch_control");
  writer.BeginMap(4);
  writer.Key("batch_num");
  writer.Integer(control.batch_num);
  writer.Key("has_more");
  writer.Bool(control.has_more);
  writer.Key("status");
  writer.Text(control.status);
  writer.Key("last_seq_id");
  if (control.last_seq) {
    writer.Integer(*control.last_seq);
  } else {
    writer.Null();
  }
  writer.EndMap();
}

template <class Writer>
void WriteType(Writer& writer, const DataType& type) {
  switch (type.kind) {
    case TypeKind::kEmbedding:
      writer.BeginMap(1);
      writer.Key("Embedding");
      writer.Integer(type.dimension);
      writer.EndMap();
      return;
    case TypeKind::kDecimal:
      writer.BeginMap(1);
      writer.Key("Decimal");
      writer.BeginMap(2);
      writer.Key("precision");
      writer.Integer(type.precision);
      writer.Key("scale");
      writer.Integer(type.scale);
      writer.EndMap();
      writer.EndMap();
      return;
    default:
      writer.Text(WireTypeName(type.kind));
  }
}

template <class Writer>
void WriteSchema(Writer& writer, const SubscriptionQuery& query) {
  const Schema& schema = *query.table->schema;
  writer.Key("schema");
  writer.BeginArray(query.columns.size());
  for (size_t i = 0; i < query.columns.size(); ++i) {
    const Column& c = schema.column(query.columns[i]);
    const bool flagged = c.primary_key || !c.nullable;
    writer.BeginMap(flagged ? 4 : 3);
    writer.Key("name");
    writer.Text(c.name);
    writer.Key("data_type");
    WriteType(writer, c.type);
    writer.Key("index");
    writer.Integer(static_cast<int64_t>(i));
    if (flagged) {
      writer.Key("flags");
      writer.BeginArray(c.primary_key ? 3 : 1);
      if (c.primary_key) writer.Text("pk");
      writer.Text("nn");
      if (c.primary_key) writer.Text("uq");
      writer.EndArray();
    }
    writer.EndMap();
  }
  writer.EndArray();
}

std::string_view NameOf(ChangeType type) {
  return type == ChangeType::kInsert ? "insert" : type == ChangeType::kUpdate ? "update" : "delete";
}

}  // namespace

std::string AuthSuccess(std::string_view user, std::string_view role, Serialization serialization,
                        bool gzip) {
  std::string out = R"({"type":"auth_success","user":)";
  AppendJsonString(&out, user);
  fmt::format_to(std::back_inserter(out),
                 R"(,"role":"{}","protocol":{{"serialization":"{}","compression":"{}"}}}})", role,
                 serialization == Serialization::kMsgpack ? "msgpack" : "json",
                 gzip ? "gzip" : "none");
  return out;
}

std::string AuthError(std::string_view message) {
  std::string out = R"({"type":"auth_error","message":)";
  AppendJsonString(&out, message);
  out.push_back('}');
  return out;
}

std::string ErrorMessage(std::string_view subscription_id, std::string_view code,
                         std::string_view message) {
  std::string out = R"({"type":"error","subscription_id":)";
  AppendJsonString(&out, subscription_id);
  fmt::format_to(std::back_inserter(out), R"(,"code":"{}","message":)", code);
  AppendJsonString(&out, message);
  out.push_back('}');
  return out;
}

std::string AckMessage(Serialization serialization, std::string_view subscription_id,
                       const BatchControl& control, const SubscriptionQuery& query) {
  std::string out;
  WriteWith(serialization, &out, [&](auto writer) {
    writer.BeginMap(5);
    writer.Key("type");
    writer.Text("subscription_ack");
    writer.Key("subscription_id");
    writer.Text(subscription_id);
    writer.Key("total_rows");
    writer.Integer(0);
    WriteBatchControl(writer, control);
    WriteSchema(writer, query);
    writer.EndMap();
  });
  return out;
}

std::string BatchMessage(Serialization serialization, std::string_view subscription_id,
                         const Page& page, const BatchControl& control) {
  std::string out;
  WriteWith(serialization, &out, [&](auto writer) {
    writer.BeginMap(4);
    writer.Key("type");
    writer.Text("initial_data_batch");
    writer.Key("subscription_id");
    writer.Text(subscription_id);
    writer.Key("rows");
    writer.BeginArray(static_cast<size_t>(std::count_if(
        page.rows.begin(), page.rows.end(), [](const PageRow& row) { return !row.is_delete; })));
    for (const PageRow& row : page.rows) {
      if (!row.is_delete) writer.Encoded(row.encoded);
    }
    writer.EndArray();
    WriteBatchControl(writer, control);
    writer.EndMap();
  });
  return out;
}

void BeginChangeBody(std::string* out, Serialization serialization, ChangeType type) {
  const std::string_view rows = type == ChangeType::kDelete ? "old_values" : "rows";
  if (serialization == Serialization::kMsgpack) {
    MsgpackWriter writer(out);
    writer.BeginMap(type == ChangeType::kUpdate ? 5 : 4);
    writer.Key("type");
    writer.Text("change");
    writer.Key("change_type");
    writer.Text(NameOf(type));
    writer.Key(rows);
    writer.BeginArray(1);
    return;
  }
  out->append(",\"change_type\":\"");
  out->append(NameOf(type));
  out->append("\",\"");
  out->append(rows);
  out->append("\":[");
}

void ContinueChangeBody(std::string* out, Serialization serialization) {
  WriteWith(serialization, out, [](auto writer) {
    writer.EndArray();
    writer.Key("old_values");
    writer.BeginArray(1);
  });
}

void EndChangeBody(std::string* out, Serialization serialization) {
  if (serialization == Serialization::kMsgpack) {
    MsgpackWriter(out).Key("subscription_id");
  } else {
    out->append("]}");
  }
}

std::string ChangeBody(Serialization serialization, ChangeType type, std::string_view row) {
  std::string out;
  BeginChangeBody(&out, serialization, type);
  out.append(row);
  EndChangeBody(&out, serialization);
  return out;
}

std::string ChangeHead(Serialization serialization, std::string_view subscription_id) {
  std::string out;
  if (serialization == Serialization::kMsgpack) return out;
  out = R"({"type":"change","subscription_id":)";
  AppendJsonString(&out, subscription_id);
  return out;
}

std::string ChangeTail(Serialization serialization, std::string_view subscription_id) {
  std::string out;
  if (serialization == Serialization::kMsgpack) MsgpackWriter(&out).Text(subscription_id);
  return out;
}

}  // namespace kalamdb::live
