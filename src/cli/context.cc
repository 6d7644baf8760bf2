// SQL from the command line.
#include "cli/context.h"

#include <fmt/format.h>

#include <thread>

#include "cli/spinner.h"
#include "cli/subscribe.h"
#include "cli/terminal.h"
#include "cli/upload.h"
#include "client/error_place.h"
#include "client/json.h"
#include "client/namespace_switch.h"

namespace kalamdb::cli {
namespace {

struct RequiredSubscription {
  std::string sql;
  client::SubscribeOptions options;
};

// An answer may ask for a live query instead of holding one: the JSON of its column `subscription`
// is {"id"?, "sql", "options"?}.
std::optional<RequiredSubscription> SubscriptionRequiredBy(const client::SqlReply& reply) {
  if (!reply.ok() || reply.results.empty()) return std::nullopt;
  const client::SqlResult& result = reply.results[0];
  std::string status;
  std::string subscription;
  for (size_t i = 0; i < result.columns.size(); ++i) {
    if (result.columns[i].name == "status") status = result.Text(0, i);
    if (result.columns[i].name == "subscription") subscription = result.Text(0, i);
  }
  if (status != "subscription_required") return std::nullopt;
  const Result<boost::json::value> document = client::ParseJson(subscription);
  if (!document.ok() || !document->is_object()) return std::nullopt;
  const boost::json::object& root = document->get_object();
  RequiredSubscription required;
  required.sql = client::StringMember(root, "sql");
  if (const boost::json::object* options = client::ObjectMember(root, "options")) {
    const auto read = [options](const char* name, std::optional<int64_t>* value) {
      const boost::json::value* member = options->if_contains(name);
      if (member != nullptr && member->is_int64()) *value = member->get_int64();
    };
    read("batch_size", &required.options.batch_size);
    read("last_rows", &required.options.last_rows);
    read("from", &required.options.from);
  }
  return required;
}

}  // namespace

void Context::Verbose(std::string_view line) const {
  if (options.verbose) std::fputs(fmt::format("{}\n", line).c_str(), stderr);
}

namespace {

// Shows where in the text that was sent an error lies, when the server knows.
void AddExcerpt(std::string_view sent, Result<client::SqlReply>* reply) {
  if (!reply->ok() || (*reply)->ok()) return;
  client::SqlError& error = *(*reply)->error;
  if (const std::optional<client::ErrorPlace> place = client::ErrorPlaceIn(error.details)) {
    error.excerpt = client::ShowErrorPlace(sent, *place, TerminalWidth());
  }
}

Result<client::SqlReply> Send(Context* context, std::string_view sql) {
  if (sql.find("file(") != std::string_view::npos) {
    KDB_ASSIGN_OR_RETURN(const client::FileCalls files, client::TakeFileCalls(sql));
    if (!files.calls.empty()) {
      Result<client::SqlReply> reply = ExecuteWithFiles(context, files);
      AddExcerpt(files.sql, &reply);
      if (!reply.ok()) return WithDiagnostics(*context, reply.status());
      return reply;
    }
  }
  const Spinner spinner(context->spins, context->options.loading_threshold, "Executing query...");
  for (int64_t attempt = 0;; ++attempt) {
    Result<client::SqlReply> reply = context->session->Execute(sql, {}, context->namespace_id);
    AddExcerpt(sql, &reply);
    const bool network =
        reply.code() == ErrorCode::kUnavailable || reply.code() == ErrorCode::kTimeout;
    if (!network) return reply;
    if (attempt >= context->config.max_retries || !client::IsReadOnlyText(sql)) {
      return WithDiagnostics(*context, reply.status());
    }
    // A pause between attempts, longer each time; nothing is waited for that could be polled.
    std::this_thread::sleep_for(std::chrono::milliseconds(100) * (attempt + 1));
  }
}

}  // namespace

Result<client::SqlReply> Execute(Context* context, std::string_view sql) {
  Result<client::SqlReply> reply = Send(context, sql);
  Statistics& statistics = context->statistics;
  ++statistics.requests;
  if (!reply.ok() || !reply->ok()) ++statistics.failures;
  if (reply.ok()) statistics.took_millis += reply->took_ms;
  if (reply.ok() && reply->ok()) {
    if (auto name = client::NamespaceSwitchIn(sql)) context->namespace_id = std::move(*name);
  }
  return reply;
}

Status RunSql(Context* context, std::string_view sql) {
  KDB_ASSIGN_OR_RETURN(const client::SqlReply reply, Execute(context, sql));
  return PrintReply(context, reply);
}

Status PrintReply(Context* context, const client::SqlReply& reply) {
  if (const std::optional<RequiredSubscription> live = SubscriptionRequiredBy(reply)) {
    return RunSubscription(context, live->sql, live->options, {});
  }
  return context->output.Print(reply);
}

Status WithDiagnostics(const Context& context, const Status& status) {
  if (status.code() != ErrorCode::kUnavailable && status.code() != ErrorCode::kTimeout)
    return status;
  const std::string url = context.endpoint.Url();
  return {status.code(), fmt::format("Connection failed: {}\n\n"
                                     "Possible issues:\n"
                                     "  - the server is not running at {}\n"
                                     "  - the address or port is wrong (see --url)\n"
                                     "  - a firewall or proxy is in between\n\n"
                                     "Try: curl {}/v1/api/healthcheck",
                                     status.message(), url, url)};
}

}  // namespace kalamdb::cli
