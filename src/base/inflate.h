// gzip that comes from outside: bodies of requests, messages of clients.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace kalamdb {

// How gzip begins.
inline constexpr std::string_view kGzipMagic = "\x1f\x8b";

enum class InflateOutcome : uint8_t { kOk, kMalformed, kTooLarge };

// Replaces `plain`. At most `limit` bytes come out; what holds more is kTooLarge, however small
// it arrived.
InflateOutcome InflateGzip(std::string_view compressed, size_t limit, std::string* plain);

}  // namespace kalamdb
