// What clients send: one shape of messages, in JSON or MessagePack.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "live/wire_writer.h"

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
  Serialization serialization = Serialization::kJson;
  bool gzip = true;
  // kSubscribe, kNextBatch, kUnsubscribe
  std::string subscription_id;
  std::string sql;
  std::optional<SnapshotOptions> options;  // none: changes only
  std::optional<int64_t> last_seq;         // kNextBatch
};

// Any bytes. What is wrong with them is the error's message: for JSON the reason of the Close frame
// behind "Invalid message: ".
Result<ClientMessage> ParseClientMessage(Serialization serialization, std::string_view bytes);

// {"batch_size":5,"from":3}: keys sorted, unset members omitted; as system.live shows options.
std::string OptionsJson(const SnapshotOptions& options);

}  // namespace kalamdb::live
