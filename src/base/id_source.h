// The process-wide source of generated ids: SNOWFLAKE_ID(), UUID_V7(), ULID() and random ids.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "base/snowflake.h"

namespace kalamdb {

// Thread-safe. SNOWFLAKE_ID() must never repeat after a restart, also when the wall clock went back:
// ids stay below a high-water mark that is made durable before it is passed.
class IdSource {
 public:
  // `reserve(mark)` makes `mark` durable and returns false when it could not; ids up to the mark may
  // then be given out. `mark` of the last run is where this one starts.
  using Reserve = std::function<bool(int64_t mark)>;
  IdSource(const Clock* clock, int worker, int64_t last_mark, Reserve reserve);

  int64_t Snowflake();
  // 16 bytes, RFC 9562 version 7; ids of one process rise.
  std::array<unsigned char, 16> UuidV7();
  std::array<unsigned char, 16> UuidV4();
  std::string Ulid();

 private:
  const Clock* clock_;
  std::mutex mutex_;
  SnowflakeGenerator snowflake_;
  int64_t mark_;
  Reserve reserve_;
  int64_t last_uuid_millis_ = 0;
  uint32_t uuid_counter_ = 0;
};

void RandomBytes(void* out, size_t n);
std::string FormatUuid(const unsigned char* bytes);
// Hyphenated, plain 32 digits, braced or urn:uuid: form, any case. False if it is none.
bool ParseUuid(std::string_view text, unsigned char* out);
// 32 lower-case hex digits from 16 random bytes.
std::string RandomHex32();

}  // namespace kalamdb
