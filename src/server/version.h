// What this build calls itself.
#pragma once

#include <string_view>

namespace kalamdb::server {

inline constexpr std::string_view kVersion = "0.1.0";
std::string_view BuildDate();

}  // namespace kalamdb::server
