// --file: SQL scripts.
#pragma once

#include <string>

#include "base/status.h"
#include "cli/context.h"
#include "client/script_reader.h"

namespace kalamdb::cli {

// Runs the statements of a script one after the other, each with a result of its own, and stops at
// the first that fails; standard error then names its number and line. Only one statement is in
// memory. On a terminal a line tells how far it is. `path` is what the file is called.
Status RunScript(Context* context, client::ScriptReader* reader, const std::string& path);

}  // namespace kalamdb::cli
