// Batches of topics as the HTTP API documents them.
#include "client/topic_consumer.h"

#include <gtest/gtest.h>

namespace kalamdb::client {
namespace {

TEST(TopicBatch, ReadsTheDocumentedAnswer) {
  const Result<TopicBatch> batch = ParseTopicBatch(
      R"({"messages":[{"topic_id":"app.events","partition_id":0,"offset":42,)"
      R"("payload":"eyJpZCI6N30=","key":"7","timestamp_ms":1767225600000,"user":"alice",)"
      R"("op":"Insert"}],"next_offset":43,"has_more":true})");
  ASSERT_TRUE(batch.ok()) << batch.status().message();
  ASSERT_EQ(batch->messages.size(), 1u);
  const TopicMessage& message = batch->messages[0];
  EXPECT_EQ(message.payload, R"({"id":7})");
  EXPECT_EQ(message.offset, 42);
  EXPECT_EQ(message.key, "7");
  EXPECT_EQ(message.user, "alice");
  EXPECT_EQ(message.op, "Insert");
  EXPECT_EQ(message.timestamp_millis, 1767225600000);
  EXPECT_EQ(batch->next_offset, 43);
  EXPECT_TRUE(batch->has_more);
}

TEST(TopicBatch, TakesWhatOtherServersSend) {
  EXPECT_TRUE(ParseTopicBatch("")->messages.empty());
  const Result<TopicBatch> batch =
      ParseTopicBatch(R"({"messages":[{"partition_id":"0","offset":"9007199254740993","key":null,)"
                      R"("payload":{"a":1},"more":[]},{"partition_id":1,"offset":0,"payload":""}],)"
                      R"("next_offset":"1"})");
  ASSERT_TRUE(batch.ok()) << batch.status().message();
  EXPECT_EQ(batch->messages[0].offset, 9007199254740993);
  EXPECT_EQ(batch->messages[0].payload, R"({"a":1})");
  EXPECT_FALSE(batch->messages[0].key.has_value());
  EXPECT_EQ(batch->messages[1].payload, "");
}

TEST(TopicBatch, RefusesWhatIsNoBatch) {
  for (const char* body : {"x", "[]", "{}", R"({"messages":{}})", R"({"messages":[1]})",
                           R"({"messages":[{"offset":1}]})", R"({"messages":[{"partition_id":0}]})",
                           R"({"messages":[{"partition_id":0,"offset":1,"payload":"abc"}]})",
                           R"({"messages":[{"partition_id":0,"offset":1,"payload":"a=bc"}]})",
                           R"({"messages":[{"partition_id":0,"offset":1,"payload":"a b="}]})"}) {
    EXPECT_FALSE(ParseTopicBatch(body).ok()) << body;
  }
}

TEST(TopicStart, IsAWordOrAnOffset) {
  EXPECT_EQ(TopicStart::Parse("EARLIEST")->kind, TopicStart::Kind::kEarliest);
  EXPECT_EQ(TopicStart::Parse("latest")->kind, TopicStart::Kind::kLatest);
  EXPECT_EQ(TopicStart::Parse("17")->offset, 17);
  for (const char* text : {"", "-1", "1.5", "first", "99999999999999999999"}) {
    EXPECT_FALSE(TopicStart::Parse(text).ok()) << text;
  }
}

}  // namespace
}  // namespace kalamdb::client
