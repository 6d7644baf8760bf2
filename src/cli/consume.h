// --consume and \consume: the messages of a topic on standard output.
#pragma once

#include <string_view>

#include "base/status.h"
#include "cli/context.h"

namespace kalamdb::cli {

// TOPIC [--group G] [--from earliest|latest|N] [--limit N] [--timeout S]
Result<ConsumeOptions> ParseConsume(std::string_view arguments);

// Polls until the limit, the timeout, Ctrl+C or three errors in a row; then acknowledges what was
// printed when there is a group.
Status RunConsume(Context* context, const ConsumeOptions& options);

}  // namespace kalamdb::cli
