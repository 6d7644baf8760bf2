// Cells in MessagePack say what cells in JSON say.
#include "types/msgpack_cell.h"

#include <cmath>
#include <limits>

#include "../base/msgpack_json.h"
#include "types/decimal.h"
#include "types/json_cell.h"

namespace kalamdb {
namespace {

TEST(MsgpackCell, IsTheJsonCellForEveryType) {
  const std::string uuid("\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff", 16);
  std::string floats(12, '\0');
  const float values[] = {0.1F, -2.0F, std::numeric_limits<float>::infinity()};
  std::memcpy(floats.data(), values, sizeof values);
  std::vector<Datum> cells = {
      Datum::Null(),
      Datum::Null(TypeKind::kBigInt),
      Datum::Bool(true),
      Datum::Bool(false),
      Datum::BigInt(5),
      Datum::BigInt(std::numeric_limits<int64_t>::min()),
      Datum::Real(TypeKind::kDouble, 1.0),
      Datum::Real(TypeKind::kDouble, -0.0),
      Datum::Real(TypeKind::kDouble, 1e300),
      Datum::Real(TypeKind::kFloat, static_cast<double>(0.1F)),
      Datum::Real(TypeKind::kDouble, std::nan("")),
      Datum::Real(TypeKind::kDouble, -std::numeric_limits<double>::infinity()),
      Datum::Decimal(-50, 2),
      Datum::Decimal(7, 0),
      Datum::Bytes(TypeKind::kText, "gr\xc3\xbc\xc3\x9f \"x\"\n"),
      Datum::Bytes(TypeKind::kText, std::string_view("a\0b", 3)),
      Datum::Bytes(TypeKind::kText, "broken \xff\xc3"),
      Datum::Bytes(TypeKind::kJson, R"({"a": [1, 2.50]})"),
      Datum::Bytes(TypeKind::kFile, "{}"),
      Datum::Bytes(TypeKind::kBytes, std::string_view("\x00\x7f\x80\xff", 4)),
      Datum::Bytes(TypeKind::kBytes, ""),
      Datum::Bytes(TypeKind::kUuid, uuid),
      Datum::Bytes(TypeKind::kEmbedding, floats),
  };
  for (const TypeKind kind : {TypeKind::kSmallInt, TypeKind::kInt, TypeKind::kTimestamp,
                              TypeKind::kDateTime, TypeKind::kDate, TypeKind::kTime}) {
    for (const int64_t v : {0, 127, 128, -1, -32, -33, 32767, -32768}) {
      cells.push_back(Datum::Int(kind, v));
    }
  }
  cells.push_back(Datum::Int(TypeKind::kTimestamp, -62135596800000000));
  for (const Datum& cell : cells) {
    std::string text, packed;
    AppendCell(&text, cell);
    AppendMsgpackCell(&packed, cell);
    EXPECT_TRUE(SameJson(MsgpackToJson(packed), boost::json::parse(text))) << text;
  }
}

}  // namespace
}  // namespace kalamdb
