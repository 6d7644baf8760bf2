// Reading what clients send, whatever that is.
#include "live/messages.h"

#include <gtest/gtest.h>

namespace kalamdb::live {
namespace {

ClientMessage Parse(std::string_view text) {
  Result<ClientMessage> message = ParseClientMessage(text);
  EXPECT_TRUE(message.ok()) << text << ": " << message.status().message();
  return message.ok() ? message.Take() : ClientMessage();
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
    EXPECT_FALSE(ParseClientMessage(text).ok()) << text;
  }
  EXPECT_FALSE(ParseClientMessage(std::string(100'000, '[')).ok());
}

TEST(ServerMessages, EscapeWhatClientsChose) {
  EXPECT_EQ(ChangeHead("a\"\n\x01"),
            "{\"type\":\"change\",\"subscription_id\":\"a\\\"\\n\\u0001\"");
  EXPECT_EQ(ErrorMessage("\"", "X", "\\"),
            R"({"type":"error","subscription_id":"\"","code":"X","message":"\\"})");
}

TEST(ServerMessages, ShowOptionsWithSortedKeys) {
  SnapshotOptions options;
  EXPECT_EQ(OptionsJson(options), "{}");
  options.from = 3;
  options.batch_size = 5;
  options.batch_size_given = true;
  EXPECT_EQ(OptionsJson(options), R"({"batch_size":5,"from":3})");
}

}  // namespace
}  // namespace kalamdb::live
