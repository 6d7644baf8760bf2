// Statements with file('path'): the files go along with the request.
#pragma once

#include <string_view>

#include "base/status.h"
#include "cli/context.h"
#include "client/file_calls.h"

namespace kalamdb::cli {

// All files of a statement together.
inline constexpr size_t kMaxUploadBytes = 256u << 20;

// Reads the files and runs the statement, with a line of progress on a terminal. Errors besides
// those of the network: `File error: File not found: <path>`, too large, not readable.
Result<client::SqlReply> ExecuteWithFiles(Context* context, const client::FileCalls& files);

}  // namespace kalamdb::cli
