// The order in which credentials are looked for; prompts only where somebody can answer.
#include "cli/connect.h"

#include <fmt/format.h>

#include "cli/terminal.h"
#include "client/text.h"

namespace kalamdb::cli {
namespace {

constexpr std::string_view kProbe = "SELECT name FROM system.namespaces LIMIT 1";

void Warn(std::string_view line) { std::fputs(fmt::format("{}\n", line).c_str(), stderr); }

Status ConfigurationError(const Status& status) {
  if (status.code() == ErrorCode::kUnauthorized) {
    return {status.code(), fmt::format("Configuration error: {}", status.message())};
  }
  return status;
}

Status Store(Context* context) {
  return context->store.Put(context->options.instance,
                            CredentialFrom(context->session->tokens(), context->endpoint.Url()));
}

Status LogInWithOptions(Context* context) {
  const Options& options = context->options;
  std::string password = options.password.value_or("");
  if (!options.password && InputIsTerminal()) {
    const std::optional<std::string> typed = AskPassword("Password: ");
    if (!typed) return {ErrorCode::kInvalidInput, "Configuration error: no password was given"};
    password = *typed;
  }
  const Status status = context->session->Login(*options.user, password);
  if (context->session->setup_required()) {
    if (InputIsTerminal()) return RunSetupWizard(context);
    return {ErrorCode::kUnauthorized, fmt::format("Server setup required: {}", status.message())};
  }
  if (!status.ok()) return ConfigurationError(WithDiagnostics(*context, status));
  context->user = *options.user;
  return options.save_credentials ? Store(context) : Status::Ok();
}

// *usable tells whether the stored credentials log in.
Status UseStored(Context* context, const Credential& credential, bool* usable) {
  const std::string& instance = context->options.instance;
  context->session->SetTokens(TokensFrom(credential));
  context->user = credential.user.empty() ? "jwt-user" : credential.user;
  *usable = true;
  if (!credential.IsExpired()) {
    context->Verbose(fmt::format("Using stored JWT token for instance '{}'", instance));
    return Status::Ok();
  }
  Warn(fmt::format("Warning: Stored credentials for '{}' have expired.", instance));
  *usable = false;
  if (!credential.CanRefresh()) {
    Warn("Warning: No refresh token available.");
  } else if (const Status status = context->session->Refresh(); status.ok()) {
    *usable = true;
    KDB_RETURN_IF_ERROR(Store(context));
    Warn(fmt::format("Successfully refreshed credentials for instance '{}'", instance));
  } else {
    Warn(fmt::format("Warning: {}", status.message()));
  }
  if (!*usable) context->session->SetTokens({});
  return Status::Ok();
}

Status AskForLogin(Context* context) {
  client::Session& session = *context->session;
  const Result<bool> needs_setup = session.NeedsSetup();
  if (!needs_setup.ok() && needs_setup.code() != ErrorCode::kUnavailable) {
    return WithDiagnostics(*context, needs_setup.status());
  }
  const Status probe = session.Login("root", "");
  if (session.setup_required()) return RunSetupWizard(context);
  if (probe.ok()) {
    context->user = "root";
    return Status::Ok();
  }
  if (probe.code() != ErrorCode::kUnauthorized) return WithDiagnostics(*context, probe);
  PrintLine("No authentication credentials found.");
  PrintLine(
      fmt::format("Please enter your credentials to connect to: {}", context->endpoint.Url()));
  const std::optional<std::string> user = AskLine("User: ");
  const std::optional<std::string> password = user ? AskPassword("Password: ") : std::nullopt;
  if (!user || !password) return {ErrorCode::kUnauthorized, "Configuration error: login cancelled"};
  if (const Status status = session.Login(*user, *password); !status.ok()) {
    return ConfigurationError(WithDiagnostics(*context, status));
  }
  context->user = *user;
  const std::optional<std::string> save = AskLine("Save credentials for future use? (y/N): ");
  return save && client::AsciiLower(*save).rfind('y', 0) == 0 ? Store(context) : Status::Ok();
}

}  // namespace

Result<client::Endpoint> ChooseEndpoint(const Options& options, const CredentialStore& store) {
  if (options.url) return client::ParseServerUrl(*options.url);
  if (options.host) {
    const uint16_t port = options.port == 0 ? client::kDefaultPort : options.port;
    const bool bare_v6 =
        options.host->find(':') != std::string::npos && options.host->front() != '[';
    return client::ParseServerUrl(bare_v6 ? fmt::format("http://[{}]:{}", *options.host, port)
                                          : fmt::format("http://{}:{}", *options.host, port));
  }
  if (const Credential* stored = store.Find(options.instance);
      stored != nullptr && stored->server_url.rfind("http", 0) == 0) {
    return client::ParseServerUrl(stored->server_url);
  }
  const uint16_t port = options.port == 0 ? client::kDefaultPort : options.port;
  return client::ParseServerUrl(fmt::format("http://localhost:{}", port));
}

Status Authenticate(Context* context) {
  const Options& options = context->options;
  context->session = std::make_unique<client::Session>(context->endpoint, options.timeouts);
  const std::string token = options.token.value_or(context->config.jwt_token);
  if (!token.empty() || options.token) {
    client::Tokens tokens;
    tokens.access_token = token;
    context->session->SetTokens(std::move(tokens));
    context->user = "jwt-user";
    return Status::Ok();
  }
  if (options.user) return LogInWithOptions(context);
  if (const Credential* stored = context->store.Find(options.instance)) {
    const Credential credential = *stored;
    bool usable = false;
    KDB_RETURN_IF_ERROR(UseStored(context, credential, &usable));
    if (usable) {
      context->session->OnRefresh([context](const client::Tokens&) {
        if (const Status status = Store(context); !status.ok()) Warn(status.message());
      });
      return Status::Ok();
    }
    context->user = "anonymous";
  }
  if (InputIsTerminal()) return AskForLogin(context);
  if (!context->endpoint.IsLoopback()) {
    return {ErrorCode::kUnauthorized,
            "Configuration error: No authentication credentials available. Use --user and "
            "--password, or run "
            "interactively."};
  }
  const Status status = context->session->Login("root", "");
  if (status.ok()) {
    context->user = "root";
    return status;
  }
  if (context->session->setup_required()) {
    return {ErrorCode::kUnauthorized,
            "Server setup required: root has no password yet. Run kalam at a terminal, or POST "
            "/v1/api/auth/setup."};
  }
  context->Verbose(fmt::format("Continuing without credentials: {}", status.message()));
  return Status::Ok();
}

Status Probe(Context* context) {
  KDB_ASSIGN_OR_RETURN(const client::SqlReply reply, Execute(context, kProbe));
  // Whoever is told that they may not read this has been recognised.
  if (reply.ok() || reply.http_status == 403) return Status::Ok();
  if (reply.http_status == 400) return Status::Ok();
  const bool stored =
      !context->options.token && !context->options.user && context->config.jwt_token.empty();
  if (reply.http_status == 401 && stored && InputIsTerminal()) {
    // Tokens of a server that has been set up anew, or of an account that has changed.
    Warn(fmt::format("Warning: {}", reply.ToStatus().message()));
    return AskForLogin(context);
  }
  return reply.ToStatus();
}

Status RunSetupWizard(Context* context) {
  const auto ask_twice = [](const char* what) -> std::optional<std::string> {
    for (;;) {
      const std::optional<std::string> first = AskPassword(fmt::format("{}: ", what));
      if (!first) return std::nullopt;
      const std::optional<std::string> second = AskPassword(fmt::format("{} again: ", what));
      if (!second) return std::nullopt;
      if (*first == *second && !first->empty()) return first;
      PrintLine(first->empty() ? "It must not be empty." : "The two do not match; try again.");
    }
  };
  const Status cancelled(ErrorCode::kUnauthorized,
                         "Server setup required: the setup was cancelled");
  PrintLine("This server has not been set up. Its first account gets the role dba.");
  std::string user;
  while (user.empty() || user == "root") {
    const std::optional<std::string> typed = AskLine("User (not root): ");
    if (!typed) return cancelled;
    user = client::Trim(*typed);
  }
  const std::optional<std::string> password = ask_twice("Password");
  if (!password) return cancelled;
  const std::optional<std::string> root_password = ask_twice("Password of root");
  if (!root_password) return cancelled;
  const std::optional<std::string> email = AskLine("Email (may be empty): ");
  if (!email) return cancelled;
  const Status done =
      context->session->SetUp(user, *password, *root_password, client::Trim(*email));
  if (!done.ok()) {
    return {done.code(), fmt::format("Server setup required: {}", done.message())};
  }
  KDB_RETURN_IF_ERROR(ConfigurationError(context->session->Login(user, *password)));
  context->user = user;
  PrintLine(fmt::format("The server is set up; logged in as {}.", user));
  return Store(context);
}

}  // namespace kalamdb::cli
