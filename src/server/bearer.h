// Bearer tokens of SQL-shaped endpoints, and how their refusal looks.
#pragma once

#include <optional>
#include <string_view>

#include "auth/authenticator.h"
#include "server/response.h"
#include "server/route.h"

namespace kalamdb::server {

// Fills exchange->identity, or says why not (the SQL envelope).
std::optional<Response> RequireBearer(Exchange* exchange);
// The token of `Bearer <token>`, the scheme in any case; nothing when the header is of another
// kind.
std::optional<std::string_view> BearerToken(std::string_view authorization);
// {"status":"error","error":{...},"results":[],"took":...}
Response EnvelopeError(const Exchange& exchange, int status, std::string_view code,
                       std::string_view message);

}  // namespace kalamdb::server
