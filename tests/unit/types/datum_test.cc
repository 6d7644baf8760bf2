// Promises of values: order, equality, hash, ownership.
#include "types/datum.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "types/convert.h"
#include "types/decimal.h"

namespace kalamdb {
namespace {

Datum Double(double v) { return Datum::Real(TypeKind::kDouble, v); }
Datum Dec(std::string_view text, uint8_t scale) {
  Int128 v = 0;
  EXPECT_TRUE(ParseDecimal(text, scale, &v)) << text;
  return Datum::Decimal(v, scale);
}
int SignOf(int c) { return (c > 0) - (c < 0); }

void ExpectOrder(const Datum& a, const Datum& b, int sign) {
  EXPECT_EQ(SignOf(CompareDatums(a, b)), sign);
  EXPECT_EQ(SignOf(CompareDatums(b, a)), -sign);
  EXPECT_EQ(SameValue(a, b), sign == 0);
  if (sign == 0) {
    EXPECT_EQ(HashDatum(a), HashDatum(b));
  }
}

TEST(CompareDatums, TellsIntegersFromNeighbouringDoubles) {
  const int64_t two53 = int64_t{1} << 53;
  ExpectOrder(Datum::BigInt(two53 + 1), Double(0x1p53), 1);
  ExpectOrder(Datum::BigInt(two53), Double(0x1p53), 0);
  ExpectOrder(Datum::BigInt(-two53 - 1), Double(-0x1p53), -1);
  ExpectOrder(Datum::BigInt(std::numeric_limits<int64_t>::max()), Double(0x1p63), -1);
  ExpectOrder(Datum::BigInt(std::numeric_limits<int64_t>::min()), Double(-0x1p63), 0);
  ExpectOrder(Datum::BigInt(2), Double(2.5), -1);
  ExpectOrder(Datum::BigInt(-2), Double(-2.5), 1);
  ExpectOrder(Datum::BigInt(0), Double(-0.0), 0);
}

TEST(CompareDatums, TellsDecimalsFromNeighbouringDoubles) {
  // 0.1 as a double is 0.1000000000000000055511151231257827...
  ExpectOrder(Dec("0.1", 1), Double(0.1), -1);
  ExpectOrder(Dec("0.10000000000000000555", 20), Double(0.1), -1);
  ExpectOrder(Dec("0.10000000000000000556", 20), Double(0.1), 1);
  ExpectOrder(Dec("-0.1", 1), Double(-0.1), 1);
  ExpectOrder(Dec("0.5", 1), Double(0.5), 0);
  ExpectOrder(Dec("0.5", 38), Double(0.5), 0);
  ExpectOrder(Dec("-0.50", 2), Double(-0.5), 0);
  ExpectOrder(Dec("0.5", 1), Double(-0.5), 1);
  ExpectOrder(Dec("0", 5), Double(5e-324), -1);
  ExpectOrder(Dec("9007199254740993", 0), Double(0x1p53), 1);
  ExpectOrder(Datum::Decimal(kMaxDecimal, 0), Double(1e39), -1);
  ExpectOrder(Datum::Decimal(-kMaxDecimal, 0), Double(-1e39), 1);
  ExpectOrder(Datum::Decimal(kMaxDecimal, 0), Double(0x1p126), 1);
  ExpectOrder(Datum::Decimal(Int128{1} << 126, 0), Double(0x1p126), 0);
}

TEST(CompareDatums, ScalesDecimalsWithoutOverflow) {
  ExpectOrder(Dec("1.5", 1), Dec("1.50000", 5), 0);
  ExpectOrder(Datum::Decimal(kMaxDecimal, 0), Datum::Decimal(kMaxDecimal, 38), 1);
  ExpectOrder(Datum::Decimal(-kMaxDecimal, 0), Datum::Decimal(-kMaxDecimal, 38), -1);
  ExpectOrder(Datum::BigInt(std::numeric_limits<int64_t>::max()), Datum::Decimal(kMaxDecimal, 38),
              1);
  ExpectOrder(Datum::BigInt(1), Datum::Decimal(kMaxDecimal, 38), 1);
  ExpectOrder(Datum::BigInt(5), Dec("5.000", 3), 0);
}

TEST(CompareDatums, TakesNanForTheGreatestAndItsOwnEqual) {
  const Datum nan = Double(std::nan(""));
  ExpectOrder(nan, nan, 0);
  ExpectOrder(nan, Double(std::numeric_limits<double>::infinity()), 1);
  ExpectOrder(nan, Datum::BigInt(std::numeric_limits<int64_t>::max()), 1);
  ExpectOrder(nan, Datum::Decimal(kMaxDecimal, 0), 1);
  ExpectOrder(Double(-std::numeric_limits<double>::infinity()), Datum::Decimal(-kMaxDecimal, 0),
              -1);
}

TEST(CompareDatums, OrdersTextByBytes) {
  ExpectOrder(Datum::Text("Z"), Datum::Text("a"), -1);
  ExpectOrder(Datum::Text("a"), Datum::Text(std::string_view("a\0", 2)), -1);
  ExpectOrder(Datum::Text("\xc3\xa4"), Datum::Text("z"), 1);
  ExpectOrder(Datum::Text(""), Datum::Text({}), 0);
  ExpectOrder(Datum::Text("{}"), Datum::Bytes(TypeKind::kJson, "{}"), 0);
}

TEST(CompareDatums, ComparesDatesWithTimestampsByInstant) {
  const Datum day = Datum::Int(TypeKind::kDate, 1);
  ExpectOrder(day, Datum::Int(TypeKind::kTimestamp, kMicrosPerDay), 0);
  ExpectOrder(day, Datum::Int(TypeKind::kDateTime, kMicrosPerDay + 1), -1);
  // A day that no timestamp can hold.
  ExpectOrder(Datum::Int(TypeKind::kDate, std::numeric_limits<int32_t>::max()),
              Datum::Int(TypeKind::kTimestamp, std::numeric_limits<int64_t>::max()), 1);
}

TEST(CompareDatums, KnowsWhatCannotBeCompared) {
  EXPECT_TRUE(IsComparable(TypeKind::kInt, TypeKind::kDecimal));
  EXPECT_TRUE(IsComparable(TypeKind::kNull, TypeKind::kBytes));
  EXPECT_FALSE(IsComparable(TypeKind::kText, TypeKind::kInt));
  EXPECT_FALSE(IsComparable(TypeKind::kText, TypeKind::kBytes));
  EXPECT_FALSE(IsComparable(TypeKind::kTime, TypeKind::kTimestamp));
  EXPECT_FALSE(IsComparable(TypeKind::kList, TypeKind::kList));
  EXPECT_FALSE(SameValue(Datum::Text("1"), Datum::BigInt(1)));
}

TEST(SameValue, DistinguishesNullFromEverythingElse) {
  EXPECT_TRUE(SameValue(Datum::Null(TypeKind::kInt), Datum::Null(TypeKind::kText)));
  EXPECT_FALSE(SameValue(Datum::Null(TypeKind::kInt), Datum::BigInt(0)));
  EXPECT_FALSE(SameValue(Datum::Text(""), Datum::Null(TypeKind::kText)));
}

TEST(HashDatum, AgreesWithEqualityAcrossNumericKinds) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 20'000; ++round) {
    // Eighths have exact forms in all kinds.
    const auto eighths = static_cast<int64_t>(random() % 2'000'001) - 1'000'000;
    const double real = static_cast<double>(eighths) / 8;
    const auto scale = static_cast<uint8_t>(3 + random() % 28);
    const Datum decimal = Datum::Decimal(eighths * 125 * kPowersOfTen[scale - 3], scale);
    ExpectOrder(decimal, Double(real), 0);
    if (eighths % 8 == 0) ExpectOrder(decimal, Datum::BigInt(eighths / 8), 0);
  }
}

TEST(HashDatum, SpreadsSmallIntegers) {
  std::vector<uint64_t> seen;
  for (int64_t i = 0; i < 1000; ++i) seen.push_back(HashDatum(Datum::BigInt(i)) % 4096);
  std::sort(seen.begin(), seen.end());
  const auto distinct = std::unique(seen.begin(), seen.end()) - seen.begin();
  EXPECT_GT(distinct, 800);
}

TEST(Value, OwnsItsBytesThroughCopyMoveAndSelfAssignment) {
  for (const size_t size : {size_t{0}, size_t{3}, size_t{15}, size_t{16}, size_t{1000}}) {
    std::string source(size, 'x');
    Value first{Datum::Text(source)};
    source.assign(size, 'y');
    const std::string expected(size, 'x');
    EXPECT_EQ(first.datum().text(), expected);
    Value copy = first;
    Value moved = std::move(first);
    EXPECT_EQ(copy.datum().text(), expected);
    EXPECT_EQ(moved.datum().text(), expected);
    EXPECT_TRUE(first.null());  // NOLINT(bugprone-use-after-move): the promise under test
    moved = moved.datum();
    EXPECT_EQ(moved.datum().text(), expected);
    std::vector<Value> many(3, copy);
    many.resize(100);
    EXPECT_EQ(many[2].datum().text(), expected);
    if (size > 2) {
      Value tail = copy;
      tail = Datum::Text(tail.datum().text().substr(1));
      EXPECT_EQ(tail.datum().text(), expected.substr(1));
    }
  }
  EXPECT_EQ(Value::Text("abc").datum().text(), "abc");
  Value number{Datum::BigInt(5)};
  number = Datum::Text("now text");
  number = Datum::Bool(true);
  EXPECT_TRUE(number.datum().b);
}

TEST(Arena, KeepsEveryCopyUntilReset) {
  Arena arena;
  std::vector<std::pair<std::string_view, std::string>> copies;
  for (size_t i = 0; i < 3000; ++i) {
    std::string text(i % 200, static_cast<char>('a' + i % 26));
    copies.emplace_back(arena.Copy(text), text);
  }
  const std::string large(300'000, 'L');
  copies.emplace_back(arena.Copy(large), large);
  for (const auto& [view, text] : copies) EXPECT_EQ(view, text);
  EXPECT_GE(arena.bytes(), large.size());
  arena.Reset();
  EXPECT_LE(arena.bytes(), 4096u);
  EXPECT_EQ(arena.Copy("again"), "again");
}

TEST(Arena, ReleasesALargeFirstBlockOnReset) {
  Arena arena;
  arena.Allocate(1 << 20);
  arena.Reset();
  EXPECT_EQ(arena.bytes(), 0u);
}

}  // namespace
}  // namespace kalamdb
