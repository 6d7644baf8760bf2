// Step two: questions that a person would ask, answered by SQL and checked against the rows that
// were sent.
#pragma once

#include "client/session.h"
#include "demo/packages.h"
#include "demo/report.h"

namespace kalamdb::demo {

void AskQuestions(client::Session* root, const PackageDatabase& database, Report* report);

}  // namespace kalamdb::demo
