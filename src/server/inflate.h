// gzip bodies of requests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace kalamdb::server {

enum class InflateOutcome : uint8_t { kOk, kMalformed, kTooLarge };

// Replaces `plain`. At most `limit` bytes come out; a body that holds more is kTooLarge, however
// small it arrived.
InflateOutcome InflateGzip(std::string_view compressed, size_t limit, std::string* plain);

}  // namespace kalamdb::server
