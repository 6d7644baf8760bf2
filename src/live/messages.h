// The messages of the live protocol: reading what clients send, writing what they get.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"

namespace kalamdb::live {

struct SnapshotOptions {
  uint64_t batch_size = 1000;
  std::optional<uint32_t> last_rows;
  std::optional<int64_t> from;
  bool batch_size_given = false;
};

struct ClientMessage {
  enum class Type : uint8_t {
    kAuthenticate,
    kSubscribe,
    kNextBatch,
    kUnsubscribe,
    kPing
  } type = Type::kPing;
  // kAuthenticate
  std::string token;
  bool msgpack = false;
  bool gzip = true;
  // kSubscribe, kNextBatch, kUnsubscribe
  std::string subscription_id;
  std::string sql;
  std::optional<SnapshotOptions> options;  // none: changes only
  std::optional<int64_t> last_seq;         // kNextBatch
};

// The error's message is what the reason of the Close frame says behind "Invalid message: ".
Result<ClientMessage> ParseClientMessage(std::string_view json);

// {"batch_size":5,"from":3}: keys sorted, unset members omitted; as system.live shows options.
std::string OptionsJson(const SnapshotOptions& options);

struct BatchControl {
  uint32_t batch_num = 0;
  bool has_more = false;
  std::string_view status;  // loading, loading_batch, ready
  std::optional<int64_t> last_seq;
};
void AppendBatchControl(std::string* out, const BatchControl& control);

std::string AuthSuccess(std::string_view user, std::string_view role, bool msgpack, bool gzip);
std::string AuthError(std::string_view message);
std::string ErrorMessage(std::string_view subscription_id, std::string_view code,
                         std::string_view message);
// {"type":"change","subscription_id":"<id>" : what differs between the receivers of one change.
std::string ChangeHead(std::string_view subscription_id);

}  // namespace kalamdb::live
