#include "query/sort.h"

#include <gtest/gtest.h>

namespace kalamdb::query {
namespace {

std::vector<int64_t> Sorted(const std::vector<int64_t>& values, bool descending, uint64_t keep) {
  RowSorter sorter({SortKey{descending, false}}, keep);
  for (int64_t v : values) {
    Datum d = Datum::BigInt(v);
    EXPECT_TRUE(sorter.Add({&d, 1}, {&d, 1}).ok());
  }
  sorter.Finish();
  std::vector<int64_t> out;
  for (size_t i = 0; i < sorter.size(); ++i) out.push_back(sorter.cells(i)[0].i);
  return out;
}

TEST(RowSorter, KeepsTheFirstOfAnyOrderOfArrival) {
  std::vector<int64_t> values;
  for (int64_t i = 0; i < 1000; ++i) values.push_back((i * 7919) % 1000);
  EXPECT_EQ(Sorted(values, false, 4), (std::vector<int64_t>{0, 1, 2, 3}));
  EXPECT_EQ(Sorted(values, true, 3), (std::vector<int64_t>{999, 998, 997}));
  EXPECT_EQ(Sorted(values, false, 5000).size(), 1000u);
  EXPECT_EQ(Sorted(values, false, 0).size(), 0u);
  EXPECT_EQ(Sorted(values, false, 1), std::vector<int64_t>{0});
}

TEST(RowSorter, EqualKeysStayInTheirOrder) {
  RowSorter sorter({SortKey{}}, 3);
  for (int64_t i = 0; i < 6; ++i) {
    Datum key = Datum::BigInt(i % 2), cell = Datum::BigInt(i);
    ASSERT_TRUE(sorter.Add({&key, 1}, {&cell, 1}).ok());
  }
  sorter.Finish();
  EXPECT_EQ(sorter.cells(0)[0].i, 0);
  EXPECT_EQ(sorter.cells(1)[0].i, 2);
  EXPECT_EQ(sorter.cells(2)[0].i, 4);
}

TEST(RowSorter, OwnsTheTextOfItsRows) {
  RowSorter sorter({SortKey{}}, 10);
  for (int i = 3; i > 0; --i) {
    std::string text = "value " + std::to_string(i);
    Datum d = Datum::Text(text);
    ASSERT_TRUE(sorter.Add({&d, 1}, {&d, 1}).ok());
  }
  sorter.Finish();
  EXPECT_EQ(sorter.cells(0)[0].text(), "value 1");
}

TEST(RowSorter, DeclinesWhatOutgrowsItsMemory) {
  RowSorter sorter({SortKey{}}, 1000);
  std::string megabyte(1 << 20, 'x');
  Status status;
  int rows = 0;
  for (; rows < 100 && status.ok(); ++rows) {
    Datum key = Datum::BigInt(rows), cell = Datum::Text(megabyte);
    status = sorter.Add({&key, 1}, {&cell, 1});
  }
  EXPECT_EQ(status.code(), ErrorCode::kNeedsAnalytics);
  EXPECT_EQ(rows, 32);
}

}  // namespace
}  // namespace kalamdb::query
