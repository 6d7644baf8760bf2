// kalam: SQL and live queries of a KalamDB server from the command line. Exit status 0 for success,
// 1 for any error, 2 for options that cannot be read.
#include <fmt/format.h>

#include <clocale>
#include <cstdio>
#include <cstdlib>

#include "cli/connect.h"
#include "cli/consume.h"
#include "cli/context.h"
#include "cli/credential_commands.h"
#include "cli/meta_commands.h"
#include "cli/script.h"
#include "cli/shell.h"
#include "cli/subscribe.h"
#include "cli/terminal.h"
#include "cli/user_files.h"
#include "client/script_reader.h"
#include "client/text.h"

namespace kalamdb::cli {
namespace {

constexpr std::string_view kAboutSubscriptions =
    "Live queries belong to the process that started them and end with it (Ctrl+C).\n"
    "SELECT * FROM system.live shows those of the server; KILL LIVE QUERY '<live_id>' ends one.";

Output MakeOutput(const Options& options, const ShellConfig& config) {
  const client::OutputFormat format =
      client::OutputFormatByName(options.format.value_or(config.format))
          .value_or(client::OutputFormat::kTable);
  const bool color = !options.no_color && config.color && OutputIsTerminal() &&
                     TerminalHasCursor() && std::getenv("NO_COLOR") == nullptr;
  return {format, color, config.timestamps};
}

Status RunCommandText(Context* context, const std::string& text) {
  const std::string_view command = client::Trim(text);
  if (command.empty()) return {ErrorCode::kInvalidInput, "Parse error: Empty command"};
  if (command.front() == '\\') return RunMetaCommand(context, command).status();
  return RunSql(context, text);
}

Status Run(Context* context) {
  const Options& options = context->options;
  if (options.init_agent) {
    return WriteAgentProject(options.agent,
                             InputIsTerminal() && !options.init_agent_non_interactive);
  }
  bool handled = false;
  KDB_RETURN_IF_ERROR(RunCredentialOptions(context, &handled));
  if (handled) return Status::Ok();
  if (options.list_subscriptions || options.unsubscribe) {
    PrintLine(kAboutSubscriptions);
    return Status::Ok();
  }
  if (options.consume) return RunConsume(context, options.consumer);
  std::optional<client::ScriptReader> script;
  if (options.file && !options.subscribe) {
    // What cannot be read needs no server.
    KDB_ASSIGN_OR_RETURN(script, client::ScriptReader::Open(*options.file));
  }
  KDB_RETURN_IF_ERROR(Authenticate(context));
  if (options.subscribe) {
    return RunSubscription(context, *options.subscribe, {options.subscription_timeout});
  }
  if (script) return RunScript(context, &*script, *options.file);
  if (options.command) return RunCommandText(context, *options.command);
  return RunShell(context);
}

int Main(int argc, char** argv) {
  std::setlocale(LC_ALL, "");
  RestoreTerminalOnSignals();
  int exit_code = 0;
  const std::optional<Options> options = ParseOptions(argc, argv, &exit_code);
  if (!options) return exit_code;
  const auto fail = [](const Status& status) {
    std::fputs(fmt::format("Error: {}\n", status.message()).c_str(), stderr);
    return 1;
  };
  std::string warning;
  Result<ShellConfig> config =
      ShellConfig::Load(options->config_path.value_or(DefaultConfigPath()), &warning);
  if (!config.ok()) return fail(config.status());
  if (!warning.empty() && options->verbose) std::fputs((warning + "\n").c_str(), stderr);
  Result<CredentialStore> store = CredentialStore::Load(CredentialsPath());
  if (!store.ok()) return fail(store.status());
  Result<client::Endpoint> endpoint = ChooseEndpoint(*options, *store);
  if (!endpoint.ok()) return fail(endpoint.status());
  const Output output = MakeOutput(*options, *config);
  Context context{*options, config.Take(), store.Take(), output, endpoint.Take(), nullptr};
  const Status status = Run(&context);
  context.output.PrintError(status);
  return status.ok() ? 0 : 1;
}

}  // namespace
}  // namespace kalamdb::cli

int main(int argc, char** argv) { return kalamdb::cli::Main(argc, argv); }
