// Promises of keys: bytes sort as values do.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "types/decimal.h"
#include "types/row_codec.h"

namespace kalamdb {
namespace {

int SignOf(int c) { return (c > 0) - (c < 0); }

std::string KeyOf(const Datum& d) {
  std::string key;
  const Status s = AppendKey(d, &key);
  EXPECT_TRUE(s.ok()) << s.message();
  return key;
}

// Bytes sort as values do, equal values have equal keys, and what follows a key cannot change that.
void ExpectOrderPreserved(const std::vector<Value>& values) {
  for (const Value& a : values) {
    for (const Value& b : values) {
      const int by_value = SignOf(CompareDatums(a.datum(), b.datum()));
      const std::string x = KeyOf(a.datum());
      const std::string y = KeyOf(b.datum());
      ASSERT_EQ(SignOf(x.compare(y)), by_value);
      if (by_value != 0) {
        ASSERT_EQ(SignOf((x + "\xff\xff").compare(y)), by_value);
        ASSERT_EQ(SignOf((x + std::string(2, '\0')).compare(y)), by_value);
      }
    }
  }
}

TEST(AppendKey, PreservesTheOrderOfIntegersAndTimes) {
  std::mt19937_64 random(1);
  for (const TypeKind kind : {TypeKind::kBigInt, TypeKind::kTimestamp, TypeKind::kDateTime}) {
    std::vector<Value> values;
    for (const int64_t v : {std::numeric_limits<int64_t>::min(), int64_t{-1}, int64_t{0},
                            int64_t{1}, std::numeric_limits<int64_t>::max()}) {
      values.emplace_back(Datum::Int(kind, v));
    }
    for (int i = 0; i < 100; ++i) {
      const auto v = static_cast<int64_t>(random());
      values.emplace_back(Datum::Int(kind, v >> (random() % 63)));
    }
    ExpectOrderPreserved(values);
  }
  for (const TypeKind kind :
       {TypeKind::kSmallInt, TypeKind::kInt, TypeKind::kDate, TypeKind::kTime}) {
    std::vector<Value> values;
    for (int i = 0; i < 60; ++i) {
      values.emplace_back(Datum::Int(kind, static_cast<int16_t>(random())));
    }
    ExpectOrderPreserved(values);
  }
}

TEST(AppendKey, PreservesTheOrderOfFloatingNumbers) {
  std::mt19937_64 random(2);
  std::vector<Value> values;
  const double inf = std::numeric_limits<double>::infinity();
  for (const double v : {-inf, -1e300, -1.0, -5e-324, -0.0, 0.0, 5e-324, 1.0, 1e300, inf}) {
    values.emplace_back(Datum::Real(TypeKind::kDouble, v));
  }
  while (values.size() < 150) {
    const auto v = std::bit_cast<double>(static_cast<uint64_t>(random()));
    if (!std::isnan(v)) values.emplace_back(Datum::Real(TypeKind::kDouble, v));
  }
  ExpectOrderPreserved(values);
}

TEST(AppendKey, PreservesTheOrderOfDecimals) {
  std::mt19937_64 random(3);
  std::vector<Value> values;
  for (const Int128 v : {-kMaxDecimal, Int128{-1}, Int128{0}, Int128{1}, kMaxDecimal}) {
    values.emplace_back(Datum::Decimal(v, 5));
  }
  for (int i = 0; i < 100; ++i) {
    const Int128 v =
        (static_cast<Int128>(static_cast<int64_t>(random())) << 60) >> (random() % 120);
    values.emplace_back(Datum::Decimal(v, 5));
  }
  ExpectOrderPreserved(values);
}

TEST(AppendKey, PreservesTheOrderOfTextAndBytes) {
  std::mt19937_64 random(4);
  for (const TypeKind kind : {TypeKind::kText, TypeKind::kBytes}) {
    std::vector<Value> values;
    for (int i = 0; i < 200; ++i) {
      // Few different bytes, so that prefixes and escapes meet often.
      std::string text;
      for (unsigned n = random() % 5; n > 0; --n) {
        text.push_back("\x00\x01\x02\x61\xfe\xff"[random() % 6]);
      }
      values.emplace_back(Datum::Bytes(kind, text));
    }
    ExpectOrderPreserved(values);
  }
}

TEST(AppendKey, PreservesTheOrderOfUuidsAndBooleans) {
  std::mt19937_64 random(5);
  std::vector<Value> values;
  for (int i = 0; i < 50; ++i) {
    const uint64_t words[2] = {random(), random()};
    values.emplace_back(Datum::Bytes(TypeKind::kUuid, {reinterpret_cast<const char*>(words), 16}));
  }
  ExpectOrderPreserved(values);
  ExpectOrderPreserved({Value{Datum::Bool(false)}, Value{Datum::Bool(true)}});
}

TEST(AppendKey, RefusesWhatIsNoKeyAndLeavesTheBufferAlone) {
  const float floats[] = {1.0F};
  const std::string long_text(kMaxKeyBytes, 'x');
  const std::string zeros(kMaxKeyBytes / 2, '\0');
  for (const Datum& d :
       {Datum::Null(TypeKind::kText), Datum::Real(TypeKind::kDouble, std::nan("")),
        Datum::Real(TypeKind::kFloat, std::nan("")), Datum::Text(long_text), Datum::Text(zeros),
        Datum::Bytes(TypeKind::kEmbedding, {reinterpret_cast<const char*>(floats), 4}),
        Datum::Bytes(TypeKind::kList, "[1]")}) {
    std::string key = "before";
    EXPECT_FALSE(AppendKey(d, &key).ok());
    EXPECT_EQ(key, "before");
  }
  EXPECT_EQ(KeyOf(Datum::Text(std::string(kMaxKeyBytes - 2, 'x'))).size(), kMaxKeyBytes);
}

TEST(AppendKey, GivesNegativeZeroTheKeyOfZero) {
  EXPECT_EQ(KeyOf(Datum::Real(TypeKind::kDouble, -0.0)),
            KeyOf(Datum::Real(TypeKind::kDouble, 0.0)));
}

TEST(Escaped, ReadsBackWhatWasWrittenAndStopsThere) {
  for (const std::string& text : {std::string(), std::string("alice"), std::string("\0", 1),
                                  std::string("\0\x01\0\xff", 4)}) {
    std::string key;
    AppendEscaped(text, &key);
    key += "rest";
    std::string_view in = key;
    std::string out = "old";
    ASSERT_TRUE(ReadEscaped(&in, &out));
    EXPECT_EQ(out, text);
    EXPECT_EQ(in, "rest");
  }
}

TEST(Escaped, RefusesTextWithoutItsTerminator) {
  for (const std::string& bytes : {std::string(), std::string("abc"), std::string("abc\0", 4),
                                   std::string("abc\0\x02", 5), std::string("a\0\xff", 3)}) {
    std::string_view in = bytes;
    std::string out;
    EXPECT_FALSE(ReadEscaped(&in, &out));
    EXPECT_EQ(in, bytes);
  }
}

}  // namespace
}  // namespace kalamdb
