// Read by toml++, written by hand: the file has one shape.
#include "cli/credential_store.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <chrono>
#include <ctime>
#include <optional>

#include "cli/user_files.h"

namespace kalamdb::cli {
namespace {

// RFC 3339 with a zone, at least 20 characters; fractions are ignored.
std::optional<int64_t> UnixSeconds(const std::string& text) {
  if (text.size() < 20) return std::nullopt;
  std::tm parts{};
  const char* rest = strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
  if (rest == nullptr) return std::nullopt;
  if (*rest == '.') {
    for (++rest; *rest >= '0' && *rest <= '9'; ++rest) {
    }
  }
  int64_t offset = 0;
  if (*rest == '+' || *rest == '-') {
    int hours = 0;
    int minutes = 0;
    if (std::sscanf(rest + 1, "%2d:%2d", &hours, &minutes) != 2) return std::nullopt;
    offset = (hours * 60 + minutes) * 60 * (*rest == '-' ? -1 : 1);
  } else if (*rest != 'Z' && *rest != 'z') {
    return std::nullopt;
  }
  return static_cast<int64_t>(timegm(&parts)) - offset;
}

bool IsPast(int64_t seconds) { return seconds <= static_cast<int64_t>(std::time(nullptr)); }

Status Corrupted(const std::string& path, std::string_view why) {
  return {ErrorCode::kInvalidInput,
          fmt::format("Corrupted Credentials File\n\n  File: {}\n  Problem: {}\n\n"
                      "Repair the file, or delete it and log in again:\n  rm {}",
                      path, why, path)};
}

}  // namespace

bool Credential::IsExpired() const {
  const std::optional<int64_t> until = UnixSeconds(expires_at);
  return until && IsPast(*until);
}

bool Credential::CanRefresh() const {
  const std::optional<int64_t> until = UnixSeconds(refresh_expires_at);
  return !refresh_token.empty() && until && !IsPast(*until);
}

Result<CredentialStore> CredentialStore::Load(std::string path) {
  CredentialStore store;
  store.path_ = std::move(path);
  if (!FileExists(store.path_)) return store;
  KDB_ASSIGN_OR_RETURN(const std::string text, ReadFile(store.path_));
  try {
    const toml::table root = toml::parse(text);
    const toml::table* instances = root["instances"].as_table();
    if (instances == nullptr) return store;
    for (const auto& [name, node] : *instances) {
      const toml::table* table = node.as_table();
      const auto member = [table](std::string_view key) {
        return table == nullptr ? std::string() : (*table)[key].value_or(std::string());
      };
      Credential c{member("jwt_token"),  member("user"),          member("expires_at"),
                   member("server_url"), member("refresh_token"), member("refresh_expires_at")};
      if (c.jwt_token.empty()) {
        return Corrupted(store.path_,
                         fmt::format("missing field `jwt_token` of instance '{}'", name.str()));
      }
      store.all_.emplace(name.str(), std::move(c));
    }
  } catch (const toml::parse_error& e) {
    return Corrupted(store.path_, fmt::format("TOML parse error: {} (line {})", e.description(),
                                              e.source().begin.line));
  }
  return store;
}

const Credential* CredentialStore::Find(const std::string& instance) const {
  const auto it = all_.find(instance);
  return it == all_.end() ? nullptr : &it->second;
}

Status CredentialStore::Put(const std::string& instance, Credential credential) {
  all_[instance] = std::move(credential);
  return Save();
}

Status CredentialStore::Remove(const std::string& instance) {
  if (all_.erase(instance) == 0) return Status::Ok();
  return Save();
}

Status CredentialStore::Save() const {
  std::string text;
  for (const auto& [name, c] : all_) {
    const bool bare = !name.empty() && name.find_first_not_of(
                                           "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                           "0123456789_-") == std::string::npos;
    text +=
        fmt::format("{}[instances.{}]\n", text.empty() ? "" : "\n", bare ? name : TomlString(name));
    const auto add = [&text](const char* key, const std::string& value) {
      if (!value.empty()) text += fmt::format("{} = {}\n", key, TomlString(value));
    };
    add("jwt_token", c.jwt_token);
    add("user", c.user);
    add("expires_at", c.expires_at);
    add("server_url", c.server_url);
    add("refresh_token", c.refresh_token);
    add("refresh_expires_at", c.refresh_expires_at);
  }
  return WriteFilePrivately(path_, text);
}

Credential CredentialFrom(const client::Tokens& tokens, std::string_view server_url) {
  return {tokens.access_token,     tokens.user,          tokens.expires_at,
          std::string(server_url), tokens.refresh_token, tokens.refresh_expires_at};
}

client::Tokens TokensFrom(const Credential& credential) {
  client::Tokens tokens;
  tokens.user = credential.user;
  tokens.access_token = credential.jwt_token;
  tokens.expires_at = credential.expires_at;
  tokens.refresh_token = credential.refresh_token;
  tokens.refresh_expires_at = credential.refresh_expires_at;
  return tokens;
}

}  // namespace kalamdb::cli
