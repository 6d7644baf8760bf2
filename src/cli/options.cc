// CLI11 does the work; this file is the list.
#include "cli/options.h"

#include <CLI/CLI.hpp>

#include "cli/version.h"

namespace kalamdb::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Stands for "no limit" where 0 was given; far away, yet safe to add to a clock.
constexpr milliseconds kForever = std::chrono::hours(24 * 365);

struct Seconds {
  double timeout = 30;
  double connection = 10;
  double receive = 30;
  double auth = 5;
  double initial_data = 30;
  double keepalive = 10;
  double pong = 5;
};

milliseconds Millis(double value) {
  return value <= 0 ? kForever : milliseconds(static_cast<int64_t>(value * 1000));
}

client::Timeouts TimeoutsFrom(const Seconds& s) {
  client::Timeouts timeouts;
  timeouts.connect = Millis(s.connection);
  timeouts.request = Millis(s.timeout);
  timeouts.send = Millis(s.timeout);
  timeouts.auth = Millis(s.auth);
  timeouts.initial_data = Millis(s.initial_data);
  timeouts.keepalive = Millis(s.keepalive);
  timeouts.pong = Millis(s.pong);
  return timeouts;
}

}  // namespace

std::optional<Options> ParseOptions(int argc, char** argv, int* exit_code) {
  Options options;
  Seconds wait;
  CLI::App app("kalam - Interactive SQL terminal for KalamDB");
  app.set_version_flag("--version", VersionText());

  app.add_option("-u,--url", options.url, "server: http://host:port, or host:port")
      ->group("Connection");
  app.add_option("-H,--host", options.host, "host, instead of --url")->group("Connection");
  app.add_option("-p,--port", options.port, "port, with --host (default 8080)")
      ->check(CLI::Range(1, 65535))
      ->group("Connection");
  app.add_option("--token", options.token, "bearer token, no login")->group("Connection");
  app.add_option("--user", options.user, "user to log in as")->group("Connection");
  std::vector<std::string> password;
  CLI::Option* password_option =
      app.add_option("--password", password, "password; without a value it is asked for")
          ->expected(0, 1)
          ->type_name("[TEXT]")
          ->group("Connection");
  app.add_option("--instance", options.instance, "profile of stored credentials")
      ->capture_default_str()
      ->group("Connection");

  CLI::Option* file =
      app.add_option("-f,--file", options.file, "run a SQL file and exit")->group("Modes");
  CLI::Option* command = app.add_option("-c,--command", options.command,
                                        "run one SQL text or backslash command and exit")
                             ->group("Modes");
  app.add_option("--subscribe", options.subscribe, "follow a live query until Ctrl+C")
      ->group("Modes");
  app.add_option("--unsubscribe", options.unsubscribe, "explains how live queries end")
      ->group("Modes");
  app.add_flag("--list-subscriptions", options.list_subscriptions,
               "explains where live queries are listed")
      ->group("Modes");
  CLI::Option* consume =
      app.add_flag("--consume", options.consume, "read messages of a topic")->group("Modes");
  std::string ignored;
  double ignored_number = 0;
  for (const char* name :
       {"--topic", "--group", "--from", "--consume-limit", "--consume-timeout"}) {
    app.add_option(name, ignored, "with --consume")->needs(consume)->group("Modes");
  }
  app.add_flag("--init-agent", options.init_agent, "write a project for an agent")->group("Modes");

  CLI::Option* format = app.add_option("--format", options.format, "table, json or csv")
                            ->check(CLI::IsMember({"table", "json", "csv"}))
                            ->group("Output");
  bool json = false;
  bool csv = false;
  CLI::Option* json_flag =
      app.add_flag("--json", json, "short for --format json")->excludes(format)->group("Output");
  app.add_flag("--csv", csv, "short for --format csv")
      ->excludes(format)
      ->excludes(json_flag)
      ->group("Output");
  app.add_flag("--no-color", options.no_color, "no colours")->group("Output");
  app.add_flag("--no-spinner", options.no_spinner, "no spinner and no banners of live queries")
      ->group("Output");
  app.add_option("--loading-threshold-ms", ignored_number, "delay before a spinner appears")
      ->group("Output");
  app.add_flag("-v,--verbose", options.verbose, "diagnostics on standard error")->group("Output");
  app.add_option("--config", options.config_path,
                 "configuration file (default ~/.kalam/config.toml)")
      ->group("Output");

  CLI::Option* timeout = app.add_option("--timeout", wait.timeout, "seconds for a request (30)");
  CLI::Option* connection =
      app.add_option("--connection-timeout", wait.connection, "seconds to connect (10)");
  CLI::Option* receive =
      app.add_option("--receive-timeout", wait.receive, "seconds to receive (30)");
  CLI::Option* auth =
      app.add_option("--auth-timeout", wait.auth, "seconds for the WebSocket's login (5)");
  CLI::Option* initial = app.add_option("--initial-data-timeout", wait.initial_data,
                                        "seconds to wait for initial rows (30); 0 = no limit");
  double subscription = 0;
  CLI::Option* subscribed = app.add_option("--subscription-timeout", subscription,
                                           "seconds after which --subscribe ends; 0 = never");
  for (CLI::Option* option : {timeout, connection, receive, auth, initial, subscribed}) {
    option->check(CLI::Range(0.0, 1e9))->type_name("SECONDS")->group("Timeouts");
  }
  bool fast = false;
  bool relaxed = false;
  CLI::Option* fast_flag =
      app.add_flag("--fast-timeouts", fast, "short waits, for local servers")->group("Timeouts");
  app.add_flag("--relaxed-timeouts", relaxed, "long waits, for slow networks")
      ->excludes(fast_flag)
      ->group("Timeouts");

  app.add_flag("--show-credentials", options.show_credentials, "show what is stored")
      ->group("Credentials");
  app.add_flag("--update-credentials", options.update_credentials, "log in and store the tokens")
      ->group("Credentials");
  app.add_flag("--delete-credentials", options.delete_credentials, "forget the tokens")
      ->group("Credentials");
  app.add_flag("--list-instances", options.list_instances, "list the profiles")
      ->group("Credentials");
  app.add_flag("--save-credentials", options.save_credentials, "store the tokens of --user")
      ->group("Credentials");

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    const int code = app.exit(e);
    *exit_code = code == 0 ? 0 : 2;
    return std::nullopt;
  }
  if (*file && *command) {
    std::fputs("Error: Configuration error: Cannot specify both --file and --command\n", stderr);
    *exit_code = 1;
    return std::nullopt;
  }
  if (*password_option) {
    options.password_asked = password.empty() || (password.size() == 1 && password[0] == "{}");
    if (!options.password_asked) options.password = password[0];
  }
  if (json) options.format = "json";
  if (csv) options.format = "csv";
  const Seconds preset = fast      ? Seconds{5, 2, 5, 2, 10, 15, 5}
                         : relaxed ? Seconds{120, 30, 120, 15, 120, 30, 10}
                                   : wait;
  if (!*timeout) wait.timeout = preset.timeout;
  if (!*connection) wait.connection = preset.connection;
  if (!*receive) wait.receive = preset.receive;
  if (!*auth) wait.auth = preset.auth;
  if (!*initial) wait.initial_data = preset.initial_data;
  wait.keepalive = preset.keepalive;
  wait.pong = preset.pong;
  options.timeouts = TimeoutsFrom(wait);
  options.subscription_timeout = seconds(static_cast<int64_t>(subscription));
  return options;
}

}  // namespace kalamdb::cli
