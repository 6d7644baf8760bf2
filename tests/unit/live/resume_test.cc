// What must not be lost between what a client saw last and what it is sent next.
#include "live_fixture.h"

namespace kalamdb::live {
namespace {

class ResumeTest : public LiveTest {
 protected:
  int64_t Boundary() {
    return shard::SnapshotBoundary(*store_, executor_->shards(), *store_->GetSnapshot(),
                                   *Table("t"), "")
        .Take();
  }
  static int64_t LastSeq(const std::string& batch) {
    const size_t at = batch.find("\"last_seq_id\":");
    return at == std::string::npos ? 0 : std::atoll(batch.c_str() + at + 14);
  }
};

TEST_F(ResumeTest, ARowThatLeftTheFilterAndGoesBetweenTwoPagesIsDeleted) {
  Change("INSERT INTO t (id, n) VALUES (1, 1), (2, 1), (3, 1)");
  const int64_t seen = Boundary();
  Change("UPDATE t SET v = 'x' WHERE id IN (1, 2)");
  Change("UPDATE t SET n = 2 WHERE id = 3");
  const Texts first = Subscribe("s", "SELECT id FROM app.t WHERE n = 1",
                                fmt::format(R"({{"batch_size":2,"from":{}}})", seen));
  ASSERT_EQ(first.size(), 2u);
  EXPECT_NE(first[1].find(R"("has_more":true)"), std::string::npos) << first[1];
  // Its newest version lies behind the boundary now, and concerns the filter neither before nor
  // after.
  Change("DELETE FROM t WHERE id = 3");
  NextBatch("s", LastSeq(first[1]));
  Drained();
  Texts rest = Changes();
  ASSERT_FALSE(rest.empty());
  EXPECT_NE(rest[0].find(R"("status":"ready")"), std::string::npos) << rest[0];
  rest.erase(rest.begin());
  EXPECT_EQ(rest, Texts({"delete 3"}));
  Change("INSERT INTO t (id, n) VALUES (4, 1)");
  EXPECT_EQ(Changes(), Texts({"insert 4"}));
}

TEST_F(ResumeTest, ARowThatLeftTheFilterAndGoesWhileTheFirstPageWaitsIsDeleted) {
  Change("INSERT INTO t (id, n) VALUES (1, 1), (3, 1)");
  const int64_t seen = Boundary();
  Change("UPDATE t SET n = 2 WHERE id = 3");
  outbox_.queued = config_.websocket.max_queued_bytes + 1;
  EXPECT_EQ(
      Subscribe("s", "SELECT id FROM app.t WHERE n = 1", fmt::format(R"({{"from":{}}})", seen)),
      Texts());
  Change("DELETE FROM t WHERE id = 3");
  EXPECT_EQ(Changes(), Texts());
  Drained();
  const Texts messages = Changes();
  ASSERT_EQ(messages.size(), 3u);
  EXPECT_NE(messages[1].find(R"("status":"ready")"), std::string::npos) << messages[1];
  EXPECT_EQ(messages[2], "delete 3");
}

TEST_F(ResumeTest, ASmallChangeBehindALostOneDoesNotHideIt) {
  Subscribe("s", "SELECT id FROM app.t");
  // The loop does not run. The seventeenth is beyond the bound of the inbox, the last would fit.
  for (int i = 1; i <= 17; ++i)
    Change("INSERT INTO t (id, v) VALUES (" + std::to_string(i) + ", repeat('x', 1000000))");
  Change("INSERT INTO t (id) VALUES (18)");
  Texts all = Changes();
  Drained();
  RunJobs();
  for (std::string& m : Changes()) all.push_back(std::move(m));
  Texts want;
  for (int i = 1; i <= 18; ++i) want.push_back(fmt::format("insert {}", i));
  EXPECT_EQ(all, want);
}

TEST_F(ResumeTest, WhatWasSeenOfAnEarlierTableOfTheNameIsToldToBeTooOld) {
  Change("INSERT INTO t (id, n) VALUES (1, 1)");
  const int64_t seen = Boundary();
  clock_.Advance(5000);
  Meta(catalog_->PrepareDropTable(Table("t")).Take());
  Create(
      "CREATE TABLE app.t (id INT PRIMARY KEY, v TEXT, n INT) WITH (TYPE = 'SHARED', "
      "ACCESS_LEVEL = 'PUBLIC')");
  clock_.Advance(5000);
  Change("INSERT INTO t (id, n) VALUES (2, 1)");
  const Texts messages =
      Subscribe("s", "SELECT id FROM app.t", fmt::format(R"({{"from":{}}})", seen));
  ASSERT_EQ(messages.size(), 3u);
  EXPECT_NE(messages[1].find(R"("id":2)"), std::string::npos) << messages[1];
  EXPECT_NE(messages[2].find("RESUME_TOO_OLD"), std::string::npos) << messages[2];
  // Of this table something was seen: it goes on as ever.
  const Texts again =
      Subscribe("s", "SELECT id FROM app.t", fmt::format(R"({{"from":{}}})", LastSeq(messages[1])));
  EXPECT_EQ(again.size(), 2u);
}

}  // namespace
}  // namespace kalamdb::live
