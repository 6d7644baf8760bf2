// What clients get, in the serialization of their connection.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "live/page_reader.h"
#include "live/wire_writer.h"

namespace kalamdb::live {

// ---- JSON whatever was negotiated

std::string AuthSuccess(std::string_view user, std::string_view role, Serialization serialization,
                        bool gzip);
std::string AuthError(std::string_view message);
std::string ErrorMessage(std::string_view subscription_id, std::string_view code,
                         std::string_view message);

// ---- whole messages

struct BatchControl {
  uint32_t batch_num = 0;
  bool has_more = false;
  std::string_view status;  // loading, loading_batch, ready
  std::optional<int64_t> last_seq;
};

std::string AckMessage(Serialization serialization, std::string_view subscription_id,
                       const BatchControl& control, const SubscriptionQuery& query);
// The page's rows without its deletes. They are in `serialization` already.
std::string BatchMessage(Serialization serialization, std::string_view subscription_id,
                         const Page& page, const BatchControl& control);

// ---- changes
//
// The body is what the receivers of one change share; around it stands what names the subscription.
//
//   JSON         {"type":"change","subscription_id":"x"  ,"change_type":"insert","rows":[{...}]}
//                |-- head -----------------------------| |-- body -----------------------------|
//   MessagePack  {"type":"change","change_type":"insert","rows":[{...}],"subscription_id":  "x"}
//                |-- body ------------------------------------------------------------------| tail
//
// MessagePack says in front how many members a map has, which the body knows.

enum class ChangeType : uint8_t { kInsert, kUpdate, kDelete };

// Up to where the one row of the message belongs; for an update the new one.
void BeginChangeBody(std::string* out, Serialization serialization, ChangeType type);
// Between the new and the old row of an update.
void ContinueChangeBody(std::string* out, Serialization serialization);
void EndChangeBody(std::string* out, Serialization serialization);
// A body with a row that was encoded before.
std::string ChangeBody(Serialization serialization, ChangeType type, std::string_view row);

std::string ChangeHead(Serialization serialization, std::string_view subscription_id);
std::string ChangeTail(Serialization serialization, std::string_view subscription_id);

}  // namespace kalamdb::live
