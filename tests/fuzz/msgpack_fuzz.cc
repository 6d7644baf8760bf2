// Any bytes as MessagePack: the tokens of a value cover exactly the bytes that Skip passes over,
// and a value that is written again in the shortest form reads the same.
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/json_text.h"
#include "base/msgpack.h"

namespace {

using kalamdb::Result;
using kalamdb::msgpack::Reader;
using kalamdb::msgpack::Token;
namespace msgpack = kalamdb::msgpack;

// False for what the writer has no form for.
bool Write(std::string* out, const Token& token) {
  switch (token.kind) {
    case Token::Kind::kNil:
      msgpack::AppendNil(out);
      return true;
    case Token::Kind::kBool:
      msgpack::AppendBool(out, token.boolean);
      return true;
    case Token::Kind::kInteger:
      msgpack::AppendInteger(out, token.integer);
      return true;
    case Token::Kind::kDouble:
      msgpack::AppendDouble(out, token.real);
      return true;
    case Token::Kind::kText:
      msgpack::AppendText(out, token.bytes);
      return kalamdb::IsValidUtf8(token.bytes);
    case Token::Kind::kArray:
    case Token::Kind::kMap:
    case Token::Kind::kUnsigned:
    case Token::Kind::kBytes:
    case Token::Kind::kExtension:
      return false;
  }
  return false;
}

bool Same(const Token& a, const Token& b) {
  return a.kind == b.kind && a.boolean == b.boolean && a.integer == b.integer &&
         a.bytes == b.bytes && (a.real == b.real || (std::isnan(a.real) && std::isnan(b.real)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  Reader tokens(bytes), skipping(bytes);
  const bool whole = skipping.Skip().ok();
  uint64_t left = 1;
  while (left > 0) {
    Result<Token> token = tokens.Next();
    if (!token.ok()) {
      if (whole) std::abort();
      return 0;
    }
    --left;
    if (token->kind == Token::Kind::kArray) left += token->members;
    if (token->kind == Token::Kind::kMap) left += uint64_t{token->members} * 2;
    std::string again;
    if (Write(&again, *token)) {
      Reader reader(again);
      Result<Token> back = reader.Next();
      if (!back.ok() || !reader.AtEnd() || !Same(*back, *token)) std::abort();
    }
  }
  if (!whole || tokens.AtEnd() != skipping.AtEnd()) std::abort();
  return 0;
}
