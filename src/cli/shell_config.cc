// Keys are looked up one by one, so that files of other versions are no error.
#include "cli/shell_config.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>

#include "cli/user_files.h"

namespace kalamdb::cli {
namespace {

constexpr int64_t kMaxHistory = 100'000;

constexpr std::string_view kDefaultFile = R"([server]
max_retries = 0

[connection]
auto_reconnect = true
reconnect_delay_ms = 100
max_reconnect_delay_ms = 30000
max_reconnect_attempts = 10

[ui]
format = "table"
color = true
history_size = 1000
timestamp_format = "iso8601"
)";

}  // namespace

Result<ShellConfig> ShellConfig::Load(std::string path, std::string* warning) {
  ShellConfig config;
  config.path = std::move(path);
  if (!FileExists(config.path)) {
    if (const Status written = WriteFilePrivately(config.path, kDefaultFile); !written.ok()) {
      *warning = fmt::format("Warning: {}", written.message());
    }
    return config;
  }
  KDB_ASSIGN_OR_RETURN(const std::string text, ReadFile(config.path));
  try {
    const toml::table root = toml::parse(text);
    const auto number = [&root](const char* section, const char* key, int64_t* value) {
      const int64_t given = root[section][key].value_or(*value);
      if (given >= 0) *value = given;
    };
    number("server", "max_retries", &config.max_retries);
    number("connection", "reconnect_delay_ms", &config.reconnect_delay_ms);
    number("connection", "max_reconnect_delay_ms", &config.max_reconnect_delay_ms);
    number("connection", "max_reconnect_attempts", &config.max_reconnect_attempts);
    number("ui", "history_size", &config.history_size);
    config.history_size = std::min(config.history_size, kMaxHistory);
    config.auto_reconnect = root["connection"]["auto_reconnect"].value_or(true);
    config.jwt_token = root["auth"]["jwt_token"].value_or(std::string());
    config.format = root["ui"]["format"].value_or(config.format);
    config.color = root["ui"]["color"].value_or(true);
    config.timestamps =
        client::TimestampFormatByName(root["ui"]["timestamp_format"].value_or(std::string()));
  } catch (const toml::parse_error& e) {
    return Status(ErrorCode::kInvalidInput,
                  fmt::format("Configuration error: TOML parse error: {} ({}, line {})",
                              e.description(), config.path, e.source().begin.line));
  }
  return config;
}

}  // namespace kalamdb::cli
