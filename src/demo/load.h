// Step one: tables, and the packages in them.
#pragma once

#include "base/status.h"
#include "client/session.h"
#include "demo/packages.h"
#include "demo/report.h"

namespace kalamdb::demo {

// Makes the namespace demo anew, with the tables packages, dependencies (SHARED) and messages
// (USER).
Status CreateTables(client::Session* root, Report* report);
Status LoadPackages(client::Session* root, const PackageDatabase& database, Report* report);

}  // namespace kalamdb::demo
