// gzip for frames: fastest level, one message at a time, no state in between.
#pragma once

#include <string>
#include <string_view>

namespace kalamdb::live {

// Frames shorter than this are never compressed.
inline constexpr size_t kGzipThreshold = 512;

// False when the packed form is not strictly smaller, or cannot be made.
bool GzipIfSmaller(std::string_view plain, std::string* packed);

}  // namespace kalamdb::live
