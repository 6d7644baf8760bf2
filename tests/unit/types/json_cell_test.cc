// Promises of cells on the wire.
#include "types/json_cell.h"

#include <gtest/gtest.h>

#include <charconv>
#include <cmath>
#include <limits>
#include <random>

#include "types/decimal.h"

namespace kalamdb {
namespace {

std::string Cell(const Datum& d) {
  std::string out;
  AppendCell(&out, d);
  return out;
}
std::string Real(double v) { return Cell(Datum::Real(TypeKind::kDouble, v)); }

TEST(AppendCell, WritesSixtyFourBitIntegersAsStrings) {
  EXPECT_EQ(Cell(Datum::BigInt(42)), "\"42\"");
  EXPECT_EQ(Cell(Datum::BigInt(9007199254740993)), "\"9007199254740993\"");
  EXPECT_EQ(Cell(Datum::BigInt(std::numeric_limits<int64_t>::min())), "\"-9223372036854775808\"");
  EXPECT_EQ(Cell(Datum::Int(TypeKind::kInt, -7)), "-7");
  EXPECT_EQ(Cell(Datum::Int(TypeKind::kSmallInt, 7)), "7");
}

TEST(AppendCell, WritesTimesAsPlainNumbers) {
  EXPECT_EQ(Cell(Datum::Int(TypeKind::kTimestamp, 1'738'324'800'500'000)), "1738324800500000");
  EXPECT_EQ(Cell(Datum::Int(TypeKind::kDateTime, -1)), "-1");
  EXPECT_EQ(Cell(Datum::Int(TypeKind::kDate, -3)), "-3");
  EXPECT_EQ(Cell(Datum::Int(TypeKind::kTime, 1)), "1");
}

TEST(AppendCell, WritesNullOfAnyKind) {
  for (int kind = 0; kind <= 0x11; ++kind) {
    EXPECT_EQ(Cell(Datum::Null(static_cast<TypeKind>(kind))), "null");
  }
}

TEST(AppendCell, WidensFloatsToDoubles) {
  EXPECT_EQ(Cell(Datum::Real(TypeKind::kFloat, static_cast<double>(0.1F))), "0.10000000149011612");
  const float floats[] = {0.1F, 1.0F, -2.5F};
  EXPECT_EQ(Cell(Datum::Bytes(TypeKind::kEmbedding, {reinterpret_cast<const char*>(floats), 12})),
            "[0.10000000149011612,1.0,-2.5]");
}

TEST(AppendCell, MarksWholeDoublesAndKeepsExponentsValidJson) {
  EXPECT_EQ(Real(1), "1.0");
  EXPECT_EQ(Real(-0.0), "-0.0");
  EXPECT_EQ(Real(0), "0.0");
  EXPECT_EQ(Real(100000), "100000.0");
  EXPECT_EQ(Real(123456789012345), "123456789012345.0");
  EXPECT_EQ(Real(1e15), "1000000000000000.0");
  EXPECT_EQ(Real(1234567890123456), "1234567890123456.0");
  EXPECT_EQ(Real(1e16), "1e16");
  EXPECT_EQ(Real(1.5e300), "1.5e300");
  EXPECT_EQ(Real(0.1), "0.1");
  EXPECT_EQ(Real(0.00001), "0.00001");
  EXPECT_EQ(Real(0.000001), "1e-6");
  EXPECT_EQ(Real(-1.25e-7), "-1.25e-7");
  EXPECT_EQ(Real(5e-324), "5e-324");
  EXPECT_EQ(Real(std::numeric_limits<double>::max()), "1.7976931348623157e308");
  EXPECT_EQ(Real(12345.678), "12345.678");
}

TEST(AppendCell, WritesNanAndInfinitiesAsNull) {
  EXPECT_EQ(Real(std::nan("")), "null");
  EXPECT_EQ(Real(std::numeric_limits<double>::infinity()), "null");
  EXPECT_EQ(Real(-std::numeric_limits<double>::infinity()), "null");
}

TEST(AppendCell, WritesDoublesThatReadBackTheSame) {
  std::mt19937_64 random(5);
  for (int round = 0; round < 200'000; ++round) {
    double v = std::bit_cast<double>(static_cast<uint64_t>(random()));
    if (round % 2 == 0)
      v = static_cast<double>(static_cast<int64_t>(random()) >> (random() % 60)) / 64;
    if (!std::isfinite(v)) continue;
    const std::string text = Real(v);
    double back = 0;
    const auto r = std::from_chars(text.data(), text.data() + text.size(), back);
    ASSERT_EQ(r.ptr, text.data() + text.size()) << text;
    ASSERT_EQ(std::bit_cast<uint64_t>(back), std::bit_cast<uint64_t>(v)) << text;
    ASSERT_NE(text.find_first_of(".e"), std::string::npos) << text;
    ASSERT_EQ(text.find('+'), std::string::npos) << text;
  }
}

TEST(AppendCell, WritesDecimalsWithAllTheirDigitsAndSign) {
  EXPECT_EQ(Cell(Datum::Decimal(20075, 2)), "\"200.75\"");
  EXPECT_EQ(Cell(Datum::Decimal(-50, 2)), "\"-0.50\"");
  EXPECT_EQ(Cell(Datum::Decimal(-5, 3)), "\"-0.005\"");
  EXPECT_EQ(Cell(Datum::Decimal(0, 2)), "\"0.00\"");
  EXPECT_EQ(Cell(Datum::Decimal(0, 0)), "\"0\"");
  EXPECT_EQ(Cell(Datum::Decimal(7, 0)), "\"7\"");
  EXPECT_EQ(Cell(Datum::Decimal(100, 0)), "\"100\"");
  EXPECT_EQ(Cell(Datum::Decimal(kMaxDecimal, 0)), '"' + std::string(38, '9') + '"');
  EXPECT_EQ(Cell(Datum::Decimal(-kMaxDecimal, 38)), "\"-0." + std::string(38, '9') + '"');
  EXPECT_EQ(Cell(Datum::Decimal(-kMaxDecimal, 19)),
            "\"-" + std::string(19, '9') + '.' + std::string(19, '9') + '"');
  EXPECT_EQ(Cell(Datum::Decimal(kPowersOfTen[37], 18)),
            "\"1" + std::string(19, '0') + '.' + std::string(18, '0') + '"');
}

TEST(AppendCell, WritesTextUuidsBytesAndLists) {
  EXPECT_EQ(Cell(Datum::Text("a\"b\n")), "\"a\\\"b\\n\"");
  EXPECT_EQ(Cell(Datum::Bytes(TypeKind::kJson, "{\"a\": 1}")), "\"{\\\"a\\\": 1}\"");
  EXPECT_EQ(Cell(Datum::Bytes(TypeKind::kBytes, std::string_view("\0\x7f\xff", 3))), "[0,127,255]");
  EXPECT_EQ(Cell(Datum::Bytes(TypeKind::kBytes, "")), "[]");
  EXPECT_EQ(Cell(Datum::Bytes(TypeKind::kUuid,
                              "\x01\x23\x45\x67\x89\xab\xcd\xef\x01\x23\x45\x67\x89\xab\xcd\xef")),
            "\"01234567-89ab-cdef-0123-456789abcdef\"");
  EXPECT_EQ(Cell(Datum::Bytes(TypeKind::kList, "[\"1\",null]")), "[\"1\",null]");
  EXPECT_EQ(Cell(Datum::Bool(true)), "true");
  EXPECT_EQ(Cell(Datum::Bool(false)), "false");
}

}  // namespace
}  // namespace kalamdb
