#include "base/id_source.h"

#include <sys/random.h>

#include <cstdlib>

#include "base/bytes.h"
#include "base/int128.h"

namespace kalamdb {

namespace {
// A mark reserves this many milliseconds of ids ahead, so that it is written about once in ten
// minutes of use, and costs at most that much of the id space per restart.
constexpr int64_t kReserveMillis = 600'000;
}  // namespace

void RandomBytes(void* out, size_t n) {
  auto* p = static_cast<char*>(out);
  while (n > 0) {
    ssize_t got = getrandom(p, n, 0);
    if (got < 0) {
      if (errno == EINTR) continue;
      std::abort();
    }
    p += got;
    n -= static_cast<size_t>(got);
  }
}

IdSource::IdSource(const Clock* clock, int worker, int64_t last_mark, Reserve reserve)
    : clock_(clock), snowflake_(clock, worker, last_mark), mark_(last_mark),
      reserve_(std::move(reserve)) {}

int64_t IdSource::Snowflake() {
  std::lock_guard lock(mutex_);
  int64_t id = snowflake_.Next();
  if (id > mark_) {
    const int64_t mark = id + (kReserveMillis << 22);
    // A mark that cannot be written is tried again with the next id; until then only a clock that
    // also goes back over a restart could repeat an id.
    if (reserve_ && reserve_(mark)) mark_ = mark;
  }
  return id;
}

std::array<unsigned char, 16> IdSource::UuidV7() {
  std::array<unsigned char, 16> u;
  RandomBytes(u.data(), u.size());
  int64_t millis;
  uint32_t counter;
  {
    std::lock_guard lock(mutex_);
    millis = clock_->WallMillis();
    if (millis > last_uuid_millis_) {
      last_uuid_millis_ = millis;
      uuid_counter_ = static_cast<uint32_t>(u[6] & 0x07) << 8 | u[7];
    } else if (++uuid_counter_ > 0xfff) {
      ++last_uuid_millis_;
      uuid_counter_ = 0;
    }
    millis = last_uuid_millis_;
    counter = uuid_counter_;
  }
  for (int i = 0; i < 6; ++i) u[i] = static_cast<unsigned char>(millis >> (40 - 8 * i));
  u[6] = static_cast<unsigned char>(0x70 | (counter >> 8));
  u[7] = static_cast<unsigned char>(counter);
  u[8] = static_cast<unsigned char>(0x80 | (u[8] & 0x3f));
  return u;
}

std::array<unsigned char, 16> IdSource::UuidV4() {
  std::array<unsigned char, 16> u;
  RandomBytes(u.data(), u.size());
  u[6] = static_cast<unsigned char>(0x40 | (u[6] & 0x0f));
  u[8] = static_cast<unsigned char>(0x80 | (u[8] & 0x3f));
  return u;
}

std::string IdSource::Ulid() {
  static constexpr char kCrockford[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  std::array<unsigned char, 16> bytes = UuidV7();
  // 48 bits of time stay, the 80 bits behind are random but for the rising counter.
  std::string out(26, '0');
  UInt128 v = 0;
  for (unsigned char b : bytes) v = (v << 8) | b;
  for (int i = 25; i >= 0; --i) {
    out[static_cast<size_t>(i)] = kCrockford[static_cast<unsigned>(v & 31)];
    v >>= 5;
  }
  return out;
}

std::string FormatUuid(const unsigned char* bytes) {
  std::string hex = HexEncode({reinterpret_cast<const char*>(bytes), 16});
  return hex.substr(0, 8) + '-' + hex.substr(8, 4) + '-' + hex.substr(12, 4) + '-' +
         hex.substr(16, 4) + '-' + hex.substr(20);
}

bool ParseUuid(std::string_view text, unsigned char* out) {
  if (text.size() > 9 && (text.substr(0, 9) == "urn:uuid:" || text.substr(0, 9) == "URN:UUID:")) {
    text.remove_prefix(9);
  } else if (text.size() == 38 && text.front() == '{' && text.back() == '}') {
    text = text.substr(1, 36);
  }
  const bool hyphens = text.size() == 36;
  if (!hyphens && text.size() != 32) return false;
  size_t digit = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (hyphens && (i == 8 || i == 13 || i == 18 || i == 23)) {
      if (text[i] != '-') return false;
      continue;
    }
    const char c = text[i];
    int v;
    if (c >= '0' && c <= '9') {
      v = c - '0';
    } else if (c >= 'a' && c <= 'f') {
      v = c - 'a' + 10;
    } else if (c >= 'A' && c <= 'F') {
      v = c - 'A' + 10;
    } else {
      return false;
    }
    if (digit % 2 == 0) {
      out[digit / 2] = static_cast<unsigned char>(v << 4);
    } else {
      out[digit / 2] |= static_cast<unsigned char>(v);
    }
    ++digit;
  }
  return digit == 32;
}

std::string RandomHex32() {
  char bytes[16];
  RandomBytes(bytes, sizeof bytes);
  return HexEncode({bytes, sizeof bytes});
}

}  // namespace kalamdb
