// Admission and handshake of WebSocket upgrades, in the order that the protocol prescribes.
#include "server/websocket_upgrade.h"

#include <openssl/evp.h>

#include "server/protection.h"
#include "server/server_context.h"
#include "server/ws_connection.h"

namespace kalamdb::server {

namespace {

bool IsWebSocketHead(const RequestHead& head) {
  // The key is 16 bytes in base64.
  const std::string_view key = head.value(Header::kWebSocketKey);
  return !head.http10 && ListHasToken(head.value(Header::kConnection), "upgrade") &&
         ListHasToken(head.value(Header::kUpgrade), "websocket") &&
         head.value(Header::kWebSocketVersion) == "13" && key.size() == 24 && key.ends_with("==");
}

}  // namespace

std::optional<Response> RefuseUpgrade(ServerContext* context, const RequestHead& head,
                                      const IpAddress& client) {
  const ServerConfig& config = context->config;
  const int64_t now = IoLoop::NowMillis();
  const bool guarded = config.rate_limit.enable_connection_protection && !client.loopback();
  bool counted = false;
  auto refuse = [&](Response response) {
    if (counted) context->guard.CloseSocket(client);
    return std::optional<Response>(std::move(response));
  };
  if (guarded) {
    if (context->guard.Banned(client, now)) return refuse(AddressBanned());
    uint32_t current = 0;
    if (!context->guard.OpenSocket(client, now, &current)) {
      return refuse(TooManyConnections(current, config.rate_limit.max_connections_per_ip));
    }
    counted = true;
    if (context->guard.OnRequest(client, now) != AddressGuard::Verdict::kAllowed) {
      return refuse(TooManyRequests());
    }
  }
  if (context->shutting_down.load()) return refuse(Response::Text(503, "Server is shutting down"));
  if (!context->cors.any_origin()) {
    if (!head.has(Header::kOrigin)) {
      if (config.security.strict_ws_origin_check) {
        return refuse(Response::Text(403, "Origin header required"));
      }
    } else if (!context->cors.OriginAllowed(head.value(Header::kOrigin))) {
      return refuse(Response::Text(403, "Origin not allowed"));
    }
  }
  const size_t open = context->websockets.fetch_add(1) + 1;
  if (open > config.performance.max_connections) {
    context->websockets.fetch_sub(1);
    return refuse(Response::Text(503, "Too many live connections"));
  }
  if (!IsWebSocketHead(head)) {
    context->websockets.fetch_sub(1);
    return refuse(Response::Empty(400));
  }
  size_t peak = context->websockets_peak.load();
  while (open > peak && !context->websockets_peak.compare_exchange_weak(peak, open)) {
  }
  return std::nullopt;
}

void CancelUpgrade(ServerContext* context, const IpAddress& client) {
  context->websockets.fetch_sub(1);
  if (context->config.rate_limit.enable_connection_protection && !client.loopback()) {
    context->guard.CloseSocket(client);
  }
}

std::string WebSocketAccept(std::string_view key) {
  std::string text(key);
  text += "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned digest_size = 0;
  if (EVP_Digest(text.data(), text.size(), digest, &digest_size, EVP_sha1(), nullptr) != 1)
    return {};
  char base64[64];
  const int n = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(base64), digest,
                                static_cast<int>(digest_size));
  return {base64, static_cast<size_t>(n)};
}

void BeginWebSocket(IoLoop* loop, Socket socket, const IpAddress& peer, const Exchange& exchange,
                    std::string_view rest) {
  const RequestHead& head = exchange.head;
  std::string handshake =
      "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\n"
      "connection: Upgrade\r\nsec-websocket-accept: ";
  handshake += WebSocketAccept(head.value(Header::kWebSocketKey));
  handshake += "\r\n\r\n";
  live::SessionRequest request;
  request.client_ip = exchange.client.ToString();
  request.query = head.query();
  constexpr std::string_view kBearer = "Bearer ";
  const std::string_view authorization = head.value(Header::kAuthorization);
  if (authorization.starts_with(kBearer))
    request.bearer_token = authorization.substr(kBearer.size());
  WsConnection::Begin(loop, std::move(socket), peer, exchange.client, std::move(request), handshake,
                      std::string(rest));
}

}  // namespace kalamdb::server
