// Promises of the stored row.
#include "types/row_codec.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "types/decimal.h"

namespace kalamdb {
namespace {

Column Of(uint32_t id, std::string name, DataType type) {
  Column c;
  c.id = id;
  c.name = std::move(name);
  c.type = type;
  return c;
}

// One column of each kind, the system columns at the end.
Schema EveryKind() {
  const TypeKind plain[] = {TypeKind::kBoolean,  TypeKind::kSmallInt,  TypeKind::kInt,
                            TypeKind::kBigInt,   TypeKind::kFloat,     TypeKind::kDouble,
                            TypeKind::kText,     TypeKind::kTimestamp, TypeKind::kDate,
                            TypeKind::kDateTime, TypeKind::kTime,      TypeKind::kJson,
                            TypeKind::kBytes,    TypeKind::kUuid,      TypeKind::kFile};
  std::vector<Column> columns;
  uint32_t id = 1;
  for (const TypeKind kind : plain) {
    columns.push_back(Of(id, "c" + std::to_string(id), DataType::Of(kind)));
    ++id;
  }
  columns.push_back(Of(id++, "price", DataType::Decimal(38, 10)));
  columns.push_back(Of(id++, "vector", DataType::Embedding(3)));
  columns.push_back(Of(id++, "_seq", DataType::Of(TypeKind::kBigInt)));
  columns.push_back(Of(id++, "_deleted", DataType::Of(TypeKind::kBoolean)));
  return {7, std::move(columns)};
}

std::vector<Datum> SampleRow(std::string_view text) {
  static constexpr float kVector[3] = {0.1F, -2.0F, 1e30F};
  return {
      Datum::Bool(true),
      Datum::Int(TypeKind::kSmallInt, -32768),
      Datum::Int(TypeKind::kInt, std::numeric_limits<int32_t>::min()),
      Datum::BigInt(std::numeric_limits<int64_t>::min()),
      Datum::Real(TypeKind::kFloat, static_cast<double>(0.1F)),
      Datum::Real(TypeKind::kDouble, -1e300),
      Datum::Text(text),
      Datum::Int(TypeKind::kTimestamp, -1),
      Datum::Int(TypeKind::kDate, -719'162),
      Datum::Int(TypeKind::kDateTime, 1'700'000'000'000'000),
      Datum::Int(TypeKind::kTime, kMicrosPerDay - 1),
      Datum::Bytes(TypeKind::kJson, "{\"a\": [1]}"),
      Datum::Bytes(TypeKind::kBytes, std::string_view("\0\xff\0", 3)),
      Datum::Bytes(TypeKind::kUuid, "0123456789abcdef"),
      Datum::Bytes(TypeKind::kFile, "{}"),
      Datum::Decimal(-kMaxDecimal, 10),
      Datum::Bytes(TypeKind::kEmbedding, {reinterpret_cast<const char*>(kVector), sizeof kVector})};
}

void ExpectSameRow(const Schema& schema, std::string_view bytes, const std::vector<Datum>& slots) {
  Result<RowView> row = RowView::Parse(bytes);
  ASSERT_TRUE(row.ok()) << row.status().message();
  ASSERT_EQ(row->slots(), slots.size());
  for (size_t i = 0; i < slots.size(); ++i) {
    const DataType& type = schema.column(schema.stored()[i]).type;
    const Datum d = row->Slot(i, type);
    EXPECT_EQ(d.kind, type.kind) << i;
    EXPECT_TRUE(SameValue(d, slots[i])) << i;
  }
}

TEST(RowCodec, ReturnsEveryKindAsItWasStored) {
  const Schema schema = EveryKind();
  const std::vector<Datum> slots = SampleRow("hello");
  std::string row;
  EncodeRow(schema, slots, &row);
  ExpectSameRow(schema, row, slots);
}

TEST(RowCodec, ReturnsNullsAmongValues) {
  const Schema schema = EveryKind();
  const std::vector<Datum> full = SampleRow("hello");
  std::mt19937 random(3);
  for (int round = 0; round < 500; ++round) {
    std::vector<Datum> slots = full;
    for (Datum& d : slots) {
      if (random() % 2 == 0) d = Datum::Null(d.kind);
    }
    std::string row;
    EncodeRow(schema, slots, &row);
    ExpectSameRow(schema, row, slots);
  }
}

TEST(RowCodec, WidensOffsetsAsThePayloadGrows) {
  const Schema schema = EveryKind();
  for (const size_t size : {size_t{0}, size_t{100}, size_t{255}, size_t{256}, size_t{65'000},
                            size_t{65'535}, size_t{65'536}, size_t{1'000'000}}) {
    const std::string text(size, 't');
    const std::vector<Datum> slots = SampleRow(text);
    std::string row;
    EncodeRow(schema, slots, &row);
    ExpectSameRow(schema, row, slots);
  }
}

TEST(RowCodec, AppendsBehindWhatTheBufferHolds) {
  const Schema schema = EveryKind();
  const std::vector<Datum> slots = SampleRow("x");
  std::string buffer = "prefix";
  EncodeRow(schema, slots, &buffer);
  const size_t first = buffer.size();
  EncodeRow(schema, slots, &buffer);
  EXPECT_TRUE(buffer.starts_with("prefix"));
  EXPECT_EQ(buffer.substr(6, first - 6), buffer.substr(first));
  ExpectSameRow(schema, std::string_view(buffer).substr(first), slots);
}

TEST(RowCodec, IsExactlyTheDocumentedBytes) {
  std::vector<Column> columns;
  columns.push_back(Of(1, "a", DataType::Of(TypeKind::kSmallInt)));
  columns.push_back(Of(2, "b", DataType::Of(TypeKind::kInt)));
  columns.push_back(Of(3, "c", DataType::Of(TypeKind::kText)));
  const Schema schema(0x01020304, std::move(columns));
  const Datum slots[] = {Datum::Int(TypeKind::kSmallInt, 0x0506), Datum::Null(TypeKind::kInt),
                         Datum::Text("xy")};
  std::string row;
  EncodeRow(schema, slots, &row);
  PatchRowVersion(row.data(), 0x1122334455667788, 0x0f, true);
  const unsigned char expected[] = {1,    1,  // version, flags
                                    0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11,  // _seq
                                    0x0f, 0,    0,    0,    0,    0,    0,    0,     // first _seq
                                    4,    3,    2,    1,                             // schema
                                    3,    0,    1,                                   // n, w
                                    2,                                               // b is NULL
                                    2,    2,    4,                                   // ends
                                    6,    5,    'x',  'y'};
  EXPECT_EQ(row, std::string(reinterpret_cast<const char*>(expected), sizeof expected));
}

TEST(RowCodec, PatchesTheVersionWithoutTouchingTheRest) {
  const Schema schema = EveryKind();
  const std::vector<Datum> slots = SampleRow("x");
  std::string row;
  EncodeRow(schema, slots, &row);
  PatchRowVersion(row.data(), 1234, 99, true);
  Result<RowView> view = RowView::Parse(row);
  ASSERT_TRUE(view.ok());
  EXPECT_EQ(view->seq(), 1234);
  EXPECT_EQ(view->insert_seq(), 99);
  EXPECT_TRUE(view->deleted());
  EXPECT_EQ(view->schema_version(), 7u);
  ExpectSameRow(schema, row, slots);
}

TEST(RowCodec, ReadsOneSlotWithoutTouchingOthers) {
  const Schema schema = EveryKind();
  const std::vector<Datum> slots = SampleRow("middle");
  std::string row;
  EncodeRow(schema, slots, &row);
  // Everything in the payload but the text of slot 6 is overwritten; the slot does not notice.
  const size_t at = row.find("middle");
  const size_t payload = kRowHeaderBytes + 3 + slots.size();
  for (size_t i = payload; i < row.size(); ++i) {
    if (i < at || i >= at + 6) row[i] = '\xee';
  }
  Result<RowView> view = RowView::Parse(row);
  ASSERT_TRUE(view.ok());
  EXPECT_EQ(view->Slot(6, DataType::Of(TypeKind::kText)).text(), "middle");
}

TEST(RowCodec, GivesNullForSlotsTheRowDoesNotHave) {
  const Schema schema(1, {Of(1, "a", DataType::Of(TypeKind::kInt))});
  const Datum slots[] = {Datum::Int(TypeKind::kInt, 5)};
  std::string row;
  EncodeRow(schema, slots, &row);
  Result<RowView> view = RowView::Parse(row);
  ASSERT_TRUE(view.ok());
  EXPECT_TRUE(view->Slot(1, DataType::Of(TypeKind::kText)).null);
  EXPECT_TRUE(view->Slot(0, DataType::Of(TypeKind::kBigInt)).null) << "four bytes are no BIGINT";
  EXPECT_TRUE(view->Slot(0, DataType::Embedding(2)).null);
}

TEST(RowCodec, HoldsARowWithoutColumns) {
  const Schema schema(1, {});
  std::string row;
  EncodeRow(schema, {}, &row);
  EXPECT_EQ(row.size(), kRowHeaderBytes);
  Result<RowView> view = RowView::Parse(row);
  ASSERT_TRUE(view.ok());
  EXPECT_EQ(view->slots(), 0u);
}

TEST(RowView, RefusesEveryTruncation) {
  const Schema schema = EveryKind();
  const std::vector<Datum> slots = SampleRow("hello");
  std::string row;
  EncodeRow(schema, slots, &row);
  for (size_t n = 0; n < row.size(); ++n) {
    EXPECT_EQ(RowView::Parse(std::string_view(row).substr(0, n)).code(), ErrorCode::kCorruption);
  }
  EXPECT_FALSE(RowView::Parse(row + "x").ok());
}

TEST(RowView, RefusesAnUnknownVersion) {
  std::string row;
  EncodeRow(Schema(1, {}), {}, &row);
  row[0] = 2;
  EXPECT_EQ(RowView::Parse(row).code(), ErrorCode::kCorruption);
}

// Every byte of the copy is its own allocation's last: a read past the end is one that sanitizers
// see.
TEST(RowView, NeverReadsOutsideOfDamagedBytes) {
  const Schema schema = EveryKind();
  std::mt19937 random(11);
  int parsed = 0;
  for (int round = 0; round < 100'000; ++round) {
    const std::string text(random() % 3 == 0 ? 300 : random() % 20, 'x');
    std::vector<Datum> slots = SampleRow(text);
    for (Datum& d : slots) {
      if (random() % 4 == 0) d = Datum::Null(d.kind);
    }
    std::string row;
    EncodeRow(schema, slots, &row);
    for (unsigned flips = 1 + random() % 4; flips > 0; --flips) {
      // Mostly the header and the offsets, where damage does harm.
      const size_t range = random() % 4 == 0 ? row.size() : std::min<size_t>(row.size(), 66);
      row[random() % range] = static_cast<char>(random());
    }
    if (random() % 4 == 0) row.resize(random() % (row.size() + 1));
    const std::unique_ptr<char[]> exact(new char[row.size()]);
    std::copy(row.begin(), row.end(), exact.get());
    Result<RowView> view = RowView::Parse({exact.get(), row.size()});
    if (!view.ok()) continue;
    ++parsed;
    const char* const end = exact.get() + row.size();
    for (size_t i = 0; i < view->slots(); ++i) {
      for (const uint16_t ordinal : schema.stored()) {
        const Datum d = view->Slot(i, schema.column(ordinal).type);
        if (!d.has_bytes()) continue;
        ASSERT_GE(d.s.data, exact.get());
        ASSERT_LE(d.s.data + d.s.size, end);
        (void)HashDatum(d);
      }
    }
  }
  EXPECT_GT(parsed, 1000) << "the damage should leave some rows readable";
}

}  // namespace
}  // namespace kalamdb
