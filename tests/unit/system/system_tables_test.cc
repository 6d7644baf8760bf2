// system.* and information_schema.* over a real store, catalog and commit pipeline.
#include "system/system_tables.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <set>

#include "base/logging.h"
#include "shard/executor.h"
#include "system/dba_stats.h"
#include "system/dba_tables.h"
#include "system/stats.h"
#include "system/table_families.h"
#include "types/convert.h"

namespace kalamdb::system {
namespace {

constexpr int64_t kNow = 1'800'000'000'000'000;  // microseconds
constexpr int64_t kNowMillis = kNow / 1000;

using Row = std::vector<std::string>;  // texts of the cells; "NULL" for NULL

class SystemTablesTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    directory_ = std::filesystem::path(testing::TempDir()) /
                 ("system_" + std::string(info->name()) + std::to_string(getpid()));
    std::filesystem::remove_all(directory_);
    std::filesystem::create_directories(directory_);
    auto store = storage::HotStore::Open((directory_ / "hot").string(), {});
    ASSERT_TRUE(store.ok()) << store.status().message();
    store_ = std::move(*store);
    auto catalog = catalog::Catalog::Open(store_.get(), "/cold", "{namespace}/{tableName}",
                                          "{namespace}/{tableName}/{userId}", kNowMillis);
    ASSERT_TRUE(catalog.ok()) << catalog.status().message();
    catalog_ = std::move(*catalog);
    auto executor = shard::LocalExecutor::Open(store_.get(), &clock_, log_.get(), {});
    ASSERT_TRUE(executor.ok()) << executor.status().message();
    executor_ = std::move(*executor);
    users_ = std::make_unique<auth::Users>(store_.get(), executor_.get(), &clock_);
    audit_ = std::make_unique<auth::AuditLog>(store_.get(), executor_.get(), &clock_);
    config_.logging.logs_path = directory_.string();
    SystemSources sources;
    sources.store = store_.get();
    sources.catalog = catalog_.get();
    sources.users = users_.get();
    sources.audit = audit_.get();
    sources.config = &config_;
    sources.clock = &clock_;
    sources.connections = [this] { return counters_; };
    sources.live = [this](const std::function<bool(const LiveRow&)>& visit) {
      for (const LiveRow& row : live_) {
        if (!visit(row)) break;
      }
      return Status::Ok();
    };
    tables_ = std::make_unique<SystemTables>(std::move(sources));
  }
  void TearDown() override {
    tables_.reset();
    executor_.reset();
    audit_.reset();
    users_.reset();
    catalog_.reset();
    store_.reset();
    std::filesystem::remove_all(directory_);
  }

  catalog::TablePtr Create(const std::string& ns, const std::string& name, TableKind kind,
                           AccessLevel access = AccessLevel::kPrivate) {
    catalog::TableInfo table;
    table.ns = ns;
    table.name = name;
    table.kind = kind;
    table.options.access_level = access;
    table.created_millis = kNowMillis;
    std::vector<Column> columns(2);
    columns[0].name = "id";
    columns[0].type = DataType::Of(TypeKind::kBigInt);
    columns[0].nullable = false;
    columns[0].primary_key = true;
    columns[1].name = "price";
    columns[1].type = DataType::Decimal(10, 2);
    columns[1].default_value.kind = ColumnDefault::Kind::kFunction;
    catalog::TablePtr made;
    auto change = catalog_->PrepareCreateTable(std::move(table), std::move(columns), &made);
    EXPECT_TRUE(change.ok()) << change.status().message();
    Commit(std::move(*change));
    return made;
  }
  void Commit(catalog::MetaChange change) {
    shard::Command command;
    command.meta = std::move(change);
    const Status s = executor_->Execute(std::move(command)).status;
    ASSERT_TRUE(s.ok()) << s.message();
  }
  std::vector<Row> Read(const std::string& ns, const std::string& name, Role role = Role::kSystem) {
    std::vector<Row> rows;
    const auto table = tables_->Find(ns, name);
    EXPECT_NE(table, nullptr) << ns << "." << name;
    if (table == nullptr) return rows;
    const Status s = table->Scan("root", role, [&](std::span<const Datum> cells) {
      EXPECT_EQ(cells.size(), table->schema()->size());
      Row& row = rows.emplace_back();
      for (size_t i = 0; i < cells.size(); ++i) {
        EXPECT_EQ(cells[i].kind, table->schema()->column(i).type.kind)
            << name << "." << table->schema()->column(i).name;
        std::string text;
        if (cells[i].null) {
          text = "NULL";
        } else if (IsDateTimeKind(cells[i].kind)) {
          text = std::to_string(cells[i].i);
        } else {
          AppendText(&text, cells[i]);
        }
        row.push_back(std::move(text));
      }
      return true;
    });
    EXPECT_TRUE(s.ok()) << s.message();
    return rows;
  }
  std::map<std::string, std::string> Stats() {
    std::map<std::string, std::string> stats;
    for (const Row& row : Read("system", "stats")) stats[row[0]] = row[1];
    return stats;
  }

  ManualClock clock_{kNow};
  std::unique_ptr<Logger> log_ = Logger::Null();
  std::filesystem::path directory_;
  ServerConfig config_;
  ConnectionCounters counters_;
  std::vector<LiveRow> live_;
  std::unique_ptr<storage::HotStore> store_;
  std::unique_ptr<catalog::Catalog> catalog_;
  std::unique_ptr<shard::LocalExecutor> executor_;
  std::unique_ptr<auth::Users> users_;
  std::unique_ptr<auth::AuditLog> audit_;
  std::unique_ptr<SystemTables> tables_;
};

const std::string kMicros = std::to_string(kNow);

TEST_F(SystemTablesTest, EveryTableCanBeReadAndKeepsItsShape) {
  ASSERT_TRUE(EnsureDbaTables(catalog_.get(), executor_.get(), kNowMillis).ok());
  std::set<std::string> names;
  ForEachTableSpec([&](const TableSpec& spec) {
    EXPECT_TRUE(names.insert(std::string(spec.ns) + "." + std::string(spec.name)).second);
    (void)Read(std::string(spec.ns), std::string(spec.name));
    EXPECT_EQ(tables_->Find(spec.ns, spec.name)->admin_only(), spec.ns == "system");
    return true;
  });
  EXPECT_EQ(names.size(), 22U + 7U);
}

TEST_F(SystemTablesTest, AReaderMayStopAfterOneRowOfAnyTable) {
  ASSERT_TRUE(EnsureDbaTables(catalog_.get(), executor_.get(), kNowMillis).ok());
  ForEachTableSpec([&](const TableSpec& spec) {
    int rows = 0;
    const Status s =
        tables_->Find(spec.ns, spec.name)->Scan("root", Role::kSystem, [&](std::span<const Datum>) {
          ++rows;
          return false;
        });
    EXPECT_TRUE(s.ok());
    EXPECT_LE(rows, 1) << spec.name;
    return true;
  });
}

TEST_F(SystemTablesTest, AliasesMeanTheRealTableInsideSystemOnly) {
  EXPECT_EQ(tables_->Find("system", "system_users")->name(), "users");
  EXPECT_EQ(tables_->Find("system", "manifest_cache")->name(), "manifest");
  EXPECT_EQ(tables_->Find("information_schema", "system_users"), nullptr);
  EXPECT_EQ(tables_->Find("system", "live_queries"), nullptr);
  EXPECT_EQ(tables_->Find("system", "audit_logs"), nullptr);
  EXPECT_EQ(tables_->Find("system", "table_schemas"), nullptr);
  EXPECT_EQ(tables_->Find("pg_catalog", "pg_class"), nullptr);
}

TEST_F(SystemTablesTest, WorkWithoutAnySource) {
  SystemSources sources;
  sources.clock = &clock_;
  const SystemTables bare(std::move(sources));
  ForEachTableSpec([&](const TableSpec& spec) {
    const Status s =
        bare.Find(spec.ns, spec.name)->Scan("root", Role::kSystem, [](std::span<const Datum>) {
          return true;
        });
    EXPECT_TRUE(s.ok()) << spec.name;
    return true;
  });
}

TEST_F(SystemTablesTest, UsersShowTimesInMicrosecondsAndDroppedAccounts) {
  auth::User user;
  user.id = "alice";
  user.role = Role::kService;
  user.password_hash = "$2b$x";
  user.auth_type = auth::AuthType::kOauth;
  user.auth_data = R"({"issuer":"i"})";
  ASSERT_TRUE(users_->Create(user).ok());
  ASSERT_TRUE(users_
                  ->Change("alice",
                           [](auth::User* u) {
                             u->deleted_millis = kNowMillis;
                             return Status::Ok();
                           })
                  .ok());
  EXPECT_EQ(
      Read("system", "users"),
      (std::vector<Row>{{"alice", "$2b$x", "service", "NULL", "oauth", R"({"issuer":"i"})", "table",
                         "NULL", "0", "NULL", "NULL", kMicros, kMicros, "NULL", kMicros}}));
}

TEST_F(SystemTablesTest, NamespacesCountTheirTables) {
  Create("default", "a", TableKind::kUser);
  Create("default", "b", TableKind::kShared);
  EXPECT_EQ(Read("system", "namespaces"),
            (std::vector<Row>{{"dba", "dba", kMicros, "{}", "0"},
                              {"default", "default", kMicros, "{}", "2"}}));
}

TEST_F(SystemTablesTest, SchemasHaveARowForEachVersionAndTheSystemTables) {
  const catalog::TablePtr first = Create("default", "t", TableKind::kShared, AccessLevel::kPublic);
  std::vector<Column> columns = first->schema->columns();
  Column added;
  added.id = 99;
  added.name = "extra";
  added.type = DataType::Of(TypeKind::kText);
  columns.push_back(added);
  catalog::TablePtr second;
  {
    auto change = catalog_->PrepareAlterTable(first, std::make_shared<const Schema>(2, columns),
                                              first->options, kNowMillis + 5, &second);
    ASSERT_TRUE(change.ok()) << change.status().message();
    Commit(std::move(*change));
  }
  const std::vector<Row> rows = Read("system", "schemas");
  ASSERT_EQ(rows.size(), 2U + 10U);
  EXPECT_EQ(rows[0][0], "default:t");
  EXPECT_EQ(rows[0][5], "1");
  EXPECT_EQ(rows[0][11], "false");
  EXPECT_EQ(rows[1][5], "2");
  EXPECT_EQ(rows[1][8], std::to_string((kNowMillis + 5) * 1000));
  EXPECT_EQ(rows[1][10], "public");
  EXPECT_EQ(rows[1][11], "true");
  EXPECT_EQ(rows[1][12], "local");
  EXPECT_EQ(rows[1][13], "NULL") << "USER tables only";
  const auto parsed = boost::json::parse(rows[1][6]).as_array();
  EXPECT_EQ(parsed.back().at("column_name").as_string(), "extra");
  std::set<std::string> system;
  for (size_t i = 2; i < rows.size(); ++i) {
    EXPECT_EQ(rows[i][2], "system");
    EXPECT_EQ(rows[i][3], "system");
    EXPECT_EQ(boost::json::parse(rows[i][9]).at("table_type").as_string(), "SYSTEM");
    system.insert(rows[i][1]);
  }
  EXPECT_EQ(system, (std::set<std::string>{"users", "namespaces", "schemas", "storages", "jobs",
                                           "job_nodes", "audit_log", "manifest", "topics",
                                           "topic_offsets"}));
}

TEST_F(SystemTablesTest, TablesAndColumnsShowTheLatestVersion) {
  Create("default", "t", TableKind::kUser);
  const std::vector<Row> tables = Read("system", "tables");
  EXPECT_EQ(tables[0][0], "default");
  EXPECT_EQ(tables[0][2], "user");
  EXPECT_EQ(tables[0][3], "local");
  EXPECT_EQ(tables.back()[3], "NULL") << "a system table has no storage";
  const std::vector<Row> columns = Read("system", "columns");
  EXPECT_EQ(columns[0], (Row{"default", "t", "1", "1", "id", "NULL", "BIGINT", "NULL", "1", "false",
                             "true", "1"}));
  EXPECT_EQ(columns[1], (Row{"default", "t", "1", "2", "price", "NULL", "DECIMAL(10, 2)", "NOW()",
                             "2", "true", "false", "NULL"}));
  EXPECT_EQ(columns[2][4], "_seq");
  EXPECT_EQ(columns[3][4], "_deleted");
  EXPECT_EQ(columns[3][7], "FALSE");
}

TEST_F(SystemTablesTest, StoragesShowTheLocalOne) {
  const std::vector<Row> rows = Read("system", "storages");
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0][0], "local");
  EXPECT_EQ(rows[0][3], "filesystem");
  EXPECT_EQ(rows[0][4], "/cold");
  EXPECT_EQ(rows[0][5], "NULL");
}

TEST_F(SystemTablesTest, AuditLogShowsWhatWasRecorded) {
  catalog::MetaChange change;
  auth::AuditEntry entry;
  entry.actor = "root";
  entry.action = "LOGIN";
  entry.target = "user:root";
  entry.ip_address = "::1";
  audit_->AddTo(&change, entry);
  Commit(std::move(change));
  const std::vector<Row> rows = Read("system", "audit_log");
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(Row(rows[0].begin() + 1, rows[0].end()),
            (Row{kMicros, "root", "LOGIN", "user:root", "NULL", "::1", "NULL"}));
}

TEST_F(SystemTablesTest, LiveShowsTheSubscriptionsThatTheHubTells) {
  LiveRow row;
  row.user = "alice";
  row.connection_id = "c1";
  row.subscription_id = "s1";
  row.ns = "chat";
  row.table = "messages";
  row.query = "SELECT * FROM chat.messages";
  row.created_millis = row.last_update_millis = row.last_ping_millis = kNowMillis;
  row.changes = 7;
  live_ = {row};
  EXPECT_EQ(Read("system", "live"),
            (std::vector<Row>{{"alice-c1-s1", "c1", "s1", "chat", "messages", "alice",
                               "SELECT * FROM chat.messages", "NULL", "active", kMicros, kMicros,
                               "7", "1", kMicros}}));
}

TEST_F(SystemTablesTest, SessionsAreTheConnectionsThatHaveLiveQueries) {
  const auto live = [](const char* connection, const char* subscription, int64_t created,
                       int64_t ping) {
    LiveRow row;
    row.user = "alice";
    row.connection_id = connection;
    row.subscription_id = subscription;
    row.created_millis = created;
    row.last_ping_millis = ping;
    return row;
  };
  live_ = {live("c1", "s1", kNowMillis + 1, kNowMillis + 5), live("c2", "s1", kNowMillis + 2, 0),
           live("c1", "s2", kNowMillis, kNowMillis + 9)};
  const auto micros = [](int64_t after) { return std::to_string((kNowMillis + after) * 1000); };
  EXPECT_EQ(Read("system", "sessions"),
            (std::vector<Row>{{"c1", "NULL", "NULL", "idle", "NULL", "NULL", "false", "NULL",
                               "websocket", micros(0), micros(9), "subscribe"},
                              {"c2", "NULL", "NULL", "idle", "NULL", "NULL", "false", "NULL",
                               "websocket", micros(2), micros(2), "subscribe"}}));
}

TEST_F(SystemTablesTest, StatsNameEveryMetricOnceInOrder) {
  counters_.connections = 3;
  counters_.subscriptions = 2;
  Create("default", "t", TableKind::kUser);
  clock_.Advance(90'061'000'000);  // a day, an hour, a minute and a second
  std::vector<std::string> names;
  std::set<std::string> distinct;
  for (const Row& row : Read("system", "stats")) {
    names.push_back(row[0]);
    EXPECT_TRUE(distinct.insert(row[0]).second) << row[0];
  }
  EXPECT_EQ(names.front(), "server_uptime_seconds");
  EXPECT_EQ(names.back(), "cluster_mode");
  const auto at = [&](const char* name) {
    return std::find(names.begin(), names.end(), name) - names.begin();
  };
  EXPECT_LT(at("memory_rss_bytes"), at("cpu_logical_cores"));
  EXPECT_LT(at("open_files_total"), at("total_users"));
  EXPECT_LT(at("storage_backend"), at("total_jobs"));
  EXPECT_LT(at("active_connections"), at("schema_cache_size"));
  auto stats = Stats();
  EXPECT_EQ(stats["server_uptime_seconds"], "90061");
  EXPECT_EQ(stats["server_uptime_human"], "1d 1h 1m");
  EXPECT_EQ(stats["total_tables"], "1");
  EXPECT_EQ(stats["total_namespaces"], "2");
  EXPECT_EQ(stats["total_storages"], "1");
  EXPECT_EQ(stats["active_connections"], "3");
  EXPECT_EQ(stats["total_live_queries"], "2");
  EXPECT_EQ(stats["cluster_mode"], "false");
  EXPECT_GT(std::stoull(stats["memory_rss_bytes"]), 1U << 20);
  EXPECT_GT(std::stoull(stats["open_files_total"]), 3U);
  EXPECT_GE(std::stoi(stats["thread_count"]), 2);
}

TEST_F(SystemTablesTest, SettingsListNoSecretAndShowEffectiveValues) {
  config_.auth.jwt_secret = "VERY-SECRET";
  config_.auth.root_password = "VERY-SECRET";
  config_.auth.pg_auth_token = "VERY-SECRET";
  config_.server.port = 8123;
  std::map<std::string, std::string> settings;
  std::vector<std::string> names;
  for (const Row& row : Read("system", "settings")) {
    EXPECT_EQ(row[1].find("VERY-SECRET"), std::string::npos) << row[0];
    EXPECT_EQ(row[3], row[0].substr(0, row[0].find('.')));
    EXPECT_NE(row[2], "");
    settings[row[0]] = row[1];
    names.push_back(row[0]);
  }
  EXPECT_EQ(settings.size(), names.size());
  EXPECT_EQ(names.front(), "server.host");
  EXPECT_EQ(names.back(), "shutdown.flush.timeout");
  EXPECT_EQ(settings["server.public_origin"], "http://localhost:8123");
  EXPECT_EQ(settings["storage.rocksdb.cf_profiles.hot_data.write_buffer_size"], "131072");
  EXPECT_EQ(settings["rate_limit.enable_connection_protection"], "true");
  EXPECT_EQ(settings["datafusion.memory_limit"], "134217728");
}

TEST_F(SystemTablesTest, ServerLogsShowOnlyWholeLinesOfJson) {
  EXPECT_TRUE(Read("system", "server_logs").empty());
  std::ofstream(directory_ / "server.log") << "2026 INFO plain text\n"
                                           << R"({"timestamp":"t0","level":"INFO","message":"old"})"
                                           << "\n";
  EXPECT_EQ(Read("system", "server_logs").size(), 1U);
  std::ofstream(directory_ / "server.jsonl")
      << R"({"timestamp":"t1","level":"INFO","threadName":"io-0","target":"server","message":"up","line":7})"
      << "\nnot json\n{\"level\":\"INFO\",\"message\":\"no time\"}\n[1]\n"
      << R"({"timestamp":"t2","level":"WARN","fields":{"message":"deep"},"log.line":9})"
      << "\n{\"timestamp\":\"t3\",\"level\":\"INFO\",\"message\":\"half";
  EXPECT_EQ(Read("system", "server_logs"),
            (std::vector<Row>{{"t1", "INFO", "io-0", "server", "7", "up"},
                              {"t2", "WARN", "NULL", "NULL", "9", "deep"}}));
}

TEST_F(SystemTablesTest, ServerLogsReadABoundedTailOfALongFile) {
  {
    std::ofstream out(directory_ / "server.jsonl");
    const std::string padding(1000, 'x');
    for (int i = 0; i < 5000; ++i) {
      out << R"({"timestamp":"t","level":"INFO","message":")" << i << padding << "\"}\n";
    }
  }
  const std::vector<Row> rows = Read("system", "server_logs");
  EXPECT_GT(rows.size(), 500U);
  EXPECT_LT(rows.size(), 1100U);
  EXPECT_TRUE(rows.back()[5].starts_with("4999"));
}

TEST_F(SystemTablesTest, AStandaloneServerIsAClusterOfOne) {
  config_.server.host = "::1";
  config_.server.port = 9000;
  const std::vector<Row> rows = Read("system", "cluster");
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(Row(rows[0].begin() + 1, rows[0].begin() + 10),
            (Row{"1", "leader", "active", "127.0.0.1:0", "[::1]:9000", "true", "true", "3", "3"}));
  EXPECT_NE(rows[0][0], "");
  EXPECT_EQ(Read("system", "cluster_groups").size(), 3U);
  EXPECT_EQ(Read("system", "datatypes").size(), 29U);
}

TEST_F(SystemTablesTest, InformationSchemaShowsARoleWhatItMayRead) {
  Create("default", "mine", TableKind::kUser);
  Create("default", "hidden", TableKind::kShared, AccessLevel::kPrivate);
  Create("default", "open", TableKind::kShared, AccessLevel::kPublic);
  ASSERT_TRUE(EnsureDbaTables(catalog_.get(), executor_.get(), kNowMillis).ok());
  const auto names = [&](Role role) {
    std::set<std::string> out;
    for (const Row& row : Read("information_schema", "tables", role)) {
      EXPECT_EQ(row[0], "kalam");
      if (row[1] != "information_schema") out.insert(row[1] + "." + row[2] + ":" + row[3]);
    }
    return out;
  };
  EXPECT_EQ(names(Role::kUser),
            (std::set<std::string>{"default.mine:BASE TABLE", "default.open:BASE TABLE",
                                   "dba.notifications:BASE TABLE"}));
  EXPECT_TRUE(names(Role::kService).contains("default.hidden:BASE TABLE"));
  EXPECT_FALSE(names(Role::kService).contains("dba.stats:BASE TABLE"));
  const auto all = names(Role::kDba);
  EXPECT_TRUE(all.contains("dba.stats:BASE TABLE"));
  EXPECT_TRUE(all.contains("system.users:BASE TABLE"));
  EXPECT_TRUE(all.contains("system.live:VIEW"));
  for (const Row& row : Read("information_schema", "schemata", Role::kUser)) {
    EXPECT_NE(row[1], "system");
  }
}

TEST_F(SystemTablesTest, InformationSchemaColumnsCountFromOneWithSqlTypes) {
  Create("default", "t", TableKind::kUser);
  std::vector<Row> rows;
  for (Row& row : Read("information_schema", "columns", Role::kUser)) {
    if (row[2] == "t") rows.push_back(std::move(row));
  }
  ASSERT_EQ(rows.size(), 4U);
  EXPECT_EQ(rows[0], (Row{"kalam", "default", "t", "id", "1", "NULL", "NO", "BIGINT", "NULL",
                          "NULL", "64", "2", "0", "NULL", "NULL"}));
  EXPECT_EQ(rows[1], (Row{"kalam", "default", "t", "price", "2", "NOW()", "YES", "DECIMAL(10, 2)",
                          "NULL", "NULL", "10", "10", "2", "NULL", "NULL"}));
}

TEST_F(SystemTablesTest, InformationSchemaListsFunctions) {
  std::set<std::string> names;
  for (const Row& row : Read("information_schema", "routines", Role::kUser)) names.insert(row[5]);
  EXPECT_TRUE(names.contains("upper"));
  EXPECT_TRUE(names.contains("count"));
}

TEST_F(SystemTablesTest, DbaTablesAreMadeOnceAndGetTheirAccessLevelBack) {
  ASSERT_TRUE(EnsureDbaTables(catalog_.get(), executor_.get(), kNowMillis).ok());
  auto stats = catalog_->FindTable("dba", "stats");
  ASSERT_TRUE(stats.ok());
  EXPECT_EQ((*stats)->options.access_level, AccessLevel::kDba);
  EXPECT_EQ((*stats)->options.flush_rows, 10000U);
  const TableId id = (*stats)->id;
  catalog::TableOptions opened = (*stats)->options;
  opened.access_level = AccessLevel::kPublic;
  catalog::TablePtr altered;
  auto change = catalog_->PrepareAlterTable(*stats, (*stats)->schema, opened, kNowMillis, &altered);
  ASSERT_TRUE(change.ok());
  Commit(std::move(*change));
  ASSERT_TRUE(EnsureDbaTables(catalog_.get(), executor_.get(), kNowMillis).ok());
  stats = catalog_->FindTable("dba", "stats");
  EXPECT_EQ((*stats)->id, id);
  EXPECT_EQ((*stats)->options.access_level, AccessLevel::kDba);
  auto notifications = catalog_->FindTable("dba", "notifications");
  ASSERT_TRUE(notifications.ok());
  EXPECT_EQ((*notifications)->options.access_level, AccessLevel::kPublic);
  const Schema& schema = *(*notifications)->schema;
  EXPECT_EQ(catalog::DefaultText(schema.column(*schema.Find("is_read"))), "FALSE");
}

class StatsRecorder : public SystemTablesTest {
 protected:
  size_t Count(storage::Family family) {
    auto table = catalog_->FindTable("dba", "stats");
    const std::string prefix = storage::OwnerPrefix((*table)->id, "");
    auto it = store_->NewIterator(family, prefix, storage::PrefixEnd(prefix), nullptr);
    size_t n = 0;
    for (it.SeekToFirst(); it.Valid(); it.Next()) ++n;
    return n;
  }
};

TEST_F(StatsRecorder, WritesEveryNumberAndRemovesOldOnesWithoutTrace) {
  ASSERT_TRUE(EnsureDbaTables(catalog_.get(), executor_.get(), kNowMillis).ok());
  const Status first = RecordStatsSnapshot(tables_->sources(), executor_.get());
  ASSERT_TRUE(first.ok()) << first.message();
  const size_t one = Count(storage::Family::kRows);
  EXPECT_GT(one, 50U);
  EXPECT_EQ(Count(storage::Family::kSeqs), one);
  clock_.Advance(30'000'000);
  ASSERT_TRUE(RecordStatsSnapshot(tables_->sources(), executor_.get()).ok());
  EXPECT_EQ(Count(storage::Family::kRows), 2 * one);

  auto none = PruneStats(tables_->sources(), executor_.get(), kNowMillis);
  ASSERT_TRUE(none.ok());
  EXPECT_EQ(*none, 0U) << "rows of that very millisecond stay";
  auto removed = PruneStats(tables_->sources(), executor_.get(), kNowMillis + 1);
  ASSERT_TRUE(removed.ok());
  EXPECT_EQ(*removed, one);
  EXPECT_EQ(Count(storage::Family::kRows), one);
  EXPECT_EQ(Count(storage::Family::kSeqs), one);
}

TEST_F(StatsRecorder, RemovesMoreThanOneCommitHolds) {
  ASSERT_TRUE(EnsureDbaTables(catalog_.get(), executor_.get(), kNowMillis).ok());
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(RecordStatsSnapshot(tables_->sources(), executor_.get()).ok());
    clock_.Advance(1'000'000);
  }
  const size_t all = Count(storage::Family::kRows);
  ASSERT_GT(all, 1000U);
  auto removed = PruneStats(tables_->sources(), executor_.get(), kNowMillis * 2);
  ASSERT_TRUE(removed.ok());
  EXPECT_EQ(*removed, all);
  EXPECT_EQ(Count(storage::Family::kSeqs), 0U);
}

TEST_F(StatsRecorder, NeedsItsTable) {
  EXPECT_EQ(RecordStatsSnapshot(tables_->sources(), executor_.get()).code(),
            ErrorCode::kTableNotFound);
}

TEST(MetricUnit, FollowsTheName) {
  EXPECT_EQ(MetricUnit("memory_rss_mb"), "MB");
  EXPECT_EQ(MetricUnit("cpu_usage_percent"), "percent");
  EXPECT_EQ(MetricUnit("server_uptime_seconds"), "seconds");
  EXPECT_EQ(MetricUnit("memory_rss_bytes"), "bytes");
  EXPECT_EQ(MetricUnit("thread_count"), "count");
  EXPECT_EQ(MetricUnit("open_files_unix"), "count");
  EXPECT_EQ(MetricUnit("jobs_failed"), "count");
  EXPECT_EQ(MetricUnit("pid"), "");
}

TEST(HumanUptime, NamesTheLargestUnitsOnly) {
  EXPECT_EQ(HumanUptime(59), "0m");
  EXPECT_EQ(HumanUptime(4 * 60), "4m");
  EXPECT_EQ(HumanUptime(3 * 3600 + 4 * 60), "3h 4m");
  EXPECT_EQ(HumanUptime(2 * 86400 + 4 * 60), "2d 0h 4m");
}

}  // namespace
}  // namespace kalamdb::system
