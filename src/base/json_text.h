// Writing JSON text. Parsing is Boost.JSON's, inside the .cc files that need it.
#pragma once

#include <string>
#include <string_view>

namespace kalamdb {

// Appends `text` as a JSON string with its quotes. Bytes that are no UTF-8 become U+FFFD, so that the
// document stays valid whatever the source.
void AppendJsonString(std::string* out, std::string_view text);

bool IsValidUtf8(std::string_view text);
// The same with U+FFFD for every byte that is no UTF-8.
std::string ToValidUtf8(std::string_view text);

}  // namespace kalamdb
