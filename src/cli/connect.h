// Finding the server and logging in.
#pragma once

#include "base/status.h"
#include "cli/context.h"

namespace kalamdb::cli {

// --url, --host and --port, the instance's stored address, the local default: the first that is
// given.
Result<client::Endpoint> ChooseEndpoint(const Options& options, const CredentialStore& store);

// Fills context->session and context->user: a token, a login, stored credentials, or asking at a
// terminal. Goes on without credentials where none are to be had and the server is local; requests
// then fail with the server's own words.
Status Authenticate(Context* context);

// Asks the server who we are for it: an error when it cannot be reached or refuses the credentials.
// A lack of rights is none.
Status Probe(Context* context);

// The first account of a server without a root password, asked at the terminal. Ends logged in as
// that account.
Status RunSetupWizard(Context* context);

}  // namespace kalamdb::cli
