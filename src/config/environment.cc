// Environment variables that override the file. A variable that is set to nothing counts as set.
#include <fmt/format.h>

#include <cctype>
#include <charconv>

#include "config/raw_config.h"

namespace kalamdb::config {

namespace {

bool EqualsAnyCase(std::string_view text, std::initializer_list<std::string_view> words) {
  std::string lower;
  for (char c : text) {
    lower.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
  }
  for (std::string_view word : words) {
    if (lower == word) return true;
  }
  return false;
}

class Overrides {
 public:
  Overrides(const Environment& environment, Notes* notes)
      : environment_(environment), notes_(notes) {}

  const std::string* Find(const std::string& name) const {
    auto it = environment_.find(name);
    return it == environment_.end() ? nullptr : &it->second;
  }
  void Text(const std::string& name, std::string_view key, std::string* out) {
    if (const std::string* v = Find(name)) Set(key, *v, out);
  }
  void List(const std::string& name, std::string_view key, std::vector<std::string>* out) {
    if (const std::string* v = Find(name)) Set(key, SplitList(*v), out);
  }
  void Bool(const std::string& name, std::string_view key, bool* out) {
    if (const std::string* v = Find(name)) Set(key, EqualsAnyCase(*v, {"true", "1", "yes"}), out);
  }
  // On unless it is said not to be.
  void BoolUnless(const std::string& name, std::string_view key, bool* out) {
    if (const std::string* v = Find(name)) Set(key, !EqualsAnyCase(*v, {"false", "0", "no"}), out);
  }
  template <typename T>
  void Number(const std::string& name, std::string_view key, T* out,
              T most = std::numeric_limits<T>::max()) {
    const std::string* v = Find(name);
    if (v == nullptr) return;
    T value{};
    if (ParseNumber(*v, &value) && value <= most) return Set(key, value, out);
    notes_->Fail(fmt::format("Invalid {} value: {}", name, *v));
  }
  template <typename T>
  static bool ParseNumber(std::string_view text, T* out) {
    text = Trim(text);
    const char* end = text.data() + text.size();
    auto [stop, error] = std::from_chars(text.data(), end, *out);
    return error == std::errc() && stop == end && !text.empty();
  }
  template <typename T>
  void Set(std::string_view key, T value, T* out) {
    if (value != *out) notes_->changed.emplace(key);
    *out = std::move(value);
  }

 private:
  const Environment& environment_;
  Notes* notes_;
};

constexpr const char* kClusterVariables[] = {"KALAMDB_CLUSTER_ID",       "KALAMDB_NODE_ID",
                                             "KALAMDB_CLUSTER_NODE_ID",  "KALAMDB_CLUSTER_RPC_ADDR",
                                             "KALAMDB_CLUSTER_API_ADDR", "KALAMDB_CLUSTER_PEERS"};

// Half a cluster is worse than none: whoever sets one of these expects other nodes.
void RefuseClusterVariables(const Overrides& env, Notes* notes) {
  const char* first = nullptr;
  for (const char* name : kClusterVariables) {
    if (first == nullptr && env.Find(name) != nullptr) first = name;
  }
  if (first == nullptr) return;
  if (env.Find("KALAMDB_NODE_ID") == nullptr && env.Find("KALAMDB_CLUSTER_NODE_ID") == nullptr) {
    return notes->Fail("KALAMDB_NODE_ID is required when overriding cluster settings");
  }
  notes->Fail(
      fmt::format("{} asks for a cluster, and this build runs stand-alone only: unset it", first));
}

}  // namespace

Status ApplyEnvironment(const Environment& environment, RawConfig* raw) {
  Overrides env(environment, &raw->notes);
  ServerConfig* c = &raw->server;
  env.Text("KALAMDB_SERVER_HOST", "server.host", &c->server.host);
  env.Number<uint16_t>("KALAMDB_SERVER_PORT", "server.port", &c->server.port);
  env.Number<unsigned>("KALAMDB_SERVER_WORKERS", "server.workers", &c->server.workers, 64);
  env.Text("KALAMDB_SERVER_PUBLIC_ORIGIN", "server.public_origin", &c->server.public_origin);
  env.Text("KALAMDB_LOG_LEVEL", "logging.level", &c->logging.level);
  env.Text("KALAMDB_LOGS_DIR", "logging.logs_path", &c->logging.logs_path);
  env.Bool("KALAMDB_LOG_TO_CONSOLE", "logging.log_to_console", &c->logging.log_to_console);
  env.Bool("KALAMDB_OTLP_ENABLED", "logging.otlp.enabled", &raw->otlp.enabled);
  env.Text("KALAMDB_OTLP_ENDPOINT", "logging.otlp.endpoint", &raw->otlp.endpoint);
  env.Text("KALAMDB_OTLP_PROTOCOL", "logging.otlp.protocol", &raw->otlp.protocol);
  env.Text("KALAMDB_OTLP_SERVICE_NAME", "logging.otlp.service_name", &raw->otlp.service_name);
  env.Number("KALAMDB_OTLP_TIMEOUT_MS", "logging.otlp.timeout_ms", &raw->otlp.timeout_ms,
             kMaxDuration);
  env.Text("KALAMDB_DATA_DIR", "storage.data_path", &c->storage.data_path);
  env.Text("KALAMDB_JWT_SECRET", "auth.jwt_secret", &c->auth.jwt_secret);
  env.List("KALAMDB_JWT_TRUSTED_ISSUERS", "auth.jwt_trusted_issuers", &c->auth.jwt_trusted_issuers);
  env.Number<int64_t>("KALAMDB_JWT_EXPIRY_HOURS", "auth.jwt_expiry_hours",
                      &c->auth.jwt_expiry_hours, kMaxDuration / 3600);
  env.BoolUnless("KALAMDB_COOKIE_SECURE", "auth.cookie_secure", &c->auth.cookie_secure);
  env.Bool("KALAMDB_ALLOW_REMOTE_SETUP", "auth.allow_remote_setup", &c->auth.allow_remote_setup);
  env.Text("KALAMDB_PG_AUTH_TOKEN", "auth.pg_auth_token", &c->auth.pg_auth_token);
  // An empty one leaves the file's.
  const std::string* root = env.Find("KALAMDB_ROOT_PASSWORD");
  if (root != nullptr && !root->empty()) c->auth.root_password = *root;
  env.List("KALAMDB_SECURITY_CORS_ALLOWED_ORIGINS", "security.cors.allowed_origins",
           &c->security.cors.allowed_origins);
  env.List("KALAMDB_TRUSTED_PROXY_RANGES", "security.trusted_proxy_ranges",
           &c->security.trusted_proxy_ranges);
  env.List("KALAMDB_SECURITY_TRUSTED_PROXY_RANGES", "security.trusted_proxy_ranges",
           &c->security.trusted_proxy_ranges);
  env.Number("KALAMDB_RATE_LIMIT_AUTH_REQUESTS_PER_IP_PER_SEC",
             "rate_limit.max_auth_requests_per_ip_per_sec",
             &c->rate_limit.max_auth_requests_per_ip_per_sec);
  env.Number("KALAMDB_VISIBILITY_TIMEOUT_SECS", "topics.visibility_timeout_secs",
             &c->topics.visibility_timeout_secs, kMaxDuration);
  env.Number("KALAMDB_TOPIC_VISIBILITY_TIMEOUT_SECS", "topics.visibility_timeout_secs",
             &c->topics.visibility_timeout_secs, kMaxDuration);
  env.Number("KALAMDB_WEBSOCKET_CLIENT_TIMEOUT_SECS", "websocket.client_timeout_secs",
             &c->websocket.client_timeout_secs, kMaxDuration);
  env.Number("KALAMDB_WEBSOCKET_AUTH_TIMEOUT_SECS", "websocket.auth_timeout_secs",
             &c->websocket.auth_timeout_secs, kMaxDuration);
  env.Number("KALAMDB_WEBSOCKET_HEARTBEAT_INTERVAL_SECS", "websocket.heartbeat_interval_secs",
             &c->websocket.heartbeat_interval_secs, kMaxDuration);
  env.Bool("KALAMDB_RPC_TLS_ENABLED", "rpc_tls.enabled", &raw->rpc_tls.enabled);
  env.Text("KALAMDB_RPC_TLS_CA_CERT", "rpc_tls.ca_cert", &raw->rpc_tls.ca_cert);
  env.Text("KALAMDB_RPC_TLS_SERVER_CERT", "rpc_tls.server_cert", &raw->rpc_tls.server_cert);
  env.Text("KALAMDB_RPC_TLS_SERVER_KEY", "rpc_tls.server_key", &raw->rpc_tls.server_key);
  env.Bool("KALAMDB_RPC_TLS_REQUIRE_CLIENT_CERT", "rpc_tls.require_client_cert",
           &raw->rpc_tls.require_client_cert);
  if (const std::string* threads = env.Find("KALAMDB_TOKIO_WORKER_THREADS")) {
    unsigned value = 0;
    if (Overrides::ParseNumber(*threads, &value) && value <= 4096) {
      env.Set("performance.tokio_worker_threads", value, &c->performance.tokio_worker_threads);
    } else {
      c->warnings.push_back(
          fmt::format("KALAMDB_TOKIO_WORKER_THREADS is ignored: '{}' is no number", *threads));
    }
  }
  RefuseClusterVariables(env, &raw->notes);
  return raw->notes.error;
}

}  // namespace kalamdb::config
