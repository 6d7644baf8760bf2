// Backslash commands.
#pragma once

#include <string_view>

#include "base/status.h"
#include "cli/context.h"

namespace kalamdb::cli {

enum class AfterCommand { kContinue, kQuit };

// Runs one line that begins with a backslash.
Result<AfterCommand> RunMetaCommand(Context* context, std::string_view line);

std::string_view HelpText();

}  // namespace kalamdb::cli
