// First-run bootstrap.
#include "server/routes_setup.h"

#include "server/auth_route.h"
#include "server/router.h"

namespace kalamdb::server {

namespace {

constexpr std::string_view kRoot = "root";
constexpr int kSetupBcryptCost = 12;

bool MaySetUp(const Exchange& x) { return x.local() || x.context->config.auth.allow_remote_setup; }

struct SetupRequest {
  std::string user, password, root_password;
  std::optional<std::string> email;
};

Response AlreadyConfigured() {
  return AuthError(409, "already_configured", "Server is already configured");
}

// "DBA user password: Weak password: ..." of `password`, or nothing.
std::optional<Response> WeakPassword(std::string_view whose, std::string_view password) {
  const Status status = auth::Authenticator::CheckPasswordPolicy(password, false);
  if (status.ok()) return std::nullopt;
  return AuthError(400, "weak_password", fmt::format("{}{}", whose, status.message()));
}

// Worker thread.
Response SetUp(const ServerDeps& deps, const SetupRequest& request) {
  const Response failed = AuthError(500, "internal_error", "Authentication failed");
  const Result<bool> needed = deps.authenticator->NeedsSetup();
  if (!needed.ok()) return failed;
  if (!*needed) return AlreadyConfigured();
  if (auto weak = WeakPassword("DBA user password: ", request.password)) return *weak;
  if (auto weak = WeakPassword("Root password: ", request.root_password)) return *weak;
  const bool blank = request.user.find_first_not_of(" \t\r\n") == std::string::npos;
  if (const std::string_view why = BadIdReason(request.user); blank || !why.empty()) {
    return AuthError(400, "invalid_user",
                     blank ? "User id must not be blank" : fmt::format("Invalid user id: {}", why));
  }
  if (request.user == kRoot) {
    return AuthError(400, "invalid_user", "The user id 'root' is taken by the system account");
  }
  const Result<auth::UserPtr> existing = deps.users->Find(request.user);
  if (!existing.ok()) return failed;
  if (*existing) {
    return AuthError(409, "user_exists", fmt::format("User '{}' already exists", request.user));
  }
  Result<std::string> root_hash =
      deps.authenticator->HashPassword(request.root_password, kSetupBcryptCost);
  Result<std::string> user_hash =
      deps.authenticator->HashPassword(request.password, kSetupBcryptCost);
  if (!root_hash.ok() || !user_hash.ok()) return failed;

  // Root first: a failure behind it leaves a server that its owner can log in to. Two set-ups at
  // once are told apart here, where changes of an account are in order.
  const Status root_set = deps.users->Change(kRoot, [&](auth::User* root) {
    if (!root->password_hash.empty()) return Status(ErrorCode::kAlreadyExists, "configured");
    root->password_hash = *root_hash;
    root->auth_data.clear();
    root->updated_millis = deps.clock->WallMillis();
    return Status::Ok();
  });
  if (root_set.code() == ErrorCode::kAlreadyExists) return AlreadyConfigured();
  if (!root_set.ok()) return failed;
  auth::User user;
  user.id = request.user;
  user.password_hash = *user_hash;
  user.role = Role::kDba;
  user.email = request.email;
  user.auth_type = auth::AuthType::kPassword;
  user.storage_id = "local";
  user.created_millis = user.updated_millis = deps.clock->WallMillis();
  const Status created = deps.users->Create(user);
  if (!created.ok() && created.code() != ErrorCode::kAlreadyExists) return failed;

  std::string body = "{\"user\":";
  AppendUser(&body, user);
  body += R"(,"message":"Server setup is complete. Please log in."})";
  return Response::Json(200, std::move(body));
}

class SetupRoute final : public AuthRoute {
 public:
  void Handle(Exchange* x) const override {
    if (!HasJsonContentType(x->head)) return x->Answer(Response::Text(400, "Content type error"));
    const Result<CredentialFields> fields = CredentialFields::Parse(
        x->body, {"user", "username", "password", "root_password", "email"});
    if (!fields.ok()) return x->Answer(BadBody(fields.status()));
    SetupRequest request;
    for (const auto& [name, into] : {std::pair{"password", &request.password},
                                     std::pair{"root_password", &request.root_password}}) {
      Result<std::string> value = fields->Required(name, 256);
      if (!value.ok()) return x->Answer(BadBody(value.status()));
      *into = value.Take();
    }
    Result<std::string> user = fields->User();
    if (!user.ok()) return x->Answer(BadBody(user.status()));
    request.user = user.Take();
    if (fields->Find("email")) {
      Result<std::string> email = fields->Required("email", 512);
      if (!email.ok()) return x->Answer(BadBody(email.status()));
      request.email = email.Take();
    }
    if (!WithinRate(*x)) return x->Answer(RateLimited("setup"));
    if (!MaySetUp(*x)) {
      return x->Answer(AuthError(403, "forbidden", "Setup is only allowed from localhost"));
    }
    AnswerFromWorker(x, [deps = &x->context->deps, request = std::move(request)] {
      return SetUp(*deps, request);
    });
  }
};

class StatusRoute final : public AuthRoute {
 public:
  void Handle(Exchange* x) const override {
    if (!MaySetUp(*x)) {
      return x->Answer(AuthError(403, "forbidden", "Status is only available from localhost"));
    }
    const Result<bool> needed = x->context->deps.authenticator->NeedsSetup();
    if (!needed.ok()) return x->Answer(AuthError(auth::AuthFailure::kBackend, 0));
    x->Answer(Response::Json(
        200, *needed ? R"({"needs_setup":true,"message":"Server requires initial setup."})"
                     : R"({"needs_setup":false,"message":"Server is configured and ready."})"));
  }
};

}  // namespace

void AddSetupRoutes(Router* router) {
  router->Add(Method::kPost, "/v1/api/auth/setup", std::make_unique<SetupRoute>());
  router->Add(Method::kGet, "/v1/api/auth/status", std::make_unique<StatusRoute>());
}

}  // namespace kalamdb::server
