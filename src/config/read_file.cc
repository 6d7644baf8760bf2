// The sections of server.toml, in the order of the documentation. Keys, types and defaults are
// those of config.h; a key that is named here is known, every other one is reported as unknown.
#include <fmt/format.h>

#include "config/raw_config.h"

namespace kalamdb::config {

namespace {

void ReadServer(Section s, ServerSection* c) {
  s.Require("host");
  s.Require("port");
  s.Get("host", &c->host);
  s.Get("port", &c->port);
  s.Get("public_origin", &c->public_origin);
  s.GetBounded<unsigned>("workers", &c->workers, 0, 64);
  s.Get("api_version", &c->api_version);
  s.Get("enable_http2", &c->enable_http2);
  s.Get("ui_path", &c->ui_path);
}

void ReadProfile(Section s, RocksDbSection::CfProfile* c) {
  s.Require("write_buffer_size");
  s.Require("max_write_buffers");
  s.Get("write_buffer_size", &c->write_buffer_size);
  s.GetBounded("max_write_buffers", &c->max_write_buffers, 1, 64);
}

void ReadRocksDb(Section s, RocksDbSection* c) {
  s.Get("block_cache_size", &c->block_cache_size);
  s.GetBounded("max_open_files", &c->max_open_files, -1, 1 << 20);
  s.GetBounded("max_background_jobs", &c->max_background_jobs, 1, 64);
  s.Get("sync_writes", &c->sync_writes);
  s.Get("disable_wal", &c->disable_wal);
  s.Get("compact_on_startup", &c->compact_on_startup);
  Section profiles = s.Sub("cf_profiles");
  ReadProfile(profiles.Sub("system_meta"), &c->system_meta);
  ReadProfile(profiles.Sub("system_index"), &c->system_index);
  ReadProfile(profiles.Sub("hot_data"), &c->hot_data);
  ReadProfile(profiles.Sub("hot_index"), &c->hot_index);
  ReadProfile(profiles.Sub("raft"), &c->raft);
}

void ReadStorage(Section s, StorageSection* c) {
  s.Get("data_path", &c->data_path);
  s.Get("shared_tables_template", &c->shared_tables_template);
  s.Get("user_tables_template", &c->user_tables_template);
  Section timeouts = s.Sub("remote_timeouts");
  timeouts.GetDuration("request_timeout_secs", &c->request_timeout_secs);
  timeouts.GetDuration("connect_timeout_secs", &c->connect_timeout_secs);
  ReadRocksDb(s.Sub("rocksdb"), &c->rocksdb);
}

void ReadDatafusion(Section s, DatafusionSection* c) {
  s.Get("memory_limit", &c->memory_limit);
  s.GetBounded<unsigned>("query_parallelism", &c->query_parallelism, 1, 256);
  s.Get("max_partitions", &c->max_partitions);
  s.Get("batch_size", &c->batch_size);
}

void ReadFlush(Section s, FlushSection* c) {
  s.Get("default_row_limit", &c->default_row_limit);
  s.GetDuration("default_time_interval", &c->default_time_interval);
  s.Get("flush_batch_size", &c->flush_batch_size);
  s.GetDuration("check_interval_seconds", &c->check_interval_seconds);
}

void ReadManifestCache(Section s, ManifestCacheSection* c) {
  s.GetDuration("eviction_interval_seconds", &c->eviction_interval_seconds);
  s.Get("max_entries", &c->max_entries);
  s.GetDuration("eviction_ttl_days", &c->eviction_ttl_days);
  s.Get("user_table_weight_factor", &c->user_table_weight_factor);
}

void ReadRetention(Section s, RetentionSection* c) {
  s.GetDuration("default_deleted_retention_hours", &c->default_deleted_retention_hours);
  s.Get("enable_dba_stats", &c->enable_dba_stats);
  s.GetDuration("dba_stats_retention_days", &c->dba_stats_retention_days);
}

void ReadStream(Section s, StreamSection* c) {
  s.GetDuration("default_ttl_seconds", &c->default_ttl_seconds);
  s.Get("default_max_buffer", &c->default_max_buffer);
  s.GetDuration("eviction_interval_seconds", &c->eviction_interval_seconds);
}

void ReadWebSocket(Section s, WebSocketSection* c) {
  s.GetDuration("client_timeout_secs", &c->client_timeout_secs);
  s.GetDuration("auth_timeout_secs", &c->auth_timeout_secs);
  s.GetDuration("heartbeat_interval_secs", &c->heartbeat_interval_secs);
  s.GetDuration("slow_client_secs", &c->slow_client_secs);
  s.Get("max_queued_bytes", &c->max_queued_bytes);
  s.Get("max_snapshot_buffer_bytes", &c->max_snapshot_buffer_bytes);
}

void ReadRateLimit(Section s, RateLimitSection* c) {
  s.Get("max_queries_per_sec", &c->max_queries_per_sec);
  s.Get("max_messages_per_sec", &c->max_messages_per_sec);
  s.Get("max_subscriptions_per_user", &c->max_subscriptions_per_user);
  s.Get("max_auth_requests_per_ip_per_sec", &c->max_auth_requests_per_ip_per_sec);
  s.Get("max_connections_per_ip", &c->max_connections_per_ip);
  s.Get("max_requests_per_ip_per_sec", &c->max_requests_per_ip_per_sec);
  s.Get("request_body_limit_bytes", &c->request_body_limit_bytes);
  s.GetDuration("ban_duration_seconds", &c->ban_duration_seconds);
  s.Get("enable_connection_protection", &c->enable_connection_protection);
  s.Get("cache_max_entries", &c->cache_max_entries);
  s.GetDuration("cache_ttl_seconds", &c->cache_ttl_seconds);
}

// [auth.local] and [auth.oidc] are the newer spelling of external login.
void ReadAuthProviders(Section* s) {
  bool local = true;
  s->Sub("local").Get("enabled", &local);
  Section oidc = s->Sub("oidc");
  bool off = false;
  oidc.Get("enabled", &off);
  off = false;
  oidc.Get("auto_provision", &off);
  for (const char* key : {"display_name", "issuer", "client_id", "scopes", "default_role"}) {
    oidc.Skip(key);
  }
}

void ReadAuth(Section s, AuthConfig* c) {
  s.Get("root_password", &c->root_password);
  s.Get("jwt_secret", &c->jwt_secret);
  std::string issuers;
  s.Get("jwt_trusted_issuers", &issuers);
  c->jwt_trusted_issuers = SplitList(issuers);
  s.GetBounded<int64_t>("jwt_expiry_hours", &c->jwt_expiry_hours, INT64_MIN, kMaxDuration / 3600);
  s.Get("cookie_secure", &c->cookie_secure);
  s.Get("min_password_length", &c->min_password_length);
  s.Get("max_password_length", &c->max_password_length);
  s.Get("bcrypt_cost", &c->bcrypt_cost);
  s.Get("enforce_password_complexity", &c->enforce_password_complexity);
  s.Get("allow_remote_setup", &c->allow_remote_setup);
  s.Get("pg_auth_token", &c->pg_auth_token);
  ReadAuthProviders(&s);
}

void ReadOauth(Section s) {
  bool enabled = false;
  s.Get("enabled", &enabled);
  bool provision = false;
  s.Get("auto_provision", &provision);
  s.Skip("default_role");
  Section providers = s.Sub("providers");
  for (const char* name : {"google", "github", "azure", "firebase"}) {
    Section provider = providers.Sub(name);
    bool on = false;
    provider.Get("enabled", &on);
    for (const char* key : {"issuer", "jwks_uri", "client_id", "client_secret", "tenant"}) {
      std::string text;
      provider.Get(key, &text);
    }
  }
}

void ReadUserManagement(Section s, UserManagementSection* c) {
  s.GetDuration("deletion_grace_period_days", &c->deletion_grace_period_days);
  s.Get("cleanup_job_schedule", &c->cleanup_job_schedule);
}

void ReadJobs(Section s, JobsSection* c) {
  s.Get("max_concurrent", &c->max_concurrent);
  s.Get("max_retries", &c->max_retries);
  s.GetDuration("retry_backoff_ms", &c->retry_backoff_ms);
  s.GetDuration("wal_cleanup_interval_seconds", &c->wal_cleanup_interval_seconds);
}

void ReadExecution(Section s, ExecutionSection* c) {
  s.GetDuration("handler_timeout_seconds", &c->handler_timeout_seconds);
  s.Get("max_parameters", &c->max_parameters);
  s.Get("max_parameter_size_bytes", &c->max_parameter_size_bytes);
  s.Get("sql_plan_cache_max_entries", &c->sql_plan_cache_max_entries);
  s.GetDuration("sql_plan_cache_ttl_seconds", &c->sql_plan_cache_ttl_seconds);
  s.Get("sql_plan_cache_max_bytes", &c->sql_plan_cache_max_bytes);
}

void ReadLimits(Section s, LimitsSection* c) {
  s.Get("max_message_size", &c->max_message_size);
  s.Get("max_query_limit", &c->max_query_limit);
  s.Get("default_query_limit", &c->default_query_limit);
}

void ReadPerformance(Section s, PerformanceSection* c) {
  s.GetDuration("request_timeout", &c->request_timeout);
  s.GetDuration("keepalive_timeout", &c->keepalive_timeout);
  s.Get("max_connections", &c->max_connections);
  s.GetBounded("backlog", &c->backlog, 1, 1 << 20);
  s.GetBounded<unsigned>("tokio_worker_threads", &c->tokio_worker_threads, 0, 4096);
  s.GetBounded<unsigned>("worker_max_blocking_threads", &c->worker_max_blocking_threads, 1, 4096);
  s.GetDuration("client_request_timeout", &c->client_request_timeout);
  s.GetDuration("client_disconnect_timeout", &c->client_disconnect_timeout);
  s.Get("max_header_size", &c->max_header_size);
}

void ReadSecurity(Section s, SecuritySection* c) {
  s.Get("trusted_proxy_ranges", &c->trusted_proxy_ranges);
  s.Get("max_ws_message_size", &c->max_ws_message_size);
  s.Get("strict_ws_origin_check", &c->strict_ws_origin_check);
  s.Get("max_request_body_size", &c->max_request_body_size);
  Section cors = s.Sub("cors");
  // Credentials are allowed as soon as somebody wrote the section.
  c->cors.allow_credentials = cors.present();
  cors.Get("allowed_origins", &c->cors.allowed_origins);
  cors.Get("allowed_methods", &c->cors.allowed_methods);
  cors.Get("allowed_headers", &c->cors.allowed_headers);
  cors.Get("expose_headers", &c->cors.expose_headers);
  cors.Get("allow_credentials", &c->cors.allow_credentials);
  cors.GetDuration("max_age", &c->cors.max_age);
  cors.Get("allow_private_network", &c->cors.allow_private_network);
}

void ReadFiles(Section s, FilesSection* c) {
  s.Get("max_size_bytes", &c->max_size_bytes);
  s.Get("max_files_per_request", &c->max_files_per_request);
  s.Get("max_files_per_folder", &c->max_files_per_folder);
  s.Get("staging_path", &c->staging_path);
  s.Get("allowed_mime_types", &c->allowed_mime_types);
}

void ReadLogging(Section s, LoggingSection* c, Otlp* o) {
  s.Get("level", &c->level);
  s.Get("logs_path", &c->logs_path);
  s.Get("log_to_console", &c->log_to_console);
  s.Get("format", &c->format);
  s.Sub("targets").GetAll(&c->targets);
  s.GetDuration("slow_query_threshold_ms", &c->slow_query_threshold_ms);
  Section otlp = s.Sub("otlp");
  otlp.Get("enabled", &o->enabled);
  otlp.Get("endpoint", &o->endpoint);
  otlp.Get("protocol", &o->protocol);
  otlp.Get("service_name", &o->service_name);
  otlp.GetDuration("timeout_ms", &o->timeout_ms);
}

void ReadRpcTls(Section s, RpcTls* c) {
  s.Get("enabled", &c->enabled);
  s.Get("ca_cert", &c->ca_cert);
  s.Get("server_cert", &c->server_cert);
  s.Get("server_key", &c->server_key);
  s.Get("require_client_cert", &c->require_client_cert);
}

}  // namespace

Status ReadFile(const toml::table& table, RawConfig* raw) {
  Notes* notes = &raw->notes;
  ServerConfig* c = &raw->server;
  {
    Section root(&table, "", notes);
    for (const char* name : {"server", "storage", "limits", "logging", "performance"}) {
      root.Require(name);
    }
    root.GetDuration("transaction_timeout_secs", &c->transaction_timeout_secs);
    root.Get("max_transaction_buffer_bytes", &c->max_transaction_buffer_bytes);
    ReadServer(root.Sub("server"), &c->server);
    ReadStorage(root.Sub("storage"), &c->storage);
    ReadDatafusion(root.Sub("datafusion"), &c->datafusion);
    ReadFlush(root.Sub("flush"), &c->flush);
    ReadManifestCache(root.Sub("manifest_cache"), &c->manifest_cache);
    ReadRetention(root.Sub("retention"), &c->retention);
    ReadStream(root.Sub("stream"), &c->stream);
    root.Sub("topics").GetDuration("visibility_timeout_secs", &c->topics.visibility_timeout_secs);
    ReadWebSocket(root.Sub("websocket"), &c->websocket);
    ReadRateLimit(root.Sub("rate_limit"), &c->rate_limit);
    if (root.Has("auth") && root.Has("authentication")) {
      notes->Fail("[auth] and [authentication] are the same section: keep one of them");
    }
    ReadAuth(root.Sub(root.Has("authentication") ? "authentication" : "auth"), &c->auth);
    ReadOauth(root.Sub("oauth"));
    ReadUserManagement(root.Sub("user_management"), &c->user_management);
    ReadJobs(root.Sub("jobs"), &c->jobs);
    ReadExecution(root.Sub("execution"), &c->execution);
    ReadLimits(root.Sub("limits"), &c->limits);
    ReadPerformance(root.Sub("performance"), &c->performance);
    ReadSecurity(root.Sub("security"), &c->security);
    ReadFiles(root.Sub("files"), &c->files);
    ReadLogging(root.Sub("logging"), &c->logging, &raw->otlp);
    ReadRpcTls(root.Sub("rpc_tls"), &raw->rpc_tls);
    Section shutdown = root.Sub("shutdown");
    shutdown.Require("flush");
    shutdown.Sub("flush").GetDuration("timeout", &c->shutdown.flush_timeout);
    raw->cluster_section = root.Has("cluster");
    root.Skip("cluster");
  }
  return notes->error;
}

}  // namespace kalamdb::config
