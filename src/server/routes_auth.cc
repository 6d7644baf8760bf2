// /v1/api/auth: login, refresh, logout, me. Setup and status have a file of their own.
#include "server/auth_route.h"
#include "server/router.h"
#include "server/routes_setup.h"

namespace kalamdb::server {

namespace {

using auth::AuthFailure;

void AuditLogin(const ServerDeps& deps, const auth::User& user, const std::string& ip) {
  auth::AuditEntry entry;
  entry.actor = user.id;
  entry.action = "LOGIN";
  entry.target = "user:" + user.id;
  entry.ip_address = ip;
  deps.audit->RecordAsync(std::move(entry), [log = deps.log](const Status& status) {
    if (!status.ok()) log->Warn("server", "login not audited: {}", status.message());
  });
}

class LoginRoute final : public AuthRoute {
 public:
  void Handle(Exchange* x) const override {
    if (!HasJsonContentType(x->head)) return x->Answer(Response::Text(400, "Content type error"));
    const Result<CredentialFields> fields =
        CredentialFields::Parse(x->body, {"user", "username", "password"});
    if (!fields.ok()) return x->Answer(BadBody(fields.status()));
    const Result<std::string> user = fields->User();
    if (!user.ok()) return x->Answer(BadBody(user.status()));
    const Result<std::string> password = fields->Required("password", 256);
    if (!password.ok()) return x->Answer(BadBody(password.status()));
    if (!WithinRate(*x)) return x->Answer(RateLimited("authentication"));
    AnswerFromWorker(
        x, [deps = &x->context->deps, user = *user, password = *password, local = x->local(),
            secure = SecureCookies(*x), ip = x->client.ToString()] {
          const auth::LoginResult login = deps->authenticator->Login(user, password, local);
          if (login.failure != AuthFailure::kNone || !login.user) {
            return AuthError(login.failure, login.lock_minutes);
          }
          if (IsAdmin(login.user->role)) AuditLogin(*deps, *login.user, ip);
          return TokensAnswer(*login.user, deps->authenticator->Issue(*login.user), secure);
        });
  }
};

class RefreshRoute final : public AuthRoute {
 public:
  void Handle(Exchange* x) const override {
    std::string_view token;
    if (const auto cookie = FindCookie(x->head.value(Header::kCookie), kRefreshCookie)) {
      token = *cookie;
    } else if (x->head.has(Header::kAuthorization)) {
      if (auto refusal = TokenOfHeader(x->head, &token)) return x->Answer(std::move(*refusal));
    }
    if (token.empty()) {
      return x->Answer(AuthError(401, "unauthorized", "No refresh token found"));
    }
    if (!WithinRate(*x)) return x->Answer(RateLimited("authentication"));
    AnswerFromWorker(
        x, [deps = &x->context->deps, token = std::string(token), secure = SecureCookies(*x)] {
          const auth::TokenCheck check = deps->authenticator->CheckRefreshToken(token);
          if (!check.ok()) return AuthError(check.failure, 0);
          const Result<auth::UserPtr> user = deps->users->Find(check.identity.user);
          if (!user.ok()) return AuthError(AuthFailure::kBackend, 0);
          if (!*user || (*user)->deleted()) return AuthError(AuthFailure::kUserGone, 0);
          return TokensAnswer(**user, deps->authenticator->Issue(**user), secure);
        });
  }
};

class LogoutRoute final : public AuthRoute {
 public:
  void Handle(Exchange* x) const override { x->Answer(LogoutAnswer(SecureCookies(*x))); }
};

class MeRoute final : public AuthRoute {
 public:
  void Handle(Exchange* x) const override {
    std::string_view token;
    if (x->head.has(Header::kAuthorization)) {
      if (auto refusal = TokenOfHeader(x->head, &token)) return x->Answer(std::move(*refusal));
    } else if (const auto cookie = FindCookie(x->head.value(Header::kCookie), kAccessCookie)) {
      token = *cookie;
    }
    if (token.empty()) return x->Answer(AuthError(401, "unauthorized", "No auth token found"));
    const ServerDeps& deps = x->context->deps;
    const auth::TokenCheck check = deps.authenticator->CheckAccessToken(token);
    if (!check.ok()) {
      const bool named = check.failure == AuthFailure::kEmptySubject ||
                         check.failure == AuthFailure::kBackend ||
                         check.failure == AuthFailure::kLocked;
      return x->Answer(AuthError(named ? check.failure : AuthFailure::kInvalid, 0));
    }
    const Result<auth::UserPtr> user = deps.users->Find(check.identity.user);
    if (!user.ok()) return x->Answer(AuthError(AuthFailure::kBackend, 0));
    if (!*user || (*user)->deleted()) return x->Answer(AuthError(AuthFailure::kInvalid, 0));
    std::string body = "{\"user\":";
    AppendUser(&body, **user);
    fmt::format_to(std::back_inserter(body), ",\"admin_ui_access\":{}}}", IsAdmin((*user)->role));
    x->Answer(Response::Json(200, std::move(body)));
  }
};

}  // namespace

void AddAuthRoutes(Router* router) {
  router->Add(Method::kPost, "/v1/api/auth/login", std::make_unique<LoginRoute>());
  router->Add(Method::kPost, "/v1/api/auth/refresh", std::make_unique<RefreshRoute>());
  router->Add(Method::kPost, "/v1/api/auth/logout", std::make_unique<LogoutRoute>());
  router->Add(Method::kGet, "/v1/api/auth/me", std::make_unique<MeRoute>());
  AddSetupRoutes(router);
}

}  // namespace kalamdb::server
