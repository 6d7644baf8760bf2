// \health: the probes that need no credentials.
#pragma once

#include "base/status.h"
#include "cli/context.h"

namespace kalamdb::cli {

Status ShowHealth(Context* context);

struct ServerVersion {
  std::string version;
  std::string api_version;
  std::string build_date;
};
// What the health check tells; empty members when it may not tell (403) or does not answer.
ServerVersion AskVersion(Context* context);

}  // namespace kalamdb::cli
