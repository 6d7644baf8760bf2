// Asks the server for the names that completion offers.
#pragma once

#include <string>

#include "cli/context.h"
#include "cli/name_catalog.h"

namespace kalamdb::cli {

// What the account may not read is left out; nothing here fails. The first network error ends it.
void LoadNames(Context* context, NameCatalog* names);

// The name of the cluster for the prompt; empty when it cannot be read.
std::string ClusterName(Context* context);

}  // namespace kalamdb::cli
