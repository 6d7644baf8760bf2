// Following a live query on the terminal.
#pragma once

#include <chrono>
#include <string_view>

#include "base/status.h"
#include "cli/context.h"
#include "client/live_connection.h"

namespace kalamdb::cli {

struct SubscriptionLimits {
  // Stop this long after the start, once the snapshot is complete; 0: never.
  std::chrono::milliseconds timeout{0};
};

// Prints the snapshot and every change until Ctrl+C, 'q', the timeout or the server's end. `sql`
// may end in OPTIONS (last_rows=N, batch_size=N, from=N). A lost connection is opened again, as
// configured, and resumes behind the last row that was seen.
Status RunSubscription(Context* context, std::string_view sql, const SubscriptionLimits& limits);
// The same for a query without OPTIONS.
Status RunSubscription(Context* context, std::string_view sql,
                       const client::SubscribeOptions& options, const SubscriptionLimits& limits);

}  // namespace kalamdb::cli
