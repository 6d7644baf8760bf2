// One request for each statement over one kept connection: what was printed has been done.
#include "cli/script.h"

#include <fmt/format.h>

#include "cli/progress_line.h"

namespace kalamdb::cli {
namespace {

std::string Progress(const client::ScriptReader& reader, uint64_t statements,
                     client::Clock::time_point begun) {
  const double seconds = std::chrono::duration<double>(client::Clock::now() - begun).count();
  std::string text = fmt::format("{} statements", statements);
  if (reader.size() > 0) {
    text += fmt::format(", {}%", std::min<uint64_t>(100, reader.position() * 100 / reader.size()));
  }
  return text + fmt::format(", {:.0f}/s", static_cast<double>(statements) / seconds);
}

}  // namespace

Status RunScript(Context* context, client::ScriptReader* reader, const std::string& path) {
  const client::Clock::time_point begun = client::Clock::now();
  ProgressLine line(!context->options.no_spinner);
  for (;;) {
    KDB_ASSIGN_OR_RETURN(const std::optional<client::ScriptStatement> statement, reader->Next());
    if (!statement) return Status::Ok();
    Result<client::SqlReply> reply = Execute(context, statement->text);
    line.Clear();
    const Status status = reply.ok() ? PrintReply(context, *reply) : reply.status();
    if (!status.ok()) {
      context->output.PrintError(status);
      std::fputs(fmt::format("  in statement {} at line {} of {}\n", statement->number,
                             statement->line, path)
                     .c_str(),
                 stderr);
      return Output::Reported();
    }
    if (line.Due()) line.Show(Progress(*reader, statement->number, begun));
  }
}

}  // namespace kalamdb::cli
