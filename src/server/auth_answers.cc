// Bodies, cookies and errors of the auth routes.
#include "server/auth_answers.h"

#include "base/json_text.h"
#include "server/bearer.h"
#include "server/json_visit.h"
#include "server/server_context.h"

namespace kalamdb::server {

namespace {

class FieldReader final : public JsonVisitor {
 public:
  FieldReader(const std::vector<std::string_view>& known,
              std::vector<std::pair<std::string, std::string>>* fields)
      : known_(known), fields_(fields) {}

  Status Field(std::string_view key, const JsonItem& item) override {
    const auto at = std::find(known_.begin(), known_.end(), key);
    if (at == known_.end()) {
      return Status(ErrorCode::kInvalidInput, fmt::format("unknown field `{}`", key));
    }
    const uint64_t bit = uint64_t{1} << static_cast<size_t>(at - known_.begin());
    if ((seen_ & bit) != 0) {
      return Status(ErrorCode::kInvalidInput, fmt::format("duplicate field `{}`", key));
    }
    seen_ |= bit;
    if (item.kind == JsonItem::Kind::kNull && key == "email") return Status::Ok();
    if (item.kind != JsonItem::Kind::kString) {
      return Status(ErrorCode::kInvalidInput,
                    fmt::format("invalid type of field `{}`, expected a string", key));
    }
    fields_->emplace_back(key, item.text);
    return Status::Ok();
  }
  Status Element(std::string_view, const JsonItem&) override { return Status::Ok(); }

 private:
  const std::vector<std::string_view>& known_;
  std::vector<std::pair<std::string, std::string>>* const fields_;
  uint64_t seen_ = 0;
};

Status Bad(std::string_view what) {
  return {ErrorCode::kInvalidInput, fmt::format("Json deserialize error: {}", what)};
}

void AppendCookie(std::string* headers, std::string_view name, std::string_view value,
                  int64_t expires_seconds, bool secure) {
  fmt::format_to(std::back_inserter(*headers),
                 "set-cookie: {}={}; HttpOnly; SameSite=Strict; Path=/; Expires={}{}\r\n", name,
                 value, HttpDate(expires_seconds), secure ? "; Secure" : "");
}

}  // namespace

Result<CredentialFields> CredentialFields::Parse(std::string_view body,
                                                 const std::vector<std::string_view>& known) {
  CredentialFields out;
  FieldReader reader(known, &out.fields_);
  if (Status s = VisitJsonObject(body, &reader); !s.ok()) return Bad(s.message());
  return out;
}

const std::string* CredentialFields::Find(std::string_view name) const {
  for (const auto& [key, value] : fields_) {
    if (key == name) return &value;
  }
  return nullptr;
}

Result<std::string> CredentialFields::User() const {
  if (Find("user") && Find("username")) return Bad("duplicate field `user`");
  return Required(Find("username") ? "username" : "user", 128);
}

Result<std::string> CredentialFields::Required(std::string_view name, size_t max_bytes) const {
  const std::string* value = Find(name);
  if (!value) return Bad(fmt::format("missing field `{}`", name));
  if (value->size() > max_bytes) {
    return Bad(fmt::format("field `{}` is longer than {} bytes", name, max_bytes));
  }
  return *value;
}

bool HasJsonContentType(const RequestHead& head) {
  const std::string_view type = head.value(Header::kContentType);
  return EqualsIgnoreCase(TrimBlanks(type.substr(0, type.find(';'))), "application/json");
}

Response AuthError(int status, std::string_view error, std::string_view message) {
  return Response::Json(status, ErrorAndMessage(error, message));
}

Response AuthError(auth::AuthFailure failure, int lock_minutes) {
  using auth::AuthFailure;
  switch (failure) {
    case AuthFailure::kLocked:
      return AuthError(401, "account_locked", fmt::format("{} minute(s)", lock_minutes));
    case AuthFailure::kSetupRequired:
      return AuthError(428, "setup_required",
                       "Server requires initial setup: the root password is not set");
    case AuthFailure::kRemoteDenied:
      return AuthError(403, "forbidden", "Remote access is not allowed for this account");
    case AuthFailure::kNotRefresh:
      return AuthError(401, "unauthorized", "Refresh endpoint requires a refresh token");
    case AuthFailure::kUserGone:
      return AuthError(401, "unauthorized", "User no longer valid");
    case AuthFailure::kRoleChanged:
      return AuthError(401, "unauthorized", "Token role does not match user role");
    case AuthFailure::kEmptySubject:
      return AuthError(401, "unauthorized", "Token is missing required claims");
    case AuthFailure::kBackend:
      return AuthError(500, "internal_error", "Authentication failed");
    default:
      return AuthError(401, "unauthorized", "Invalid credentials");
  }
}

void AppendUser(std::string* out, const auth::User& user) {
  *out += "{\"id\":";
  AppendJsonString(out, user.id);
  *out += ",\"role\":";
  AppendJsonString(out, RoleName(user.role));
  *out += ",\"email\":";
  if (user.email) {
    AppendJsonString(out, *user.email);
  } else {
    *out += "null";
  }
  fmt::format_to(std::back_inserter(*out), ",\"created_at\":\"{}\",\"updated_at\":\"{}\"}}",
                 Rfc3339(user.created_millis), Rfc3339(user.updated_millis));
}

Response TokensAnswer(const auth::User& user, const auth::Tokens& tokens, bool secure_cookies) {
  std::string body = "{\"user\":";
  AppendUser(&body, user);
  fmt::format_to(std::back_inserter(body),
                 ",\"admin_ui_access\":{},\"expires_at\":\"{}\",\"access_token\":",
                 IsAdmin(user.role), Rfc3339(tokens.access_expires_seconds * 1000));
  AppendJsonString(&body, tokens.access);
  body += ",\"refresh_token\":";
  AppendJsonString(&body, tokens.refresh);
  fmt::format_to(std::back_inserter(body), ",\"refresh_expires_at\":\"{}\"}}",
                 Rfc3339(tokens.refresh_expires_seconds * 1000));
  Response response = Response::Json(200, std::move(body));
  AppendCookie(&response.headers, kAccessCookie, tokens.access, tokens.access_expires_seconds,
               secure_cookies);
  AppendCookie(&response.headers, kRefreshCookie, tokens.refresh, tokens.refresh_expires_seconds,
               secure_cookies);
  return response;
}

Response LogoutAnswer(bool secure_cookies) {
  Response response = Response::Json(200, R"({"message":"Logged out successfully"})");
  AppendCookie(&response.headers, kAccessCookie, {}, 0, secure_cookies);
  AppendCookie(&response.headers, kRefreshCookie, {}, 0, secure_cookies);
  return response;
}

std::optional<std::string_view> FindCookie(std::string_view cookies, std::string_view name) {
  while (!cookies.empty()) {
    const size_t semicolon = cookies.find(';');
    const std::string_view pair = TrimBlanks(cookies.substr(0, semicolon));
    const size_t equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == name) {
      return pair.substr(equals + 1);
    }
    if (semicolon == std::string_view::npos) break;
    cookies.remove_prefix(semicolon + 1);
  }
  return std::nullopt;
}

bool SecureCookies(const Exchange& exchange) {
  return exchange.context->config.auth.cookie_secure && SchemeIsHttps(exchange.head);
}

std::optional<Response> TokenOfHeader(const RequestHead& head, std::string_view* token) {
  const std::string_view header = TrimBlanks(head.value(Header::kAuthorization));
  if (EqualsIgnoreCase(header, "bearer")) {
    return AuthError(401, "unauthorized", "Bearer token missing");
  }
  const auto bearer = BearerToken(header);
  if (!bearer) {
    return AuthError(401, "unauthorized", "Authorization header must use Bearer token");
  }
  if (bearer->empty()) return AuthError(401, "unauthorized", "Bearer token missing");
  *token = *bearer;
  return std::nullopt;
}

}  // namespace kalamdb::server
