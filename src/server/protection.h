// The outermost layer: what one address may ask of the server, before anything else is looked at.
#pragma once

#include <optional>

#include "server/client_address.h"
#include "server/request.h"
#include "server/response.h"

namespace kalamdb::server {

struct ServerContext;

// The refusal of a request; nothing: go on.
std::optional<Response> Protect(ServerContext* context, const RequestHead& head,
                                const IpAddress& client);
Response TooManyRequests();
Response AddressBanned();
Response TooManyConnections(uint32_t current, uint32_t max);

}  // namespace kalamdb::server
