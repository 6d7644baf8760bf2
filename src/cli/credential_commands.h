// Showing, storing and forgetting credentials: the options and the backslash commands.
#pragma once

#include "base/status.h"
#include "cli/context.h"

namespace kalamdb::cli {

// --list-instances, --show-credentials, --update-credentials, --delete-credentials; *handled is
// false when none was given.
Status RunCredentialOptions(Context* context, bool* handled);

// \show-credentials, \update-credentials USER PASSWORD, \delete-credentials.
void ShowStoredCredentials(const Context& context);
Status UpdateStoredCredentials(Context* context, std::string_view user, std::string_view password);
Status DeleteStoredCredentials(Context* context);

}  // namespace kalamdb::cli
