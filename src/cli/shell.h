// Statements from standard input, typed or piped.
#pragma once

#include "base/status.h"
#include "cli/context.h"

namespace kalamdb::cli {

// Reads until the end of input or \quit. Errors of statements are printed and do not end it.
Status RunShell(Context* context);

}  // namespace kalamdb::cli
