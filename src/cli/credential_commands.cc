// Tokens are never printed, only that they are there.
#include "cli/credential_commands.h"

#include <fmt/format.h>

#include "cli/connect.h"
#include "cli/terminal.h"

namespace kalamdb::cli {
namespace {

constexpr const char* kRedacted = "[redacted]";

void PrintMember(const char* name, const std::string& value) {
  if (!value.empty()) PrintLine(fmt::format("{}: {}", name, value));
}

void ListInstances(const CredentialStore& store) {
  if (store.all().empty()) {
    PrintLine("No stored credentials");
    return;
  }
  PrintLine("Stored credential instances:");
  for (const auto& [name, credential] : store.all()) {
    PrintLine(fmt::format("  • {} (user: {}){}", name,
                          credential.user.empty() ? "unknown" : credential.user,
                          credential.IsExpired() ? " (expired)" : ""));
  }
}

void ShowInstance(const CredentialStore& store, const std::string& instance) {
  const Credential* c = store.Find(instance);
  if (c == nullptr) {
    PrintLine(fmt::format("No credentials stored for instance '{}'", instance));
    return;
  }
  PrintLine(fmt::format("Instance: {}", instance));
  PrintMember("User", c->user);
  PrintMember("JWT Token", kRedacted);
  PrintMember("Expires", c->expires_at + (c->IsExpired() ? " (expired)" : ""));
  PrintMember("Refresh Token", c->refresh_token.empty() ? "" : kRedacted);
  PrintMember("Refresh Expires", c->refresh_expires_at);
  PrintMember("Server URL", c->server_url);
}

Status LogInAndStore(Context* context, std::string_view user, std::string_view password) {
  client::Session session(context->endpoint, context->options.timeouts);
  if (const Status status = session.Login(user, password); !status.ok()) {
    if (status.code() != ErrorCode::kUnauthorized) return WithDiagnostics(*context, status);
    return {status.code(), fmt::format("Configuration error: {}", status.message())};
  }
  return context->store.Put(context->options.instance,
                            CredentialFrom(session.tokens(), context->endpoint.Url()));
}

Status Update(Context* context) {
  const Options& options = context->options;
  std::optional<std::string> user = options.user;
  std::optional<std::string> password = options.password;
  if (!user && InputIsTerminal()) user = AskLine("User: ");
  if (!password && InputIsTerminal()) password = AskPassword("Password: ");
  if (!user) {
    return {ErrorCode::kInvalidInput,
            "Configuration error: --update-credentials needs --user and --password"};
  }
  KDB_RETURN_IF_ERROR(LogInAndStore(context, *user, password.value_or("")));
  const Credential* c = context->store.Find(options.instance);
  PrintLine(fmt::format("Successfully logged in and saved credentials for instance '{}'",
                        options.instance));
  PrintLine(fmt::format("Token expires: {}", c->expires_at));
  PrintMember("Refresh token expires", c->refresh_expires_at);
  return Status::Ok();
}

}  // namespace

Status RunCredentialOptions(Context* context, bool* handled) {
  const Options& options = context->options;
  *handled = true;
  if (options.list_instances) {
    ListInstances(context->store);
    return Status::Ok();
  }
  if (options.show_credentials) {
    ShowInstance(context->store, options.instance);
    return Status::Ok();
  }
  if (options.update_credentials) return Update(context);
  if (options.delete_credentials) {
    KDB_RETURN_IF_ERROR(context->store.Remove(options.instance));
    PrintLine(fmt::format("Deleted credentials for instance '{}'", options.instance));
    return Status::Ok();
  }
  *handled = false;
  return Status::Ok();
}

void ShowStoredCredentials(const Context& context) {
  const Credential* c = context.store.Find(context.options.instance);
  if (c == nullptr) {
    PrintLine("No credentials stored for this instance");
    PrintLine("Use \\update-credentials USER PASSWORD to store some.");
    return;
  }
  PrintLine("Stored Credentials");
  PrintLine(fmt::format("  Instance: {}", context.options.instance));
  PrintLine(fmt::format("  User: {}", c->user.empty() ? "unknown" : c->user));
  PrintLine(fmt::format("  JWT Token: {}", kRedacted));
  PrintLine(fmt::format("  Expires: {}{}", c->expires_at.empty() ? "unknown" : c->expires_at,
                        c->IsExpired() ? " (expired)" : ""));
  if (!c->server_url.empty()) PrintLine(fmt::format("  Server URL: {}", c->server_url));
  PrintLine(fmt::format("  File: {} (mode 0600)", context.store.path()));
}

Status UpdateStoredCredentials(Context* context, std::string_view user, std::string_view password) {
  PrintLine("Logging in...");
  KDB_RETURN_IF_ERROR(LogInAndStore(context, user, password));
  PrintLine("✓ Credentials updated successfully");
  return Status::Ok();
}

Status DeleteStoredCredentials(Context* context) {
  KDB_RETURN_IF_ERROR(context->store.Remove(context->options.instance));
  PrintLine("✓ Credentials deleted successfully");
  return Status::Ok();
}

}  // namespace kalamdb::cli
