#include "types/msgpack_cell.h"

#include <charconv>
#include <cmath>
#include <cstring>

#include "base/msgpack.h"
#include "types/json_cell.h"

namespace kalamdb {

namespace {

void AppendReal(std::string* out, double v) {
  if (std::isfinite(v)) {
    msgpack::AppendDouble(out, v);
  } else {
    msgpack::AppendNil(out);
  }
}

void AppendBytesCell(std::string* out, std::string_view bytes) {
  msgpack::AppendArrayHead(out, static_cast<uint32_t>(bytes.size()));
  for (const char c : bytes) msgpack::AppendInteger(out, static_cast<unsigned char>(c));
}

void AppendEmbeddingCell(std::string* out, std::string_view floats) {
  const size_t count = floats.size() / sizeof(float);
  msgpack::AppendArrayHead(out, static_cast<uint32_t>(count));
  for (size_t i = 0; i < count; ++i) {
    float v;
    std::memcpy(&v, floats.data() + i * sizeof v, sizeof v);
    AppendReal(out, static_cast<double>(v));
  }
}

}  // namespace

void AppendMsgpackCell(std::string* out, const Datum& d) {
  if (d.null) {
    msgpack::AppendNil(out);
    return;
  }
  switch (d.kind) {
    case TypeKind::kNull:
      msgpack::AppendNil(out);
      return;
    case TypeKind::kBoolean:
      msgpack::AppendBool(out, d.b);
      return;
    case TypeKind::kBigInt: {
      char text[20];
      char* const end = std::to_chars(text, text + sizeof text, d.i).ptr;
      msgpack::AppendText(out, {text, static_cast<size_t>(end - text)});
      return;
    }
    case TypeKind::kSmallInt:
    case TypeKind::kInt:
    case TypeKind::kTimestamp:
    case TypeKind::kDateTime:
    case TypeKind::kDate:
    case TypeKind::kTime:
      msgpack::AppendInteger(out, d.i);
      return;
    case TypeKind::kFloat:
    case TypeKind::kDouble:
      AppendReal(out, d.d);
      return;
    case TypeKind::kDecimal: {
      std::string text;
      AppendDecimalText(&text, d.decimal(), d.scale);
      msgpack::AppendText(out, text);
      return;
    }
    case TypeKind::kText:
    case TypeKind::kJson:
    case TypeKind::kFile:
    case TypeKind::kList:  // of results only, which are JSON: no row holds one
      msgpack::AppendText(out, d.text());
      return;
    case TypeKind::kBytes:
      AppendBytesCell(out, d.text());
      return;
    case TypeKind::kUuid: {
      std::string text;
      AppendUuidText(&text, d.text());
      msgpack::AppendText(out, text);
      return;
    }
    case TypeKind::kEmbedding:
      AppendEmbeddingCell(out, d.text());
      return;
  }
}

}  // namespace kalamdb
