// The metrics of system.stats, in the order of the documentation.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "system/sources.h"

namespace kalamdb::system {

// `visit` gets name and text of each metric that is known.
Status CollectStats(const SystemSources& sources,
                    const std::function<void(std::string_view name, std::string value)>& visit);

}  // namespace kalamdb::system
