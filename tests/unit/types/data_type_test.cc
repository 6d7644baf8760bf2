// Promises of type names.
#include "types/data_type.h"

#include <gtest/gtest.h>

namespace kalamdb {
namespace {

TypeKind KindOf(std::string_view name, TypeArgs args = {}) {
  Result<DataType> type = ResolveSqlType(name, args);
  EXPECT_TRUE(type.ok()) << name << ": " << type.status().message();
  return type.ok() ? type->kind : TypeKind::kNull;
}
std::string ErrorOf(std::string_view name, TypeArgs args = {}) {
  Result<DataType> type = ResolveSqlType(name, args);
  EXPECT_FALSE(type.ok()) << name;
  return std::string(type.status().message());
}

TEST(ResolveSqlType, KnowsEverySpelling) {
  const std::pair<TypeKind, std::vector<std::string_view>> spellings[] = {
      {TypeKind::kSmallInt, {"smallint", "int2", "smallserial", "serial2", "tinyint"}},
      {TypeKind::kInt, {"int", "integer", "int4", "mediumint", "serial", "serial4"}},
      {TypeKind::kBigInt, {"bigint", "int8", "int64", "bigserial", "serial8"}},
      {TypeKind::kFloat, {"float", "real", "float4"}},
      {TypeKind::kDouble, {"double", "double precision", "float8", "float64"}},
      {TypeKind::kBoolean, {"boolean", "bool"}},
      {TypeKind::kText,
       {"text", "string", "varchar", "char", "character", "character varying", "nvarchar", "clob",
        "citext", "tinytext", "mediumtext", "longtext", "struct<a int>", "mystring"}},
      {TypeKind::kBytes, {"bytes", "bytea", "binary", "varbinary", "blob"}},
      {TypeKind::kDate, {"date"}},
      {TypeKind::kTime, {"time", "timetz", "time with time zone"}},
      {TypeKind::kTimestamp,
       {"timestamp", "timestamptz", "timestamp with time zone", "timestamp without time zone"}},
      {TypeKind::kDateTime, {"datetime"}},
      {TypeKind::kUuid, {"uuid"}},
      {TypeKind::kJson, {"json", "jsonb"}},
      {TypeKind::kDecimal, {"decimal", "numeric", "dec"}},
      {TypeKind::kFile, {"file"}}};
  for (const auto& [kind, names] : spellings) {
    for (const std::string_view name : names) EXPECT_EQ(KindOf(name), kind) << name;
  }
  EXPECT_EQ(KindOf("varchar", {1, {255}}), TypeKind::kText);
  EXPECT_EQ(KindOf("float", {1, {53}}), TypeKind::kFloat);
  EXPECT_EQ(KindOf("timestamp", {1, {3}}), TypeKind::kTimestamp);
}

TEST(ResolveSqlType, GivesDecimalsTheirPrecisionAndScale) {
  EXPECT_EQ(*ResolveSqlType("decimal", {}), DataType::Decimal(38, 10));
  EXPECT_EQ(*ResolveSqlType("decimal", {1, {5}}), DataType::Decimal(5, 0));
  EXPECT_EQ(*ResolveSqlType("numeric", {2, {10, 2}}), DataType::Decimal(10, 2));
  EXPECT_EQ(ErrorOf("decimal", {1, {0}}), "DECIMAL precision must be between 1 and 38, got 0");
  EXPECT_EQ(ErrorOf("decimal", {1, {39}}), "DECIMAL precision must be between 1 and 38, got 39");
  EXPECT_EQ(ErrorOf("decimal", {2, {3, 4}}), "DECIMAL scale (4) cannot exceed precision (3)");
  EXPECT_FALSE(ResolveSqlType("decimal", {2, {3, -1}}).ok());
}

TEST(ResolveSqlType, BoundsTheDimensionOfEmbeddings) {
  EXPECT_EQ(*ResolveSqlType("embedding", {1, {384}}), DataType::Embedding(384));
  EXPECT_EQ(*ResolveSqlType("embedding", {1, {8192}}), DataType::Embedding(8192));
  EXPECT_EQ(ErrorOf("embedding"),
            "EMBEDDING type requires exactly one dimension parameter, e.g., EMBEDDING(384)");
  EXPECT_EQ(ErrorOf("embedding", {1, {0}}), "EMBEDDING dimension must be at least 1");
  EXPECT_EQ(ErrorOf("embedding", {1, {8193}}),
            "EMBEDDING dimension must be at most 8192 (found 8193)");
  EXPECT_EQ(ErrorOf("embedding", {1, {-1}}),
            "EMBEDDING dimension must be a positive integer, got '-1'");
}

TEST(ResolveSqlType, RefusesWhatHasNoType) {
  EXPECT_EQ(ErrorOf("point"), "Unsupported custom data type 'point'");
  EXPECT_EQ(ErrorOf(""), "Unsupported custom data type ''");
  EXPECT_EQ(ErrorOf("interval"), "Unsupported data type: INTERVAL");
  EXPECT_EQ(ErrorOf("int unsigned"), "Unsupported data type: INT UNSIGNED");
  EXPECT_EQ(ErrorOf("uuid", {1, {3}}), "Unsupported data type: UUID(3)");
}

TEST(TypeNames, AreThoseOfTheWireAndOfSql) {
  EXPECT_EQ(WireTypeJson(DataType::Of(TypeKind::kBigInt)), "\"BigInt\"");
  EXPECT_EQ(WireTypeJson(DataType::Of(TypeKind::kDateTime)), "\"DateTime\"");
  EXPECT_EQ(WireTypeJson(DataType::Of(TypeKind::kNull)), "\"Text\"");
  EXPECT_EQ(WireTypeJson(DataType::Of(TypeKind::kList)), "\"Text\"");
  EXPECT_EQ(WireTypeJson(DataType::Embedding(384)), "{\"Embedding\":384}");
  EXPECT_EQ(WireTypeJson(DataType::Decimal(10, 2)), "{\"Decimal\":{\"precision\":10,\"scale\":2}}");
  EXPECT_EQ(SqlTypeName(DataType::Decimal(10, 2)), "DECIMAL(10, 2)");
  EXPECT_EQ(SqlTypeName(DataType::Embedding(3)), "EMBEDDING(3)");
  EXPECT_EQ(SqlTypeName(DataType::Of(TypeKind::kSmallInt)), "SMALLINT");
}

TEST(TypeNames, ResolveToTheTypeTheyName) {
  for (int k = 1; k <= 0x11; ++k) {
    const auto kind = static_cast<TypeKind>(k);
    if (kind == TypeKind::kDecimal || kind == TypeKind::kEmbedding) continue;
    std::string name = SqlTypeName(DataType::Of(kind));
    for (char& c : name) c = static_cast<char>(c | 0x20);
    EXPECT_EQ(KindOf(name), kind);
  }
}

TEST(SerialTypes, AreTheOnesWithAGeneratedDefault) {
  EXPECT_TRUE(IsSerialTypeName("bigserial"));
  EXPECT_TRUE(IsSerialTypeName("serial4"));
  EXPECT_FALSE(IsSerialTypeName("bigint"));
}

}  // namespace
}  // namespace kalamdb
