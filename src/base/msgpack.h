// MessagePack: the binary relative of JSON (https://github.com/msgpack/msgpack, spec.md).
//
//   00-7f positive integer      80-8f map        90-9f array      a0-bf text     e0-ff negative
//   c0 nil   c2/c3 false/true   c4-c6 bytes      c7-c9 extension  ca/cb float/double
//   cc-cf unsigned 8-64 bit     d0-d3 signed     d4-d8 extension of 1, 2, 4, 8, 16 bytes
//   d9-db text                  dc/dd array      de/df map        c1 nothing, never used
//
// Lengths and numbers are big-endian. Maps and arrays say how many members follow.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"

namespace kalamdb::msgpack {

void AppendNil(std::string* out);
void AppendBool(std::string* out, bool v);
// The shortest form that holds the number; unsigned for positive ones.
void AppendInteger(std::string* out, int64_t v);
void AppendDouble(std::string* out, double v);
// Bytes that are no UTF-8 become U+FFFD, as in JSON. At most 4 GiB.
void AppendText(std::string* out, std::string_view text);
void AppendArrayHead(std::string* out, uint32_t members);
void AppendMapHead(std::string* out, uint32_t members);

// A map whose size is known only behind it: its head has the width that `at_most` members need.
// Returns what EndMap wants to know.
[[nodiscard]] size_t BeginMap(std::string* out, size_t at_most);
void EndMap(std::string* out, size_t head, size_t members);

struct Token {
  enum class Kind : uint8_t {
    kNil,
    kBool,
    kInteger,   // `integer`
    kUnsigned,  // `unsigned_integer`, beyond what int64_t holds
    kDouble,
    kText,       // `bytes`; whether it is UTF-8 is not looked at
    kBytes,      // `bytes`
    kExtension,  // `bytes`, the type left out
    kArray,      // `members` values follow
    kMap         // `members` pairs of values follow
  } kind = Kind::kNil;
  bool boolean = false;
  int64_t integer = 0;
  uint64_t unsigned_integer = 0;
  double real = 0;
  std::string_view bytes;  // of the reader's text
  uint32_t members = 0;
};

// Reads token by token and allocates nothing, whatever lengths the bytes claim. A container's
// members follow it as tokens.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}
  [[nodiscard]] bool AtEnd() const { return rest_.empty(); }
  // kInvalidInput for what is no MessagePack or ends too early. A container that has more members
  // than bytes are left is such.
  Result<Token> Next();
  // Passes over one value with all that is in it.
  Status Skip();

 private:
  bool Take(size_t n, std::string_view* bytes);
  bool TakeNumber(size_t width, uint64_t* number);
  std::string_view rest_;
};

}  // namespace kalamdb::msgpack
