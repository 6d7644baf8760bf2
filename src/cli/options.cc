// CLI11 does the work; this file is the list.
#include "cli/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "cli/version.h"

namespace kalamdb::cli {
namespace {

using std::chrono::milliseconds;

// Stands for "no limit" where 0 was given; far away, yet safe to add to a clock.
constexpr milliseconds kForever = std::chrono::hours(24 * 365);

struct Seconds {
  double connection;
  double receive;
  double send;
  double subscribe;
  double auth;
  double initial_data;
  double keepalive;
  double pong;
};
constexpr Seconds kNormal{10, 30, 30, 30, 5, 30, 10, 5};
constexpr Seconds kFast{2, 5, 2, 2, 2, 10, 15, 5};
constexpr Seconds kRelaxed{30, 120, 30, 15, 15, 120, 30, 10};

milliseconds Millis(double value) {
  return value <= 0 ? kForever : milliseconds(static_cast<int64_t>(value * 1000));
}

// Options that were given win over the preset.
struct Given {
  std::optional<double> timeout, connection, receive, auth, initial_data;
};

client::Timeouts TimeoutsFrom(Seconds s, const Given& given) {
  // A request lasts as long as its answer may keep silent; a longer --timeout alone allows longer
  // silence.
  const double request = given.timeout.value_or(s.receive);
  if (given.timeout) {
    s.send = *given.timeout;
    s.receive = request <= 0 ? 0 : std::max(s.receive, request);
  }
  if (given.initial_data) s.subscribe = *given.initial_data;
  s.connection = given.connection.value_or(s.connection);
  s.receive = given.receive.value_or(s.receive);
  s.auth = given.auth.value_or(s.auth);
  s.initial_data = given.initial_data.value_or(s.initial_data);
  client::Timeouts timeouts;
  timeouts.connect = Millis(s.connection);
  timeouts.request = Millis(request);
  timeouts.send = Millis(s.send);
  timeouts.receive = Millis(s.receive);
  timeouts.auth = Millis(s.auth);
  timeouts.subscribe = Millis(s.subscribe);
  timeouts.initial_data = Millis(s.initial_data);
  timeouts.keepalive = Millis(s.keepalive);
  timeouts.pong = Millis(s.pong);
  return timeouts;
}

}  // namespace

std::optional<Options> ParseOptions(int argc, char** argv, int* exit_code) {
  Options options;
  Given given;
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
  app.add_option("--topic", options.consumer.topic, "the topic: namespace.topic")
      ->needs(consume)
      ->group("Modes");
  app.add_option("--group", options.consumer.group, "consumer group whose offsets are kept")
      ->needs(consume)
      ->group("Modes");
  app.add_option("--from", options.consumer.from, "earliest, latest or an offset (latest)")
      ->needs(consume)
      ->group("Modes");
  app.add_option("--consume-limit", options.consumer.limit, "end after this many messages")
      ->needs(consume)
      ->group("Modes");
  double consume_timeout = 0;
  app.add_option("--consume-timeout", consume_timeout, "end after this many seconds")
      ->needs(consume)
      ->check(CLI::Range(0.0, 1e9))
      ->type_name("SECONDS")
      ->group("Modes");
  CLI::Option* init_agent =
      app.add_flag("--init-agent", options.init_agent, "write a TypeScript project of an agent")
          ->group("Agent");
  app.add_flag("--init-agent-non-interactive", options.init_agent_non_interactive,
               "ask nothing, take the defaults")
      ->needs(init_agent)
      ->group("Agent");
  const auto agent_option = [&](const char* name, std::string& value, const char* what) {
    app.add_option(name, value, what)->needs(init_agent)->group("Agent");
  };
  agent_option("--agent-name", options.agent.name, "name of the project (<table>-agent)");
  agent_option("--agent-output", options.agent.output, "directory to write it into (.)");
  agent_option("--agent-table", options.agent.table, "namespace.table (blog.blogs)");
  agent_option("--agent-topic", options.agent.topic, "topic (<table>_agent)");
  agent_option("--agent-group", options.agent.group, "consumer group (<name>-group)");
  agent_option("--agent-id-column", options.agent.id_column, "key (blog_id)");
  agent_option("--agent-input-column", options.agent.input_column, "what is read (content)");
  agent_option("--agent-output-column", options.agent.output_column, "what is written (summary)");
  agent_option("--agent-system-prompt", options.agent.system_prompt, "what the model is told");

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
  int64_t loading_threshold = options.loading_threshold.count();
  app.add_option("--loading-threshold-ms", loading_threshold,
                 "milliseconds before a spinner appears (200)")
      ->check(CLI::Range(int64_t{0}, int64_t{1} << 40))
      ->group("Output");
  app.add_flag("-v,--verbose", options.verbose, "diagnostics on standard error")->group("Output");
  app.add_option("--config", options.config_path,
                 "configuration file (default ~/.kalam/config.toml)")
      ->group("Output");

  const auto seconds_option = [&app](const char* name, auto& value, const char* what) {
    app.add_option(name, value, what)
        ->check(CLI::Range(0.0, 1e9))
        ->type_name("SECONDS")
        ->group("Timeouts");
  };
  seconds_option("--timeout", given.timeout, "seconds for a request (30)");
  seconds_option("--connection-timeout", given.connection, "seconds to connect (10)");
  seconds_option("--receive-timeout", given.receive, "seconds of silence in an answer (30)");
  seconds_option("--auth-timeout", given.auth, "seconds for the WebSocket's login (5)");
  seconds_option("--initial-data-timeout", given.initial_data,
                 "seconds to wait for initial rows (30); 0 = no limit");
  double subscription = 0;
  seconds_option("--subscription-timeout", subscription,
                 "seconds after which --subscribe ends; 0 = never");
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
    // CLI11 gives "{}" or an empty text for an option that came without a value.
    options.password_asked = password.empty() || password[0].empty() || password[0] == "{}";
    if (!options.password_asked) options.password = password[0];
  }
  if (json) options.format = "json";
  if (csv) options.format = "csv";
  options.timeouts = TimeoutsFrom(fast ? kFast : relaxed ? kRelaxed : kNormal, given);
  options.consumer.timeout = milliseconds(static_cast<int64_t>(consume_timeout * 1000));
  options.loading_threshold = milliseconds(loading_threshold);
  options.subscription_timeout = milliseconds(static_cast<int64_t>(subscription * 1000));
  return options;
}

}  // namespace kalamdb::cli
