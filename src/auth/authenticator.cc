#include "auth/authenticator.h"

#include <optional>

#include "auth/jwt.h"
#include "auth/password.h"
#include "auth/sha256.h"
#include "auth/token_cache.h"

namespace kalamdb::auth {

namespace {

constexpr std::string_view kRoot = "root";
constexpr int kBootstrapCost = 12;
constexpr int32_t kMaxFailures = 5;
constexpr int64_t kLockMillis = 15 * 60 * 1000;
// The refresh token outlives the access token by this factor.
constexpr int64_t kRefreshFactor = 7;
constexpr size_t kMaxTokens = 4096;
constexpr size_t kMaxTokenCacheBytes = 1 << 20;

std::optional<Role> RoleOf(std::string_view name) {
  for (const Role role : {Role::kUser, Role::kService, Role::kDba, Role::kSystem}) {
    if (RoleName(role) == name) return role;
  }
  return std::nullopt;
}

TokenCheck Refuse(AuthFailure failure) {
  TokenCheck check;
  check.failure = failure;
  return check;
}

AuthFailure CheckTimes(int64_t now, int64_t expires, int64_t not_before, int64_t issued_at) {
  if (now > expires + kLeewaySeconds) return AuthFailure::kExpired;
  if (now < not_before - kLeewaySeconds || now < issued_at - kLeewaySeconds) {
    return AuthFailure::kInvalid;
  }
  return AuthFailure::kNone;
}

int MinutesUntil(int64_t until_millis, int64_t now_millis) {
  return static_cast<int>((until_millis - now_millis + 59'999) / 60'000);
}

}  // namespace

struct Authenticator::Impl {
  std::string secret;
  int64_t expiry_hours;
  int bcrypt_cost;
  Users* users;
  const Clock* clock;
  TokenCache tokens{kMaxTokens, kMaxTokenCacheBytes};

  [[nodiscard]] int64_t now_seconds() const { return clock->WallMicros() / 1'000'000; }

  // Algorithm, issuer, signature, times and subject: all that the token itself can tell.
  AuthFailure Verify(std::string_view token, Claims* claims) const {
    const std::optional<Jwt> jwt = ReadJwt(token);
    if (!jwt) return AuthFailure::kMalformed;
    // Tokens of other issuers would need their keys; this server trusts its own only.
    if (jwt->issuer != kIssuer || !VerifyHs256(*jwt, secret)) return AuthFailure::kInvalid;
    std::optional<Claims> read = ReadClaims(*jwt);
    if (!read) return AuthFailure::kInvalid;
    *claims = std::move(*read);
    const AuthFailure times =
        CheckTimes(now_seconds(), claims->expires, claims->not_before.value_or(INT64_MIN / 2),
                   claims->issued_at);
    if (times != AuthFailure::kNone) return times;
    return claims->subject.empty() ? AuthFailure::kEmptySubject : AuthFailure::kNone;
  }

  // Whether the account behind a verified token still is what the token says.
  TokenCheck CheckAccount(const VerifiedToken& token) const {
    TokenCheck check;
    const Result<UserPtr> found = users->Find(token.user);
    if (!found.ok()) return Refuse(AuthFailure::kBackend);
    const UserPtr& user = *found;
    if (user == nullptr || user->deleted()) return Refuse(AuthFailure::kUserGone);
    if (token.role && *token.role != user->role) return Refuse(AuthFailure::kRoleChanged);
    check.identity = {user->id, user->role};
    return check;
  }

  // A failed login: counted, and the fifth in a row locks. What cannot be written is no reason to
  // let anybody in, so the outcome is the same.
  void CountFailure(std::string_view id) const {
    (void)users->Change(id, [&](User* user) {
      ++user->failed_logins;
      if (user->failed_logins >= kMaxFailures) {
        user->locked_until_millis = clock->WallMillis() + kLockMillis;
      }
      return Status::Ok();
    });
  }
};

Authenticator::Authenticator(const AuthConfig& config, Users* users, const Clock* clock)
    : impl_(std::make_unique<Impl>()) {
  impl_->secret = config.jwt_secret;
  impl_->expiry_hours = config.jwt_expiry_hours;
  impl_->bcrypt_cost = static_cast<int>(config.bcrypt_cost);
  impl_->users = users;
  impl_->clock = clock;
}

Authenticator::~Authenticator() = default;

TokenCheck Authenticator::CheckAccessToken(std::string_view token) {
  if (token.empty()) return Refuse(AuthFailure::kMissing);
  if (token.size() > kMaxTokenBytes) return Refuse(AuthFailure::kMalformed);
  const Digest digest = Sha256(token);
  // Before the account is read: a change after that raises it again.
  const uint64_t version = impl_->users->version();
  std::shared_ptr<VerifiedToken> verified = impl_->tokens.Find(digest);
  if (verified != nullptr) {
    const AuthFailure times = CheckTimes(impl_->now_seconds(), verified->expires,
                                         verified->not_before, verified->issued_at);
    if (times != AuthFailure::kNone) {
      if (times == AuthFailure::kExpired) impl_->tokens.Erase(digest);
      return Refuse(times);
    }
    if (verified->users_version.load(std::memory_order_acquire) == version) {
      TokenCheck check;
      check.identity = {verified->user, *verified->role};
      return check;
    }
  } else {
    Claims claims;
    const AuthFailure failure = impl_->Verify(token, &claims);
    if (failure != AuthFailure::kNone) return Refuse(failure);
    if (claims.token_type != "access") return Refuse(AuthFailure::kInvalid);
    verified = std::make_shared<VerifiedToken>();
    verified->user = std::move(claims.subject);
    verified->expires = claims.expires;
    verified->not_before = claims.not_before.value_or(INT64_MIN / 2);
    verified->issued_at = claims.issued_at;
    if (claims.role) {
      verified->role = RoleOf(*claims.role);
      if (!verified->role) return Refuse(AuthFailure::kInvalid);
    }
  }
  TokenCheck check = impl_->CheckAccount(*verified);
  if (!check.ok()) {
    impl_->tokens.Erase(digest);
    return check;
  }
  if (verified->role) verified->users_version.store(version, std::memory_order_release);
  impl_->tokens.Add(digest, std::move(verified));
  return check;
}

TokenCheck Authenticator::CheckRefreshToken(std::string_view token) {
  if (token.empty()) return Refuse(AuthFailure::kMissing);
  Claims claims;
  const AuthFailure failure = impl_->Verify(token, &claims);
  if (failure != AuthFailure::kNone) return Refuse(failure);
  if (claims.token_type != "refresh") return Refuse(AuthFailure::kNotRefresh);
  VerifiedToken verified;
  verified.user = std::move(claims.subject);
  if (claims.role) {
    verified.role = RoleOf(*claims.role);
    if (!verified.role) return Refuse(AuthFailure::kRoleChanged);
  }
  return impl_->CheckAccount(verified);
}

Tokens Authenticator::Issue(const User& user) {
  Claims claims;
  claims.issuer = std::string(kIssuer);
  claims.subject = user.id;
  claims.issued_at = impl_->now_seconds();
  claims.email = user.email;
  claims.role = std::string(RoleName(user.role));
  Tokens tokens;
  const int64_t lifetime = impl_->expiry_hours * 3600;
  tokens.access_expires_seconds = claims.issued_at + lifetime;
  tokens.refresh_expires_seconds = claims.issued_at + lifetime * kRefreshFactor;
  claims.token_type = "access";
  claims.expires = tokens.access_expires_seconds;
  tokens.access = SignHs256(claims, impl_->secret);
  claims.token_type = "refresh";
  claims.expires = tokens.refresh_expires_seconds;
  tokens.refresh = SignHs256(claims, impl_->secret);
  return tokens;
}

LoginResult Authenticator::Login(std::string_view id, std::string_view password, bool local) {
  LoginResult result;
  const auto fail = [&](AuthFailure failure) {
    result.failure = failure;
    return result;
  };
  if (!BadIdReason(id).empty() || id.find_first_not_of(" \t") == std::string_view::npos) {
    return fail(AuthFailure::kInvalid);
  }
  const Result<UserPtr> found = impl_->users->Find(id);
  if (!found.ok()) return fail(AuthFailure::kBackend);
  const UserPtr user = *found;
  if (user == nullptr || user->deleted() || user->auth_type == AuthType::kOauth) {
    // As slow as a wrong password, so that names cannot be found by timing.
    (void)MatchesBcrypt(password, DecoyHash(impl_->bcrypt_cost));
    return fail(AuthFailure::kInvalid);
  }
  const auto locked = [&](const User& account) {
    const int64_t now = impl_->clock->WallMillis();
    if (account.locked_until_millis <= now) return false;
    result.lock_minutes = MinutesUntil(account.locked_until_millis, now);
    return true;
  };
  if (locked(*user)) return fail(AuthFailure::kLocked);
  if (user->password_hash.empty()) {
    if (user->id == kRoot && password.empty()) return fail(AuthFailure::kSetupRequired);
    if (user->role == Role::kSystem && user->auth_type == AuthType::kInternal && !local) {
      return fail(AuthFailure::kRemoteDenied);
    }
  }
  if (password.empty() || !MatchesBcrypt(password, user->password_hash)) {
    impl_->CountFailure(id);
    return fail(AuthFailure::kInvalid);
  }
  // Others may have failed, and the account may have changed, while bcrypt ran: decide again on the
  // newest record.
  AuthFailure late = AuthFailure::kNone;
  const Status changed = impl_->users->Change(id, [&](User* account) {
    if (locked(*account)) {
      late = AuthFailure::kLocked;
    } else if (account->password_hash != user->password_hash) {
      late = AuthFailure::kInvalid;
    }
    if (late != AuthFailure::kNone) return Unauthorized("login refused");
    account->failed_logins = 0;
    account->locked_until_millis = 0;
    account->last_login_millis = impl_->clock->WallMillis();
    result.user = std::make_shared<const User>(*account);
    return Status::Ok();
  });
  if (!changed.ok()) {
    result.user = nullptr;
    if (late != AuthFailure::kNone) return fail(late);
    return fail(changed.code() == ErrorCode::kNotFound ? AuthFailure::kInvalid
                                                       : AuthFailure::kBackend);
  }
  return result;
}

Result<std::string> Authenticator::HashPassword(std::string_view password, int cost) {
  return HashBcrypt(password, cost);
}

Status Authenticator::CheckPasswordPolicy(std::string_view password, bool complexity) {
  return CheckPassword(password, complexity);
}

Status Authenticator::EnsureRoot(std::string_view root_password) {
  KDB_ASSIGN_OR_RETURN(const UserPtr existing, impl_->users->Find(kRoot));
  if (existing != nullptr) return {};
  User root;
  root.id = std::string(kRoot);
  root.role = Role::kSystem;
  root.auth_type = AuthType::kInternal;
  root.email = "root@localhost";
  root.storage_id = "local";
  if (!root_password.empty()) {
    KDB_ASSIGN_OR_RETURN(root.password_hash, HashBcrypt(root_password, kBootstrapCost));
  }
  return impl_->users->Create(std::move(root));
}

Result<bool> Authenticator::NeedsSetup() {
  KDB_ASSIGN_OR_RETURN(const UserPtr root, impl_->users->Find(kRoot));
  return root == nullptr || root->password_hash.empty();
}

size_t Authenticator::memory_bytes() const { return impl_->tokens.bytes(); }

void Authenticator::TrimCache() { impl_->tokens.Clear(); }

}  // namespace kalamdb::auth
