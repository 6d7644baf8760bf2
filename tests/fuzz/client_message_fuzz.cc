// Any bytes as a message of a live query's client, in either serialization; the first byte says
// which. What parses is a message that makes sense, and what a client asks to follow goes on to the
// check of its SQL.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "live/client_message.h"
#include "sql/parser.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace kalamdb;
  using live::ClientMessage;
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto serialization =
      (data[0] & 1) != 0 ? live::Serialization::kMsgpack : live::Serialization::kJson;
  Result<ClientMessage> message = live::ParseClientMessage(serialization, bytes);
  if (!message.ok()) {
    if (message.status().message().empty()) std::abort();
    return 0;
  }
  // Nothing that the message did not hold.
  if (message->token.size() + message->subscription_id.size() + message->sql.size() > size * 2)
    std::abort();
  if (message->options) (void)live::OptionsJson(*message->options);
  if (message->type == ClientMessage::Type::kSubscribe) (void)sql::ParseSubscription(message->sql);
  return 0;
}
