// GET /v1/ws: who gets a WebSocket, and the handshake.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "server/io_loop.h"
#include "server/response.h"
#include "server/route.h"

namespace kalamdb::server {

// The refusal; nothing: the upgrade is granted, and counted for the address and the server until
// CancelUpgrade.
std::optional<Response> RefuseUpgrade(ServerContext* context, const RequestHead& head,
                                      const IpAddress& client);
// What a granted upgrade holds is free again.
void CancelUpgrade(ServerContext* context, const IpAddress& client);
// Sec-WebSocket-Accept of RFC 6455 4.2.2.
std::string WebSocketAccept(std::string_view key);
// Answers 101 and makes the connection that goes on with the socket. `rest`: bytes that came behind
// the head.
void BeginWebSocket(IoLoop* loop, Socket socket, const IpAddress& peer, const Exchange& exchange,
                    std::string_view rest);

}  // namespace kalamdb::server
