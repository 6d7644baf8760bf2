// Values as order-preserving keys, and escaped text.
#include <cmath>

#include "types/row_codec.h"

namespace kalamdb {

namespace {

constexpr uint64_t kSignBit = uint64_t{1} << 63;

uint64_t OrderedBits(double d) {
  const auto bits = std::bit_cast<uint64_t>(d == 0 ? 0.0 : d);  // -0 is 0
  return (bits & kSignBit) != 0 ? ~bits : bits | kSignBit;
}

}  // namespace

Status AppendKey(const Datum& d, std::string* out) {
  if (d.null) return InvalidOperation("NULL cannot be a key");
  switch (d.kind) {
    case TypeKind::kBoolean:
      out->push_back(static_cast<char>(d.b));
      return Status::Ok();
    case TypeKind::kSmallInt:
    case TypeKind::kInt:
    case TypeKind::kBigInt:
    case TypeKind::kTimestamp:
    case TypeKind::kDateTime:
    case TypeKind::kDate:
    case TypeKind::kTime:
      AppendBigEndian64(out, static_cast<uint64_t>(d.i) ^ kSignBit);
      return Status::Ok();
    case TypeKind::kFloat:
    case TypeKind::kDouble:
      if (std::isnan(d.d)) return InvalidOperation("NaN cannot be a key");
      AppendBigEndian64(out, OrderedBits(d.d));
      return Status::Ok();
    case TypeKind::kDecimal:
      AppendBigEndian64(out, d.words[1] ^ kSignBit);
      AppendBigEndian64(out, d.words[0]);
      return Status::Ok();
    case TypeKind::kUuid:
      out->append(d.text());
      return Status::Ok();
    case TypeKind::kText:
    case TypeKind::kJson:
    case TypeKind::kFile:
    case TypeKind::kBytes: {
      const size_t start = out->size();
      if (d.s.size <= kMaxKeyBytes) AppendEscaped(d.text(), out);
      const size_t size = out->size() - start;
      if (size == 0 || size > kMaxKeyBytes) {
        out->resize(start);
        return InvalidOperation(fmt::format("A key may have at most {} bytes", kMaxKeyBytes));
      }
      return Status::Ok();
    }
    case TypeKind::kNull:
    case TypeKind::kEmbedding:
    case TypeKind::kList:
      break;
  }
  return InvalidOperation(
      fmt::format("A value of type {} cannot be a key", SqlTypeName(DataType::Of(d.kind))));
}

void AppendEscaped(std::string_view text, std::string* out) {
  for (size_t at = text.find('\0'); at != std::string_view::npos; at = text.find('\0')) {
    out->append(text.substr(0, at));
    out->append("\x00\xff", 2);
    text.remove_prefix(at + 1);
  }
  out->append(text);
  out->append("\x00\x01", 2);
}

bool ReadEscaped(std::string_view* key, std::string* text) {
  std::string_view rest = *key;
  text->clear();
  for (;;) {
    const size_t at = rest.find('\0');
    if (at == std::string_view::npos || at + 1 >= rest.size()) return false;
    text->append(rest.substr(0, at));
    const auto mark = static_cast<unsigned char>(rest[at + 1]);
    rest.remove_prefix(at + 2);
    if (mark == 0x01) {
      *key = rest;
      return true;
    }
    if (mark != 0xff) return false;
    text->push_back('\0');
  }
}

}  // namespace kalamdb
