// What this build of the command line calls itself.
#pragma once

#include <string>
#include <string_view>

namespace kalamdb::cli {

std::string_view Version();
std::string_view BuildTime();
// Three lines: version, commit and branch, time of the build.
std::string VersionText();

}  // namespace kalamdb::cli
