// Promises of casts, of what columns take, and of the texts of values.
#include "types/convert.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "types/decimal.h"
#include "types/json_cell.h"

namespace kalamdb {
namespace {

Datum Double(double v) { return Datum::Real(TypeKind::kDouble, v); }

class Convert : public ::testing::Test {
 protected:
  std::string Stored(const Datum& d, const DataType& to) { return Text(Coerce(d, to)); }
  std::string Cast(const Datum& d, const DataType& to) { return Text(CastDatum(d, to, &arena_)); }
  std::string Stored(const Datum& d, TypeKind to) { return Stored(d, DataType::Of(to)); }
  std::string Cast(const Datum& d, TypeKind to) { return Cast(d, DataType::Of(to)); }
  std::string Error(const Datum& d, const DataType& to) {
    Result<Datum> r = Coerce(d, to);
    EXPECT_FALSE(r.ok());
    EXPECT_EQ(r.code(), ErrorCode::kInvalidOperation);
    return std::string(r.status().message());
  }
  std::string Error(const Datum& d, TypeKind to) { return Error(d, DataType::Of(to)); }

 private:
  Result<Datum> Coerce(const Datum& d, const DataType& to) {
    return CoerceForColumn(d, to, "c", &arena_);
  }
  static std::string Text(const Result<Datum>& r) {
    if (!r.ok()) return "ERROR";
    std::string text;
    AppendText(&text, *r);
    return text;
  }
  Arena arena_;
};

TEST_F(Convert, RefusesFractionsForIntegerColumnsButCastsRoundThem) {
  EXPECT_EQ(Error(Double(1.7), TypeKind::kInt),
            "Schema coercion failed: value 1.7 is not a whole number for column 'c'");
  EXPECT_EQ(Stored(Double(2.0), TypeKind::kInt), "2");
  EXPECT_EQ(Error(Datum::Decimal(17, 1), TypeKind::kBigInt),
            "Schema coercion failed: value 1.7 is not a whole number for column 'c'");
  EXPECT_EQ(Stored(Datum::Decimal(200, 2), TypeKind::kBigInt), "2");
  EXPECT_EQ(Cast(Double(3.9), TypeKind::kBigInt), "4");
  EXPECT_EQ(Cast(Double(2.5), TypeKind::kBigInt), "2") << "floating: half to even";
  EXPECT_EQ(Cast(Double(-3.5), TypeKind::kBigInt), "-4");
  EXPECT_EQ(Cast(Datum::Decimal(25, 1), TypeKind::kBigInt), "3") << "decimal: half away from zero";
  EXPECT_EQ(Cast(Datum::Decimal(-25, 1), TypeKind::kBigInt), "-3");
}

TEST_F(Convert, KeepsIntegersInTheirRange) {
  EXPECT_EQ(Stored(Datum::BigInt(2147483647), TypeKind::kInt), "2147483647");
  EXPECT_EQ(Error(Datum::BigInt(2147483648), TypeKind::kInt),
            "Schema coercion failed: Unable to cast value BIGINT to INT for column 'c': value "
            "2147483648 is out of range");
  EXPECT_EQ(Stored(Datum::BigInt(-32768), TypeKind::kSmallInt), "-32768");
  EXPECT_EQ(Stored(Datum::BigInt(-32769), TypeKind::kSmallInt), "ERROR");
  EXPECT_EQ(Cast(Double(0x1p63), TypeKind::kBigInt), "ERROR");
  EXPECT_EQ(Cast(Double(-0x1p63), TypeKind::kBigInt), "-9223372036854775808");
  EXPECT_EQ(Cast(Double(std::nan("")), TypeKind::kBigInt), "ERROR");
  EXPECT_EQ(Cast(Datum::Decimal(kMaxDecimal, 0), TypeKind::kBigInt), "ERROR");
  EXPECT_EQ(Stored(Datum::Text("9223372036854775808"), TypeKind::kBigInt), "ERROR");
}

TEST_F(Convert, ParsesTextForEveryColumn) {
  EXPECT_EQ(Stored(Datum::Text(" 42 "), TypeKind::kInt), "42");
  EXPECT_EQ(Stored(Datum::Text("+7"), TypeKind::kBigInt), "7");
  EXPECT_EQ(Stored(Datum::Text("Yes"), TypeKind::kBoolean), "true");
  EXPECT_EQ(Stored(Datum::Text("off"), TypeKind::kBoolean), "false");
  EXPECT_EQ(Stored(Datum::Text("1e3"), TypeKind::kDouble), "1000");
  EXPECT_EQ(Stored(Datum::Text("19.905"), DataType::Decimal(10, 2)), "19.91");
  EXPECT_EQ(Stored(Datum::Text("2025-01-31"), TypeKind::kDate), "2025-01-31");
  EXPECT_EQ(Stored(Datum::Text("2025-01-31T10:00:00Z"), TypeKind::kDate), "2025-01-31");
  EXPECT_EQ(Stored(Datum::Text("10:30"), TypeKind::kTime), "10:30:00");
  EXPECT_EQ(Stored(Datum::Text("\\x01"), TypeKind::kBytes), "\\x5c783031") << "text, not hex";
  EXPECT_EQ(Stored(Datum::Text("{broken"), TypeKind::kJson), "{broken");
  EXPECT_EQ(Error(Datum::Text("abc"), TypeKind::kInt),
            "Schema coercion failed: Unable to cast value TEXT to INT for column 'c': 'abc' is not "
            "a valid INT");
  EXPECT_EQ(Stored(Datum::Text(""), TypeKind::kInt), "ERROR");
  EXPECT_EQ(Stored(Datum::Text("1.5"), TypeKind::kInt), "ERROR");
}

TEST_F(Convert, TurnsNumbersAndBooleansToText) {
  EXPECT_EQ(Stored(Datum::BigInt(5), TypeKind::kText), "5");
  EXPECT_EQ(Stored(Datum::Bool(true), TypeKind::kText), "true");
  EXPECT_EQ(Stored(Double(1.5), TypeKind::kText), "1.5");
  EXPECT_EQ(Stored(Double(1), TypeKind::kText), "1");
  EXPECT_EQ(Stored(Datum::Decimal(-50, 2), TypeKind::kText), "-0.50");
  EXPECT_EQ(Stored(Datum::BigInt(5), TypeKind::kJson), "5");
  EXPECT_EQ(Stored(Double(std::nan("")), TypeKind::kJson), "ERROR");
  EXPECT_EQ(Stored(Datum::BigInt(5), TypeKind::kFile), "ERROR");
}

TEST_F(Convert, KeepsNullsAndGivesThemTheColumnsKind) {
  Arena arena;
  for (int k = 1; k <= 0x11; ++k) {
    Result<Datum> r =
        CoerceForColumn(Datum::Null(), DataType::Of(static_cast<TypeKind>(k)), "c", &arena);
    ASSERT_TRUE(r.ok());
    EXPECT_TRUE(r->null);
    EXPECT_EQ(r->kind, static_cast<TypeKind>(k));
  }
}

TEST_F(Convert, RoundsDecimalsHalfAwayFromZero) {
  const DataType money = DataType::Decimal(5, 2);
  EXPECT_EQ(Stored(Datum::Decimal(1005, 3), money), "1.01");
  EXPECT_EQ(Stored(Datum::Decimal(-1005, 3), money), "-1.01");
  EXPECT_EQ(Stored(Datum::Decimal(1004, 3), money), "1.00");
  EXPECT_EQ(Stored(Double(2.675), money), "2.68");
  EXPECT_EQ(Stored(Datum::Real(TypeKind::kFloat, static_cast<double>(0.1F)), money), "0.10");
  EXPECT_EQ(Stored(Datum::BigInt(999), money), "999.00");
  EXPECT_EQ(Stored(Datum::BigInt(1000), money), "ERROR");
  EXPECT_EQ(Stored(Datum::Decimal(999'995, 3), money), "ERROR") << "rounds to 1000.00";
  EXPECT_EQ(Stored(Double(std::numeric_limits<double>::infinity()), money), "ERROR");
  EXPECT_EQ(Stored(Datum::BigInt(10), DataType::Decimal(38, 37)), "ERROR");
  EXPECT_EQ(Stored(Datum::Decimal(kMaxDecimal, 0), DataType::Decimal(38, 38)), "ERROR");
}

TEST_F(Convert, RefusesFloatsBeyondTheirRange) {
  EXPECT_EQ(Stored(Double(3.5e38), TypeKind::kFloat), "ERROR");
  EXPECT_EQ(Stored(Double(1e308), TypeKind::kFloat), "ERROR");
  EXPECT_EQ(Stored(Double(3.4028234663852886e38), TypeKind::kFloat), "3.4028235e+38");
  EXPECT_EQ(Stored(Double(0.1), TypeKind::kFloat), "0.1");
  EXPECT_EQ(Stored(Datum::Text("0.1"), TypeKind::kFloat), "0.1");
  EXPECT_EQ(Stored(Double(std::numeric_limits<double>::infinity()), TypeKind::kFloat), "Infinity");
}

TEST_F(Convert, ExplainsBadUuids) {
  EXPECT_EQ(Stored(Datum::Text("{01234567-89AB-cdef-0123-456789abcdef}"), TypeKind::kUuid),
            "01234567-89ab-cdef-0123-456789abcdef");
  EXPECT_EQ(Stored(Datum::Text("0123456789abcdef0123456789abcdef"), TypeKind::kUuid),
            "01234567-89ab-cdef-0123-456789abcdef");
  EXPECT_EQ(Stored(Datum::Bytes(TypeKind::kBytes, "0123456789abcdef"), TypeKind::kUuid),
            "30313233-3435-3637-3839-616263646566");
  EXPECT_TRUE(
      Error(Datum::Text("nope"), TypeKind::kUuid)
          .starts_with("Schema coercion failed: Invalid UUID literal 'nope' for column 'c': "));
  EXPECT_LT(Error(Datum::Text(std::string(100'000, 'x')), TypeKind::kUuid).size(), 300u);
}

TEST_F(Convert, ChecksEmbeddings) {
  const DataType three = DataType::Embedding(3);
  EXPECT_EQ(Stored(Datum::Text(" [0.1, -2,1e2] "), three), "[0.1,-2,100]");
  EXPECT_EQ(Stored(Datum::Bytes(TypeKind::kList, "[1,2,3]"), three), "[1,2,3]");
  EXPECT_EQ(
      Error(Datum::Text("[1,2]"), three),
      "Schema coercion failed: Embedding dimension mismatch for column 'c': expected 3, got 2");
  for (const std::string_view bad :
       {"", "[", "1,2,3", "[1,2,3", "[1,,3]", "[1,2,x]", "[1,2,3,]", "[1,2,1e39]", "[1,2,NaN]",
        "[1,2,1e999]", "[1 2 3]", "[01,2,3]", "[[1,2,3]]", "[+1,2,3]", "[.5,2,3]"}) {
    EXPECT_TRUE(Error(Datum::Text(bad), three)
                    .starts_with("Schema coercion failed: Invalid embedding JSON for column 'c': "))
        << bad;
  }
}

TEST_F(Convert, TakesIntegersForTimes) {
  EXPECT_EQ(Stored(Datum::BigInt(1'738'324'800'500'000), TypeKind::kTimestamp),
            "2025-01-31 12:00:00.5");
  EXPECT_EQ(Stored(Datum::BigInt(-1), TypeKind::kDateTime), "1969-12-31 23:59:59.999999");
  EXPECT_EQ(Stored(Datum::BigInt(-1), TypeKind::kDate), "1969-12-31");
  EXPECT_EQ(Stored(Datum::BigInt(1), TypeKind::kTime), "00:00:00.000001");
  EXPECT_EQ(Stored(Datum::BigInt(kMicrosPerDay), TypeKind::kTime), "ERROR");
  EXPECT_EQ(Stored(Double(1.5), TypeKind::kTimestamp), "ERROR");
  EXPECT_EQ(Stored(Datum::BigInt(int64_t{1} << 40), TypeKind::kDate), "ERROR");
}

TEST_F(Convert, MovesBetweenDatesTimesAndTimestamps) {
  const Datum instant = Datum::Int(TypeKind::kTimestamp, -1);
  EXPECT_EQ(Cast(instant, TypeKind::kDate), "1969-12-31");
  EXPECT_EQ(Cast(instant, TypeKind::kTime), "23:59:59.999999");
  EXPECT_EQ(Cast(instant, TypeKind::kDateTime), "1969-12-31 23:59:59.999999");
  EXPECT_EQ(Cast(Datum::Int(TypeKind::kDate, 1), TypeKind::kTimestamp), "1970-01-02 00:00:00");
  EXPECT_EQ(Cast(Datum::Int(TypeKind::kDate, 2'000'000'000), TypeKind::kTimestamp), "ERROR");
  EXPECT_EQ(Cast(Datum::Int(TypeKind::kTime, 5), TypeKind::kTimestamp), "ERROR");
}

TEST_F(Convert, NamesTheTypesItCannotBringTogether) {
  EXPECT_EQ(
      Error(Datum::Bool(true), TypeKind::kDouble),
      "Schema coercion failed: Unable to cast value BOOLEAN to DOUBLE for column 'c': there is "
      "no such conversion");
  Arena arena;
  Result<Datum> cast = CastDatum(Datum::Text("x"), DataType::Of(TypeKind::kInt), &arena);
  EXPECT_EQ(cast.code(), ErrorCode::kExecution);
  EXPECT_EQ(cast.status().message(), "Unable to cast value TEXT to INT: 'x' is not a valid INT");
}

TEST_F(Convert, ConvertsAnyKindToAnyKindOrRefuses) {
  const float floats[] = {1.0F};
  const Datum samples[] = {
      Datum::Bool(true),
      Datum::BigInt(-5),
      Datum::Int(TypeKind::kTime, 0),
      Datum::Int(TypeKind::kDate, std::numeric_limits<int32_t>::max()),
      Datum::Int(TypeKind::kTimestamp, std::numeric_limits<int64_t>::min()),
      Double(std::nan("")),
      Double(-1e300),
      Datum::Decimal(-kMaxDecimal, 38),
      Datum::Text(""),
      Datum::Text(std::string_view()),
      Datum::Bytes(TypeKind::kBytes, "\xff"),
      Datum::Bytes(TypeKind::kUuid, "0123456789abcdef"),
      Datum::Bytes(TypeKind::kEmbedding, {reinterpret_cast<const char*>(floats), sizeof floats}),
      Datum::Bytes(TypeKind::kList, "[]")};
  Arena arena;
  for (const Datum& d : samples) {
    for (int k = 0; k <= 0x11; ++k) {
      DataType to = DataType::Of(static_cast<TypeKind>(k));
      if (to.kind == TypeKind::kDecimal) to = DataType::Decimal(10, 2);
      for (const Result<Datum>& r :
           {CastDatum(d, to, &arena), CoerceForColumn(d, to, "c", &arena)}) {
        if (r.ok()) {
          EXPECT_EQ(r->kind, to.kind);
        } else {
          EXPECT_FALSE(r.status().message().empty());
        }
      }
    }
  }
}

int64_t Micros(std::string_view text) {
  int64_t v = 0;
  EXPECT_TRUE(ParseTimestampMicros(text, &v)) << text;
  return v;
}

TEST(ParseTimestamp, ReadsOffsetsFractionsAndNegativeTimes) {
  EXPECT_EQ(Micros("1970-01-01"), 0);
  EXPECT_EQ(Micros("1970-01-01 00:00:00.000001"), 1);
  EXPECT_EQ(Micros("1969-12-31T23:59:59.5Z"), -500'000);
  EXPECT_EQ(Micros("2025-01-31 12:00:00+02:00"), Micros("2025-01-31 10:00:00"));
  EXPECT_EQ(Micros("2025-01-31 12:00:00-0530"), Micros("2025-01-31 17:30:00"));
  EXPECT_EQ(Micros("2025-01-31 12:00:00 +02"), Micros("2025-01-31 10:00"));
  EXPECT_EQ(Micros("2025-01-31 12:00:00.1234567"), Micros("2025-01-31 12:00:00.123457"));
  EXPECT_EQ(Micros("2024-12-31 23:59:59.9999999"), Micros("2025-01-01"));
  EXPECT_EQ(Micros(" 2024-02-29 00:00:00 UTC "), Micros("2024-02-29"));
  EXPECT_EQ(Micros("0001-01-01"), -62'135'596'800'000'000);
}

TEST(ParseTimestamp, RefusesWhatIsNoTime) {
  int64_t v = 0;
  for (const std::string_view bad : {"",
                                     "now",
                                     "2025",
                                     "2025-13-01",
                                     "2025-00-01",
                                     "2025-02-29",
                                     "2025-04-31",
                                     "2025-01-32",
                                     "2025-01-01 24:00:00",
                                     "2025-01-01 12:60",
                                     "2025-01-01 12:00:60",
                                     "2025-01-01 12",
                                     "2025-01-01T",
                                     "2025-01-01 12:00:00.",
                                     "2025-01-01 12:00:00+16:00",
                                     "2025-01-01 12:00:00+",
                                     "2025-01-01x",
                                     "2025-01-01 12:00:00Zx",
                                     "999999-01-01",
                                     "0000-01-01",
                                     "25-01-01",
                                     "2025-01-01 -1:00",
                                     "1900-02-29",
                                     "99999999999999999999-01-01"}) {
    EXPECT_FALSE(ParseTimestampMicros(bad, &v)) << bad;
  }
}

TEST(ParseTimestamp, ReadsEveryTextThatIsWritten) {
  for (const int64_t v :
       {std::numeric_limits<int64_t>::min(), int64_t{-62'135'596'800'000'001},
        int64_t{-62'167'219'200'000'001}, int64_t{-1}, int64_t{0}, int64_t{951'782'400'000'000},
        int64_t{253'402'300'800'000'000}, std::numeric_limits<int64_t>::max()}) {
    std::string text;
    AppendText(&text, Datum::Int(TypeKind::kTimestamp, v));
    EXPECT_EQ(Micros(text), v) << text;
  }
  for (const int32_t v : {std::numeric_limits<int32_t>::min(), -719'163, -719'162, 0, 11'016,
                          std::numeric_limits<int32_t>::max()}) {
    std::string text;
    AppendText(&text, Datum::Int(TypeKind::kDate, v));
    int32_t back = 0;
    EXPECT_TRUE(ParseDateDays(text, &back)) << text;
    EXPECT_EQ(back, v) << text;
  }
}

TEST(Calendar, WalksEveryDayOfEightHundredYears) {
  CivilTime expected{1599, 12, 31, 0, 0, 0, 0};
  const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const int64_t first = DaysFromCivil(1600, 1, 1);
  for (int64_t day = first; day < first + 2 * 146'097; ++day) {
    const bool leap =
        expected.year % 4 == 0 && (expected.year % 100 != 0 || expected.year % 400 == 0);
    const int length = days[expected.month - 1] + (expected.month == 2 && leap ? 1 : 0);
    if (++expected.day > length) {
      expected.day = 1;
      if (++expected.month > 12) {
        expected.month = 1;
        ++expected.year;
      }
    }
    CivilTime t{};
    CivilDateFromDays(day, &t);
    ASSERT_EQ(t.year, expected.year);
    ASSERT_EQ(t.month, expected.month);
    ASSERT_EQ(t.day, expected.day);
    ASSERT_EQ(DaysFromCivil(t.year, t.month, t.day), day);
  }
  EXPECT_EQ(expected.year, 2399);
}

TEST(Calendar, SplitsInstantsBeforeTheEpoch) {
  const CivilTime t = CivilFromMicros(-1);
  EXPECT_EQ(t.year, 1969);
  EXPECT_EQ(t.hour, 23);
  EXPECT_EQ(t.micros, 999'999);
  EXPECT_EQ(MicrosFromCivil(t), -1);
  EXPECT_EQ(MicrosFromCivil({9'000'000, 1, 1, 0, 0, 0, 0}), std::numeric_limits<int64_t>::max());
}

TEST(ParseDecimal, RoundsBoundsAndUnderstandsExponents) {
  const auto parse = [](std::string_view text, uint8_t scale) -> std::string {
    Int128 v = 0;
    if (!ParseDecimal(text, scale, &v)) return "none";
    std::string out;
    AppendDecimalText(&out, v, scale);
    return out;
  };
  EXPECT_EQ(parse("-0.50", 2), "-0.50");
  EXPECT_EQ(parse("-0.005", 2), "-0.01");
  EXPECT_EQ(parse("-0.004", 2), "0.00");
  EXPECT_EQ(parse("1.005", 2), "1.01");
  EXPECT_EQ(parse("9.999", 2), "10.00");
  EXPECT_EQ(parse(".5", 0), "1");
  EXPECT_EQ(parse("5.", 1), "5.0");
  EXPECT_EQ(parse("+1.5e3", 1), "1500.0");
  EXPECT_EQ(parse("15e-1", 0), "2");
  EXPECT_EQ(parse("4e-1", 0), "0");
  EXPECT_EQ(parse("5e-2", 0), "0") << "0.05 rounds to 0, not by its first digit";
  EXPECT_EQ(parse("9e-5", 2), "0.00");
  EXPECT_EQ(parse("0e999999999999", 2), "0.00");
  EXPECT_EQ(parse("1e999999999999", 2), "none");
  EXPECT_EQ(parse("1e-999999999999", 2), "0.00");
  EXPECT_EQ(parse(std::string(38, '9'), 0), std::string(38, '9'));
  EXPECT_EQ(parse("0000" + std::string(38, '9'), 0), std::string(38, '9'));
  EXPECT_EQ(parse(std::string(39, '9'), 0), "none");
  EXPECT_EQ(parse(std::string(38, '9') + ".5", 0), "none");
  EXPECT_EQ(parse(std::string(38, '9'), 1), "none");
  EXPECT_EQ(parse("1" + std::string(38, '0'), 0), "none");
  for (const std::string_view bad :
       {"", "-", ".", "1.2.3", "1e", "1e+", "abc", "1x", "NaN", "0x1"}) {
    EXPECT_EQ(parse(bad, 2), "none") << bad;
  }
}

TEST(ParseNumber, TakesTheWholeTextOrNothing) {
  int64_t i = 0;
  double d = 0;
  EXPECT_TRUE(ParseInt64("-9223372036854775808", &i));
  EXPECT_EQ(i, std::numeric_limits<int64_t>::min());
  for (const std::string_view bad : {"", " ", "+", "+-1", "1 2", "0x10", "1.0", "1e2"}) {
    EXPECT_FALSE(ParseInt64(bad, &i)) << bad;
  }
  EXPECT_TRUE(ParseDouble("Infinity", &d));
  EXPECT_TRUE(std::isinf(d));
  EXPECT_TRUE(ParseDouble("NaN", &d));
  EXPECT_TRUE(std::isnan(d));
  for (const std::string_view bad : {"", "1e999", "nan(1)", "1,5", "--1", "0x1p3"}) {
    EXPECT_FALSE(ParseDouble(bad, &d)) << bad;
  }
}

TEST(RescaleDecimal, RoundsAndBounds) {
  Int128 v = 0;
  EXPECT_TRUE(RescaleDecimal(-15, 1, 0, &v));
  EXPECT_EQ(v, -2);
  EXPECT_TRUE(RescaleDecimal(14, 1, 0, &v));
  EXPECT_EQ(v, 1);
  EXPECT_TRUE(RescaleDecimal(kMaxDecimal, 38, 0, &v));
  EXPECT_EQ(v, 1);
  EXPECT_FALSE(RescaleDecimal(kMaxDecimal, 0, 1, &v));
  EXPECT_TRUE(RescaleDecimal(kMaxDecimal / 10, 0, 1, &v));
  EXPECT_EQ(v, kMaxDecimal - 9);
}

std::string TextOf(const Datum& d) {
  std::string text;
  AppendText(&text, d);
  return text;
}

TEST(AppendText, WritesFloatsAsPostgresDoes) {
  EXPECT_EQ(TextOf(Double(100000)), "100000");
  EXPECT_EQ(TextOf(Double(1e14)), "100000000000000");
  EXPECT_EQ(TextOf(Double(1e15)), "1e+15");
  EXPECT_EQ(TextOf(Double(1.5e-5)), "1.5e-05");
  EXPECT_EQ(TextOf(Double(0.0001)), "0.0001");
  EXPECT_EQ(TextOf(Double(1e300)), "1e+300");
  EXPECT_EQ(TextOf(Double(-0.0)), "-0");
  EXPECT_EQ(TextOf(Double(-std::numeric_limits<double>::infinity())), "-Infinity");
  EXPECT_EQ(TextOf(Datum::Real(TypeKind::kFloat, static_cast<double>(0.1F))), "0.1");
  EXPECT_EQ(TextOf(Datum::Real(TypeKind::kFloat, 1'000'000)), "1e+06");
}

TEST(AppendText, WritesTheRestInItsSqlForm) {
  EXPECT_EQ(TextOf(Datum::Bool(false)), "false");
  EXPECT_EQ(TextOf(Datum::Bytes(TypeKind::kBytes, std::string_view("\0\xab", 2))), "\\x00ab");
  EXPECT_EQ(TextOf(Datum::Int(TypeKind::kTime, 43'200'000'000)), "12:00:00");
  EXPECT_EQ(TextOf(Datum::Int(TypeKind::kDate, -719'163)), "0001-12-31 BC");
  EXPECT_EQ(TextOf(Datum::Null(TypeKind::kInt)), "");
}

}  // namespace
}  // namespace kalamdb
