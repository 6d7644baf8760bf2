// server.toml and the environment as one validated structure.
#include "config/config.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace kalamdb {
namespace {

using Environment = std::map<std::string, std::string>;

constexpr const char* kSecret = "jwt_secret = \"0123456789abcdef0123456789abcdef\"\n";

// The least file that loads, with more sections behind it.
std::string WithSections(const std::string& more) {
  return "[server]\nhost = \"127.0.0.1\"\nport = "
         "8123\n[storage]\n[limits]\n[logging]\n[performance]\n" +
         more;
}

class ConfigFile {
 public:
  explicit ConfigFile(const std::string& text) {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    path_ =
        (std::filesystem::path(testing::TempDir()) /
         (std::string(info->test_suite_name()) + info->name() + std::to_string(getpid()) + ".toml"))
            .string();
    std::ofstream(path_) << text;
  }
  ~ConfigFile() { std::filesystem::remove(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

Result<ServerConfig> Load(const std::string& text, const Environment& environment = {}) {
  const ConfigFile file(text);
  return LoadConfig(file.path(), environment);
}

// What follows "<prefix>" in the refusal; the whole message when it starts otherwise.
std::string Refusal(const std::string& text, const Environment& environment = {}) {
  const ConfigFile file(text);
  Result<ServerConfig> r = LoadConfig(file.path(), environment);
  if (r.ok()) return "loaded";
  std::string message(r.status().message());
  const size_t at = message.find(file.path());
  if (at != std::string::npos) message.replace(at, file.path().size(), "FILE");
  return message;
}

bool Warns(const ServerConfig& config, const std::string& text) {
  for (const std::string& warning : config.warnings) {
    if (warning.find(text) != std::string::npos) return true;
  }
  return false;
}

TEST(Config, FillsDefaultsOfAbsentKeys) {
  auto c = Load(WithSections(std::string("[auth]\n") + kSecret));
  ASSERT_TRUE(c.ok()) << c.status().message();
  EXPECT_EQ(c->server.port, 8123);
  EXPECT_EQ(c->datafusion.memory_limit, 134217728U);
  EXPECT_TRUE(c->storage.rocksdb.sync_writes);
  EXPECT_EQ(c->limits.max_query_limit, 0U);
  EXPECT_FALSE(c->security.cors.allow_credentials);
  EXPECT_EQ(c->storage.data_path, (std::filesystem::current_path() / "data").string());
  EXPECT_TRUE(c->warnings.empty()) << c->warnings[0];
}

TEST(Config, ReadsEverySectionItNames) {
  auto c = Load(WithSections(std::string("[auth]\n") + kSecret + R"(
bcrypt_cost = 6
jwt_trusted_issuers = " kalamdb ,, https://id.example "
[storage.rocksdb]
block_cache_size = 4096
[storage.rocksdb.cf_profiles.hot_data]
write_buffer_size = 777
max_write_buffers = 3
[rate_limit]
max_queries_per_sec = 7
[security]
trusted_proxy_ranges = ["10.0.0.0/8", " ", "::1"]
[security.cors]
allowed_origins = ["http://a"]
[websocket]
slow_client_secs = 9
[shutdown.flush]
timeout = 300
)"));
  ASSERT_TRUE(c.ok()) << c.status().message();
  EXPECT_EQ(c->auth.bcrypt_cost, 6U);
  EXPECT_EQ(c->auth.jwt_trusted_issuers,
            (std::vector<std::string>{"kalamdb", "https://id.example"}));
  EXPECT_EQ(c->storage.rocksdb.hot_data.write_buffer_size, 777U);
  EXPECT_EQ(c->rate_limit.max_queries_per_sec, 7U);
  EXPECT_EQ(c->security.trusted_proxy_ranges, (std::vector<std::string>{"10.0.0.0/8", "::1"}));
  EXPECT_TRUE(c->security.cors.allow_credentials) << "the section exists";
  EXPECT_EQ(c->websocket.slow_client_secs, 9U);
}

TEST(Config, TakesAuthenticationForAuthAndRefusesBoth) {
  auto c =
      Load(WithSections(std::string("[authentication]\n") + kSecret + "min_password_length=9\n"));
  ASSERT_TRUE(c.ok()) << c.status().message();
  EXPECT_EQ(c->auth.jwt_secret.size(), 32U);
  EXPECT_TRUE(Warns(*c, "auth.min_password_length has no effect"));
  EXPECT_NE(Refusal(WithSections("[auth]\n[authentication]\n")).find("[auth] and [authentication]"),
            std::string::npos);
}

TEST(Config, RefusesAFileThatIsMissingBrokenOrIncomplete) {
  auto missing = LoadConfig("/nonexistent/server.toml", {});
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.status().message(), "Config file not found: /nonexistent/server.toml");
  EXPECT_TRUE(Refusal("[server\n").starts_with("Failed to load FILE: ")) << Refusal("[server\n");
  EXPECT_EQ(Refusal("[server]\nhost=\"h\"\nport=1\n[storage]\n[limits]\n[logging]\n"),
            "Failed to load FILE: missing section [performance]");
  EXPECT_EQ(Refusal("[server]\nhost=\"h\"\n[storage]\n[limits]\n[logging]\n[performance]\n"),
            "Failed to load FILE: missing key `port` in section [server]");
  EXPECT_EQ(Refusal(WithSections("[shutdown]\n")),
            "Failed to load FILE: missing key `flush` in section [shutdown]");
  EXPECT_EQ(Refusal(WithSections("[storage.rocksdb.cf_profiles.raft]\nwrite_buffer_size=1\n")),
            "Failed to load FILE: missing key `max_write_buffers` in section "
            "[storage.rocksdb.cf_profiles.raft]");
}

TEST(Config, RefusesWrongTypesAndNumbersOutOfRange) {
  EXPECT_EQ(
      Refusal(WithSections("[jobs]\nmax_concurrent = \"3\"\n")),
      "Failed to load FILE: jobs.max_concurrent: expected an integer, found a string at line 9");
  EXPECT_EQ(
      Refusal(WithSections("[jobs]\nmax_concurrent = -1\n")),
      "Failed to load FILE: jobs.max_concurrent: -1 is out of range (0 to 4294967295) at line 9");
  EXPECT_NE(Refusal(WithSections("[security]\ntrusted_proxy_ranges = [1]\n"))
                .find("expected a list of strings"),
            std::string::npos);
  EXPECT_NE(Refusal(WithSections("[websocket]\nclient_timeout_secs = 9223372036854775807\n"))
                .find("is out of range"),
            std::string::npos)
      << "no duration overflows when it becomes microseconds";
}

TEST(Config, TellsUnknownOptionsInsteadOfHidingThem) {
  auto c = Load(WithSections(std::string("[auth]\n") + kSecret +
                             "disable_common_password_check = true\n[vector]\nx = 1\n"));
  ASSERT_TRUE(c.ok()) << c.status().message();
  EXPECT_TRUE(Warns(*c, "unknown option auth.disable_common_password_check is ignored"));
  EXPECT_TRUE(Warns(*c, "unknown option vector is ignored"));
}

TEST(Config, TellsOptionsThatChangeNothing) {
  auto c = Load(
      "[server]\nhost=\"127.0.0.1\"\nport=1\nenable_http2=true\nui_path=\"ui\"\n[storage]\n"
      "[limits]\n[logging]\n[logging.otlp]\nenabled=true\n[performance]\n"
      "[oauth]\nenabled=true\n[oauth.providers.google]\nissuer=\"x\"\n"
      "[files]\nmax_size_bytes = 26214400\n[auth]\n" +
      std::string(kSecret));
  ASSERT_TRUE(c.ok()) << c.status().message();
  EXPECT_TRUE(Warns(*c, "server.enable_http2 has no effect: only HTTP/1.1 is served"));
  EXPECT_TRUE(Warns(*c, "server.ui_path has no effect"));
  EXPECT_TRUE(Warns(*c, "logging.otlp.enabled has no effect"));
  EXPECT_TRUE(Warns(*c, "oauth.enabled has no effect"));
  EXPECT_FALSE(Warns(*c, "files.max_size_bytes")) << "it was set to its default";
}

TEST(ConfigEnvironment, WinsOverTheFile) {
  auto c = Load(WithSections(std::string("[auth]\nroot_password = \"file\"\n") + kSecret),
                {{"KALAMDB_SERVER_PORT", "9000"},
                 {"KALAMDB_SERVER_HOST", "::1"},
                 {"KALAMDB_DATA_DIR", "/d//x/../y/"},
                 {"KALAMDB_COOKIE_SECURE", "NO"},
                 {"KALAMDB_ALLOW_REMOTE_SETUP", "Yes"},
                 {"KALAMDB_LOG_TO_CONSOLE", "maybe"},
                 {"KALAMDB_ROOT_PASSWORD", ""},
                 {"KALAMDB_SECURITY_CORS_ALLOWED_ORIGINS", " http://a , ,http://b"},
                 {"KALAMDB_TRUSTED_PROXY_RANGES", "10.0.0.1"}});
  ASSERT_TRUE(c.ok()) << c.status().message();
  EXPECT_EQ(c->server.port, 9000);
  EXPECT_EQ(c->server.host, "::1");
  EXPECT_EQ(c->storage.data_path, "/d/y");
  EXPECT_FALSE(c->auth.cookie_secure);
  EXPECT_TRUE(c->auth.allow_remote_setup);
  EXPECT_FALSE(c->logging.log_to_console);
  EXPECT_EQ(c->auth.root_password, "file") << "an empty variable does not take the password away";
  EXPECT_EQ(c->security.cors.allowed_origins, (std::vector<std::string>{"http://a", "http://b"}));
  EXPECT_EQ(c->security.trusted_proxy_ranges, std::vector<std::string>{"10.0.0.1"});
}

TEST(ConfigEnvironment, RepairsAFileThatAloneWouldBeRefused) {
  EXPECT_EQ(
      Refusal(
          "[server]\nhost=\"127.0.0.1\"\nport=0\n[storage]\n[limits]\n[logging]\n[performance]\n",
          {{"KALAMDB_SERVER_PORT", "1"}}),
      "loaded");
}

TEST(ConfigEnvironment, AnEmptyPublicOriginResetsTheFiles) {
  auto c = Load(
      "[server]\nhost=\"127.0.0.1\"\nport=1\npublic_origin=\"http://localhost/\"\n[storage]\n"
      "[limits]\n[logging]\n[performance]\n",
      {{"KALAMDB_SERVER_PUBLIC_ORIGIN", ""}});
  ASSERT_TRUE(c.ok()) << c.status().message();
  EXPECT_EQ(c->server.public_origin, "");
}

TEST(ConfigEnvironment, RefusesNumbersThatAreNone) {
  const std::string file = WithSections("");
  EXPECT_EQ(Refusal(file, {{"KALAMDB_SERVER_PORT", "abc"}}),
            "Failed to apply environment overrides: Invalid KALAMDB_SERVER_PORT value: abc");
  EXPECT_EQ(Refusal(file, {{"KALAMDB_SERVER_PORT", "70000"}}),
            "Failed to apply environment overrides: Invalid KALAMDB_SERVER_PORT value: 70000");
  EXPECT_EQ(Refusal(file, {{"KALAMDB_JWT_EXPIRY_HOURS", ""}}),
            "Failed to apply environment overrides: Invalid KALAMDB_JWT_EXPIRY_HOURS value: ");
  EXPECT_EQ(Refusal(file, {{"KALAMDB_TOKIO_WORKER_THREADS", "abc"}}), "loaded");
}

TEST(ConfigEnvironment, RefusesAClusterBecauseThisBuildHasNone) {
  EXPECT_EQ(Refusal(WithSections(""), {{"KALAMDB_CLUSTER_ID", "c"}}),
            "Failed to apply environment overrides: KALAMDB_NODE_ID is required when overriding "
            "cluster settings");
  EXPECT_NE(Refusal(WithSections(""), {{"KALAMDB_NODE_ID", "1"}}).find("stand-alone"),
            std::string::npos);
  EXPECT_NE(Refusal(WithSections("[cluster]\nnode_id = 1\n"))
                .find("Invalid configuration after overrides: Invalid cluster configuration"),
            std::string::npos);
}

struct RefusalCase {
  std::string file;
  std::string reason;
};

TEST(ConfigRefusal, SaysTheReasonsOfTheManual) {
  const std::string server = "[server]\nhost = \"127.0.0.1\"\nport = 8123\n";
  const std::string rest = "[storage]\n[performance]\n";
  const RefusalCase cases[] = {
      {"[server]\nhost=\"127.0.0.1\"\nport=0\n[storage]\n[limits]\n[logging]\n[performance]\n",
       "Server port cannot be 0"},
      {server + "public_origin = \"ftp://x\"\n[limits]\n[logging]\n" + rest,
       "server.public_origin must start with http:// or https://"},
      {server + rest + "[limits]\n[logging]\nlevel = \"WARN\"\n",
       "Invalid log level 'WARN'. Must be one of: error, warn, info, debug, trace"},
      {server + rest + "[limits]\n[logging.targets]\nraft = \"loud\"\n",
       "Invalid log level 'loud' for target 'raft'. Must be one of: error, warn, info, debug, "
       "trace"},
      {server + rest + "[limits]\n[logging]\nformat = \"xml\"\n",
       "Invalid log format 'xml'. Must be one of: compact, pretty, json"},
      {server + rest + "[limits]\nmax_message_size = 0\n[logging]\n",
       "max_message_size cannot be 0"},
      {server + rest + "[limits]\nmax_query_limit = 10\ndefault_query_limit = 20\n[logging]\n",
       "default_query_limit (20) cannot exceed max_query_limit (10)"},
      {WithSections("[user_management]\ndeletion_grace_period_days = -1\n"),
       "deletion_grace_period_days cannot be negative"},
      {WithSections("[user_management]\ncleanup_job_schedule = \"  \"\n"),
       "cleanup_job_schedule cannot be empty"},
      {WithSections("[rpc_tls]\nenabled = true\n"),
       "Invalid rpc_tls configuration: rpc_tls.enabled=true but ca_cert is not configured"},
      {WithSections("[auth]\njwt_expiry_hours = 0\n"), "auth.jwt_expiry_hours must be at least 1"},
  };
  for (const RefusalCase& c : cases) {
    EXPECT_EQ(Refusal(c.file), "Invalid configuration after overrides: " + c.reason);
  }
}

TEST(ConfigRefusal, ChecksTemplatesOfTheLocalStorage) {
  const auto with = [](const std::string& line) {
    return "[server]\nhost = \"127.0.0.1\"\nport = "
           "1\n[limits]\n[logging]\n[performance]\n[storage]\n" +
           line + "\n";
  };
  const std::string start = "Invalid configuration after overrides: Invalid storage template: ";
  EXPECT_EQ(Refusal(with("shared_tables_template = \"{namespace}\"")),
            start + "Shared table template: {tableName} is required");
  EXPECT_EQ(Refusal(with("shared_tables_template = \"{tableName}/{namespace}\"")),
            start + "Shared table template: {namespace} must appear before {tableName}");
  EXPECT_EQ(Refusal(with("user_tables_template = \"{namespace}/{tableName}\"")),
            start + "User table template: {userId} is required");
  EXPECT_EQ(Refusal(with("user_tables_template = \"../{userId}\"")),
            start + "User table template: must not contain '..'");
  EXPECT_EQ(Refusal(with("user_tables_template = \"{userId}/{colour}\"")),
            start + "User table template: unknown placeholder {colour}");
  auto c = Load(with("user_tables_template = \"{namespace_id}/{table-id}/{user_id}\""));
  ASSERT_TRUE(c.ok()) << c.status().message();
  EXPECT_EQ(c->storage.user_tables_template, "{namespace}/{tableName}/{userId}");
}

TEST(ConfigRefusal, RefusesProxyRangesThatAreNone) {
  for (const char* range :
       {"10.0.0.0/33", "10.0.0", "fe80::/129", "a.example", "10.0.0.0/", "1.2.3.4/-1"}) {
    const std::string r = Refusal(
        WithSections(std::string("[security]\ntrusted_proxy_ranges = [\"") + range + "\"]\n"));
    EXPECT_TRUE(
        r.starts_with("Invalid configuration after overrides: "
                      "Invalid security.trusted_proxy_ranges configuration: "))
        << r;
  }
}

TEST(ConfigExposure, NeedsOriginsAndARealSecret) {
  const std::string rest = "[storage]\n[limits]\n[logging]\n[performance]\n";
  const std::string open = "[server]\nhost = \"0.0.0.0\"\nport = 1\n" + rest;
  const std::string origins = "[security.cors]\nallowed_origins = [\"http://a\"]\n";
  EXPECT_EQ(Refusal(open),
            "Invalid configuration after overrides: Non-localhost HTTP exposure requires "
            "security.cors.allowed_origins to be configured (empty is not allowed)");
  EXPECT_NE(Refusal(open + origins).find("jwt_secret is a known placeholder"), std::string::npos);
  EXPECT_NE(
      Refusal(open + origins + "[auth]\njwt_secret = \"short\"\n").find("less than 32 characters"),
      std::string::npos);
  EXPECT_EQ(Refusal(open + origins + "[auth]\n" + kSecret), "loaded");
  auto everyone = Load(open + "[security.cors]\nallowed_origins = [\"*\"]\n[auth]\n" + kSecret);
  ASSERT_TRUE(everyone.ok()) << everyone.status().message();
  EXPECT_TRUE(everyone->exposed());
  EXPECT_TRUE(Warns(*everyone, "SECURITY: security.cors.allowed_origins contains '*'"));
  EXPECT_NE(
      Refusal("[server]\nhost=\"127.0.0.1\"\nport=1\npublic_origin=\"https://db.example\"\n" + rest)
          .find("Non-localhost HTTP exposure"),
      std::string::npos);
}

TEST(ConfigExposure, LoopbackWithAPlaceholderSecretOnlyWarns) {
  for (const char* host : {"127.0.0.1", "localhost", "::1"}) {
    auto c = Load(std::string("[server]\nhost=\"") + host +
                  "\"\nport=1\n[storage]\n[limits]\n[logging]\n[performance]\n");
    ASSERT_TRUE(c.ok()) << c.status().message();
    EXPECT_FALSE(c->exposed());
    EXPECT_TRUE(Warns(*c, "SECURITY: auth.jwt_secret is a known placeholder"));
  }
}

TEST(Config, ShipsNoMoreThreadsThanFourByItself) {
  ServerConfig c;
  EXPECT_GE(c.io_threads(), 1U);
  EXPECT_LE(c.io_threads(), 4U);
  c.server.workers = 9;
  EXPECT_EQ(c.io_threads(), 9U);
}

}  // namespace
}  // namespace kalamdb
