#include "base/msgpack.h"

#include <cstring>

#include "base/json_text.h"

namespace kalamdb::msgpack {

namespace {

void AppendBigEndian(std::string* out, uint8_t head, uint64_t v, int width) {
  char text[9];
  text[0] = static_cast<char>(head);
  for (int i = 0; i < width; ++i) text[width - i] = static_cast<char>(v >> (8 * i));
  out->append(text, static_cast<size_t>(width) + 1);
}

void AppendTextHead(std::string* out, size_t size) {
  if (size < 32) {
    out->push_back(static_cast<char>(0xa0 | size));
  } else if (size <= UINT8_MAX) {
    AppendBigEndian(out, 0xd9, size, 1);
  } else if (size <= UINT16_MAX) {
    AppendBigEndian(out, 0xda, size, 2);
  } else {
    AppendBigEndian(out, 0xdb, size, 4);
  }
}

Status EndsEarly() { return {ErrorCode::kInvalidInput, "the bytes end within a value"}; }

}  // namespace

void AppendNil(std::string* out) { out->push_back('\xc0'); }

void AppendBool(std::string* out, bool v) { out->push_back(v ? '\xc3' : '\xc2'); }

void AppendInteger(std::string* out, int64_t v) {
  const auto bits = static_cast<uint64_t>(v);
  if (v >= -32 && v < 128) {
    out->push_back(static_cast<char>(v));
  } else if (v >= 0) {
    if (v <= UINT8_MAX) {
      AppendBigEndian(out, 0xcc, bits, 1);
    } else if (v <= UINT16_MAX) {
      AppendBigEndian(out, 0xcd, bits, 2);
    } else if (v <= UINT32_MAX) {
      AppendBigEndian(out, 0xce, bits, 4);
    } else {
      AppendBigEndian(out, 0xcf, bits, 8);
    }
  } else if (v >= INT8_MIN) {
    AppendBigEndian(out, 0xd0, bits, 1);
  } else if (v >= INT16_MIN) {
    AppendBigEndian(out, 0xd1, bits, 2);
  } else if (v >= INT32_MIN) {
    AppendBigEndian(out, 0xd2, bits, 4);
  } else {
    AppendBigEndian(out, 0xd3, bits, 8);
  }
}

void AppendDouble(std::string* out, double v) {
  uint64_t bits;
  std::memcpy(&bits, &v, sizeof bits);
  AppendBigEndian(out, 0xcb, bits, 8);
}

void AppendText(std::string* out, std::string_view text) {
  if (!IsValidUtf8(text)) {
    const std::string valid = ToValidUtf8(text);
    AppendTextHead(out, valid.size());
    out->append(valid);
    return;
  }
  AppendTextHead(out, text.size());
  out->append(text);
}

void AppendArrayHead(std::string* out, uint32_t members) {
  if (members < 16) {
    out->push_back(static_cast<char>(0x90 | members));
  } else if (members <= UINT16_MAX) {
    AppendBigEndian(out, 0xdc, members, 2);
  } else {
    AppendBigEndian(out, 0xdd, members, 4);
  }
}

void AppendMapHead(std::string* out, uint32_t members) {
  if (members < 16) {
    out->push_back(static_cast<char>(0x80 | members));
  } else if (members <= UINT16_MAX) {
    AppendBigEndian(out, 0xde, members, 2);
  } else {
    AppendBigEndian(out, 0xdf, members, 4);
  }
}

size_t BeginMap(std::string* out, size_t at_most) {
  const size_t head = out->size();
  AppendMapHead(out, static_cast<uint32_t>(at_most));
  return head;
}

void EndMap(std::string* out, size_t head, size_t members) {
  auto* const p = reinterpret_cast<uint8_t*>(out->data() + head);
  if ((*p & 0xf0) == 0x80) {
    *p = static_cast<uint8_t>(0x80 | members);
    return;
  }
  const int width = *p == 0xde ? 2 : 4;
  for (int i = 0; i < width; ++i) p[width - i] = static_cast<uint8_t>(members >> (8 * i));
}

bool Reader::Take(size_t n, std::string_view* bytes) {
  if (n > rest_.size()) return false;
  *bytes = rest_.substr(0, n);
  rest_.remove_prefix(n);
  return true;
}

bool Reader::TakeNumber(size_t width, uint64_t* number) {
  std::string_view bytes;
  if (!Take(width, &bytes)) return false;
  *number = 0;
  for (const char c : bytes) *number = *number << 8 | static_cast<uint8_t>(c);
  return true;
}

Result<Token> Reader::Next() {
  std::string_view head;
  if (!Take(1, &head)) return EndsEarly();
  const auto b = static_cast<uint8_t>(head[0]);
  Token token;
  uint64_t number = 0;

  const auto integer = [&](int64_t v) {
    token.kind = Token::Kind::kInteger;
    token.integer = v;
    return Result<Token>(token);
  };
  const auto sized = [&](Token::Kind kind, uint64_t size) -> Result<Token> {
    token.kind = kind;
    if (!Take(size, &token.bytes)) return EndsEarly();
    return token;
  };
  const auto container = [&](Token::Kind kind, uint64_t members) -> Result<Token> {
    token.kind = kind;
    token.members = static_cast<uint32_t>(members);
    // Every member has at least one byte.
    if (members * (kind == Token::Kind::kMap ? 2 : 1) > rest_.size()) return EndsEarly();
    return token;
  };

  if (b < 0x80) return integer(b);
  if (b < 0x90) return container(Token::Kind::kMap, b & 0x0f);
  if (b < 0xa0) return container(Token::Kind::kArray, b & 0x0f);
  if (b < 0xc0) return sized(Token::Kind::kText, b & 0x1f);
  if (b >= 0xe0) return integer(static_cast<int8_t>(b));
  switch (b) {
    case 0xc0:
      return token;
    case 0xc1:
      return Status(ErrorCode::kInvalidInput, "the byte 0xc1 begins no value");
    case 0xc2:
    case 0xc3:
      token.kind = Token::Kind::kBool;
      token.boolean = b == 0xc3;
      return token;
    case 0xc4:
    case 0xc5:
    case 0xc6:
      if (!TakeNumber(size_t{1} << (b - 0xc4), &number)) return EndsEarly();
      return sized(Token::Kind::kBytes, number);
    case 0xc7:
    case 0xc8:
    case 0xc9:
      if (!TakeNumber(size_t{1} << (b - 0xc7), &number)) return EndsEarly();
      if (!Take(1, &head)) return EndsEarly();
      return sized(Token::Kind::kExtension, number);
    case 0xca: {
      if (!TakeNumber(4, &number)) return EndsEarly();
      const auto bits = static_cast<uint32_t>(number);
      float v;
      std::memcpy(&v, &bits, sizeof v);
      token.kind = Token::Kind::kDouble;
      token.real = static_cast<double>(v);
      return token;
    }
    case 0xcb:
      if (!TakeNumber(8, &number)) return EndsEarly();
      token.kind = Token::Kind::kDouble;
      std::memcpy(&token.real, &number, sizeof token.real);
      return token;
    case 0xcc:
    case 0xcd:
    case 0xce:
    case 0xcf:
      if (!TakeNumber(size_t{1} << (b - 0xcc), &number)) return EndsEarly();
      if (number <= INT64_MAX) return integer(static_cast<int64_t>(number));
      token.kind = Token::Kind::kUnsigned;
      token.unsigned_integer = number;
      return token;
    case 0xd0:
    case 0xd1:
    case 0xd2:
    case 0xd3: {
      const int width = 1 << (b - 0xd0);
      if (!TakeNumber(static_cast<size_t>(width), &number)) return EndsEarly();
      const int unused = 64 - 8 * width;
      return integer(static_cast<int64_t>(number << unused) >> unused);
    }
    case 0xd4:
    case 0xd5:
    case 0xd6:
    case 0xd7:
    case 0xd8:
      if (!Take(1, &head)) return EndsEarly();
      return sized(Token::Kind::kExtension, uint64_t{1} << (b - 0xd4));
    case 0xd9:
    case 0xda:
    case 0xdb:
      if (!TakeNumber(size_t{1} << (b - 0xd9), &number)) return EndsEarly();
      return sized(Token::Kind::kText, number);
    case 0xdc:
    case 0xdd:
      if (!TakeNumber(b == 0xdc ? 2 : 4, &number)) return EndsEarly();
      return container(Token::Kind::kArray, number);
    default:
      if (!TakeNumber(b == 0xde ? 2 : 4, &number)) return EndsEarly();
      return container(Token::Kind::kMap, number);
  }
}

Status Reader::Skip() {
  // Every token takes a byte, so that the loop ends however deep the value goes.
  for (uint64_t left = 1; left > 0; --left) {
    KDB_ASSIGN_OR_RETURN(const Token token, Next());
    if (token.kind == Token::Kind::kArray) left += token.members;
    if (token.kind == Token::Kind::kMap) left += uint64_t{token.members} * 2;
  }
  return {};
}

}  // namespace kalamdb::msgpack
