// Subscriptions from the first page on: falling behind, catching up, and what happens to their
// tables meanwhile.
#include "base/json_text.h"
#include "live_fixture.h"

namespace kalamdb::live {
namespace {

TEST_F(LiveTest, ChangesBetweenPagesComeAfterTheLastOne) {
  Change("INSERT INTO t (id) VALUES (1), (2), (3)");
  const Texts first = Subscribe("s", "SELECT id FROM app.t", R"({"batch_size":2})");
  ASSERT_EQ(first.size(), 2u);
  EXPECT_NE(first[1].find(R"("has_more":true,"status":"loading")"), std::string::npos) << first[1];
  Change("INSERT INTO t (id) VALUES (4)");
  EXPECT_EQ(Changes(), Texts());
  const size_t at = first[1].find("\"last_seq_id\":") + 14;
  NextBatch("s", std::atoll(first[1].c_str() + at));
  const Texts rest = outbox_.Take();
  ASSERT_EQ(rest.size(), 2u);
  EXPECT_NE(rest[0].find(R"("has_more":false,"status":"ready")"), std::string::npos) << rest[0];
  EXPECT_EQ(Short(rest[1]), "insert 4");
}

TEST_F(LiveTest, AChangeThatTheSnapshotHoldsIsNotRepeated) {
  Subscribe("old", "SELECT id FROM app.t");
  Change("INSERT INTO t (id) VALUES (1)");
  // The change waits in the inbox while the second subscription reads its snapshot.
  Subscribe("new", "SELECT id FROM app.t", "{}");
  const Texts messages = Changes();
  EXPECT_EQ(messages, Texts({"insert 1"}));
}

TEST_F(LiveTest, AFullQueueIsCaughtUpFromStorageWithoutGapOrRepeat) {
  Subscribe("s", "SELECT id FROM app.t WHERE n < 100");
  Change("INSERT INTO t (id, n) VALUES (1, 1), (2, 2), (3, 3)");
  EXPECT_EQ(Changes(), Texts({"insert 1", "insert 2", "insert 3"}));
  outbox_.queued = config_.websocket.max_queued_bytes + 1;
  Change("INSERT INTO t (id, n) VALUES (4, 4)");
  Change("UPDATE t SET n = 200 WHERE id = 2");  // leaves the filter
  Change("DELETE FROM t WHERE id = 3");
  Change("UPDATE t SET v = 'x' WHERE id = 4");
  EXPECT_EQ(Changes(), Texts());
  Drained();
  EXPECT_EQ(Changes(), Texts({"delete 2", "delete 3", "insert 4"}));
  Change("INSERT INTO t (id, n) VALUES (5, 5)");
  EXPECT_EQ(Changes(), Texts({"insert 5"}));
}

TEST_F(LiveTest, APageReadWhileLaggingDoesNotEndTheCatchingUp) {
  InsertManyRows();
  Subscribe("s", "SELECT id FROM app.t WHERE n = 7", "{}");
  RunJobs();
  outbox_.Take();
  outbox_.queued = config_.websocket.max_queued_bytes + 1;
  Change("INSERT INTO t (id, n) VALUES (9001, 7)");
  loop_.Run();
  outbox_.queued = 0;
  NextBatch("s", 0);  // harmless after `ready`
  ASSERT_EQ(jobs_.size(), 1u);
  Drained();  // passes over the subscription that is being read
  RunJobs();
  outbox_.Take();
  Drained();
  RunJobs();
  EXPECT_EQ(Changes(), Texts({"insert 9001"}));
}

TEST_F(LiveTest, ALoopThatIsFarBehindCatchesUpFromStorage) {
  Subscribe("s", "SELECT id FROM app.t");
  // The loop does not run; the inbox is bounded in bytes.
  for (int i = 1; i <= 24; ++i)
    Change("INSERT INTO t (id, v) VALUES (" + std::to_string(i) + ", repeat('x', 1000000))");
  const size_t direct = Changes().size();
  EXPECT_GT(direct, 0u);
  EXPECT_LT(direct, 24u);
  Drained();
  RunJobs();
  EXPECT_EQ(direct + Changes().size(), 24u);
  Change("INSERT INTO t (id) VALUES (25)");
  EXPECT_EQ(Changes(), Texts({"insert 25"}));
}

TEST_F(LiveTest, SubscriptionsOutliveAChangeOfTheirTable) {
  // Two of one shape: each has to read rows that the new version of the table wrote.
  Subscribe("a", "SELECT id FROM app.t");
  Subscribe("b", "SELECT id FROM app.t");
  ChangeAccess(AccessLevel::kPublic);
  loop_.Run();
  outbox_.queued = config_.websocket.max_queued_bytes + 1;
  Change("INSERT INTO t (id) VALUES (1)");
  EXPECT_EQ(Changes(), Texts());
  Drained();
  EXPECT_EQ(Changes(), Texts({"insert 1", "insert 1"}));
}

TEST_F(LiveTest, CatchingUpWaitsForTheChangeOfItsTableToArrive) {
  Subscribe("s", "SELECT id FROM app.t");
  outbox_.queued = config_.websocket.max_queued_bytes + 1;
  Change("INSERT INTO t (id) VALUES (1)");
  EXPECT_EQ(Changes(), Texts());
  ChangeAccess(AccessLevel::kPublic);
  Change("INSERT INTO t (id) VALUES (2)");
  // The loop has heard of neither; a row of the new version is in the store already.
  Drained();
  EXPECT_EQ(Changes(), Texts({"insert 1", "insert 2"}));
}

TEST_F(LiveTest, LosingTheRightToReadEndsTheSubscription) {
  Subscribe("s", "SELECT id FROM app.t");
  ChangeAccess(AccessLevel::kPrivate);
  Change("INSERT INTO t (id) VALUES (1)");
  const Texts messages = Changes();
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_NE(messages[0].find("UNAUTHORIZED"), std::string::npos) << messages[0];
  EXPECT_EQ(hub_->counters().subscriptions, 0u);
  EXPECT_FALSE(hub_->Wants(Table("t")->id, ""));
}

TEST_F(LiveTest, ADroppedTableIsToldAndLeavesNothing) {
  Subscribe("s", "SELECT id FROM app.t");
  const TableId id = Table("t")->id;
  Meta(catalog_->PrepareDropTable(Table("t")).Take());
  const Texts messages = Changes();
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_NE(messages[0].find("NOT_FOUND"), std::string::npos);
  EXPECT_FALSE(hub_->Wants(id, ""));
}

TEST_F(LiveTest, TooManyDeletesAreToldAfterTheSnapshotIsReady) {
  std::string values;
  constexpr int kRows = 10'050;
  for (int i = 1; i <= kRows; ++i) values += fmt::format("{}({})", i > 1 ? "," : "", i);
  Change("INSERT INTO t (id) VALUES " + values);
  const int64_t seen =
      shard::SnapshotBoundary(*store_, executor_->shards(), *store_->GetSnapshot(), *Table("t"), "")
          .Take();
  Change("DELETE FROM t WHERE id > 0");
  Change("INSERT INTO t (id) VALUES (20001), (20002), (20003)");
  Subscribe("s", "SELECT id FROM app.t", fmt::format(R"({{"batch_size":10051,"from":{}}})", seen));
  RunJobs();
  const Texts first = outbox_.Take();
  ASSERT_FALSE(first.empty());
  EXPECT_NE(first.back().find(R"("has_more":true)"), std::string::npos)
      << first.back().substr(0, 300);
  const size_t at = first.back().find("\"last_seq_id\":") + 14;
  NextBatch("s", std::atoll(first.back().c_str() + at));
  RunJobs();
  const Texts rest = outbox_.Take();
  ASSERT_EQ(rest.size(), 2u);
  EXPECT_NE(rest[0].find("\"status\":\"ready\""), std::string::npos) << rest[0];
  EXPECT_NE(rest[1].find("RESUME_TOO_OLD"), std::string::npos) << rest[1];
}

TEST_F(LiveTest, CredentialsAreMaskedForOrdinaryUsersOnly) {
  Create(
      "CREATE TABLE app.k (id INT PRIMARY KEY, password_hash TEXT) WITH (TYPE = 'SHARED', "
      "ACCESS_LEVEL = 'PUBLIC')");
  Change("INSERT INTO k (id, password_hash) VALUES (1, 'secret')");
  Texts messages = Subscribe("s", "SELECT * FROM app.k", "{}");
  EXPECT_EQ(messages.at(1).find("secret"), std::string::npos) << messages[1];
  EXPECT_NE(messages[1].find(R"("password_hash":"***")"), std::string::npos) << messages[1];
  Change("UPDATE k SET password_hash = 'other secret' WHERE id = 1");
  Change("DELETE FROM k WHERE id = 1");
  loop_.Run();
  for (const std::string& m : outbox_.Take()) EXPECT_EQ(m.find("secret"), std::string::npos) << m;
  Connect(Role::kDba);
  Change("INSERT INTO k (id, password_hash) VALUES (1, 'secret')");
  messages = Subscribe("s", "SELECT * FROM app.k", "{}");
  EXPECT_NE(messages.at(1).find("secret"), std::string::npos) << messages[1];
}

TEST_F(LiveTest, AReadThatEndsAfterItsConnectionIsForgotten) {
  InsertManyRows();
  Subscribe("s", "SELECT id FROM app.t WHERE n = 7", "{}");
  ASSERT_EQ(jobs_.size(), 1u);
  session_->OnClosed();
  session_.reset();
  RunJobs();
  EXPECT_EQ(outbox_.messages, Texts());
}

TEST_F(LiveTest, AResubscribeWhoseFirstPageFailsLeavesTheOneBefore) {
  Subscribe("s", "SELECT id FROM app.t");
  Change("INSERT INTO t (id, n) VALUES (1, 0)");
  EXPECT_EQ(Changes(), Texts({"insert 1"}));
  const Texts refused = Subscribe("s", "SELECT id FROM app.t WHERE 10 / n > 1", "{}");
  ASSERT_EQ(refused.size(), 1u);
  EXPECT_NE(refused[0].find("SUBSCRIPTION_FAILED"), std::string::npos) << refused[0];
  EXPECT_EQ(hub_->counters().subscriptions, 1u);
  ASSERT_EQ(hub_->List().size(), 1u);
  EXPECT_EQ(hub_->List()[0].query, "SELECT id FROM app.t");
  Change("INSERT INTO t (id, n) VALUES (2, 0)");
  EXPECT_EQ(Changes(), Texts({"insert 2"}));
}

TEST_F(LiveTest, TheOneBeforeGoesOnUntilTheFirstPageIsThere) {
  InsertManyRows();
  Subscribe("s", "SELECT id FROM app.t");
  Subscribe("s", "SELECT id FROM app.t WHERE n = 7", "{}");
  Subscribe("s", "SELECT id FROM app.t WHERE n = 8", "{}");  // takes the place of the second
  ASSERT_EQ(jobs_.size(), 2u);
  Change("INSERT INTO t (id, n) VALUES (9001, 8)");
  EXPECT_EQ(Changes(), Texts({"insert 9001"}));
  RunJobs();
  const Texts messages = Changes();
  ASSERT_EQ(messages.size(), 3u);
  EXPECT_NE(messages[0].find("subscription_ack"), std::string::npos) << messages[0];
  EXPECT_EQ(messages[2], "insert 9001");  // behind the new one's boundary
  Change("INSERT INTO t (id, n) VALUES (9002, 7), (9003, 8)");
  EXPECT_EQ(Changes(), Texts({"insert 9003"}));
  EXPECT_EQ(hub_->counters().subscriptions, 1u);
}

TEST_F(LiveTest, UnsubscribingEndsASuccessorThatIsStillReading) {
  InsertManyRows();
  Subscribe("s", "SELECT id FROM app.t");
  Subscribe("s", "SELECT id FROM app.t WHERE n = 7", "{}");
  session_->OnText(R"({"type":"unsubscribe","subscription_id":"s"})");
  RunJobs();
  EXPECT_EQ(outbox_.Take(), Texts());
  EXPECT_EQ(hub_->counters().subscriptions, 0u);
  EXPECT_FALSE(hub_->Wants(Table("t")->id, ""));
}

TEST_F(LiveTest, ATableThatGoesTakesTheSuccessorWithIt) {
  InsertManyRows();
  Subscribe("s", "SELECT id FROM app.t");
  Subscribe("s", "SELECT id FROM app.t WHERE n = 7", "{}");
  const TableId id = Table("t")->id;
  Meta(catalog_->PrepareDropTable(Table("t")).Take());
  RunJobs();
  const Texts messages = Changes();
  ASSERT_FALSE(messages.empty());
  for (const std::string& m : messages) EXPECT_NE(m.find("NOT_FOUND"), std::string::npos) << m;
  EXPECT_EQ(hub_->counters().subscriptions, 0u);
  EXPECT_FALSE(hub_->Wants(id, ""));
}

TEST_F(LiveTest, CatchingUpWaitsWhileEveryWorkerIsBusy) {
  Subscribe("s", "SELECT id FROM app.t WHERE n = 7");
  Subscribe("other", "SELECT id FROM app.t WHERE n = 8");
  outbox_.queued = config_.websocket.max_queued_bytes + 1;
  Change("INSERT INTO t (id, n) VALUES (9001, 7), (9002, 8)");
  InsertManyRows();
  loop_.Run();
  workers_full_ = true;
  Drained();
  EXPECT_EQ(Changes(), Texts());  // no error either
  ASSERT_EQ(when_free_.size(), 1u);
  EXPECT_EQ(jobs_.size(), 0u);
  workers_full_ = false;
  when_free_[0]();
  loop_.Run();
  Drained();
  RunJobs();
  Texts messages = Changes();
  std::sort(messages.begin(), messages.end());
  EXPECT_EQ(messages, Texts({"insert 9001", "insert 9002"}));
}

TEST_F(LiveTest, AFilterThatFailsOnAChangeEndsItsSubscription) {
  Subscribe("a", "SELECT id FROM app.t WHERE 10 / n > 1");
  Subscribe("b", "SELECT id FROM app.t");
  Change("INSERT INTO t (id, n) VALUES (1, 0)");
  loop_.Run();
  Texts messages = outbox_.Take();
  ASSERT_EQ(messages.size(), 2u);
  EXPECT_EQ(Short(messages[0]), "insert 1");
  EXPECT_NE(messages[1].find(R"("subscription_id":"a","code":"SUBSCRIPTION_FAILED")"),
            std::string::npos)
      << messages[1];
  EXPECT_EQ(hub_->counters().subscriptions, 1u);
  // The snapshot says the same.
  EXPECT_EQ(Subscribe("a", "SELECT id FROM app.t WHERE 10 / n > 1", "{}"), Texts({messages[1]}));
  Change("INSERT INTO t (id, n) VALUES (2, 1)");
  EXPECT_EQ(Changes(), Texts({"insert 2"}));
  session_->OnText(R"({"type":"unsubscribe","subscription_id":"b"})");
  Subscribe("a", "SELECT id FROM app.t WHERE 10 / n > 1");
  Change("INSERT INTO t (id, n) VALUES (3, 0)");  // the only one that listens
  loop_.Run();
  EXPECT_NE(outbox_.Take().at(0).find("SUBSCRIPTION_FAILED"), std::string::npos);
  EXPECT_FALSE(hub_->Wants(Table("t")->id, ""));
}

TEST_F(LiveTest, TheSqlOfOneConnectionIsBounded) {
  config_.rate_limit.max_subscriptions_per_user = 100;
  const std::string sql = "SELECT id FROM app.t -- " + std::string(1'000'000, 'x');
  int accepted = 0;
  Texts messages;
  for (int i = 0; i < 6; ++i) {
    messages = Subscribe(std::to_string(i), sql);
    ASSERT_EQ(messages.size(), 1u);
    if (messages[0].find("subscription_ack") == std::string::npos) break;
    ++accepted;
  }
  EXPECT_EQ(accepted, 4);
  EXPECT_NE(messages[0].find(R"("code":"UNSUPPORTED")"), std::string::npos) << messages[0];
  EXPECT_EQ(hub_->counters().subscriptions, 4u);
  EXPECT_EQ(Subscribe("small", "SELECT id FROM app.t").size(), 1u);
  EXPECT_EQ(hub_->counters().subscriptions, 5u);
  // One that replaces another needs the room of the difference only.
  EXPECT_NE(Subscribe("0", sql).at(0).find("subscription_ack"), std::string::npos);
  session_->OnText(R"({"type":"unsubscribe","subscription_id":"1"})");
  EXPECT_NE(Subscribe("4", sql).at(0).find("subscription_ack"), std::string::npos);
}

TEST_F(LiveTest, ABurstIsWorkedOffOneSliceATurnHoweverLongItLasts) {
  Subscribe("s", "SELECT id FROM app.t");
  std::string values;
  for (int i = 1; i <= 100; ++i) values += fmt::format("{}({})", i > 1 ? "," : "", i);
  Change("INSERT INTO t (id) VALUES " + values);
  // Each change takes as long as a slice.
  outbox_.on_change = [this] { clock_.Advance(1000); };
  size_t turns = 0, sent = 0;
  while (loop_.Turn() > 0) {
    ++turns;
    const size_t now = outbox_.Take().size();
    EXPECT_LE(now, 1u) << "in turn " << turns;
    sent += now;
  }
  EXPECT_EQ(sent, 100u);
}

TEST_F(LiveTest, RowsOfBeforeAnAddedColumnConcernNobodyWhoSubscribedBehindIt) {
  Subscribe("old", "SELECT id FROM app.t");
  Change("INSERT INTO t (id) VALUES (1)");
  std::vector<Column> columns = Table("t")->schema->columns();
  for (int i = 0; i < 60; ++i) {
    Column added;
    added.id = 1000 + static_cast<uint32_t>(i);
    added.name = fmt::format("x{}", i);
    added.type = DataType::Of(TypeKind::kText);
    columns.push_back(added);
  }
  Alter("t", columns);
  // The loop has heard of neither yet.
  Subscribe("all", "SELECT * FROM app.t");
  Subscribe("some", "SELECT id FROM app.t WHERE x59 LIKE 'a%'");
  Subscribe("one", "SELECT id FROM app.t WHERE x58 = 'a'");
  loop_.Run();
  const Texts messages = outbox_.Take();
  ASSERT_EQ(messages.size(), 2u);
  EXPECT_EQ(Short(messages[0]), "insert 1");
  EXPECT_NE(messages[1].find(R"("subscription_id":"old","code":"INVALID_SQL")"), std::string::npos)
      << messages[1];
  Change("INSERT INTO t (id, x58, x59) VALUES (2, 'a', 'a')");
  EXPECT_EQ(Changes(), Texts({"insert 2", "insert 2", "insert 2"}));
}

TEST_F(LiveTest, AStatementFromBeforeASubscriptionDoesNotEndIt) {
  Subscribe("old", "SELECT id FROM app.t");
  std::vector<Column> columns = Table("t")->schema->columns();
  for (const char* name : {"x", "y"}) {
    Column added;
    added.id = 1000 + static_cast<uint32_t>(columns.size());
    added.name = name;
    added.type = DataType::Of(TypeKind::kText);
    columns.push_back(added);
    Alter("t", columns);
  }
  ChangeAccess(AccessLevel::kPrivate);
  ChangeAccess(AccessLevel::kPublic);
  // All four statements wait in the inbox; this one is bound to what the last of them left.
  Subscribe("new", "SELECT id, y FROM app.t WHERE y = 'a'");
  Subscribe("shape", "SELECT id FROM app.t");
  loop_.Run();
  const Texts messages = outbox_.Take();
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_NE(messages[0].find(R"("subscription_id":"old")"), std::string::npos) << messages[0];
  outbox_.queued = config_.websocket.max_queued_bytes + 1;
  Change("INSERT INTO t (id, y) VALUES (1, 'a')");
  EXPECT_EQ(Changes(), Texts());
  Drained();
  EXPECT_EQ(Changes(), Texts({"insert 1", "insert 1"}));
}

TEST_F(LiveTest, WhoFallsBehindHearsNothingOfWhatWasWorkedOffBefore) {
  Change("INSERT INTO t (id, n) VALUES (1, 0), (2, 0), (3, 0)");
  Subscribe("s", "SELECT id FROM app.t WHERE n = 7");
  Change("UPDATE t SET v = 'x' WHERE n = 0");  // not of the filter
  EXPECT_EQ(Changes(), Texts());
  outbox_.queued = config_.websocket.max_queued_bytes + 1;
  Change("INSERT INTO t (id, n) VALUES (4, 7)");
  EXPECT_EQ(Changes(), Texts());
  Drained();
  EXPECT_EQ(Changes(), Texts({"insert 4"}));
  // Nor when the loop itself is behind.
  Change("UPDATE t SET v = 'y' WHERE n = 0");
  EXPECT_EQ(Changes(), Texts());
  for (int i = 0; i < 20; ++i)
    Change(fmt::format("UPDATE t SET v = repeat('{}', 1000000) WHERE id = 4", i % 10));
  const size_t direct = Changes().size();
  EXPECT_LT(direct, 20u);
  Drained();
  RunJobs();
  EXPECT_EQ(Changes(), Texts({"insert 4"}));
}

TEST_F(LiveTest, AFullQueueOfWorkersIsAskedOnceForAllThatLag) {
  for (const char* id : {"a", "b", "c", "d"})
    Subscribe(id, fmt::format("SELECT id FROM app.t WHERE v = '{}'", id));
  outbox_.queued = config_.websocket.max_queued_bytes + 1;
  Change("INSERT INTO t (id, v) VALUES (8001, 'a'), (8002, 'b'), (8003, 'c'), (8004, 'd')");
  InsertManyRows();
  loop_.Run();
  outbox_.Take();
  workers_full_ = true;
  Drained();
  EXPECT_EQ(refused_jobs_, 1);
  ASSERT_EQ(when_free_.size(), 1u);
  // Somebody else was faster.
  when_free_[0]();
  loop_.Run();
  Drained();
  EXPECT_EQ(refused_jobs_, 2);
  ASSERT_EQ(when_free_.size(), 2u);
  workers_full_ = false;
  when_free_[1]();
  loop_.Run();
  Drained();
  EXPECT_EQ(jobs_.size(), 4u);
  RunJobs();
  EXPECT_EQ(Changes(), Texts({"insert 8001", "insert 8002", "insert 8003", "insert 8004"}));
  Change("INSERT INTO t (id, v) VALUES (9001, 'a'), (9002, 'b'), (9003, 'c'), (9004, 'd')");
  EXPECT_EQ(Changes(), Texts({"insert 9001", "insert 9002", "insert 9003", "insert 9004"}));
}

TEST_F(LiveTest, PagesWaitUntilTheClientHasReadWhatIsQueued) {
  Change("INSERT INTO t (id) VALUES (1), (2), (3)");
  Subscribe("before", "SELECT id FROM app.t", R"({"batch_size":2})");
  outbox_.queued = config_.websocket.max_queued_bytes + 1;
  NextBatch("before", 0);
  EXPECT_EQ(Subscribe("gone", "SELECT id FROM app.t", "{}"), Texts());
  EXPECT_EQ(Subscribe("s", "SELECT id FROM app.t", "{}"), Texts());
  session_->OnText(R"({"type":"unsubscribe","subscription_id":"gone"})");
  session_->OnText(R"({"type":"unsubscribe","subscription_id":"before"})");
  Change("INSERT INTO t (id) VALUES (4)");
  EXPECT_EQ(Changes(), Texts());
  Drained();
  const Texts messages = Changes();
  ASSERT_EQ(messages.size(), 3u);
  EXPECT_NE(messages[0].find(R"("subscription_ack","subscription_id":"s")"), std::string::npos);
  EXPECT_NE(messages[1].find(R"("id":3)"), std::string::npos) << messages[1];
  EXPECT_EQ(messages[1].find(R"("id":4)"), std::string::npos) << messages[1];
  EXPECT_EQ(messages[2], "insert 4");
  Change("INSERT INTO t (id) VALUES (5)");
  EXPECT_EQ(Changes(), Texts({"insert 5"}));
}

TEST_F(LiveTest, TheReasonOfACloseIsLeftWhole) {
  // Where it is cut is the connection's business, which knows where characters end.
  std::string method;
  for (int i = 0; i < 100; ++i) method += "\u00e9";
  session_->OnText(fmt::format(R"({{"type":"authenticate","method":"{}","token":"x"}})", method));
  EXPECT_EQ(outbox_.closed, 1011);
  EXPECT_TRUE(IsValidUtf8(outbox_.close_reason));
}

TEST_F(LiveTest, AuthenticatingAgainSaysWhatWasNegotiated) {
  // The connection was made with ?compress=false, which changes frames and not the answer.
  session_->OnText(R"({"type":"authenticate","method":"jwt","token":"none"})");
  const Texts messages = outbox_.Take();
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_NE(messages[0].find(R"("compression":"gzip")"), std::string::npos) << messages[0];
}

TEST_F(LiveTest, CountsOfAUserGoUpAndDownByWhatReallyHappened) {
  config_.rate_limit.max_subscriptions_per_user = 2;
  Subscribe("a", "SELECT id FROM app.t");
  Subscribe("a", "SELECT v FROM app.t");  // replaces
  Subscribe("b", "SELECT nothing FROM app.t");
  EXPECT_EQ(hub_->counters().subscriptions, 1u);
  Subscribe("b", "SELECT id FROM app.t");
  EXPECT_NE(Subscribe("c", "SELECT id FROM app.t").at(0).find("SUBSCRIPTION_LIMIT_EXCEEDED"),
            std::string::npos);
  ASSERT_EQ(hub_->List().size(), 2u);
  const LiveInfo info = hub_->List()[0];
  EXPECT_TRUE(hub_->Kill(fmt::format("{}-{}-a", info.user, info.connection_id)).ok());
  EXPECT_EQ(hub_->counters().subscriptions, 1u);
}

}  // namespace
}  // namespace kalamdb::live
