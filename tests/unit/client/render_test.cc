// How results look.
#include "client/render.h"

#include <gtest/gtest.h>

#include "client/display_width.h"
#include "client/json.h"

namespace kalamdb::client {
namespace {

SqlReply Reply(std::string_view body, int status = 200) {
  Result<SqlReply> reply = ParseSqlReply(status, body);
  EXPECT_TRUE(reply.ok()) << reply.status().message();
  return reply.Take();
}

std::string Table(std::string_view body, size_t width = 80) {
  return RenderTable(Reply(body).results.at(0), width, TimestampFormat::kIso8601);
}

std::string Csv(std::string_view body) {
  return RenderReply(Reply(body), OutputFormat::kCsv, 80, TimestampFormat::kIso8601);
}

constexpr std::string_view kPeople =
    R"({"results":[{"schema":[{"name":"id","data_type":"Int","index":0},{"name":"name","data_type":"Text","index":1}],)"
    R"("rows":[[1,"Alice"],[2,null]],"row_count":2,"as_user":"root"}],"status":"success","took":2.146})";

TEST(RenderTable, DrawsABoxAndCountsTheRows) {
  EXPECT_EQ(Table(kPeople),
            "┌────┬───────┐\n"
            "│ id │ name  │\n"
            "├────┼───────┤\n"
            "│ 1  │ Alice │\n"
            "│ 2  │ NULL  │\n"
            "└────┴───────┘\n"
            "(2 rows)\n");
}

TEST(RenderTable, EndsAReplyWithUserAndTime) {
  const std::string text =
      RenderReply(Reply(kPeople), OutputFormat::kTable, 80, TimestampFormat::kIso8601);
  EXPECT_NE(text.find("(2 rows)\n\nAs: root\nTook: 2.146 ms\n"), std::string::npos) << text;
}

TEST(RenderTable, SaysOneRowAndNoRows) {
  const std::string head =
      R"({"status":"success","results":[{"schema":[{"name":"a","data_type":"Int","index":0}],"rows":[)";
  EXPECT_NE(Table(head + R"([1]],"row_count":1}]})").find("(1 row)\n"), std::string::npos);
  const std::string none = Table(head + R"(],"row_count":0}]})");
  EXPECT_NE(none.find("│ a │"), std::string::npos);
  EXPECT_NE(none.find("(0 rows)\n"), std::string::npos);
}

TEST(RenderTable, PrintsMessagesInsteadOfABox) {
  EXPECT_EQ(
      Table(R"j({"status":"success","results":[{"row_count":3,"message":"Inserted 3 row(s)"}]})j"),
      "Inserted 3 row(s)\nQuery OK, 3 rows affected\n");
  EXPECT_EQ(Table(R"({"status":"success","results":[{"row_count":0}]})"),
            "Query OK, 0 rows affected\n");
}

TEST(RenderTable, PrintsEveryResultInOrder) {
  const std::string text = RenderReply(
      Reply(
          R"({"status":"success","results":[{"row_count":0,"message":"first"},{"row_count":0,"message":"second"}],"took":1})"),
      OutputFormat::kTable, 80, TimestampFormat::kIso8601);
  EXPECT_LT(text.find("first"), text.find("second"));
  EXPECT_EQ(text.find("Took:"), text.rfind("Took:"));
}

TEST(RenderTable, FitsTheTerminalAndKeepsItsBorderStraight) {
  const std::string body =
      R"({"status":"success","results":[{"schema":[{"name":"a","data_type":"Text","index":0},{"name":"b","data_type":"Text","index":1}],"rows":[[")" +
      std::string(100, 'x') +
      R"(","日本語のとても長い文字列はここで切られます"]],"row_count":1}]})";
  for (const size_t width : {size_t{200}, size_t{80}, size_t{40}, size_t{20}, size_t{9}}) {
    const std::string text = Table(body, width);
    size_t first = 0;
    for (size_t at = 0; text.compare(at, 1, "(") != 0;) {
      const size_t end = text.find('\n', at);
      const size_t columns = DisplayWidth(std::string_view(text).substr(at, end - at));
      EXPECT_LE(columns, width);
      if (first == 0) first = columns;
      EXPECT_EQ(columns, first) << text;
      at = end + 1;
    }
    EXPECT_EQ(text.find("...") != std::string::npos, width >= 20 && width < 200) << width << "\n"
                                                                                 << text;
  }
}

TEST(RenderTable, KeepsControlCharactersFromTheTerminal) {
  const std::string text = Table(
      R"({"status":"success","results":[{"schema":[{"name":"a","data_type":"Text","index":0}],"rows":[["x\u001b[31m\ny\u009b"]],"row_count":1}]})");
  EXPECT_NE(text.find(R"(│ x\x1b[31m\ny\x9b │)"), std::string::npos) << text;
}

TEST(RenderCsv, QuotesWhatNeedsIt) {
  EXPECT_EQ(
      Csv(R"({"status":"success","results":[{"schema":[{"name":"a,b","data_type":"Text","index":0},{"name":"c","data_type":"Text","index":1}],)"
          R"("rows":[["x","say \"hi\""],["1\n2",null]],"row_count":2}]})"),
      "\"a,b\",c\nx,\"say \"\"hi\"\"\"\n\"1\n2\",NULL\n");
}

TEST(RenderCsv, PrintsNothingForResultsWithoutRows) {
  EXPECT_EQ(Csv(R"({"status":"success","results":[{"row_count":3,"message":"Inserted"}]})"), "");
  EXPECT_EQ(
      Csv(R"({"status":"success","results":[{"schema":[{"name":"a","data_type":"Int","index":0}],"rows":[],"row_count":0}]})"),
      "");
}

TEST(RenderJson, OrdersTheMembersAndKeepsLargeIntegers) {
  const std::string text = RenderReply(
      Reply(
          R"({"results":[{"schema":[],"rows":[[9007199254740993,1.0,0.1]],"row_count":1}],"took":1.5,"status":"success","error":null})"),
      OutputFormat::kJson, 80, TimestampFormat::kIso8601);
  EXPECT_EQ(text, R"({
  "status": "success",
  "results": [
    {
      "rows": [
        [
          9007199254740993,
          1.0,
          0.1
        ]
      ],
      "row_count": 1
    }
  ],
  "took": 1.5
}
)");
}

TEST(SqlReply, TellsWhatTheServerRefused) {
  const SqlReply reply = Reply(
      R"({"status":"error","results":[],"took":1,"error":{"code":"SQL_EXECUTION_ERROR","message":"no","details":"d"}})",
      400);
  EXPECT_FALSE(reply.ok());
  EXPECT_EQ(reply.ToStatus().message(), "Server error (400): no");
  EXPECT_EQ(reply.error->code, "SQL_EXECUTION_ERROR");
}

TEST(SqlReply, QuotesAnswersOfOtherShapes) {
  EXPECT_EQ(ParseSqlReply(429, R"({"error":"RATE_LIMIT_EXCEEDED","message":"Too many"})")
                .status()
                .message(),
            "Server error (429): Too many");
  EXPECT_EQ(ParseSqlReply(502, "<html>\x1b").status().message(), "Server error (502): <html>");
  EXPECT_EQ(ParseSqlReply(404, "").status().message(), "Server error (404): empty answer");
}

TEST(CellText, ScalesInstantsByTheirSize) {
  const auto text = [](int64_t n, const char* type, TimestampFormat f = TimestampFormat::kIso8601) {
    return CellText(boost::json::value(n), type, f);
  };
  const std::string noon = "2025-01-01T12:00:00.500Z";
  EXPECT_EQ(text(1735732800500000000, "Timestamp"), noon);
  EXPECT_EQ(text(1735732800500000, "Timestamp"), noon);
  EXPECT_EQ(text(1735732800500, "DateTime"), noon);
  EXPECT_EQ(text(1735732800, "Timestamp"), "2025-01-01T12:00:00.000Z");
  EXPECT_EQ(
      CellText(boost::json::value("1735732800500000"), "Timestamp", TimestampFormat::kIso8601),
      noon);
  EXPECT_EQ(CellText(boost::json::value("soon"), "Timestamp", TimestampFormat::kIso8601), "NULL");
  EXPECT_EQ(text(-1, "Timestamp"), "1969-12-31T23:59:59.000Z");
  EXPECT_EQ(text(20089, "Date"), "2025-01-01");
  EXPECT_EQ(text(1735732800500000, "Timestamp", TimestampFormat::kUnixMilliseconds),
            "1735732800500");
  EXPECT_EQ(text(1735732800500000, "Timestamp", TimestampFormat::kRfc2822),
            "Wed, 01 Jan 2025 12:00:00 +0000");
  EXPECT_EQ(text(1735732800500000, "BigInt"), "1735732800500000");
}

TEST(CellText, PrintsArraysAsJsonAndStringsAsTheyAre) {
  EXPECT_EQ(CellText(ParseJson(R"([1,2.5,"x"])").Take(), "Embedding", TimestampFormat::kIso8601),
            R"([1,2.5,"x"])");
  EXPECT_EQ(CellText(boost::json::value("it's"), "Text", TimestampFormat::kIso8601), "it's");
  EXPECT_EQ(CellText(boost::json::value(true), "Boolean", TimestampFormat::kIso8601), "true");
}

TEST(DisplayWidth, CountsColumnsAndNotBytes) {
  EXPECT_EQ(DisplayWidth("abc"), 3u);
  EXPECT_EQ(DisplayWidth("äöü"), 3u);
  EXPECT_EQ(DisplayWidth("日本"), 4u);
  EXPECT_EQ(DisplayWidth("e\xcc\x81"), 1u);  // e with a combining acute
  EXPECT_EQ(DisplayWidth("🙂"), 2u);
  EXPECT_EQ(DisplayWidth("\xff\xfe"), 2u);
  EXPECT_EQ(FitToWidth("abcdefgh", 6), "abc...");
  EXPECT_EQ(FitToWidth("日本語日本", 6), "日...");
  EXPECT_EQ(FitToWidth("abcdef", 6), "abcdef");
  EXPECT_EQ(FitToWidth("abcdef", 2), "ab");
}

}  // namespace
}  // namespace kalamdb::client
