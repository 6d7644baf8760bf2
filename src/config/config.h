// server.toml and environment variables as one validated structure. Members carry the names of the
// keys (docs/configuration.md lists every key, its default and its effect).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/status.h"

namespace kalamdb {

struct ServerSection {
  std::string host = "127.0.0.1";
  uint16_t port = 8080;
  std::string public_origin;
  unsigned workers = 0;  // 0: cores - 1, at least 1, at most 4
  std::string api_version = "v1";
  bool enable_http2 = false;
  std::string ui_path;
};

struct RocksDbSection {
  uint64_t block_cache_size = 2097152;
  int max_open_files = 512;
  int max_background_jobs = 4;
  bool sync_writes = true;
  bool disable_wal = false;
  bool compact_on_startup = false;
  struct CfProfile {
    uint64_t write_buffer_size = 0;
    int max_write_buffers = 2;
  };
  CfProfile system_meta{32768, 2}, system_index{32768, 2}, hot_data{131072, 2}, hot_index{65536, 2},
      raft{262144, 2};
};

struct StorageSection {
  std::string data_path = "./data";  // absolute after loading
  std::string shared_tables_template = "{namespace}/{tableName}";
  std::string user_tables_template = "{namespace}/{tableName}/{userId}";
  uint64_t request_timeout_secs = 60;
  uint64_t connect_timeout_secs = 10;
  RocksDbSection rocksdb;
};

struct DatafusionSection {
  uint64_t memory_limit = 134217728;
  unsigned query_parallelism = 2;
  unsigned max_partitions = 4;
  unsigned batch_size = 1024;
};

struct FlushSection {
  uint64_t default_row_limit = 10000;
  uint64_t default_time_interval = 300;
  uint64_t flush_batch_size = 10000;
  uint64_t check_interval_seconds = 60;
};

struct ManifestCacheSection {
  int64_t eviction_interval_seconds = 300;
  uint64_t max_entries = 500;
  uint64_t eviction_ttl_days = 7;
  uint32_t user_table_weight_factor = 10;
};

struct RetentionSection {
  int32_t default_deleted_retention_hours = 168;
  bool enable_dba_stats = true;
  uint64_t dba_stats_retention_days = 7;
};

struct StreamSection {
  uint64_t default_ttl_seconds = 10;
  uint64_t default_max_buffer = 10000;
  uint64_t eviction_interval_seconds = 60;
};

struct TopicsSection {
  uint64_t visibility_timeout_secs = 60;
};

struct WebSocketSection {
  uint64_t client_timeout_secs = 10;
  uint64_t auth_timeout_secs = 3;
  uint64_t heartbeat_interval_secs = 5;
  uint64_t slow_client_secs = 30;  // a full socket is closed with 1013 after this long
  uint64_t max_queued_bytes =
      262144;  // per connection; beyond it subscriptions lag and catch up from storage
  uint64_t max_snapshot_buffer_bytes =
      262144;  // changes held per subscription while its snapshot is read
};

struct RateLimitSection {
  uint32_t max_queries_per_sec = 100;
  uint32_t max_messages_per_sec = 50;
  uint32_t max_subscriptions_per_user = 10;
  uint32_t max_auth_requests_per_ip_per_sec = 20;
  uint32_t max_connections_per_ip = 100;
  uint32_t max_requests_per_ip_per_sec = 200;
  uint64_t request_body_limit_bytes = 10485760;
  uint64_t ban_duration_seconds = 300;
  bool enable_connection_protection = true;
  uint64_t cache_max_entries = 1000;
  uint64_t cache_ttl_seconds = 600;
};

struct AuthConfig {
  std::string root_password;
  std::string jwt_secret = "CHANGE_ME_IN_PRODUCTION";
  std::vector<std::string> jwt_trusted_issuers;
  int64_t jwt_expiry_hours = 24;
  bool cookie_secure = true;
  uint64_t min_password_length = 8;
  uint64_t max_password_length = 1024;
  uint32_t bcrypt_cost = 12;
  bool enforce_password_complexity = false;
  bool allow_remote_setup = false;
  std::string pg_auth_token;
};

struct UserManagementSection {
  int64_t deletion_grace_period_days = 30;
  std::string cleanup_job_schedule = "0 2 * * *";
};

struct JobsSection {
  uint32_t max_concurrent = 10;
  uint32_t max_retries = 3;
  uint64_t retry_backoff_ms = 100;
  uint64_t wal_cleanup_interval_seconds = 300;
};

struct ExecutionSection {
  uint64_t handler_timeout_seconds = 30;
  uint32_t max_parameters = 50;
  uint64_t max_parameter_size_bytes = 524288;
  uint64_t sql_plan_cache_max_entries = 200;
  uint64_t sql_plan_cache_ttl_seconds = 900;
  uint64_t sql_plan_cache_max_bytes = 1048576;
};

struct LimitsSection {
  uint64_t max_message_size = 1048576;
  uint64_t max_query_limit = 0;
  uint64_t default_query_limit = 0;
};

struct PerformanceSection {
  uint64_t request_timeout = 30;
  uint64_t keepalive_timeout = 75;
  uint64_t max_connections = 25000;
  int backlog = 4096;
  unsigned tokio_worker_threads = 0;
  unsigned worker_max_blocking_threads = 32;
  uint64_t client_request_timeout = 5;
  uint64_t client_disconnect_timeout = 2;
  uint64_t max_header_size = 16384;
};

struct CorsSection {
  std::vector<std::string> allowed_origins;
  std::vector<std::string> allowed_methods = {"GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"};
  std::vector<std::string> allowed_headers = {"Authorization", "Content-Type", "Accept", "Origin",
                                              "X-Requested-With"};
  std::vector<std::string> expose_headers;
  bool allow_credentials = false;
  uint64_t max_age = 3600;
  bool allow_private_network = false;
};

struct SecuritySection {
  std::vector<std::string> trusted_proxy_ranges;
  uint64_t max_ws_message_size = 1048576;
  bool strict_ws_origin_check = false;
  uint64_t max_request_body_size = 10485760;
  CorsSection cors;
};

struct FilesSection {
  uint64_t max_size_bytes = 26214400;
  uint64_t max_files_per_request = 20;
  uint64_t max_files_per_folder = 5000;
  std::string staging_path = "./data/tmp";
  std::vector<std::string> allowed_mime_types;
};

struct LoggingSection {
  std::string level = "info";
  std::string logs_path = "./logs";  // absolute after loading
  bool log_to_console = true;
  std::string format = "compact";
  std::map<std::string, std::string> targets;
  uint64_t slow_query_threshold_ms = 1200;
};

struct ShutdownSection {
  uint32_t flush_timeout = 300;
};

struct ServerConfig {
  uint64_t transaction_timeout_secs = 300;
  uint64_t max_transaction_buffer_bytes = 104857600;
  ServerSection server;
  StorageSection storage;
  DatafusionSection datafusion;
  FlushSection flush;
  ManifestCacheSection manifest_cache;
  RetentionSection retention;
  StreamSection stream;
  TopicsSection topics;
  WebSocketSection websocket;
  RateLimitSection rate_limit;
  AuthConfig auth;
  UserManagementSection user_management;
  JobsSection jobs;
  ExecutionSection execution;
  LimitsSection limits;
  PerformanceSection performance;
  SecuritySection security;
  FilesSection files;
  LoggingSection logging;
  ShutdownSection shutdown;
  // Things that start-up should say, e.g. options without effect. One line each.
  std::vector<std::string> warnings;

  // cores - 1, within 1 and 4, unless `server.workers` says otherwise.
  [[nodiscard]] unsigned io_threads() const;
  // Whether clients from other machines can reach the HTTP address.
  [[nodiscard]] bool exposed() const;
};

// Reads the file, applies the environment (`environ` as name=value pairs, so that tests need not
// touch the process), validates. The error's message is the whole FATAL line of docs/configuration.md
// without "FATAL: ".
Result<ServerConfig> LoadConfig(const std::string& path,
                                const std::map<std::string, std::string>& environment);

}  // namespace kalamdb
