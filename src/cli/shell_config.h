// ~/.kalam/config.toml.
#pragma once

#include <cstdint>
#include <string>

#include "base/status.h"
#include "client/cell_text.h"

namespace kalamdb::cli {

struct ShellConfig {
  int64_t max_retries = 0;  // of statements that only read, after a network error
  bool auto_reconnect = true;
  int64_t reconnect_delay_ms = 100;
  int64_t max_reconnect_delay_ms = 30'000;
  int64_t max_reconnect_attempts = 10;  // 0: without end
  std::string jwt_token;
  std::string format = "table";
  bool color = true;
  int64_t history_size = 1000;  // statements; 0: none are kept
  client::TimestampFormat timestamps = client::TimestampFormat::kIso8601;
  std::string path;

  // Reads `path`. A missing file is written with the defaults (*warning tells when that fails);
  // unknown keys are ignored.
  static Result<ShellConfig> Load(std::string path, std::string* warning);
};

}  // namespace kalamdb::cli
