// Step three: two people, one USER table, each with a live query of their own.
#pragma once

#include "base/status.h"
#include "client/session.h"
#include "demo/report.h"

namespace kalamdb::demo {

// Makes the accounts demo_ann and demo_bob (or gives them new passwords), lets them talk and checks
// that each sees at once what is theirs and never what is the other's.
Status RunChat(client::Session* root, Report* report);

}  // namespace kalamdb::demo
