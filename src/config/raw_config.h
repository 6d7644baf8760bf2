// What is read besides ServerConfig: sections that are accepted and judged, but that nothing in the
// server consumes. Private to this room.
#pragma once

#include <map>
#include <string>

#include "config/config.h"
#include "config/section.h"

namespace kalamdb::config {

struct RpcTls {
  bool enabled = false;
  std::string ca_cert, server_cert, server_key;  // a path, or the PEM text itself
  bool require_client_cert = true;
};

struct Otlp {
  bool enabled = false;
  std::string endpoint = "http://127.0.0.1:4317";
  std::string protocol = "grpc";
  std::string service_name = "kalamdb-server";
  uint64_t timeout_ms = 3000;
};

struct RawConfig {
  ServerConfig server;
  RpcTls rpc_tls;
  Otlp otlp;
  bool cluster_section = false;
  Notes notes;
};

using Environment = std::map<std::string, std::string>;

// The file's sections into `raw`. Errors are the reason alone.
Status ReadFile(const toml::table& root, RawConfig* raw);
Status ApplyEnvironment(const Environment& environment, RawConfig* raw);
// Checks every rule that makes the server refuse to start; may add warnings and normalise values.
Status Validate(RawConfig* raw);
// One line for each option that was set and does nothing in this build.
void WarnAboutOptionsWithoutEffect(RawConfig* raw);

// A comma-separated list, items trimmed, empty ones dropped.
std::vector<std::string> SplitList(std::string_view text);
std::string_view Trim(std::string_view text);

}  // namespace kalamdb::config
