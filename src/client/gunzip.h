// Unpacking of gzip messages.
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"

namespace kalamdb::client {

// The content of one gzip member, at most `limit` bytes.
Result<std::string> Gunzip(std::string_view packed, size_t limit);

}  // namespace kalamdb::client
