// A table from names to what they do; most of it is SQL.
#include "cli/meta_commands.h"

#include <fmt/format.h>

#include <array>

#include "cli/cluster_commands.h"
#include "cli/consume.h"
#include "cli/credential_commands.h"
#include "cli/health.h"
#include "cli/subscribe.h"
#include "cli/terminal.h"
#include "cli/user_files.h"
#include "cli/version.h"
#include "client/text.h"

namespace kalamdb::cli {
namespace {

using client::Trim;

Status ParseError(std::string text) {
  return {ErrorCode::kInvalidInput, "Parse error: " + std::move(text)};
}

// The first word of `rest`, which loses it.
std::string_view TakeWord(std::string_view* rest) {
  *rest = Trim(*rest);
  const std::string_view word = rest->substr(0, rest->find_first_of(" \t\r\n"));
  *rest = Trim(rest->substr(word.size()));
  return word;
}

std::string_view WithoutQuotes(std::string_view text) {
  if (text.size() >= 2 && (text.front() == '\'' || text.front() == '"') &&
      text.back() == text.front()) {
    return text.substr(1, text.size() - 2);
  }
  return text;
}

std::string_view WithoutSemicolon(std::string_view text) {
  text = Trim(text);
  while (!text.empty() && text.back() == ';') text = Trim(text.substr(0, text.size() - 1));
  return text;
}

Status Quit(Context* context, std::string_view) {
  context->output.Say("Goodbye!");
  return Status::Ok();
}

Status Help(Context*, std::string_view) {
  PrintLine(HelpText());
  return Status::Ok();
}

void PrintRow(std::string_view name, std::string_view value) {
  PrintLine(fmt::format("  {:<15}{}", fmt::format("{}:", name), value));
}

void PrintClusterRows(Context* context) {
  const Result<ClusterView> cluster = AskCluster(context);
  if (!cluster.ok()) {
    // Who is no admin may not read it.
    PrintRow("Cluster", "unknown");
    return;
  }
  PrintRow("Cluster", cluster->id.empty() ? "unknown" : cluster->id);
  PrintRow("Mode", cluster->standalone ? "Standalone" : "Cluster");
  PrintRow("Nodes", fmt::format("{} total, {} active, {} offline", cluster->nodes, cluster->active,
                                cluster->offline));
}

std::string TimeoutText(std::chrono::milliseconds wait) {
  return wait > std::chrono::hours(24) ? "none" : fmt::format("{}s", wait.count() / 1000.0);
}

Status Info(Context* context, std::string_view) {
  const ServerVersion server = AskVersion(context);
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(client::Clock::now() - context->started)
          .count();
  PrintLine("Connection");
  PrintRow("Server URL", context->endpoint.Url());
  PrintRow("User ID", context->user);
  PrintRow("Connected", server.version.empty() ? "unknown" : "yes");
  PrintRow("Session time", fmt::format("{}s", seconds));
  PrintLine("\nServer");
  PrintRow("Version", server.version.empty() ? "unknown" : server.version);
  PrintRow("API Version", server.api_version.empty() ? "unknown" : server.api_version);
  PrintRow("Build date", server.build_date.empty() ? "unknown" : server.build_date);
  PrintLine("\nCluster");
  PrintClusterRows(context);
  PrintLine("\nCLI Config");
  PrintRow("File", context->config.path);
  PrintRow("Format", client::OutputFormatName(context->output.format()));
  PrintRow("Color", context->output.color() ? "on" : "off");
  PrintRow("Timeout", TimeoutText(context->options.timeouts.request));
  PrintRow("Retries",
           fmt::format("{} (of statements that only read)", context->config.max_retries));
  PrintLine("\nHistory");
  PrintRow("File", HomeDirectory() + "/.kalam/history");
  PrintLine("\nClient");
  PrintRow("CLI version", fmt::format("{} (built: {})", Version(), BuildTime()));
  PrintLine("\nStatistics");
  PrintRow("Statements", fmt::format("{}, {} failed", context->statistics.requests,
                                     context->statistics.failures));
  PrintRow("Server time", fmt::format("{:.3f} ms", context->statistics.took_millis));
  PrintLine("\nCredentials");
  PrintRow("Instance", context->options.instance);
  PrintRow("File", context->store.path());
  PrintRow("Stored", context->store.Find(context->options.instance) != nullptr ? "yes" : "no");
  return Status::Ok();
}

Status History(Context*, std::string_view) {
  std::fputs("The history of statements is available in the interactive shell\n", stderr);
  return Status::Ok();
}

Status Sessions(Context* context, std::string_view) {
  return RunSql(context, "SELECT * FROM system.sessions ORDER BY last_seen_at DESC, session_id");
}

Status Stats(Context* context, std::string_view) {
  return RunSql(
      context,
      "SELECT metric_name, metric_value FROM system.stats ORDER BY metric_name LIMIT 5000");
}

Status Health(Context* context, std::string_view) {
  return WithDiagnostics(*context, ShowHealth(context));
}

Status Tables(Context* context, std::string_view) {
  return RunSql(context,
                "SELECT namespace_id AS namespace, table_name, table_type FROM system.tables "
                "ORDER BY namespace_id, table_name");
}

// [ns.]table with optional double quotes around either; a dot inside quotes separates nothing.
Status SplitName(std::string_view text, std::string* space, std::string* table) {
  std::vector<std::string> parts(1);
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"' && quoted && text.substr(i + 1, 1) == "\"") {
      parts.back() += text[i++];
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (text[i] == '.' && !quoted) {
      parts.emplace_back();
    } else {
      parts.back() += text[i];
    }
  }
  if (quoted || parts.size() > 2 || parts.back().empty() || parts.front().empty()) {
    return ParseError(fmt::format("'{}' is no name of a table", text));
  }
  *table = parts.back();
  if (parts.size() == 2) *space = parts.front();
  return Status::Ok();
}

Status Describe(Context* context, std::string_view rest) {
  const std::string_view name = WithoutSemicolon(rest);
  if (name.empty()) return ParseError("\\describe requires a table name");
  std::string space;
  std::string table;
  KDB_RETURN_IF_ERROR(SplitName(name, &space, &table));
  std::string where = fmt::format("table_name = {}", client::QuoteLiteral(table));
  if (!space.empty()) where += fmt::format(" AND table_schema = {}", client::QuoteLiteral(space));
  return RunSql(
      context,
      fmt::format(
          "SELECT table_schema AS namespace, table_name, column_name, data_type, is_nullable, "
          "column_default, ordinal_position AS position FROM information_schema.columns "
          "WHERE {} ORDER BY table_schema, table_name, ordinal_position",
          where));
}

Status As(Context* context, std::string_view rest) {
  const std::string_view user = WithoutQuotes(TakeWord(&rest));
  const std::string_view sql = WithoutSemicolon(rest);
  if (user.empty() || sql.empty()) return ParseError("\\as requires a user and a SQL statement");
  return RunSql(context, fmt::format("EXECUTE AS USER {} ({})", client::QuoteLiteral(user), sql));
}

Status Format(Context* context, std::string_view rest) {
  const std::string_view name = TakeWord(&rest);
  if (name.empty()) return ParseError("\\format requires: table, json, or csv");
  const std::optional<client::OutputFormat> format = client::OutputFormatByName(name);
  if (!format) {
    std::fputs(fmt::format("Unknown format: {}. Use: table, json, or csv\n", name).c_str(), stderr);
    return Output::Reported();
  }
  context->output.set_format(*format);
  PrintLine(fmt::format("Output format set to: {}", name));
  return Status::Ok();
}

Status Refresh(Context* context, std::string_view) {
  context->output.Say("Table names refreshed");
  return Status::Ok();
}

Status Flush(Context* context, std::string_view) {
  context->output.Say("Storage flushing all tables in current namespace...");
  KDB_RETURN_IF_ERROR(RunSql(context, "STORAGE FLUSH ALL"));
  context->output.Say("Storage flush completed successfully");
  return Status::Ok();
}

Status Subscribe(Context* context, std::string_view rest) {
  if (Trim(rest).empty()) return ParseError("\\subscribe requires a SQL query");
  return RunSubscription(context, rest, {});
}

Status Unsubscribe(Context*, std::string_view) {
  PrintLine("No active subscription to cancel");
  return Status::Ok();
}

Status Consume(Context* context, std::string_view rest) {
  KDB_ASSIGN_OR_RETURN(const ConsumeOptions options, ParseConsume(rest));
  return RunConsume(context, options);
}

Status ShowCredentials(Context* context, std::string_view) {
  ShowStoredCredentials(*context);
  return Status::Ok();
}

Status UpdateCredentials(Context* context, std::string_view rest) {
  const std::string_view user = TakeWord(&rest);
  const std::string_view password = TakeWord(&rest);
  if (user.empty() || password.empty()) {
    return ParseError("\\update-credentials requires a user and a password");
  }
  return UpdateStoredCredentials(context, user, password);
}

Status DeleteCredentials(Context* context, std::string_view) {
  return DeleteStoredCredentials(context);
}

Status Cluster(Context* context, std::string_view rest) { return RunClusterCommand(context, rest); }

struct Command {
  std::string_view name;
  Status (*run)(Context*, std::string_view rest);
};

constexpr std::array kCommands = {
    Command{"quit", Quit},
    Command{"q", Quit},
    Command{"help", Help},
    Command{"?", Help},
    Command{"info", Info},
    Command{"session", Info},
    Command{"history", History},
    Command{"h", History},
    Command{"sessions", Sessions},
    Command{"stats", Stats},
    Command{"metrics", Stats},
    Command{"health", Health},
    Command{"dt", Tables},
    Command{"tables", Tables},
    Command{"d", Describe},
    Command{"describe", Describe},
    Command{"as", As},
    Command{"format", Format},
    Command{"refresh-tables", Refresh},
    Command{"refresh", Refresh},
    Command{"flush", Flush},
    Command{"subscribe", Subscribe},
    Command{"watch", Subscribe},
    Command{"live", Subscribe},
    Command{"unsubscribe", Unsubscribe},
    Command{"unwatch", Unsubscribe},
    Command{"consume", Consume},
    Command{"show-credentials", ShowCredentials},
    Command{"credentials", ShowCredentials},
    Command{"update-credentials", UpdateCredentials},
    Command{"delete-credentials", DeleteCredentials},
    Command{"cluster", Cluster},
};

}  // namespace

Result<AfterCommand> RunMetaCommand(Context* context, std::string_view line) {
  std::string_view rest = Trim(line);
  std::string_view name = TakeWord(&rest).substr(1);
  // "\dt;" means "\dt".
  while (!name.empty() && name.back() == ';') name.remove_suffix(1);
  for (const Command& command : kCommands) {
    if (command.name != name) continue;
    KDB_RETURN_IF_ERROR(command.run(context, rest));
    return command.run == Quit ? AfterCommand::kQuit : AfterCommand::kContinue;
  }
  std::fputs(fmt::format("Unknown command: \\{}. Type \\help for help.\n", name).c_str(), stderr);
  return Output::Reported();
}

}  // namespace kalamdb::cli
