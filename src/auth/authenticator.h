// Passwords, tokens and who a request comes from (docs/http.md, "Authentication").
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "auth/users.h"
#include "config/config.h"

namespace kalamdb::auth {

// Why a credential was refused. The routes map it to HTTP status, code and text; nothing more is
// revealed.
enum class AuthFailure : uint8_t {
  kNone,
  kMissing,
  kMalformed,
  kExpired,
  kInvalid,
  kLocked,
  kSetupRequired,
  kRemoteDenied,
  kNotRefresh,
  kUserGone,
  kRoleChanged,
  kEmptySubject,
  kBackend
};

struct Identity {
  std::string user;
  Role role = Role::kAnonymous;
};

struct TokenCheck {
  AuthFailure failure = AuthFailure::kNone;
  Identity identity;  // when failure is kNone
  [[nodiscard]] bool ok() const { return failure == AuthFailure::kNone; }
};

struct Tokens {
  std::string access, refresh;
  int64_t access_expires_seconds = 0, refresh_expires_seconds = 0;  // Unix time
};

struct LoginResult {
  AuthFailure failure = AuthFailure::kNone;
  int lock_minutes = 0;  // kLocked
  UserPtr user;
};

// Thread-safe.
class Authenticator {
 public:
  Authenticator(const AuthConfig& config, Users* users, const Clock* clock);
  ~Authenticator();

  // A bearer token for SQL, /me and the WebSocket. Microseconds when the token was seen before (a
  // bounded cache keyed by the token's digest; the user's current record decides each time). I/O
  // threads.
  TokenCheck CheckAccessToken(std::string_view token);
  TokenCheck CheckRefreshToken(std::string_view token);
  Tokens Issue(const User& user);

  // bcrypt: some 200 ms. Worker threads only. `local`: the peer is this machine.
  LoginResult Login(std::string_view user, std::string_view password, bool local);
  Result<std::string> HashPassword(std::string_view password, int cost);
  // Basic policy of setup; with `complexity` the configured one of CREATE and ALTER USER. The
  // message starts "Weak password: ".
  static Status CheckPasswordPolicy(std::string_view password, bool complexity);

  // Creates root on first start (docs/http.md).
  Status EnsureRoot(std::string_view root_password);
  Result<bool> NeedsSetup();
  [[nodiscard]] size_t memory_bytes() const;
  void TrimCache();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace kalamdb::auth
