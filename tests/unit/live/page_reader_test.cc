// Pages of a snapshot and of a resume, on a real store.
#include "live/page_reader.h"

#include "../query/query_fixture.h"

namespace kalamdb::live {
namespace {

class PageReader : public query::QueryTest {
 protected:
  PageReader() {
    Create("CREATE TABLE app.t (id INT PRIMARY KEY, v TEXT, n INT) WITH (TYPE = 'USER')");
  }

  PageRequest Ask(const std::string& sql, int64_t after = 0) {
    PageRequest request;
    Refusal refusal;
    request.query =
        BindSubscription(sources_, sql, {"ann", Role::kUser}, clock_.WallMicros(), &refusal);
    EXPECT_NE(request.query, nullptr) << refusal.message;
    request.after = after;
    request.boundary = Boundary();
    return request;
  }
  int64_t Boundary() {
    return shard::SnapshotBoundary(*store_, executor_->shards(), *store_->GetSnapshot(),
                                   *Table("t"), "ann")
        .Take();
  }
  Page Read(const PageRequest& request, size_t budget = 0) {
    return ReadPage(sources_, request, store_->GetSnapshot(), clock_.WallMicros(), budget).Take();
  }
  // "1 2 -3": ids, with a minus where the row is gone.
  static std::string Ids(const Page& page) {
    std::string out;
    for (const PageRow& row : page.rows) {
      if (!out.empty()) out += ' ';
      if (row.is_delete) out += '-';
      out += std::to_string(std::atoi(row.encoded.c_str() + row.encoded.find("\"id\":") + 5));
    }
    return out;
  }
};

TEST_F(PageReader, PagesFollowEachOtherInSeqOrder) {
  Change("INSERT INTO t (id) VALUES (3), (1), (2), (4)");
  Change("UPDATE t SET v = 'x' WHERE id = 3");
  PageRequest request = Ask("SELECT id FROM app.t");
  request.limit = 3;
  const Page first = Read(request);
  EXPECT_EQ(Ids(first), "1 2 4");
  EXPECT_TRUE(first.has_more);
  request.after = *first.last_seq;
  const Page second = Read(request);
  EXPECT_EQ(Ids(second), "3");
  EXPECT_FALSE(second.has_more);
}

TEST_F(PageReader, WhatCommitsBehindTheBoundaryIsNoPartOfThePage) {
  Change("INSERT INTO t (id) VALUES (1), (2)");
  const PageRequest request = Ask("SELECT id FROM app.t");
  Change("INSERT INTO t (id) VALUES (3)");
  Change("UPDATE t SET v = 'x' WHERE id = 1");
  EXPECT_EQ(Ids(Read(request)), "2");
}

TEST_F(PageReader, AResumeTellsWhatIsGoneAndNothingThatWasNeverSeen) {
  Change("INSERT INTO t (id, n) VALUES (1, 1), (2, 1), (3, 1)");
  const int64_t from = Boundary();
  Change("DELETE FROM t WHERE id = 1");
  Change("UPDATE t SET n = 2 WHERE id = 2");
  Change("INSERT INTO t (id, n) VALUES (4, 1), (5, 1)");
  Change("DELETE FROM t WHERE id = 5");
  PageRequest request = Ask("SELECT id FROM app.t WHERE n = 1", from);
  request.known_until = from;
  const Page page = Read(request);
  EXPECT_EQ(Ids(page), "-1 -2 4");
  EXPECT_EQ(page.last_seq, Boundary());
}

TEST_F(PageReader, TheNewestRowsComeAscending) {
  Change("INSERT INTO t (id) VALUES (1), (2), (3), (4)");
  Change("UPDATE t SET v = 'x' WHERE id = 1");
  PageRequest request = Ask("SELECT id FROM app.t");
  request.last_rows = 3;
  const Page page = Read(request);
  EXPECT_EQ(Ids(page), "3 4 1");
  EXPECT_FALSE(page.has_more);
}

TEST_F(PageReader, LargeRowsCutAPageButNeverTheNewestRows) {
  for (int i = 1; i <= 6; ++i)
    Change("INSERT INTO t (id, v) VALUES (" + std::to_string(i) + ", repeat('x', 1000000))");
  const PageRequest all = Ask("SELECT * FROM app.t");
  const Page page = Read(all);
  EXPECT_TRUE(page.has_more);
  EXPECT_LT(page.rows.size(), 6u);
  PageRequest newest = all;
  newest.last_rows = 6;
  EXPECT_EQ(Ids(Read(newest)), "1 2 3 4 5 6");
  for (int i = 7; i <= 20; ++i)
    Change("INSERT INTO t (id, v) VALUES (" + std::to_string(i) + ", repeat('x', 1000000))");
  newest.last_rows = 20;
  newest.boundary = Boundary();
  EXPECT_FALSE(ReadPage(sources_, newest, store_->GetSnapshot(), clock_.WallMicros(), 0).ok());
}

TEST_F(PageReader, AnotherOwnersRowsAreNeverRead) {
  user_ = "bob";
  Change("INSERT INTO t (id) VALUES (1)");
  user_ = "ann";
  Change("INSERT INTO t (id) VALUES (2)");
  EXPECT_EQ(Ids(Read(Ask("SELECT id FROM app.t"))), "2");
}

TEST_F(PageReader, ALongScanAsksForAWorker) {
  Change("INSERT INTO t (id, n) VALUES (1, 1), (2, 1), (3, 1), (4, 1)");
  const PageRequest request = Ask("SELECT id FROM app.t WHERE n = 2");
  EXPECT_EQ(ReadPage(sources_, request, store_->GetSnapshot(), clock_.WallMicros(), 2).code(),
            ErrorCode::kNeedsPool);
  EXPECT_EQ(Ids(Read(request)), "");
}

}  // namespace
}  // namespace kalamdb::live
