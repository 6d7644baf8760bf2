// Bearer authentication.
#include "server/bearer.h"

#include "engine/error_reply.h"
#include "server/server_context.h"

namespace kalamdb::server {

std::optional<std::string_view> BearerToken(std::string_view authorization) {
  constexpr std::string_view kScheme = "Bearer ";
  if (!StartsWithIgnoreCase(authorization, kScheme)) return std::nullopt;
  return TrimBlanks(authorization.substr(kScheme.size()));
}

Response EnvelopeError(const Exchange& exchange, int status, std::string_view code,
                       std::string_view message) {
  engine::ErrorReply reply;
  reply.http_status = status;
  reply.code = code;
  reply.message = message;
  return Response::Json(status, engine::ErrorBody(reply, exchange.took_millis()));
}

std::optional<Response> RequireBearer(Exchange* exchange) {
  using auth::AuthFailure;
  if (!exchange->head.has(Header::kAuthorization)) {
    return EnvelopeError(*exchange, 401, "MISSING_AUTHORIZATION", "Authentication required");
  }
  const auto token = BearerToken(exchange->head.value(Header::kAuthorization));
  if (!token || token->empty()) {
    return EnvelopeError(*exchange, 401, "INVALID_CREDENTIALS", "Invalid credentials");
  }
  auth::TokenCheck check = exchange->context->deps.authenticator->CheckAccessToken(*token);
  switch (check.failure) {
    case AuthFailure::kNone:
      exchange->identity = std::move(check.identity);
      return std::nullopt;
    case AuthFailure::kMissing:
      return EnvelopeError(*exchange, 401, "MISSING_AUTHORIZATION", "Authentication required");
    case AuthFailure::kExpired:
      return EnvelopeError(*exchange, 401, "TOKEN_EXPIRED", "Invalid credentials");
    case AuthFailure::kLocked:
      return EnvelopeError(*exchange, 401, "ACCOUNT_LOCKED", "Account locked");
    case AuthFailure::kSetupRequired:
      return EnvelopeError(*exchange, 401, "SETUP_REQUIRED", "Server requires initial setup");
    case AuthFailure::kRemoteDenied:
      return EnvelopeError(*exchange, 403, "REMOTE_ACCESS_DENIED", "Access denied");
    case AuthFailure::kBackend:
      return EnvelopeError(*exchange, 500, "AUTHENTICATION_ERROR", "Authentication failed");
    default:
      return EnvelopeError(*exchange, 401, "INVALID_CREDENTIALS", "Invalid credentials");
  }
}

}  // namespace kalamdb::server
