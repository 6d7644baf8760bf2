// Byte coding: little-endian fixed integers and varints for values, big-endian for keys.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace kalamdb {

static_assert(std::endian::native == std::endian::little);

template <typename T>
void AppendFixed(std::string* out, T v) {
  char buf[sizeof(T)];
  std::memcpy(buf, &v, sizeof(T));
  out->append(buf, sizeof(T));
}
template <typename T>
T LoadFixed(const char* p) {
  T v;
  std::memcpy(&v, p, sizeof(T));
  return v;
}
template <typename T>
void StoreFixed(char* p, T v) {
  std::memcpy(p, &v, sizeof(T));
}

inline void AppendBigEndian32(std::string* out, uint32_t v) { AppendFixed(out, __builtin_bswap32(v)); }
inline void AppendBigEndian64(std::string* out, uint64_t v) { AppendFixed(out, __builtin_bswap64(v)); }
inline uint32_t LoadBigEndian32(const char* p) { return __builtin_bswap32(LoadFixed<uint32_t>(p)); }
inline uint64_t LoadBigEndian64(const char* p) { return __builtin_bswap64(LoadFixed<uint64_t>(p)); }

void AppendVarint(std::string* out, uint64_t v);
void AppendLengthPrefixed(std::string* out, std::string_view bytes);

// Reads from the front of a byte string. A read past the end, or a malformed varint, makes the reader
// fail for good: check ok() once after the last read.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}
  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool empty() const { return rest_.empty(); }
  [[nodiscard]] std::string_view rest() const { return rest_; }
  uint8_t Byte();
  uint64_t Varint();
  std::string_view Bytes(size_t n);
  std::string_view LengthPrefixed();
  template <typename T>
  T Fixed() {
    std::string_view b = Bytes(sizeof(T));
    return ok_ ? LoadFixed<T>(b.data()) : T{};
  }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

std::string HexEncode(std::string_view bytes);
std::string Base64UrlEncode(std::string_view bytes);
// False when `text` is no unpadded base64url.
bool Base64UrlDecode(std::string_view text, std::string* out);

}  // namespace kalamdb
