// The one list of options that this build accepts and that change nothing in it. Whoever sets one
// is told so when the server starts. A room that learns to obey an option takes it off the list.
#include <fmt/format.h>

#include <string_view>

#include "config/raw_config.h"

namespace kalamdb::config {

namespace {

struct NoEffect {
  std::string_view key;  // a whole section when it ends with a dot
  std::string_view why;
};

constexpr NoEffect kNoEffect[] = {
    {"server.api_version", "routes always begin with /v1"},
    {"server.enable_http2", "only HTTP/1.1 is served"},
    {"server.ui_path", "this build has no Admin UI"},
    {"storage.remote_timeouts.", "this build has no remote object stores"},
    {"storage.rocksdb.disable_wal", "the write-ahead log is always on"},
    {"storage.rocksdb.compact_on_startup", "compaction runs by itself"},
    {"storage.rocksdb.cf_profiles.", "memtables have fixed bounds of 1, 4 and 2 MiB"},
    {"datafusion.max_partitions", "datafusion.query_parallelism bounds the threads of a query"},
    {"datafusion.batch_size", "the analytical engine chooses its own batches"},
    {"flush.", "this build keeps all rows in the hot tier"},
    {"manifest_cache.", "this build keeps all rows in the hot tier"},
    {"retention.default_deleted_retention_hours", "deleted rows keep their tombstones"},
    {"stream.", "a STREAM table names its own time to live, and reads respect it at once"},
    {"topics.", "this build has no topics"},
    {"auth.min_password_length", "the least length is 8"},
    {"auth.max_password_length", "bcrypt reads 72 bytes of a password"},
    {"auth.pg_auth_token", "this build has no PostgreSQL bridge"},
    {"auth.local.enabled", "login by password is always on"},
    {"auth.oidc.enabled", "this build refuses tokens of other issuers"},
    {"auth.oidc.auto_provision", "this build refuses tokens of other issuers"},
    {"auth.jwt_trusted_issuers", "this build refuses tokens of other issuers"},
    {"oauth.enabled", "this build refuses tokens of other issuers"},
    {"oauth.auto_provision", "this build refuses tokens of other issuers"},
    {"transaction_timeout_secs", "this build has no explicit transactions"},
    {"max_transaction_buffer_bytes", "this build has no explicit transactions"},
    {"user_management.", "dropped users are kept"},
    {"jobs.", "this build runs no background jobs"},
    {"execution.max_parameters", "a statement takes at most 50 parameters"},
    {"execution.max_parameter_size_bytes", "a parameter has at most 524288 bytes"},
    {"limits.max_message_size", "security.max_ws_message_size bounds messages"},
    {"performance.request_timeout", "execution.handler_timeout_seconds bounds statements"},
    {"performance.tokio_worker_threads", "server.workers sets the number of I/O threads"},
    {"performance.max_header_size", "a request head may have 128 KiB"},
    {"security.max_request_body_size", "rate_limit.request_body_limit_bytes bounds bodies"},
    {"security.cors.allow_private_network", "no answer asks for it"},
    {"files.", "this build stores no files"},
    {"logging.targets.", "logging.level is the level of every target"},
    {"logging.otlp.enabled", "this build exports no spans"},
    {"rpc_tls.enabled", "this build has no cluster"},
    {"shutdown.flush.timeout", "this build runs no background jobs"},
};

const NoEffect* Find(std::string_view key) {
  for (const NoEffect& entry : kNoEffect) {
    if (entry.key == key || (entry.key.ends_with('.') && key.starts_with(entry.key))) return &entry;
  }
  return nullptr;
}

}  // namespace

void WarnAboutOptionsWithoutEffect(RawConfig* raw) {
  std::vector<std::string>* warnings = &raw->server.warnings;
  for (std::string key : raw->notes.changed) {
    if (key.starts_with("authentication.")) key.replace(0, 14, "auth");
    const NoEffect* entry = Find(key);
    if (entry == nullptr) continue;
    if (key == "auth.jwt_trusted_issuers" &&
        raw->server.auth.jwt_trusted_issuers == std::vector<std::string>{"kalamdb"}) {
      continue;  // tokens of this server are always trusted
    }
    warnings->push_back(fmt::format("{} has no effect: {}", key, entry->why));
  }
  constexpr size_t kMostUnknown = 50;
  size_t shown = 0;
  for (const std::string& key : raw->notes.unknown) {
    if (shown++ == kMostUnknown) {
      warnings->push_back(fmt::format("{} more unknown options are ignored",
                                      raw->notes.unknown.size() - kMostUnknown));
      break;
    }
    warnings->push_back(fmt::format("unknown option {} is ignored", key));
  }
}

}  // namespace kalamdb::config
