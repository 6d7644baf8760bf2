// Reading what clients send, whatever that is.
#include "live/client_message.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "live/wire_writer.h"

namespace kalamdb::live {
namespace {

// The MessagePack form of a JSON value.
void Pack(std::string* out, const boost::json::value& v) {
  MsgpackWriter writer(out);
  switch (v.kind()) {
    case boost::json::kind::null:
      return writer.Null();
    case boost::json::kind::bool_:
      return writer.Bool(v.get_bool());
    case boost::json::kind::int64:
      return writer.Integer(v.get_int64());
    case boost::json::kind::uint64: {
      out->push_back('\xcf');
      for (int shift = 56; shift >= 0; shift -= 8)
        out->push_back(static_cast<char>(v.get_uint64() >> shift));
      return;
    }
    case boost::json::kind::double_:
      return msgpack::AppendDouble(out, v.get_double());
    case boost::json::kind::string:
      return writer.Text(v.get_string());
    case boost::json::kind::array:
      writer.BeginArray(v.get_array().size());
      for (const auto& member : v.get_array()) Pack(out, member);
      return;
    case boost::json::kind::object:
      writer.BeginMap(v.get_object().size());
      for (const auto& member : v.get_object()) {
        writer.Key(member.key());
        Pack(out, member.value());
      }
  }
}
std::string Packed(std::string_view json) {
  std::string out;
  Pack(&out, boost::json::parse(json));
  return out;
}

Result<ClientMessage> ParseJson(std::string_view text) {
  return ParseClientMessage(Serialization::kJson, text);
}
Result<ClientMessage> ParseMsgpack(std::string_view bytes) {
  return ParseClientMessage(Serialization::kMsgpack, bytes);
}

// A message in either serialization.
ClientMessage Parse(std::string_view text) {
  Result<ClientMessage> message = ParseJson(text);
  EXPECT_TRUE(message.ok()) << text << ": " << message.status().message();
  if (!message.ok()) return {};
  Result<ClientMessage> packed = ParseMsgpack(Packed(text));
  EXPECT_TRUE(packed.ok()) << text << ": " << packed.status().message();
  if (!packed.ok()) return {};
  EXPECT_EQ(packed->type, message->type) << text;
  EXPECT_EQ(packed->token, message->token) << text;
  EXPECT_EQ(packed->serialization, message->serialization) << text;
  EXPECT_EQ(packed->gzip, message->gzip) << text;
  EXPECT_EQ(packed->subscription_id, message->subscription_id) << text;
  EXPECT_EQ(packed->sql, message->sql) << text;
  EXPECT_EQ(packed->last_seq, message->last_seq) << text;
  EXPECT_EQ(packed->options.has_value(), message->options.has_value()) << text;
  if (packed->options && message->options) {
    EXPECT_EQ(OptionsJson(*packed->options), OptionsJson(*message->options)) << text;
  }
  return message.Take();
}

TEST(ClientMessages, TellNoOptionsFromEmptyOnes) {
  const std::string head = R"({"type":"subscribe","subscription":{"id":" a ","sql":"S")";
  EXPECT_FALSE(Parse(head + "}}").options);
  EXPECT_FALSE(Parse(head + R"(,"options":null}})").options);
  const ClientMessage m = Parse(head + R"(,"options":{}}})");
  ASSERT_TRUE(m.options);
  EXPECT_EQ(m.options->batch_size, 1000u);
  EXPECT_FALSE(m.options->batch_size_given);
  EXPECT_EQ(m.subscription_id, " a ");
}

TEST(ClientMessages, KeepSequenceIdsBeyondWhatADoubleHolds) {
  const ClientMessage m = Parse(
      R"({"type":"subscribe","subscription":{"id":"a","sql":"S","options":{"from_seq_id":7312345678901234567}}})");
  EXPECT_EQ(m.options->from, 7312345678901234567);
  EXPECT_EQ(
      Parse(R"({"type":"next_batch","subscription_id":"a","last_seq_id":"7312345678901234567"})")
          .last_seq,
      7312345678901234567);
  EXPECT_FALSE(Parse(R"({"type":"next_batch","subscription_id":"a","last_seq_id":null})").last_seq);
}

TEST(ClientMessages, TakeMissingProtocolMembersAsTheDefaults) {
  EXPECT_TRUE(Parse(R"({"type":"authenticate","method":"jwt","token":"t"})").gzip);
  EXPECT_FALSE(
      Parse(
          R"({"type":"authenticate","method":"jwt","token":"t","protocol":{"compression":"none"}})")
          .gzip);
}

TEST(ClientMessages, RefuseWhatIsNone) {
  for (
      const char* text : {
          "",
          "{",
          "[]",
          "nul",
          R"({"type":1})",
          R"({"type":"subscribe_all"})",
          R"({"type":"subscribe"})",
          R"({"type":"subscribe","subscription":[]})",
          R"({"type":"subscribe","subscription":{"id":"a"}})",
          R"({"type":"subscribe","subscription":{"id":1,"sql":"S"}})",
          R"({"type":"subscribe","subscription":{"id":"a","sql":"S","options":1}})",
          R"({"type":"subscribe","subscription":{"id":"a","sql":"S","options":{"batch_size":-1}}})",
          R"({"type":"subscribe","subscription":{"id":"a","sql":"S","options":{"last_rows":4294967296}}})",
          R"({"type":"subscribe","subscription":{"id":"a","sql":"S","options":{"from":1.5}}})",
          R"({"type":"next_batch"})",
          R"({"type":"next_batch","subscription_id":"a","last_seq_id":"12x"})",
          R"({"type":"authenticate","method":"basic","token":"t"})",
          R"({"type":"authenticate","method":"jwt","token":"t","protocol":{"serialization":"JSON"}})",
          R"({"type":"ping"} x)",
      }) {
    Result<ClientMessage> message = ParseJson(text);
    EXPECT_FALSE(message.ok()) << text;
    boost::system::error_code invalid;
    const boost::json::value v = boost::json::parse(text, invalid);
    if (invalid) continue;
    Result<ClientMessage> packed = ParseMsgpack(Packed(text));
    EXPECT_FALSE(packed.ok()) << text;
    EXPECT_EQ(packed.status().message(), message.status().message()) << text;
  }
  EXPECT_FALSE(ParseJson(std::string(100'000, '[')).ok());
  EXPECT_FALSE(ParseJson("{\"a\":" + std::string(20, '[') + std::string(20, ']') + "}").ok());
}

TEST(MsgpackClientMessages, RefuseBytesThatAreNone) {
  using namespace std::string_literals;
  const std::string ping = Packed(R"({"type":"ping"})");
  EXPECT_TRUE(ParseMsgpack(ping).ok());
  for (const std::string& bytes : {
           ""s, "\xc1"s, ping.substr(0, ping.size() - 1),
           ping + "\xc0",                                          // more behind it
           "\x81\xa4type\xc4\x04ping"s,                            // bytes are no text
           "\x81\xa4type\xa4p\xffng"s,                             // nor is this
           "\x81\xc4\x04type\xa4ping"s,                            // no such field
           "\xdf\xff\xff\xff\xff\xa4type\xa4ping"s,                // more than there is
           std::string(1'000'000, '\x81'),                         // nests too deep
           "\xdd\x00\x0f\x00\x00"s + std::string(983040, '\xc0'),  // no map
       }) {
    EXPECT_FALSE(ParseMsgpack(bytes).ok()) << bytes.size();
  }
}

TEST(MsgpackClientMessages, PassOverWhatTheyDoNotKnow) {
  using namespace std::string_literals;
  const std::string type = "\xa4type\xa4ping"s;
  for (const std::string& extra : {
           "\x01\x02"s,  // a number as key
           "\xc0\x91\x91\xc0"s,
           "\xa1k\xd6\x01zzzz"s,  // an extension
           "\xa1k\xc4\x02zz"s,
           "\xa1k\xcb\x3f\xf0\x00\x00\x00\x00\x00\x00"s,
           "\xa1k"s + std::string(500, '\x91') + "\xc0",
       }) {
    EXPECT_TRUE(ParseMsgpack("\x82" + extra + type).ok());
    EXPECT_TRUE(ParseMsgpack("\x82" + type + extra).ok());
  }
}

TEST(MsgpackClientMessages, HoldNoMoreThanAFewFields) {
  std::string many(1, '\xde');
  many += "\x80";
  many += std::string(1, '\0');
  for (int i = 0; i < 0x8000; ++i) many += "\xa1k\xc0";
  EXPECT_EQ(ParseMsgpack(many).status().message(), "too many values");
}

TEST(ClientMessages, ShowOptionsWithSortedKeys) {
  SnapshotOptions options;
  EXPECT_EQ(OptionsJson(options), "{}");
  options.from = 3;
  options.batch_size = 5;
  options.batch_size_given = true;
  EXPECT_EQ(OptionsJson(options), R"({"batch_size":5,"from":3})");
}

}  // namespace
}  // namespace kalamdb::live
