// The command line's options.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/agent_project.h"
#include "client/timeouts.h"

namespace kalamdb::cli {

// What --consume and \consume read.
struct ConsumeOptions {
  std::string topic;
  std::string group;  // empty: one of its own, and nothing is committed
  std::string from = "latest";
  std::optional<uint64_t> limit;         // messages
  std::chrono::milliseconds timeout{0};  // since the start; 0: never
};

struct Options {
  std::optional<std::string> url;
  std::optional<std::string> host;
  uint16_t port = 0;  // 0: the server's default
  std::optional<std::string> token;
  std::optional<std::string> user;
  std::optional<std::string> password;
  bool password_asked = false;  // --password without a value
  std::string instance = "local";
  std::optional<std::string> file;
  std::optional<std::string> command;
  std::optional<std::string> format;  // table, json or csv
  bool no_color = false;
  bool no_spinner = false;
  std::optional<std::string> config_path;
  bool verbose = false;
  client::Timeouts timeouts;
  std::chrono::milliseconds subscription_timeout{0};  // 0: never
  bool show_credentials = false;
  bool update_credentials = false;
  bool delete_credentials = false;
  bool list_instances = false;
  bool save_credentials = false;
  std::optional<std::string> subscribe;
  std::optional<std::string> unsubscribe;
  bool list_subscriptions = false;
  bool consume = false;
  ConsumeOptions consumer;
  std::chrono::milliseconds loading_threshold{200};
  bool init_agent = false;
  bool init_agent_non_interactive = false;
  AgentOptions agent;
};

// Reads the arguments. When the program has to end at once (--help, --version, a syntax error)
// everything has been printed and *exit_code says how; nullopt then.
std::optional<Options> ParseOptions(int argc, char** argv, int* exit_code);

}  // namespace kalamdb::cli
