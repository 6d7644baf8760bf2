#include "build.h"

namespace kalamdb::expr::test {
namespace {

ExprPtr At(std::string_view text) { return Typed(text, TypeKind::kTimestamp); }

TEST(TimeFunctions, TruncatesToItsUnit) {
  const std::pair<const char*, const char*> cases[] = {
      {"second", "2024-05-08 07:08:09"},     {"minute", "2024-05-08 07:08:00"},
      {"hour", "2024-05-08 07:00:00"},       {"day", "2024-05-08 00:00:00"},
      {"week", "2024-05-06 00:00:00"},       {"month", "2024-05-01 00:00:00"},
      {"quarter", "2024-04-01 00:00:00"},    {"year", "2024-01-01 00:00:00"},
      {"decade", "2020-01-01 00:00:00"},     {"century", "2001-01-01 00:00:00"},
      {"millennium", "2001-01-01 00:00:00"}, {"MONTH", "2024-05-01 00:00:00"},
  };
  for (const auto& [unit, expected] : cases) {
    EXPECT_EQ(ValueOf("date_trunc", Text(unit), At("2024-05-08 07:08:09.25")), expected) << unit;
  }
  EXPECT_EQ(ValueOf("date_trunc", Text("century"), At("2000-05-08")), "1901-01-01 00:00:00");
  EXPECT_EQ(ValueOf("date_trunc", Text("hour"), At("1969-12-31 23:59:59.5")),
            "1969-12-31 23:00:00");
  EXPECT_EQ(ValueOf("date_trunc", Text("week"), At("1969-12-28")), "1969-12-22 00:00:00");
  EXPECT_EQ(ValueOf("date_trunc", Text("month"), Typed("2024-05-08", TypeKind::kDate)),
            "2024-05-01 00:00:00");
  EXPECT_EQ(ValueOf("date_trunc", Text("fortnight"), At("2024-05-08")),
            "error: unit \"fortnight\" not recognized");
}

TEST(TimeFunctions, ExtractsParts) {
  const ExprPtr t = At("2024-05-06 07:08:09.5");
  EXPECT_EQ(ValueOf("date_part", Text("epoch"), t), "1714979289.5");
  EXPECT_EQ(ValueOf("extract", Text("second"), t), "9.5");
  EXPECT_EQ(ValueOf("date_part", Text("milliseconds"), t), "9500");
  EXPECT_EQ(ValueOf("date_part", Text("year"), t), "2024");
  const std::tuple<const char*, const char*, const char*> days[] = {
      {"dow", "2024-05-05", "0"},        {"isodow", "2024-05-05", "7"},
      {"week", "2024-12-31", "1"},       {"isoyear", "2024-12-31", "2025"},
      {"doy", "2024-12-31", "366"},      {"century", "2000-12-31", "20"},
      {"millennium", "2001-01-01", "3"}, {"decade", "1999-01-01", "199"},
      {"quarter", "2024-05-05", "2"},    {"month", "1969-12-31", "12"},
  };
  for (const auto& [unit, day, expected] : days) {
    EXPECT_EQ(ValueOf("date_part", Text(unit), Typed(day, TypeKind::kDate)), expected) << unit;
  }
  EXPECT_EQ(ValueOf("date_part", Text("julian"), At("2024-12-31 12:00")), "2460676.5");
  EXPECT_EQ(ValueOf("extract", Text("hour"), Typed("12:34:56.5", TypeKind::kTime)), "12");
  EXPECT_EQ(ValueOf("extract", Text("second"), Typed("12:34:56.5", TypeKind::kTime)), "56.5");
  EXPECT_EQ(ValueOf("extract", Text("year"), Typed("12:34:56", TypeKind::kTime)),
            "error: unit \"year\" not supported for type time");
}

TEST(TimeFunctions, BuildsAndChecks) {
  EXPECT_EQ(ValueOf("make_date", Int(2024), Int(2), Int(29)), "2024-02-29");
  EXPECT_EQ(ValueOf("make_date", Int(2023), Int(2), Int(29)),
            "error: date field value out of range: 2023-02-29");
  EXPECT_EQ(ValueOf("make_date", Big(INT64_MAX), Int(1), Int(1)).substr(0, 5), "error");
  EXPECT_EQ(ValueOf("make_time", Int(1), Int(2), Real(3.5)), "01:02:03.5");
  EXPECT_EQ(ValueOf("make_timestamp", Int(2024), Int(2), Int(29), Int(1), Int(2), Real(3.5)),
            "2024-02-29 01:02:03.5");
  EXPECT_EQ(ValueOf("to_timestamp", Real(1.5)), "1970-01-01 00:00:01.5");
  EXPECT_EQ(ValueOf("to_timestamp", Real(1e300)), "error: timestamp out of range");
  EXPECT_EQ(ValueOf("to_timestamp", Text("2024-05-06T07:08:09Z")), "2024-05-06 07:08:09");
  EXPECT_EQ(ValueOf("date", At("1969-12-31 23:00:00")), "1969-12-31");
}

TEST(TimeFunctions, WritesByPattern) {
  EXPECT_EQ(ValueOf("to_char", At("2024-05-06 07:08:09.012345"), Text("YYYY-MM-DD HH24:MI:SS.US")),
            "2024-05-06 07:08:09.012345");
  EXPECT_EQ(ValueOf("to_char", At("2024-05-06 17:08:09"),
                    Text("HH12:MI AM Mon month FMMonth DDth Dy Day|")),
            "05:08 PM May may       May 06th Mon Monday   |");
  EXPECT_EQ(ValueOf("to_char", At("2024-05-06"), Text("\"Q\"Q IYYY-IW DDD D ID CC WW W YY MS")),
            "Q2 2024-19 127 2 1 21 19 1 24 000");
  EXPECT_EQ(ValueOf("to_char", At("2024-01-01"), Text("HH:MI p.m. FMDD FMMM")), "12:00 a.m. 1 1");
  EXPECT_EQ(ValueOf("to_char", At("2024-01-01"), Text("\"open")), "open");
  EXPECT_EQ(ValueOf("to_char", At("2024-01-01"), Text("FM")), "");
}

TEST(TimeFunctions, NowIsTheStatementsTime) {
  Evaluation e;
  e.frame.now_micros = -1;
  EXPECT_EQ(e.Run(*Call("now")), "1969-12-31 23:59:59.999999");
  EXPECT_EQ(e.Run(*Call("current_date")), "1969-12-31");
  EXPECT_EQ(e.Run(*Call("current_time")), "23:59:59.999999");
  EXPECT_FALSE(Call("now")->deterministic());
}

}  // namespace
}  // namespace kalamdb::expr::test
