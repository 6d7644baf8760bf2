// The rules that make the server refuse to start.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>

#include "config/ip_range.h"
#include "config/raw_config.h"
#include "config/storage_template.h"

namespace kalamdb::config {

namespace {

constexpr std::string_view kLevels[] = {"error", "warn", "info", "debug", "trace"};
constexpr std::string_view kFormats[] = {"compact", "pretty", "json"};
constexpr std::string_view kPlaceholderSecrets[] = {
    "CHANGE_ME_IN_PRODUCTION",
    "kalamdb-dev-secret-key-change-in-production",
    "your-secret-key-at-least-32-chars-change-me-in-production",
    "test",
    "secret",
    "password"};
constexpr size_t kMinSecretBytes = 32;
constexpr uint64_t kMaxUploadBytes = 100 << 20;

Status Refuse(std::string reason) { return {ErrorCode::kInvalidInput, std::move(reason)}; }

template <size_t N>
bool IsOneOf(std::string_view word, const std::string_view (&words)[N]) {
  return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

Status CheckServer(ServerSection* server) {
  if (server->port == 0) return Refuse("Server port cannot be 0");
  if (Trim(server->host).empty()) return Refuse("server.host cannot be empty");
  std::string_view origin = Trim(server->public_origin);
  while (origin.ends_with('/')) origin.remove_suffix(1);
  const bool with_scheme = origin.starts_with("http://") || origin.starts_with("https://");
  if (!Trim(server->public_origin).empty() && !with_scheme) {
    return Refuse("server.public_origin must start with http:// or https://");
  }
  server->public_origin = std::string(origin);
  return {};
}

Status CheckLogging(const LoggingSection& logging) {
  constexpr std::string_view kChoice = "Must be one of: error, warn, info, debug, trace";
  if (!IsOneOf(logging.level, kLevels)) {
    return Refuse(fmt::format("Invalid log level '{}'. {}", logging.level, kChoice));
  }
  for (const auto& [target, level] : logging.targets) {
    if (!IsOneOf(level, kLevels)) {
      return Refuse(
          fmt::format("Invalid log level '{}' for target '{}'. {}", level, target, kChoice));
    }
  }
  if (!IsOneOf(logging.format, kFormats)) {
    return Refuse(fmt::format("Invalid log format '{}'. Must be one of: compact, pretty, json",
                              logging.format));
  }
  if (logging.logs_path.empty()) return Refuse("logging.logs_path cannot be empty");
  return {};
}

Status CheckLimits(const LimitsSection& limits) {
  if (limits.max_message_size == 0) return Refuse("max_message_size cannot be 0");
  if (limits.max_query_limit != 0 && limits.default_query_limit > limits.max_query_limit) {
    return Refuse(fmt::format("default_query_limit ({}) cannot exceed max_query_limit ({})",
                              limits.default_query_limit, limits.max_query_limit));
  }
  return {};
}

Status CheckUserManagement(const UserManagementSection& section) {
  if (section.deletion_grace_period_days < 0) {
    return Refuse("deletion_grace_period_days cannot be negative");
  }
  if (Trim(section.cleanup_job_schedule).empty()) {
    return Refuse("cleanup_job_schedule cannot be empty");
  }
  return {};
}

Status CheckStorage(StorageSection* storage) {
  if (storage->data_path.empty()) return Refuse("storage.data_path cannot be empty");
  KDB_ASSIGN_OR_RETURN(storage->shared_tables_template,
                       NormalizeSharedTemplate(storage->shared_tables_template));
  KDB_ASSIGN_OR_RETURN(storage->user_tables_template,
                       NormalizeUserTemplate(storage->user_tables_template));
  return {};
}

Status CheckProxyRanges(std::vector<std::string>* ranges) {
  std::vector<std::string> kept;
  for (const std::string& range : *ranges) {
    const std::string_view text = Trim(range);
    if (text.empty()) continue;
    if (!IpRange::Parse(text)) {
      return Refuse(
          fmt::format("Invalid security.trusted_proxy_ranges configuration: '{}' is "
                      "neither an IP address nor a CIDR range",
                      text));
    }
    kept.emplace_back(text);
  }
  *ranges = std::move(kept);
  return {};
}

Status CheckCertificate(std::string_view name, const std::string& value) {
  if (value.empty()) {
    return Refuse(fmt::format(
        "Invalid rpc_tls configuration: rpc_tls.enabled=true but {} is not configured", name));
  }
  if (value.find("-----BEGIN") != std::string::npos) return {};
  if (!std::ifstream(value).good()) {
    return Refuse(fmt::format("Invalid rpc_tls configuration: cannot read {} '{}'", name, value));
  }
  return {};
}

Status CheckRpcTls(const RpcTls& tls) {
  if (!tls.enabled) return {};
  KDB_RETURN_IF_ERROR(CheckCertificate("ca_cert", tls.ca_cert));
  KDB_RETURN_IF_ERROR(CheckCertificate("server_cert", tls.server_cert));
  return CheckCertificate("server_key", tls.server_key);
}

Status CheckExposure(ServerConfig* config) {
  if (!config->exposed()) return {};
  bool any = false;
  bool everyone = false;
  for (const std::string& origin : config->security.cors.allowed_origins) {
    any = any || !Trim(origin).empty();
    everyone = everyone || Trim(origin) == "*";
  }
  if (!any) {
    return Refuse(
        "Non-localhost HTTP exposure requires security.cors.allowed_origins to be configured "
        "(empty is not allowed)");
  }
  if (everyone) {
    config->warnings.push_back(
        "SECURITY: security.cors.allowed_origins contains '*': pages of any origin may use this "
        "server from the browsers of its users");
  }
  return {};
}

Status CheckAuth(ServerConfig* config) {
  const AuthConfig& auth = config->auth;
  if (auth.jwt_expiry_hours < 1) return Refuse("auth.jwt_expiry_hours must be at least 1");
  if (auth.bcrypt_cost < 4 || auth.bcrypt_cost > 20) {
    return Refuse(fmt::format("auth.bcrypt_cost ({}) must be between 4 and 20", auth.bcrypt_cost));
  }
  const bool placeholder = IsOneOf(auth.jwt_secret, kPlaceholderSecrets);
  if (!placeholder && auth.jwt_secret.size() >= kMinSecretBytes) return {};
  const std::string what =
      placeholder ? std::string("auth.jwt_secret is a known placeholder")
                  : fmt::format("auth.jwt_secret has less than {} characters", kMinSecretBytes);
  const std::string& host = config->server.host;
  if (host != "127.0.0.1" && host != "localhost" && host != "::1") {
    return Refuse(
        fmt::format("{}: anybody could sign tokens for a server that listens on {}. Set "
                    "KALAMDB_JWT_SECRET to a random text",
                    what, host));
  }
  config->warnings.push_back(fmt::format(
      "SECURITY: {}: tokens can be forged. Set KALAMDB_JWT_SECRET to a random text", what));
  return {};
}

}  // namespace

Status Validate(RawConfig* raw) {
  ServerConfig* config = &raw->server;
  if (raw->cluster_section) {
    return Refuse(
        "Invalid cluster configuration: this build runs stand-alone only; remove the [cluster] "
        "section");
  }
  KDB_RETURN_IF_ERROR(CheckServer(&config->server));
  KDB_RETURN_IF_ERROR(CheckLogging(config->logging));
  KDB_RETURN_IF_ERROR(CheckLimits(config->limits));
  KDB_RETURN_IF_ERROR(CheckUserManagement(config->user_management));
  KDB_RETURN_IF_ERROR(CheckStorage(&config->storage));
  KDB_RETURN_IF_ERROR(CheckProxyRanges(&config->security.trusted_proxy_ranges));
  KDB_RETURN_IF_ERROR(CheckRpcTls(raw->rpc_tls));
  KDB_RETURN_IF_ERROR(CheckExposure(config));
  if (config->files.max_size_bytes > kMaxUploadBytes) {
    config->warnings.push_back("files.max_size_bytes is cut to 104857600");
    config->files.max_size_bytes = kMaxUploadBytes;
  }
  return CheckAuth(config);
}

}  // namespace kalamdb::config
