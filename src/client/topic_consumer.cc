// Payloads travel as base64. Offsets are accepted as numbers and as text.
#include "client/topic_consumer.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <charconv>

#include "base/json_text.h"
#include "client/json.h"
#include "client/text.h"

namespace kalamdb::client {
namespace json = boost::json;
namespace {

// False when the member is missing or no whole number.
bool ReadNumber(const json::object& object, std::string_view name, int64_t* number) {
  const json::value* member = object.if_contains(json::string_view(name.data(), name.size()));
  if (member == nullptr) return false;
  if (member->is_int64()) {
    *number = member->get_int64();
    return true;
  }
  const std::string_view text = StringMember(object, name);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *number);
  return !text.empty() && error == std::errc() && end == text.data() + text.size();
}

// Standard base64 with padding; nothing when it is none.
std::optional<std::string> DecodeBase64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  if (text.empty()) return std::string();
  size_t padding = 0;
  while (padding < 2 && text[text.size() - 1 - padding] == '=') ++padding;
  // OpenSSL takes blanks and '=' anywhere.
  const std::string_view digits = text.substr(0, text.size() - padding);
  if (digits.find_first_not_of(
          "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") !=
      std::string_view::npos) {
    return std::nullopt;
  }
  std::string out(text.size() / 4 * 3, '\0');
  const int n = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                reinterpret_cast<const unsigned char*>(text.data()),
                                static_cast<int>(text.size()));
  if (n < 0) return std::nullopt;
  out.resize(static_cast<size_t>(n) - padding);
  return out;
}

Status Malformed(std::string_view what) {
  return {ErrorCode::kInvalidInput, fmt::format("the server's answer is no batch: {}", what)};
}

Result<TopicMessage> ReadMessage(const json::object& object) {
  TopicMessage message;
  if (!ReadNumber(object, "partition_id", &message.partition)) return Malformed("no partition_id");
  if (!ReadNumber(object, "offset", &message.offset)) return Malformed("no offset");
  message.op = StringMember(object, "op");
  message.user = StringMember(object, "user");
  static_cast<void>(ReadNumber(object, "timestamp_ms", &message.timestamp_millis));
  const json::value* key = object.if_contains("key");
  if (key != nullptr && key->is_string()) message.key = StringMember(object, "key");
  const json::value* payload = object.if_contains("payload");
  if (payload != nullptr && payload->is_string()) {
    std::optional<std::string> bytes = DecodeBase64(StringMember(object, "payload"));
    if (!bytes) return Malformed("a payload is no base64");
    message.payload = std::move(*bytes);
  } else if (payload != nullptr && !payload->is_null()) {
    message.payload = CompactJson(*payload);
  }
  return message;
}

std::string Quoted(std::string_view text) {
  std::string out;
  AppendJsonString(&out, text);
  return out;
}

}  // namespace

Result<TopicStart> TopicStart::Parse(std::string_view text) {
  TopicStart start;
  const std::string lower = AsciiLower(text);
  if (lower == "latest") return start;
  start.kind = Kind::kEarliest;
  if (lower == "earliest") return start;
  start.kind = Kind::kOffset;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), start.offset);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() ||
      start.offset < 0) {
    return Status(ErrorCode::kInvalidInput,
                  fmt::format("'{}' is neither earliest, latest nor an offset", text));
  }
  return start;
}

Result<TopicBatch> ParseTopicBatch(std::string_view body) {
  TopicBatch batch;
  if (Trim(body).empty()) return batch;
  const Result<json::value> document = ParseJson(body);
  if (!document.ok()) return document.status();
  if (!document->is_object()) return Malformed("no object");
  const json::object& root = document->get_object();
  static_cast<void>(ReadNumber(root, "next_offset", &batch.next_offset));
  batch.has_more = BoolMember(root, "has_more");
  const json::array* messages = ArrayMember(root, "messages");
  if (messages == nullptr) return Malformed("no messages");
  batch.messages.reserve(messages->size());
  for (const json::value& entry : *messages) {
    if (!entry.is_object()) return Malformed("a message is no object");
    KDB_ASSIGN_OR_RETURN(TopicMessage message, ReadMessage(entry.get_object()));
    batch.messages.push_back(std::move(message));
  }
  return batch;
}

Status TopicConsumer::Failure(const HttpResponse& response) const {
  const std::string text =
      fmt::format("Server error ({}): {}", response.status, ErrorText(response.body));
  switch (response.status) {
    case 400:
      return {ErrorCode::kInvalidInput, text};
    case 401:
      return {ErrorCode::kUnauthorized, text};
    case 403:
      return {ErrorCode::kPermissionDenied, text};
    case 404:
      return {ErrorCode::kNotFound,
              fmt::format("Topic '{}' not found ({})", topic_, ErrorText(response.body))};
    case 501:
      return {ErrorCode::kNotImplemented, text};
    default:
      return {ErrorCode::kExecution, text};
  }
}

Result<TopicBatch> TopicConsumer::Poll(const TopicStart& start, uint32_t limit,
                                       std::chrono::seconds wait, int64_t partition) {
  const std::string from = start.kind == TopicStart::Kind::kOffset
                               ? fmt::format("{{\"Offset\":{}}}", start.offset)
                           : start.kind == TopicStart::Kind::kEarliest ? "\"Earliest\""
                                                                       : "\"Latest\"";
  KDB_ASSIGN_OR_RETURN(
      const HttpResponse response,
      session_->Post(
          "/v1/api/topics/consume",
          fmt::format(R"({{"topic_id":{},"group_id":{},"start":{},"limit":{},"partition_id":{},)"
                      R"("timeout_seconds":{}}})",
                      Quoted(topic_), Quoted(group_), from, limit, partition, wait.count()),
          wait));
  if (response.status != 200) return Failure(response);
  return ParseTopicBatch(response.body);
}

Status TopicConsumer::Acknowledge(int64_t offset, int64_t partition) {
  KDB_ASSIGN_OR_RETURN(
      const HttpResponse response,
      session_->Post("/v1/api/topics/ack",
                     fmt::format(R"({{"topic_id":{},"group_id":{},"partition_id":{},)"
                                 R"("upto_offset":{}}})",
                                 Quoted(topic_), Quoted(group_), partition, offset)));
  return response.status == 200 ? Status::Ok() : Failure(response);
}

}  // namespace kalamdb::client
