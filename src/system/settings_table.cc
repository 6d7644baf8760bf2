// system.settings: the configuration that holds, without secrets.
#include <fmt/format.h>

#include "system/table_families.h"

namespace kalamdb::system {

namespace {

constexpr ColumnSpec kSettings[] = {{"name", T}, {"value", T}, {"description", T}, {"category", T}};

class Settings {
 public:
  explicit Settings(RowWriter* rows) : rows_(rows) {}
  template <typename V>
  void Add(std::string_view name, const V& value, std::string_view description) {
    if (!more_) return;
    more_ = rows_->Text(name)
                .Owned(fmt::format("{}", value))
                .Text(description)
                .Text(name.substr(0, name.find('.')))
                .Emit();
  }

 private:
  RowWriter* rows_;
  bool more_ = true;
};

void AddServer(const ServerSection& c, Settings* s) {
  s->Add("server.host", c.host, "Address that HTTP listens on");
  s->Add("server.port", c.port, "Port that HTTP listens on");
  s->Add("server.workers", c.workers, "I/O threads; 0: cores - 1, from 1 to 4");
  s->Add("server.enable_http2", c.enable_http2, "Has no effect: HTTP/1.1 only");
  s->Add("server.public_origin",
         c.public_origin.empty() ? fmt::format("http://localhost:{}", c.port) : c.public_origin,
         "Origin under which browsers reach the server");
  s->Add("server.api_version", c.api_version, "Has no effect: routes begin with /v1");
}

template <typename Profile>
void AddProfile(const std::string& name, const Profile& profile, Settings* s) {
  const std::string prefix = "storage.rocksdb.cf_profiles." + name;
  s->Add(prefix + ".write_buffer_size", profile.write_buffer_size, "Bytes of one memtable");
  s->Add(prefix + ".max_write_buffers", profile.max_write_buffers, "Memtables at one time");
}

void AddStorage(const StorageSection& c, Settings* s) {
  s->Add("storage.data_path", c.data_path, "Directory of all data");
  AddProfile("system_meta", c.rocksdb.system_meta, s);
  AddProfile("system_index", c.rocksdb.system_index, s);
  AddProfile("hot_data", c.rocksdb.hot_data, s);
  AddProfile("hot_index", c.rocksdb.hot_index, s);
  AddProfile("raft", c.rocksdb.raft, s);
  s->Add("storage.rocksdb.block_cache_size", c.rocksdb.block_cache_size,
         "Bytes of the block cache");
}

void AddQueries(const ServerConfig& c, Settings* s) {
  s->Add("datafusion.memory_limit", c.datafusion.memory_limit,
         "Bytes that analytical queries may hold before they spill");
  s->Add("datafusion.batch_size", c.datafusion.batch_size, "Has no effect");
  s->Add("datafusion.query_parallelism", c.datafusion.query_parallelism,
         "Threads of one analytical query");
  s->Add("datafusion.max_partitions", c.datafusion.max_partitions, "Has no effect");
  s->Add("limits.max_message_size", c.limits.max_message_size, "Has no effect");
  s->Add("limits.max_query_limit", c.limits.max_query_limit,
         "Most rows of one result; 0: no limit");
  s->Add("limits.default_query_limit", c.limits.default_query_limit,
         "Rows of a result without LIMIT; 0: no limit");
}

void AddLogging(const LoggingSection& c, Settings* s) {
  s->Add("logging.level", c.level, "Least level that is logged");
  s->Add("logging.format", c.format, "Form of the log's lines");
  s->Add("logging.logs_path", c.logs_path, "Directory of log files");
}

void AddMaintenance(const ServerConfig& c, Settings* s) {
  s->Add("flush.default_row_limit", c.flush.default_row_limit, "Rows that make a scope flush");
  s->Add("flush.default_time_interval", c.flush.default_time_interval,
         "Seconds that make a scope flush");
  s->Add("flush.check_interval_seconds", c.flush.check_interval_seconds,
         "Seconds between looks for scopes to flush");
  s->Add("manifest_cache.max_entries", c.manifest_cache.max_entries, "Manifests kept in memory");
  s->Add("manifest_cache.eviction_ttl_days", c.manifest_cache.eviction_ttl_days,
         "Days that a manifest counts as fresh");
  s->Add("retention.default_deleted_retention_hours", c.retention.default_deleted_retention_hours,
         "Hours that tombstones are kept");
  s->Add("stream.default_ttl_seconds", c.stream.default_ttl_seconds, "Has no effect");
  s->Add("stream.default_max_buffer", c.stream.default_max_buffer, "Has no effect");
  s->Add("stream.eviction_interval_seconds", c.stream.eviction_interval_seconds,
         "Seconds between removals of expired STREAM rows");
  s->Add("websocket.client_timeout_secs", c.websocket.client_timeout_secs,
         "Seconds of silence before the server sends a Ping");
  s->Add("websocket.heartbeat_interval_secs", c.websocket.heartbeat_interval_secs,
         "Seconds that a Ping may stay unanswered");
}

void AddRateLimit(const RateLimitSection& c, Settings* s) {
  s->Add("rate_limit.max_queries_per_sec", c.max_queries_per_sec, "SQL requests per user");
  s->Add("rate_limit.max_messages_per_sec", c.max_messages_per_sec,
         "WebSocket messages per connection");
  s->Add("rate_limit.max_subscriptions_per_user", c.max_subscriptions_per_user,
         "Live queries per user");
  s->Add("rate_limit.max_auth_requests_per_ip_per_sec", c.max_auth_requests_per_ip_per_sec,
         "Logins, refreshes and setups per address");
  s->Add("rate_limit.max_connections_per_ip", c.max_connections_per_ip, "Connections per address");
  s->Add("rate_limit.max_requests_per_ip_per_sec", c.max_requests_per_ip_per_sec,
         "Requests per address before authentication");
  s->Add("rate_limit.request_body_limit_bytes", c.request_body_limit_bytes,
         "Bytes of a request body");
  s->Add("rate_limit.ban_duration_seconds", c.ban_duration_seconds,
         "Seconds that an address is banned for, at first");
  s->Add("rate_limit.enable_connection_protection", c.enable_connection_protection,
         "Whether limits per address hold");
  s->Add("rate_limit.cache_max_entries", c.cache_max_entries, "Addresses that are remembered");
  s->Add("rate_limit.cache_ttl_seconds", c.cache_ttl_seconds,
         "Seconds that an idle address is remembered");
}

void AddRest(const ServerConfig& c, Settings* s) {
  s->Add("auth.bcrypt_cost", c.auth.bcrypt_cost, "Cost of password hashes, a power of two");
  s->Add("auth.min_password_length", c.auth.min_password_length, "Has no effect: 8");
  s->Add("jobs.max_concurrent", c.jobs.max_concurrent, "Jobs that run at one time");
  s->Add("jobs.max_retries", c.jobs.max_retries, "Tries of a job");
  s->Add("jobs.wal_cleanup_interval_seconds", c.jobs.wal_cleanup_interval_seconds,
         "Seconds between flushes of all memtables");
  s->Add("execution.handler_timeout_seconds", c.execution.handler_timeout_seconds,
         "Seconds that one statement may run (0: no limit)");
  s->Add("execution.max_parameters", c.execution.max_parameters, "Has no effect: 50");
  s->Add("security.max_request_body_size", c.security.max_request_body_size, "Has no effect");
  s->Add("security.max_ws_message_size", c.security.max_ws_message_size,
         "Bytes of a WebSocket message");
  s->Add("shutdown.flush.timeout", c.shutdown.flush_timeout,
         "Seconds that shutdown waits for running jobs");
}

Status FillSettings(const ScanContext& context, RowWriter& rows) {
  if (context.sources.config == nullptr) return {};
  const ServerConfig& config = *context.sources.config;
  Settings settings(&rows);
  AddServer(config.server, &settings);
  AddStorage(config.storage, &settings);
  AddQueries(config, &settings);
  AddLogging(config.logging, &settings);
  AddMaintenance(config, &settings);
  AddRateLimit(config.rate_limit, &settings);
  AddRest(config, &settings);
  for (const auto& [part, present] : context.sources.build.parts) {
    settings.Add("build." + part, present, "Whether this build has the part");
  }
  return {};
}

constexpr TableSpec kSpecs[] = {{"system", "settings", false, kSettings, FillSettings}};

}  // namespace

std::span<const TableSpec> SettingsTables() { return kSpecs; }

}  // namespace kalamdb::system
