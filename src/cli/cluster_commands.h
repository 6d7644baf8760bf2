// \cluster ...: statements about the cluster, and what their answers mean.
#pragma once

#include <string_view>

#include "base/status.h"
#include "cli/context.h"

namespace kalamdb::cli {

// `arguments` is what follows \cluster. Tables of actions become summaries; in JSON and CSV the
// answer is printed as it is. A refusal of the server is an error, groups that failed are not.
Status RunClusterCommand(Context* context, std::string_view arguments);

// What system.cluster tells about the cluster as a whole.
struct ClusterView {
  std::string id;
  bool standalone = true;  // no node replicates
  size_t nodes = 0;
  size_t active = 0;
  size_t offline = 0;
};
Result<ClusterView> AskCluster(Context* context);

}  // namespace kalamdb::cli
