// Tokens kept between runs: credentials.toml, one table per instance, mode 0600. Passwords are
// never stored.
//
//   [instances.local]
//   jwt_token = "..."            mandatory; the rest may be missing
//   user, expires_at, server_url, refresh_token, refresh_expires_at
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/status.h"
#include "client/session.h"

namespace kalamdb::cli {

struct Credential {
  std::string jwt_token;
  std::string user;
  std::string expires_at;
  std::string server_url;
  std::string refresh_token;
  std::string refresh_expires_at;

  // A time that cannot be read counts as not yet over for the token, and as over for the refresh
  // token.
  [[nodiscard]] bool IsExpired() const;
  [[nodiscard]] bool CanRefresh() const;
};

class CredentialStore {
 public:
  // A missing file is an empty store; a damaged one is an error that names it.
  static Result<CredentialStore> Load(std::string path);

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] const std::map<std::string, Credential>& all() const { return all_; }
  [[nodiscard]] const Credential* Find(const std::string& instance) const;
  // Both write the file.
  Status Put(const std::string& instance, Credential credential);
  Status Remove(const std::string& instance);

 private:
  Status Save() const;

  std::string path_;
  std::map<std::string, Credential> all_;
};

Credential CredentialFrom(const client::Tokens& tokens, std::string_view server_url);
client::Tokens TokensFrom(const Credential& credential);

}  // namespace kalamdb::cli
