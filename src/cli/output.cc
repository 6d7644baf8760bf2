// Standard output is for answers, standard error for what went wrong.
#include "cli/output.h"

#include <fmt/format.h>

#include "cli/terminal.h"
#include "client/json.h"

namespace kalamdb::cli {
namespace {

void Write(FILE* stream, std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stream);
  std::fflush(stream);
}

}  // namespace

Status Output::Print(const client::SqlReply& reply) const {
  if (reply.ok()) {
    Write(stdout, client::RenderReply(reply, format_, TerminalWidth(), timestamps_));
    return Status::Ok();
  }
  if (reply.http_status >= 400 && reply.http_status < 500) return reply.ToStatus();
  if (format_ == client::OutputFormat::kJson) {
    Write(stdout, client::PrettyJson(reply.Document()) + "\n");
    return Reported();
  }
  std::string text =
      fmt::format("{}: {}\n", Red("ERROR " + reply.error->code), reply.error->message);
  if (!reply.error->details.empty()) text += fmt::format("Details: {}\n", reply.error->details);
  if (!reply.error->excerpt.empty()) text += reply.error->excerpt + "\n";
  Write(stdout, text);
  return Reported();
}

void Output::PrintError(const Status& status) const {
  if (status.ok() || status.code() == ErrorCode::kRetry) return;
  Write(stderr, fmt::format("Error: {}\n", status.message()));
}

void Output::Say(std::string_view line) const {
  Write(format_ == client::OutputFormat::kTable ? stdout : stderr, fmt::format("{}\n", line));
}

std::string Output::Red(std::string_view text) const {
  return color_ ? fmt::format("\x1b[31m{}\x1b[0m", text) : std::string(text);
}

void PrintLine(std::string_view line) { Write(stdout, fmt::format("{}\n", line)); }

}  // namespace kalamdb::cli
