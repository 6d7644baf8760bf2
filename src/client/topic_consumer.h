// Messages of a topic for a consumer group: POST /v1/api/topics/consume and /ack.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "client/session.h"

namespace kalamdb::client {

struct TopicMessage {
  int64_t partition = 0;
  int64_t offset = 0;
  std::string op;       // Insert, Update or Delete, as the server wrote it
  std::string payload;  // decoded: mostly a JSON object
  std::optional<std::string> key;
  std::string user;  // empty: unknown
  int64_t timestamp_millis = 0;
};

struct TopicBatch {
  std::vector<TopicMessage> messages;
  int64_t next_offset = 0;
  bool has_more = false;
};

// Where a group that has acknowledged nothing begins.
struct TopicStart {
  enum class Kind { kLatest, kEarliest, kOffset } kind = Kind::kLatest;
  int64_t offset = 0;

  // "earliest", "latest" (any case) or a number; kInvalidInput otherwise.
  static Result<TopicStart> Parse(std::string_view text);
};

// kInvalidInput when a body is not what the API answers. An empty one is an empty batch.
Result<TopicBatch> ParseTopicBatch(std::string_view body);

// Not for two threads at once. The session outlives it.
class TopicConsumer {
 public:
  TopicConsumer(Session* session, std::string topic, std::string group)
      : session_(session), topic_(std::move(topic)), group_(std::move(group)) {}

  // At most `limit` messages of a partition; the server may hold the request for `wait` when there
  // is nothing. Errors: kNotFound (no such topic), kPermissionDenied, kUnauthorized,
  // kNotImplemented and kInvalidInput, which another attempt does not change; kExecution,
  // kUnavailable, kTimeout.
  Result<TopicBatch> Poll(const TopicStart& start, uint32_t limit, std::chrono::seconds wait,
                          int64_t partition = 0);
  // Everything up to and including `offset` has been processed.
  Status Acknowledge(int64_t offset, int64_t partition = 0);

 private:
  [[nodiscard]] Status Failure(const HttpResponse& response) const;

  Session* session_;
  std::string topic_;
  std::string group_;
};

}  // namespace kalamdb::client
