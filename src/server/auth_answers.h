// What the /v1/api/auth routes have in common: bodies, cookies, errors.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "auth/authenticator.h"
#include "auth/users.h"
#include "server/request.h"
#include "server/response.h"
#include "server/route.h"

namespace kalamdb::server {

// Body fields of login and setup: strings, each at most once, no others than `known`. A field that
// may be null reads as absent then.
class CredentialFields {
 public:
  // kInvalidInput with the text that the client gets.
  static Result<CredentialFields> Parse(std::string_view body,
                                        const std::vector<std::string_view>& known);
  [[nodiscard]] const std::string* Find(std::string_view name) const;
  // `user` or its alias `username`, not both.
  Result<std::string> User() const;
  Result<std::string> Required(std::string_view name, size_t max_bytes) const;

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

bool HasJsonContentType(const RequestHead& head);
Response AuthError(int status, std::string_view error, std::string_view message);
Response AuthError(auth::AuthFailure failure, int lock_minutes);
// {"id":...,"role":...,"email":...,"created_at":...,"updated_at":...}
void AppendUser(std::string* out, const auth::User& user);
// 200 of login and refresh, with both cookies.
Response TokensAnswer(const auth::User& user, const auth::Tokens& tokens, bool secure_cookies);
Response LogoutAnswer(bool secure_cookies);
std::optional<std::string_view> FindCookie(std::string_view cookies, std::string_view name);
bool SecureCookies(const Exchange& exchange);
// The token of an Authorization header that is present, or the 401.
std::optional<Response> TokenOfHeader(const RequestHead& head, std::string_view* token);

inline constexpr std::string_view kAccessCookie = "kalamdb_auth";
inline constexpr std::string_view kRefreshCookie = "kalamdb_refresh";

}  // namespace kalamdb::server
