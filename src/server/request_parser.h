// Request heads and chunked bodies, both decoded by Beast's HTTP parser.
//
// A head is parsed in one go once its last byte is there, so that nothing is allocated and no
// parser outlives the call. Only a chunked body keeps a parser, while it is incomplete.
#pragma once

#include <cstddef>
#include <string_view>

#include "server/request.h"

namespace kalamdb::server {

inline constexpr size_t kMaxHeadBytes = 131072;
inline constexpr size_t kMaxHeaderLines = 96;

// Index behind the blank line that ends a head, or npos. `scanned` bytes were looked at before.
size_t FindHeadEnd(std::string_view bytes, size_t scanned);

enum class HeadFault : uint8_t {
  kNone,
  kMalformed,  // 400
  kTooLarge,   // 431
};

// `bytes`: exactly one head with its blank line. The views of `head` point into it.
HeadFault ParseHead(std::string_view bytes, RequestHead* head);

}  // namespace kalamdb::server
