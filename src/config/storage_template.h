// Path templates of a storage: where the segments of a scope lie below its base directory.
//
// Placeholders: {namespace}, {tableName}, {shard}, {userId}; older spellings ({user_id},
// {table-id}, ...) are normalised to these. Anything else in braces is refused, and so is
// everything that could lead out of the base directory.
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"

namespace kalamdb::config {

// The normalised template. Errors (kInvalidInput) read "Invalid storage template: Shared table
// template: {tableName} is required".
Result<std::string> NormalizeSharedTemplate(std::string_view text);
Result<std::string> NormalizeUserTemplate(std::string_view text);

}  // namespace kalamdb::config
