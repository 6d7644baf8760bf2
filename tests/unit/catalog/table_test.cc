#include "catalog/table.h"

#include <gtest/gtest.h>

#include "catalog/meta_keys.h"
#include "catalog/table_record.h"
#include "catalog_fixture.h"

namespace kalamdb::catalog {
namespace {

TEST(OptionsJson, IsTaggedByTheTypeOfTable) {
  TableInfo t = Named("n", "t", TableKind::kUser);
  EXPECT_EQ(OptionsJson(t), R"({"table_type":"USER","storage_id":"local","use_user_storage":false,)"
                            R"("flush_policy":null,"compression":"snappy"})");
  t.kind = TableKind::kShared;
  t.options.flush_rows = 1000;
  EXPECT_EQ(OptionsJson(t),
            R"({"table_type":"SHARED","storage_id":"local","access_level":"Private",)"
            R"("flush_policy":{"type":"row_limit","row_limit":1000},"compression":"snappy"})");
  t.kind = TableKind::kStream;
  t.options.ttl_seconds = 3600;
  EXPECT_EQ(OptionsJson(t),
            R"({"table_type":"STREAM","ttl_seconds":3600,"eviction_strategy":"time_based",)"
            R"("max_stream_size_bytes":0,"compression":"snappy"})");
  t.kind = TableKind::kSystem;
  EXPECT_EQ(OptionsJson(t), R"({"table_type":"SYSTEM","read_only":true,"enable_cache":true,)"
                            R"("cache_ttl_seconds":300,"localhost_only":false})");
}

TEST(OptionsJson, WritesEveryFlushPolicy) {
  TableInfo t = Named("n", "t", TableKind::kUser);
  t.options.flush_interval_seconds = 60;
  EXPECT_NE(OptionsJson(t).find(R"({"type":"time_interval","interval_seconds":60})"),
            std::string::npos);
  t.options.flush_rows = 10;
  EXPECT_NE(OptionsJson(t).find(R"({"type":"combined","row_limit":10,"interval_seconds":60})"),
            std::string::npos);
  t.options.storage_id = "a\"b";
  EXPECT_NE(OptionsJson(t).find(R"("storage_id":"a\"b")"), std::string::npos);
}

TEST(ColumnsJson, ListsColumnsInOrderWithTheirDefaults) {
  Column id = MakeColumn("id", TypeKind::kBigInt, true);
  id.id = 1;
  id.default_value.kind = ColumnDefault::Kind::kFunction;
  id.default_value.function = ColumnDefault::Function::kSnowflakeId;
  EXPECT_EQ(
      ColumnsJson(Schema(1, {id, SeqColumn(2), DeletedColumn(3)})),
      R"([{"column_id":1,"column_name":"id","column_comment":null,"data_type":"BigInt",)"
      R"("default_value":{"FunctionCall":{"name":"SNOWFLAKE_ID","args":[]}},"ordinal_position":1,)"
      R"("is_nullable":false,"is_primary_key":true,"is_partition_key":false},)"
      R"({"column_id":2,"column_name":"_seq",)"
      R"("column_comment":"Version ID (MVCC) with embedded timestamp","data_type":"BigInt",)"
      R"("default_value":"None","ordinal_position":2,"is_nullable":false,"is_primary_key":false,)"
      R"("is_partition_key":false},)"
      R"({"column_id":3,"column_name":"_deleted","column_comment":"Soft delete flag",)"
      R"("data_type":"Boolean","default_value":{"Literal":false},"ordinal_position":3,)"
      R"("is_nullable":false,"is_primary_key":false,"is_partition_key":false}])");
}

TEST(DefaultText, PrintsDefaultsAsSqlLiterals) {
  Column c = MakeColumn("c", TypeKind::kText);
  EXPECT_EQ(DefaultText(c), std::nullopt);
  c.default_value.kind = ColumnDefault::Kind::kLiteral;
  const auto text = [&](const Datum& d) {
    c.default_value.literal = Value(d);
    return DefaultText(c).value_or("nothing");
  };
  EXPECT_EQ(text(Datum::Text("it's")), "'it''s'");
  EXPECT_EQ(text(Datum::BigInt(-5)), "-5");
  EXPECT_EQ(text(Datum::Bool(true)), "TRUE");
  EXPECT_EQ(text(Datum::Null(TypeKind::kText)), "NULL");
  EXPECT_EQ(text(Datum::Decimal(-5, 2)), "-0.05");
  EXPECT_EQ(text(Datum::Int(TypeKind::kDate, 0)), "'1970-01-01'");
  c.default_value.kind = ColumnDefault::Kind::kFunction;
  c.default_value.function = ColumnDefault::Function::kNow;
  EXPECT_EQ(DefaultText(c), "NOW()");
}

TEST(StaleFlag, IsNotCopiedWithATable) {
  const TableInfo t = Named("n", "t");
  t.stale = true;
  const TableInfo copy = t;
  EXPECT_FALSE(copy.stale);
}

TEST(MetaKeys, NamesOfOneNamespaceDoNotMixWithAnothers) {
  EXPECT_NE(TableNameKey("a", "bc"), TableNameKey("ab", "c"));
  const std::string prefix = TableNamePrefix("a");
  EXPECT_TRUE(TableNameKey("a", "b").starts_with(prefix));
  EXPECT_FALSE(TableNameKey("ab", "b").starts_with(prefix));
  EXPECT_LT(TableKey(255), TableKey(256));
}

}  // namespace
}  // namespace kalamdb::catalog
