// The body of an answer.
#include "engine/result_json.h"

#include <gtest/gtest.h>

namespace kalamdb::engine {
namespace {

std::vector<query::ResultColumn> Columns() {
  std::vector<query::ResultColumn> columns(3);
  columns[0].name = "id";
  columns[0].type = DataType::Of(TypeKind::kBigInt);
  columns[0].primary_key = true;
  columns[1].name = "password_hash";
  columns[1].type = DataType::Of(TypeKind::kText);
  columns[1].not_null = true;
  columns[2].name = "alias \"x\"";
  columns[2].type = DataType::Of(TypeKind::kText);
  columns[2].masked = true;
  return columns;
}

std::string Written(bool mask) {
  std::string body;
  RowResultWriter writer(&body, mask, nullptr);
  EXPECT_TRUE(writer.Begin(Columns()).ok());
  const Datum full[] = {Datum::BigInt(7), Datum::Text("s1"), Datum::Text("s2")};
  const Datum nulls[] = {Datum::BigInt(8), Datum::Null(TypeKind::kText),
                         Datum::Null(TypeKind::kText)};
  EXPECT_TRUE(writer.Row(full).ok());
  EXPECT_TRUE(writer.Row(nulls).ok());
  writer.End("a\"nn", true);
  return body;
}

constexpr std::string_view kSchema =
    R"({"schema":[{"name":"id","data_type":"BigInt","index":0,"flags":["pk","nn","uq"]},)"
    R"({"name":"password_hash","data_type":"Text","index":1,"flags":["nn"]},)"
    R"({"name":"alias \"x\"","data_type":"Text","index":2}],"rows":[)";
constexpr std::string_view kEnd = R"(],"row_count":2,"truncated":true,"as_user":"a\"nn"})";

TEST(RowResultWriter, WritesSchemaRowsAndCount) {
  EXPECT_EQ(Written(false), fmt::format(R"({}["7","s1","s2"],["8",null,null]{})", kSchema, kEnd));
}

TEST(RowResultWriter, MasksByOriginAndByNameButNotNulls) {
  EXPECT_EQ(Written(true), fmt::format(R"({}["7","***","***"],["8",null,null]{})", kSchema, kEnd));
}

TEST(RowResultWriter, AResultThatBrokeOffIsStillAnObject) {
  std::string body;
  RowResultWriter writer(&body, false, nullptr);
  writer.End("u", false);
  EXPECT_EQ(body, R"({"rows":[],"row_count":0,"as_user":"u"})");
}

TEST(RowResultWriter, WhoeverTakesTheBytesMayStopTheRows) {
  std::string body;
  int rows = 0;
  RowResultWriter writer(&body, false, [&](std::string* b) {
    b->clear();
    return ++rows == 2 ? Status(ErrorCode::kUnavailable, "gone") : Status();
  });
  ASSERT_TRUE(writer.Begin(Columns()).ok());
  const Datum row[] = {Datum::BigInt(7), Datum::Text("a"), Datum::Text("b")};
  EXPECT_TRUE(writer.Row(row).ok());
  EXPECT_EQ(writer.Row(row).code(), ErrorCode::kUnavailable);
  EXPECT_EQ(writer.rows(), 2u);
}

}  // namespace
}  // namespace kalamdb::engine
