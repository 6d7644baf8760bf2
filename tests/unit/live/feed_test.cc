// From a change set to the subscribers that it concerns.
#include "live/feed.h"

#include <algorithm>

#include "../query/query_fixture.h"

namespace kalamdb::live {
namespace {

// Keeps the change sets of every commit.
class Keeper final : public shard::ChangeListener {
 public:
  bool Wants(TableId, std::string_view) override { return true; }
  void OnCommit(const shard::ChangeSetPtr& changes) override { sets.push_back(changes); }
  std::vector<shard::ChangeSetPtr> sets;
};

class Collector final : public ChangeSink {
 public:
  void Deliver(Subscription& subscription, int64_t, const SharedBytes& body) override {
    bodies.push_back(body);
    const size_t from = body->find("\"change_type\":\"") + 15;
    told.push_back(subscription.id + " " + body->substr(from, body->find('"', from) - from));
  }
  [[nodiscard]] bool SliceOver() const override { return short_slices; }
  std::vector<std::string> Take() {
    std::sort(told.begin(), told.end());
    return std::exchange(told, {});
  }
  bool short_slices = false;
  std::vector<SharedBytes> bodies;
  std::vector<std::string> told;
};

using Told = std::vector<std::string>;

class FeedTest : public query::QueryTest {
 protected:
  FeedTest() {
    Create("CREATE TABLE app.t (id INT PRIMARY KEY, room TEXT, n INT) WITH (TYPE = 'USER')");
    executor_->set_listener(&keeper_);
  }
  ~FeedTest() override { executor_.reset(); }

  Subscription* Add(const std::string& id, const std::string& sql, Role role = Role::kUser) {
    auto s = std::make_unique<Subscription>();
    Refusal refusal;
    s->id = id;
    s->sql = std::make_shared<const std::string>(sql);
    s->query = BindSubscription(sources_, sql, {"ann", role}, clock_.WallMicros(), &refusal);
    EXPECT_NE(s->query, nullptr) << refusal.message;
    feed_.Add(s.get());
    subscriptions_.push_back(std::move(s));
    return subscriptions_.back().get();
  }
  Told After(const std::string& sql) {
    keeper_.sets.clear();
    Change(sql);
    for (const auto& set : keeper_.sets) {
      for (size_t next = 0; next < set->changes.size();) {
        const size_t before = next;
        EXPECT_TRUE(feed_.Distribute(*set, &next, sink_, &failures_).ok());
        EXPECT_GT(next, before);
        EXPECT_EQ(next, sink_.short_slices ? before + 1 : set->changes.size());
      }
    }
    return sink_.Take();
  }

  Keeper keeper_;
  std::vector<std::unique_ptr<Subscription>> subscriptions_;
  Feed feed_;
  Collector sink_;
  std::vector<FilterFailure> failures_;
};

TEST_F(FeedTest, EqualQueriesShareOneShapeAndItsBytes) {
  Subscription* a = Add("a", "SELECT id, n FROM app.t WHERE n > 1");
  Subscription* b = Add("b", "select ID, N from app.t where (n > 1)");
  EXPECT_EQ(a->query, b->query);
  EXPECT_EQ(After("INSERT INTO t (id, n) VALUES (1, 2)"), Told({"a insert", "b insert"}));
  ASSERT_EQ(sink_.bodies.size(), 2u);
  EXPECT_EQ(sink_.bodies[0], sink_.bodies[1]);
}

TEST_F(FeedTest, DifferentFiltersOfOneProjectionShareItsBytes) {
  Add("a", "SELECT id FROM app.t WHERE n > 1");
  Add("b", "SELECT id FROM app.t WHERE n > 0");
  Add("c", "SELECT n FROM app.t WHERE n > 0");
  EXPECT_EQ(After("INSERT INTO t (id, n) VALUES (1, 2)"),
            Told({"a insert", "b insert", "c insert"}));
  std::sort(sink_.bodies.begin(), sink_.bodies.end());
  sink_.bodies.erase(std::unique(sink_.bodies.begin(), sink_.bodies.end()), sink_.bodies.end());
  EXPECT_EQ(sink_.bodies.size(), 2u);
}

TEST_F(FeedTest, EqualityFiltersAreFoundByTheOldAndTheNewValue) {
  Add("red", "SELECT * FROM app.t WHERE room = 'red'");
  Add("blue", "SELECT * FROM app.t WHERE room = 'blue' AND n > 0");
  Add("all", "SELECT * FROM app.t");
  EXPECT_EQ(After("INSERT INTO t (id, room, n) VALUES (1, 'red', 1)"),
            Told({"all insert", "red insert"}));
  EXPECT_EQ(After("UPDATE t SET n = 2 WHERE id = 1"), Told({"all update", "red update"}));
  EXPECT_EQ(After("UPDATE t SET room = 'blue' WHERE id = 1"),
            Told({"all update", "blue update", "red delete"}));
  EXPECT_EQ(After("UPDATE t SET room = NULL WHERE id = 1"), Told({"all update", "blue delete"}));
  EXPECT_EQ(After("DELETE FROM t WHERE id = 1"), Told({"all delete"}));
}

TEST_F(FeedTest, ADeleteByLeavingTheFilterCarriesTheOldRowUnderTheNewSeq) {
  Add("a", "SELECT n FROM app.t WHERE n < 10");
  After("INSERT INTO t (id, n) VALUES (1, 1)");
  sink_.bodies.clear();
  EXPECT_EQ(After("UPDATE t SET n = 10 WHERE id = 1"), Told({"a delete"}));
  const std::string& body = *sink_.bodies.at(0);
  EXPECT_NE(body.find(R"("n":1,)"), std::string::npos) << body;
  EXPECT_NE(body.find(R"("id":1)"), std::string::npos) << body;
  EXPECT_NE(body.find(std::to_string(keeper_.sets.back()->changes[0].seq)), std::string::npos)
      << body;
}

TEST_F(FeedTest, WhatIsRemovedHearsNothingAndTheFeedGetsEmpty) {
  Subscription* a = Add("a", "SELECT * FROM app.t WHERE room = 'red'");
  Subscription* b = Add("b", "SELECT * FROM app.t WHERE room = 'red'");
  Subscription* c = Add("c", "SELECT * FROM app.t");
  feed_.Remove(a);
  EXPECT_EQ(After("INSERT INTO t (id, room) VALUES (1, 'red')"), Told({"b insert", "c insert"}));
  feed_.Remove(b);
  feed_.Remove(c);
  EXPECT_TRUE(feed_.empty());
  EXPECT_EQ(After("INSERT INTO t (id, room) VALUES (2, 'red')"), Told());
  Add("d", "SELECT id FROM app.t WHERE room = 'red'");
  EXPECT_EQ(After("INSERT INTO t (id, room) VALUES (3, 'red')"), Told({"d insert"}));
}

TEST_F(FeedTest, ASliceEndsBetweenTwoChangesAndLosesNone) {
  Add("a", "SELECT id FROM app.t WHERE room = 'red'");
  Add("b", "SELECT id FROM app.t");
  sink_.short_slices = true;
  EXPECT_EQ(After("INSERT INTO t (id, room) VALUES (1, 'red'), (2, 'blue'), (3, 'red')"),
            Told({"a insert", "a insert", "b insert", "b insert", "b insert"}));
}

TEST_F(FeedTest, AFilterThatFailsOnOneRowKeepsNothingFromOthers) {
  Add("a", "SELECT id FROM app.t WHERE 10 / n > 1");
  Add("b", "SELECT id FROM app.t");
  keeper_.sets.clear();
  Change("INSERT INTO t (id, n) VALUES (1, 0), (2, 1)");
  ASSERT_EQ(keeper_.sets.size(), 1u);
  size_t next = 0;
  EXPECT_TRUE(feed_.Distribute(*keeper_.sets[0], &next, sink_, &failures_).ok());
  EXPECT_EQ(sink_.Take(), Told({"a insert", "b insert", "b insert"}));
  ASSERT_EQ(failures_.size(), 1u);
  EXPECT_EQ(failures_[0].subscription->id, "a");
  EXPECT_FALSE(failures_[0].why.ok());
}

TEST_F(FeedTest, AFilterThatFailsOnWhatWasNeverShownIsNoFailure) {
  Change("INSERT INTO t (id, n) VALUES (1, 0), (2, 0), (3, 0)");
  Subscription* a = Add("a", "SELECT id FROM app.t WHERE 10 / n > 1");
  EXPECT_EQ(After("DELETE FROM t WHERE id = 1"), Told());
  EXPECT_EQ(After("UPDATE t SET n = 100 WHERE id = 2"), Told());
  EXPECT_EQ(After("UPDATE t SET n = 2 WHERE id = 3"), Told({"a update"}));
  // Nor on what the snapshot holds in a later version.
  a->boundary = INT64_MAX;
  EXPECT_EQ(After("UPDATE t SET n = 0 WHERE id = 3"), Told());
  EXPECT_TRUE(failures_.empty());
  a->boundary = 0;
  EXPECT_EQ(After("UPDATE t SET n = 0, room = 'x' WHERE id = 2"), Told());
  EXPECT_EQ(failures_.size(), 1u);
}

TEST_F(FeedTest, ANewVersionOfTheTableReachesEverySubscriberOfAShape) {
  Subscription* a = Add("a", "SELECT id FROM app.t WHERE room = 'red'");
  Subscription* b = Add("b", "SELECT id FROM app.t WHERE room = 'red'");
  Alter("t", Table("t")->schema->columns());
  Subscription* c = Add("c", "SELECT id FROM app.t WHERE room = 'red'");
  EXPECT_EQ(c->query->table, Table("t"));
  feed_.Rebind(Table("t"));
  EXPECT_EQ(a->query->table, Table("t"));
  EXPECT_EQ(b->query->table, Table("t"));
  EXPECT_EQ(After("INSERT INTO t (id, room) VALUES (1, 'red')"),
            Told({"a insert", "b insert", "c insert"}));
  for (Subscription* s : {a, b, c}) feed_.Remove(s);
  EXPECT_TRUE(feed_.empty());
}

}  // namespace
}  // namespace kalamdb::live
