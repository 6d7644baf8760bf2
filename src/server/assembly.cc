#include "server/assembly.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>

#include "auth/audit.h"
#include "auth/authenticator.h"
#include "auth/users.h"
#include "base/bytes.h"
#include "base/id_source.h"
#include "base/process_memory.h"
#include "base/stop_token.h"
#include "catalog/meta_keys.h"
#include "engine/engine.h"
#include "server/features.h"
#include "server/http_server.h"
#include "server/version.h"
#include "storage/format_file.h"
#include "system/dba_stats.h"
#include "system/dba_tables.h"
#include "system/system_tables.h"

#if KDB_LIVE
#include "live/hub.h"
#endif

namespace kalamdb::server {

namespace {

constexpr std::string_view kSnowflakeCounter = "snowflake";
constexpr size_t kMaxQueuedJobs = 4096;
constexpr int64_t kStatsPeriodMicros = 30'000'000;
constexpr int64_t kPrunePeriodMicros = 12LL * 3600 * 1'000'000;
// Memtables below this stay: a flush would cost more than it gives back.
constexpr size_t kFlushWorthBytes = 64 << 10;

Result<int64_t> ReadCounter(const storage::HotStore& store, std::string_view name) {
  std::string value;
  KDB_ASSIGN_OR_RETURN(const bool found, store.Get(storage::Family::kMeta,
                                                   catalog::CounterKey(name), nullptr, &value));
  if (!found) return int64_t{0};
  if (value.size() != sizeof(int64_t))
    return Corruption(fmt::format("counter {} is damaged", name));
  return LoadFixed<int64_t>(value.data());
}

Status MakeDirectories(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return StorageError(fmt::format("cannot create {}: {}", path, error.message()));
  return {};
}

// What an earlier run left of spilled queries and batches.
void CleanTemporary(const std::string& path) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(path, error))
    std::filesystem::remove_all(entry, error);
}

storage::StoreOptions StoreOptionsOf(const ServerConfig& config) {
  const RocksDbSection& r = config.storage.rocksdb;
  storage::StoreOptions o;
  o.sync_writes = r.sync_writes;
  o.block_cache_bytes = r.block_cache_size;
  o.max_background_jobs = r.max_background_jobs;
  o.max_open_files = r.max_open_files;
  return o;
}

}  // namespace

// Members in order of dependency: destroyed from the last to the first.
struct Assembly::Impl {
  ServerConfig config;
  std::unique_ptr<Logger> log;
  SystemClock clock;
  std::unique_ptr<ActivityMonitor> activity;
  int64_t started_micros = 0;
  std::atomic<bool> stopping{false};
  StopToken server_stop;  // of reads that nobody gave a token
  std::unique_ptr<storage::HotStore> store;
  std::unique_ptr<catalog::Catalog> catalog;
  std::unique_ptr<shard::LocalExecutor> executor;
  std::unique_ptr<IdSource> ids;
  std::unique_ptr<auth::Users> users;
  std::unique_ptr<auth::AuditLog> audit;
  std::unique_ptr<auth::Authenticator> authenticator;
  query::Sources sources;
  std::unique_ptr<query::AnalyticalEngine> analytics;
#if KDB_LIVE
  std::unique_ptr<live::Hub> hub;
#endif
  std::unique_ptr<system::SystemTables> system_tables;
  std::unique_ptr<engine::Engine> engine;
  std::unique_ptr<HttpServer> http;
  // `http` once it serves: its threads ask for it while Open still has not returned.
  std::atomic<HttpServer*> serving{nullptr};
  std::unique_ptr<engine::WorkerPool> pool;
  // dba.stats is written while the server works, not while it is idle: snapshots of idleness would
  // be its only activity.
  int64_t next_stats_micros = 0;
  std::atomic<int64_t> next_prune_micros{0};

  ~Impl() { Stop(); }
  void Stop();
  void RecordStatsIfDue(int64_t now);
  Status Open();
  Status OpenStore();
  Status OpenRooms();
  system::SystemSources MakeSystemSources();
  engine::EngineDeps MakeEngineDeps();
};

Status Assembly::Impl::OpenStore() {
  const std::string& data = config.storage.data_path;
  KDB_RETURN_IF_ERROR(MakeDirectories(data + "/tmp"));
  KDB_RETURN_IF_ERROR(MakeDirectories(data + "/storage"));
  const shard::ShardMap shards;
  KDB_RETURN_IF_ERROR(storage::CheckOrCreateFormat(data, shards.user_shards));
  KDB_ASSIGN_OR_RETURN(store, storage::HotStore::Open(data + "/rocksdb", StoreOptionsOf(config)));
  CleanTemporary(data + "/tmp");
  KDB_ASSIGN_OR_RETURN(
      catalog,
      catalog::Catalog::Open(store.get(), data + "/storage", config.storage.shared_tables_template,
                             config.storage.user_tables_template, clock.WallMillis()));
  shard::PipelineOptions pipeline;
  pipeline.shards = shards;
  KDB_ASSIGN_OR_RETURN(executor,
                       shard::LocalExecutor::Open(store.get(), &clock, log.get(), pipeline));
  KDB_ASSIGN_OR_RETURN(const int64_t mark, ReadCounter(*store, kSnowflakeCounter));
  ids = std::make_unique<IdSource>(&clock, pipeline.worker_id, mark, [this](int64_t next) {
    storage::WriteBatch batch;
    std::string value;
    AppendFixed<int64_t>(&value, next);
    batch.Put(storage::Family::kMeta, catalog::CounterKey(kSnowflakeCounter), value);
    const Status written = store->Write(std::move(batch), true);
    if (!written.ok()) log->Error("ids", "cannot reserve ids: {}", written.message());
    return written.ok();
  });
  return {};
}

system::SystemSources Assembly::Impl::MakeSystemSources() {
  system::SystemSources s;
  s.store = store.get();
  s.catalog = catalog.get();
  s.users = users.get();
  s.audit = audit.get();
  s.config = &config;
  s.clock = &clock;
  s.started_monotonic_micros = started_micros;
  s.build.version = kVersion;
  s.build.date = BuildDate();
  s.build.git_branch = kGitBranch;
  s.build.git_commit = kGitCommit;
  s.build.parts = {{"analytics", KDB_ANALYTICS != 0}, {"live", KDB_LIVE != 0}};
#if KDB_LIVE
  s.live = [this](const std::function<bool(const system::LiveRow&)>& visit) -> Status {
    for (live::LiveInfo& i : hub->List()) {
      system::LiveRow row;
      row.user = std::move(i.user);
      row.connection_id = std::move(i.connection_id);
      row.subscription_id = std::move(i.subscription_id);
      row.ns = std::move(i.ns);
      row.table = std::move(i.table);
      row.query = std::move(i.query);
      row.options_json = std::move(i.options_json);
      row.created_millis = i.created_millis;
      row.last_update_millis = i.last_update_millis;
      row.last_ping_millis = i.last_ping_millis;
      row.changes = i.changes;
      if (!visit(row)) break;
    }
    return {};
  };
#endif
  s.connections = [this] {
    system::ConnectionCounters c;
    if (const HttpServer* server = serving.load(); server != nullptr) {
      const ServerStats stats = server->stats();
      c.connections = stats.connections;
      c.websocket_sessions = stats.websockets;
      c.websocket_sessions_peak = stats.websockets_peak;
      c.slow_clients_closed = stats.slow_clients_closed;
      c.live_delays = stats.live_delays.total;
      c.live_delay_p50_micros = stats.live_delays.Percentile(0.5);
      c.live_delay_p99_micros = stats.live_delays.Percentile(0.99);
    }
#if KDB_LIVE
    const live::HubCounters live = hub->counters();
    c.subscriptions = live.subscriptions;
    c.subscriptions_peak = live.subscriptions_peak;
    c.subscriptions_fell_behind = live.fell_behind;
#endif
    return c;
  };
  s.cached_plans = [this] { return engine == nullptr ? size_t{0} : engine->cache().entries(); };
  return s;
}

engine::EngineDeps Assembly::Impl::MakeEngineDeps() {
  engine::EngineDeps d;
  d.config = &config;
  d.clock = &clock;
  d.log = log.get();
  d.sources = sources;
  d.analytics = analytics.get();
  d.executor = executor.get();
  d.users = users.get();
  d.authenticator = authenticator.get();
  d.audit = audit.get();
  d.pool = pool.get();
  d.activity = activity.get();
  d.stopping = &stopping;
#if KDB_LIVE
  d.kill_live_query = [this](std::string_view id) { return hub->Kill(id); };
#endif
  return d;
}

Status Assembly::Impl::OpenRooms() {
  users = std::make_unique<auth::Users>(store.get(), executor.get(), &clock);
  audit = std::make_unique<auth::AuditLog>(store.get(), executor.get(), &clock);
  authenticator = std::make_unique<auth::Authenticator>(config.auth, users.get(), &clock);
  pool = std::make_unique<engine::WorkerPool>(
      static_cast<int>(config.performance.worker_max_blocking_threads), kMaxQueuedJobs);
  sources.store = store.get();
  sources.catalog = catalog.get();
  sources.ids = ids.get();
  server_stop.WatchServer(&stopping);
  sources.stop = &server_stop;

#if KDB_LIVE
  live::HubDeps hub_deps;
  hub_deps.config = &config;
  hub_deps.clock = &clock;
  hub_deps.log = log.get();
  hub_deps.sources = sources;
  hub_deps.shards = executor->shards();
  hub_deps.authenticator = authenticator.get();
  hub_deps.run_blocking = [this](std::function<void()> job) {
    return pool->Submit(std::move(job));
  };
  hub_deps.when_worker_free = [this](std::function<void()> f) {
    return pool->WhenRoom(std::move(f));
  };
  hub_deps.on_activity = [this] { activity->Touch(); };
  hub = std::make_unique<live::Hub>(hub_deps);
  executor->set_listener(hub.get());
  catalog->set_on_table_changed(
      [this](const catalog::TableInfo& old, const catalog::TablePtr& current) {
        hub->OnTableChanged(old, current);
      });
  users->set_on_rights_changed([this](std::string_view user) { hub->OnRightsChanged(user); });
#endif

  system_tables = std::make_unique<system::SystemTables>(MakeSystemSources());
  sources.virtual_tables = system_tables.get();
#if KDB_ANALYTICS
  query::AnalyticsOptions analytics_options;
  analytics_options.memory_limit_bytes = config.datafusion.memory_limit;
  analytics_options.temp_directory = config.storage.data_path + "/tmp";
  analytics_options.threads = static_cast<int>(config.datafusion.query_parallelism);
  analytics = std::make_unique<query::AnalyticalEngine>(sources, analytics_options);
#endif
  engine = std::make_unique<engine::Engine>(MakeEngineDeps());

  KDB_RETURN_IF_ERROR(authenticator->EnsureRoot(config.auth.root_password));
  KDB_RETURN_IF_ERROR(system::EnsureDbaTables(catalog.get(), executor.get(), clock.WallMillis()));
  return {};
}

Status Assembly::Impl::Open() {
  started_micros = clock.MonotonicMicros();
  KDB_ASSIGN_OR_RETURN(activity, ActivityMonitor::Create());
  KDB_RETURN_IF_ERROR(OpenStore());
  KDB_RETURN_IF_ERROR(OpenRooms());
  ServerDeps deps;
  deps.config = &config;
  deps.clock = &clock;
  deps.log = log.get();
  deps.authenticator = authenticator.get();
  deps.users = users.get();
  deps.audit = audit.get();
  deps.workers = pool.get();
  deps.sql = engine.get();
#if KDB_LIVE
  deps.sessions = hub.get();
#endif
  deps.activity = activity.get();
  deps.version = kVersion;
  deps.build_date = BuildDate();
  KDB_ASSIGN_OR_RETURN(http, HttpServer::Start(deps));
  serving = http.get();
  return {};
}

Assembly::Assembly(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::unique_ptr<Assembly>> Assembly::Open(ServerConfig config, std::unique_ptr<Logger> log) {
  auto impl = std::make_unique<Impl>();
  impl->config = std::move(config);
  impl->log = std::move(log);
  KDB_RETURN_IF_ERROR(impl->Open());
  return std::unique_ptr<Assembly>(new Assembly(std::move(impl)));
}

Assembly::~Assembly() = default;

// Threads end before anything that they call: those that take requests, those that work on them,
// and last the one that commits, whose callbacks reach into every room (answers, catalog, accounts,
// live queries). What a callback still hands to the loops or the pool is refused there, which is
// why both outlive it.
void Assembly::Impl::Stop() {
  stopping = true;  // statements that run look at it and answer while connections still wait
  if (http != nullptr) http->Stop();
  if (pool != nullptr) pool->Stop();
  if (executor != nullptr) executor->Stop();
}

ActivityMonitor& Assembly::activity() { return *impl_->activity; }
Logger& Assembly::log() { return *impl_->log; }
uint16_t Assembly::port() const { return impl_->http->port(); }

void Assembly::Impl::RecordStatsIfDue(int64_t now) {
  if (now < next_stats_micros) return;
  const bool first = next_stats_micros == 0;
  next_stats_micros = now + kStatsPeriodMicros;
  if (!first && !config.retention.enable_dba_stats) return;
  // A job that does not find a place is no loss: the next period brings another.
  [[maybe_unused]] const bool queued = pool->Submit([this, now] {
    Status status = system::RecordStatsSnapshot(system_tables->sources(), executor.get());
    const uint64_t days = config.retention.dba_stats_retention_days;
    if (status.ok() && days > 0 && now >= next_prune_micros) {
      next_prune_micros = now + kPrunePeriodMicros;
      const int64_t before = clock.WallMillis() - static_cast<int64_t>(days) * 86'400'000;
      status = system::PruneStats(system_tables->sources(), executor.get(), before).status();
    }
    if (!status.ok()) log->Warn("stats", "dba.stats: {}", status.message());
  });
}

int64_t Assembly::Tick() {
  Impl& s = *impl_;
  const int64_t now = s.clock.MonotonicMicros();
  s.RecordStatsIfDue(now);
  s.engine->cache().Trim(now, false);
  return s.analytics == nullptr ? 0 : s.analytics->ReleaseIfIdle(now);
}

void Assembly::BecomeQuiet() {
  Impl& s = *impl_;
  s.engine->cache().Trim(s.clock.MonotonicMicros(), false);
  s.catalog->TrimCache();
  s.authenticator->TrimCache();
  s.http->ReleaseMemory();
  if (s.store->MemtableBytes() > kFlushWorthBytes) {
    if (const Status flushed = s.store->FlushMemtables(); !flushed.ok()) {
      s.log->Warn("storage", "cannot flush: {}", flushed.message());
    }
  }
  ReleaseIdleMemory();
}

}  // namespace kalamdb::server
