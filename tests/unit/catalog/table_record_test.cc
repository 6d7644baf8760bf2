#include "catalog/table_record.h"

#include <gtest/gtest.h>

#include "catalog_fixture.h"

namespace kalamdb::catalog {
namespace {

Column WithLiteral(std::string name, DataType type, const Datum& literal) {
  Column c = MakeColumn(std::move(name), type.kind);
  c.type = type;
  c.default_value.kind = ColumnDefault::Kind::kLiteral;
  c.default_value.literal = Value(literal);
  return c;
}

std::vector<Column> EveryKind() {
  std::vector<Column> columns = {
      MakeColumn("id", TypeKind::kBigInt, true),
      WithLiteral("flag", DataType::Of(TypeKind::kBoolean), Datum::Bool(true)),
      WithLiteral("small", DataType::Of(TypeKind::kSmallInt), Datum::Int(TypeKind::kSmallInt, -5)),
      WithLiteral("big", DataType::Of(TypeKind::kBigInt), Datum::BigInt(INT64_MIN)),
      WithLiteral("real", DataType::Of(TypeKind::kDouble), Datum::Real(TypeKind::kDouble, 0.1)),
      WithLiteral("price", DataType::Decimal(10, 2), Datum::Decimal(-12345, 2)),
      WithLiteral("name", DataType::Of(TypeKind::kText), Datum::Text("it's")),
      WithLiteral("none", DataType::Of(TypeKind::kText), Datum::Null(TypeKind::kText)),
      WithLiteral("id16", DataType::Of(TypeKind::kUuid),
                  Datum::Bytes(TypeKind::kUuid, "0123456789abcdef")),
      WithLiteral("at", DataType::Of(TypeKind::kTimestamp), Datum::Int(TypeKind::kTimestamp, 0)),
      MakeColumn("made", TypeKind::kTimestamp),
      MakeColumn("e", TypeKind::kEmbedding),
  };
  columns[10].default_value.kind = ColumnDefault::Kind::kFunction;
  columns[10].default_value.function = ColumnDefault::Function::kNow;
  columns[10].comment = "when";
  columns[11].type = DataType::Embedding(384);
  uint32_t id = 0;
  for (Column& c : columns) c.id = ++id;
  columns.push_back(SeqColumn(++id));
  columns.push_back(DeletedColumn(++id));
  return columns;
}

TableInfo EveryField() {
  TableInfo t = Named("space", "every", TableKind::kStream);
  t.id = 9;
  t.policy_version = 3;
  t.options.storage_id = "other";
  t.options.use_user_storage = true;
  t.options.flush_rows = 7;
  t.options.flush_interval_seconds = 8;
  t.options.compression = "zstd";
  t.options.access_level = AccessLevel::kDba;
  t.options.ttl_seconds = UINT64_MAX;
  t.options.eviction_strategy = "other";
  t.options.max_stream_size_bytes = 10;
  t.versions.push_back(std::make_shared<const Schema>(1, EveryKind()));
  t.versions.push_back(WithColumn(*t.versions[0], "later"));
  t.schema = t.versions.back();
  t.version_millis = {t.created_millis, t.created_millis - 5};
  return t;
}

TEST(TableRecord, ReadsBackEveryFieldAndEveryVersion) {
  const TableInfo t = EveryField();
  const std::string record = EncodeTable(t);
  auto read = DecodeTable(9, record, nullptr);
  ASSERT_TRUE(read.ok()) << read.status().message();
  EXPECT_EQ((*read)->id, 9u);
  EXPECT_EQ((*read)->qualified(), "space.every");
  EXPECT_EQ((*read)->version_millis, t.version_millis);
  EXPECT_EQ(EncodeTable(**read), record);
  for (size_t v = 0; v < 2; ++v) {
    const Schema& a = *t.versions[v];
    const Schema& b = *(*read)->versions[v];
    EXPECT_EQ(b.version(), v + 1);
    EXPECT_EQ(ColumnsJson(a), ColumnsJson(b));
    for (size_t i = 0; i < a.size(); ++i) {
      EXPECT_EQ(a.column(i).type, b.column(i).type);
      EXPECT_EQ(DefaultText(a.column(i)), DefaultText(b.column(i)));
      EXPECT_TRUE(SameValue(a.column(i).default_value.literal.datum(),
                            b.column(i).default_value.literal.datum()));
    }
  }
}

TEST(TableRecord, EveryTruncationIsCorruption) {
  const std::string record = EncodeTable(EveryField());
  for (size_t n = 0; n < record.size(); ++n) {
    EXPECT_EQ(DecodeTable(9, std::string_view(record).substr(0, n), nullptr).code(),
              ErrorCode::kCorruption)
        << n;
  }
  EXPECT_EQ(DecodeTable(9, record + "x", nullptr).code(), ErrorCode::kCorruption);
}

TEST(TableRecord, AnUnknownFormatIsRefused) {
  std::string record = EncodeTable(EveryField());
  record[0] = 2;
  EXPECT_EQ(DecodeTable(9, record, nullptr).code(), ErrorCode::kCorruption);
}

TEST(TableRecord, ASmallTableIsSmall) {
  TableInfo t = Named("default", "messages");
  std::vector<Column> columns = IdAndText();
  columns.push_back(SeqColumn(3));
  columns.push_back(DeletedColumn(4));
  t.schema = std::make_shared<const Schema>(1, std::move(columns));
  t.versions = {t.schema};
  t.version_millis = {t.created_millis};
  EXPECT_LT(EncodeTable(t).size(), 100u);
}

TEST(SchemaInterner, SharesByContentAndVersion) {
  SchemaInterner interner;
  std::string columns;
  EncodeColumns(Schema(1, EveryKind()), &columns);
  auto a = interner.Intern(1, columns);
  auto b = interner.Intern(1, columns);
  auto other = interner.Intern(2, columns);
  ASSERT_TRUE(a.ok() && b.ok() && other.ok());
  EXPECT_EQ(*a, *b);
  EXPECT_NE(*a, *other);
  EXPECT_FALSE(interner.Intern(1, columns.substr(1)).ok());
}

TEST(SchemaInterner, KeepsNothingThatNobodyUses) {
  SchemaInterner interner;
  const size_t empty = interner.memory_bytes();
  std::string columns;
  EncodeColumns(Schema(1, EveryKind()), &columns);
  for (uint32_t v = 1; v <= 1000; ++v) ASSERT_TRUE(interner.Intern(v, columns).ok());
  interner.Trim();
  EXPECT_LE(interner.memory_bytes(), empty + 64);
}

}  // namespace
}  // namespace kalamdb::catalog
