// Commit and branch come from the build system, where a repository is there to ask.
#include "cli/version.h"

#include <fmt/format.h>

#ifndef KDB_VERSION
#define KDB_VERSION "0.1.0"
#endif
#ifndef KDB_GIT_COMMIT
#define KDB_GIT_COMMIT "unknown"
#endif
#ifndef KDB_GIT_BRANCH
#define KDB_GIT_BRANCH "unknown"
#endif
#ifndef KDB_BUILD_TIME
#define KDB_BUILD_TIME __DATE__ " " __TIME__
#endif

namespace kalamdb::cli {

std::string_view Version() { return KDB_VERSION; }

std::string_view BuildTime() { return KDB_BUILD_TIME; }

std::string VersionText() {
  return fmt::format("kalam {}\nCommit: {} ({})\nBuilt: {}", Version(), KDB_GIT_COMMIT,
                     KDB_GIT_BRANCH, BuildTime());
}

}  // namespace kalamdb::cli
