// From the envelope {"status","results","took","error"} to values, and back to a document.
#include "client/sql_reply.h"

#include <fmt/format.h>

#include "client/json.h"
#include "client/text.h"

namespace kalamdb::client {
namespace json = boost::json;
namespace {

constexpr size_t kMaxQuotedBody = 500;

std::string TypeName(const json::value* type) {
  if (type == nullptr) return "Text";
  if (type->is_string()) return {type->get_string().data(), type->get_string().size()};
  if (type->is_object() && !type->get_object().empty()) {
    const auto key = type->get_object().begin()->key();
    return {key.data(), key.size()};
  }
  return "Text";
}

SqlResult ReadResult(json::object fields) {
  SqlResult result;
  if (const json::array* schema = ArrayMember(fields, "schema")) {
    result.columns.reserve(schema->size());
    for (const json::value& entry : *schema) {
      if (!entry.is_object()) continue;
      const json::object& column = entry.get_object();
      result.columns.push_back(
          {std::string(StringMember(column, "name")), TypeName(column.if_contains("data_type"))});
    }
  }
  result.row_count = IntMember(fields, "row_count");
  result.message = StringMember(fields, "message");
  result.as_user = StringMember(fields, "as_user");
  result.fields = std::move(fields);
  return result;
}

}  // namespace

const json::array* SqlResult::rows() const { return ArrayMember(fields, "rows"); }

std::string SqlResult::Text(size_t row, size_t column) const {
  const json::array* all = rows();
  if (all == nullptr || row >= all->size()) return {};
  const json::array* cells = (*all)[row].if_array();
  if (cells == nullptr || column >= cells->size()) return {};
  const json::value& cell = (*cells)[column];
  if (cell.is_null()) return {};
  if (cell.is_string()) return {cell.get_string().data(), cell.get_string().size()};
  return CompactJson(cell);
}

json::object SqlReply::Document() const {
  json::object document;
  document["status"] = ok() ? "success" : "error";
  json::array all;
  for (const SqlResult& result : results) {
    json::object fields = result.fields;
    if (const json::array* schema = ArrayMember(fields, "schema");
        schema != nullptr && schema->empty()) {
      // erase() would move the last member into the gap.
      json::object kept;
      for (const auto& member : result.fields) {
        if (member.key() != "schema") kept[member.key()] = member.value();
      }
      fields = std::move(kept);
    }
    all.push_back(std::move(fields));
  }
  document["results"] = std::move(all);
  document["took"] = took_ms;
  if (error) {
    json::object fields{{"code", error->code}, {"message", error->message}};
    if (!error->details.empty()) fields["details"] = error->details;
    document["error"] = std::move(fields);
  }
  return document;
}

Status SqlReply::ToStatus() const {
  if (ok()) return Status::Ok();
  std::string text = fmt::format("Server error ({}): {}", http_status, error->message);
  if (!error->excerpt.empty()) text += "\n" + error->excerpt;
  return {http_status == 401 ? ErrorCode::kUnauthorized : ErrorCode::kExecution, std::move(text)};
}

Result<SqlReply> ParseSqlReply(int http_status, std::string_view body) {
  Result<json::value> document = ParseJson(body);
  json::object* root = document.ok() ? document->if_object() : nullptr;
  if (root == nullptr || StringMember(*root, "status").empty()) {
    return Status(ErrorCode::kExecution,
                  fmt::format("Server error ({}): {}", http_status, ErrorText(body)));
  }
  SqlReply reply;
  reply.http_status = http_status;
  reply.took_ms = NumberMember(*root, "took");
  if (const json::object* error = ObjectMember(*root, "error")) {
    reply.error = SqlError{std::string(StringMember(*error, "code")),
                           std::string(StringMember(*error, "message")),
                           std::string(StringMember(*error, "details")), ""};
  } else if (StringMember(*root, "status") != "success") {
    reply.error = SqlError{"UNKNOWN", "the server reported an error without saying which", "", ""};
  }
  if (json::value* results = root->if_contains("results");
      results != nullptr && results->is_array()) {
    for (json::value& entry : results->get_array()) {
      if (entry.is_object()) reply.results.push_back(ReadResult(std::move(entry.get_object())));
    }
  }
  return reply;
}

std::string ErrorText(std::string_view body) {
  const Result<json::value> document = ParseJson(body);
  if (document.ok() && document->is_object()) {
    const json::object& root = document->get_object();
    if (const json::object* error = ObjectMember(root, "error")) {
      if (const auto message = StringMember(*error, "message"); !message.empty())
        return std::string(message);
    }
    for (const char* name : {"message", "error"}) {
      if (const auto text = StringMember(root, name); !text.empty()) return std::string(text);
    }
  }
  std::string text(body.substr(0, kMaxQuotedBody));
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) c = ' ';
  }
  const std::string_view trimmed = Trim(text);
  return trimmed.empty() ? "empty answer" : std::string(trimmed);
}

}  // namespace kalamdb::client
