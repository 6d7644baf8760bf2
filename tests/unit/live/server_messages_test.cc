// What is written to clients.
#include "live/server_messages.h"

#include <gtest/gtest.h>

#include "../base/msgpack_json.h"

namespace kalamdb::live {
namespace {

TEST(ServerMessages, EscapeWhatClientsChose) {
  EXPECT_EQ(ChangeHead(Serialization::kJson, "a\"\n\x01"),
            "{\"type\":\"change\",\"subscription_id\":\"a\\\"\\n\\u0001\"");
  EXPECT_EQ(ErrorMessage("\"", "X", "\\"),
            R"({"type":"error","subscription_id":"\"","code":"X","message":"\\"})");
}

TEST(ServerMessages, ChangesAreOneMessageInEitherSerialization) {
  for (const ChangeType type : {ChangeType::kInsert, ChangeType::kUpdate, ChangeType::kDelete}) {
    std::string json, packed;
    for (const auto& [serialization, out] :
         {std::pair{Serialization::kJson, &json}, std::pair{Serialization::kMsgpack, &packed}}) {
      out->append(ChangeHead(serialization, "a\"\n"));
      BeginChangeBody(out, serialization, type);
      WriteWith(serialization, out, [](auto writer) { writer.Integer(1); });
      if (type == ChangeType::kUpdate) {
        ContinueChangeBody(out, serialization);
        WriteWith(serialization, out, [](auto writer) { writer.Integer(2); });
      }
      EndChangeBody(out, serialization);
      out->append(ChangeTail(serialization, "a\"\n"));
    }
    EXPECT_TRUE(SameJson(MsgpackToJson(packed), boost::json::parse(json))) << json;
  }
}

}  // namespace
}  // namespace kalamdb::live
