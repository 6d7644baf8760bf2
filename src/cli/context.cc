// SQL from the command line.
#include "cli/context.h"

#include <fmt/format.h>

#include <thread>

#include "cli/subscribe.h"
#include "cli/upload.h"
#include "client/json.h"

namespace kalamdb::cli {
namespace {

// An answer may ask for a live query instead of holding one.
std::optional<std::string> RequiredSubscription(const client::SqlReply& reply) {
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
  return std::string(client::StringMember(document->get_object(), "sql"));
}

}  // namespace

void Context::Verbose(std::string_view line) const {
  if (options.verbose) std::fputs(fmt::format("{}\n", line).c_str(), stderr);
}

namespace {

Result<client::SqlReply> Send(Context* context, std::string_view sql) {
  if (sql.find("file(") != std::string_view::npos) {
    KDB_ASSIGN_OR_RETURN(const client::FileCalls files, client::TakeFileCalls(sql));
    if (!files.calls.empty()) {
      Result<client::SqlReply> reply = ExecuteWithFiles(context, files);
      if (!reply.ok()) return WithDiagnostics(*context, reply.status());
      return reply;
    }
  }
  for (int64_t attempt = 0;; ++attempt) {
    Result<client::SqlReply> reply = context->session->Execute(sql);
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
  return reply;
}

Status RunSql(Context* context, std::string_view sql) {
  KDB_ASSIGN_OR_RETURN(const client::SqlReply reply, Execute(context, sql));
  return PrintReply(context, reply);
}

Status PrintReply(Context* context, const client::SqlReply& reply) {
  if (const std::optional<std::string> live = RequiredSubscription(reply)) {
    return RunSubscription(context, *live, {});
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
