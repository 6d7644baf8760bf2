// Lines are gathered until a statement is whole; the text goes to the server as it was typed.
#include "cli/shell.h"

#include <fmt/format.h>

#include <iostream>

#include "cli/connect.h"
#include "cli/health.h"
#include "cli/line_editor.h"
#include "cli/meta_commands.h"
#include "cli/terminal.h"
#include "cli/version.h"
#include "client/statement_split.h"
#include "client/text.h"

namespace kalamdb::cli {
namespace {

// A statement that grows beyond this is refused: the server takes 1 MiB of SQL.
constexpr size_t kMaxPending = 16u << 20;

void Banner(Context* context) {
  const Output& out = context->output;
  out.Say("✓ Connected");
  out.Say("┌──────────────────────────────────────────┐");
  out.Say("│  KalamDB - SQL with live queries         │");
  out.Say("└──────────────────────────────────────────┘");
  out.Say(fmt::format("Connected to: {}", context->endpoint.Url()));
  out.Say(fmt::format("User ID: {}", context->user));
  if (const ServerVersion server = AskVersion(context); !server.version.empty()) {
    out.Say(fmt::format("Server version: {}", server.version));
  }
  out.Say(fmt::format("CLI version: {} (built: {})", Version(), BuildTime()));
  out.Say("Type \\help for help, \\info for this session, \\quit to leave.");
  out.Say("");
}

class Shell {
 public:
  explicit Shell(Context* context) : context_(context) {}

  // Takes one line; false when the shell is to end.
  bool Take(const std::string& line, bool empty_line_submits) {
    const std::string_view text = client::Trim(line);
    if (pending_.empty() && text.empty()) return true;
    if (pending_.empty() && text.front() == '\\') return RunCommand(text);
    if (text.empty() && empty_line_submits) {
      Submit();
      return true;
    }
    if (!pending_.empty()) pending_ += '\n';
    pending_ += line;
    const client::TextEnd end = client::EndOf(pending_);
    if (end.terminated) {
      Submit();
    } else if (end.blank) {
      pending_.clear();
    } else if (pending_.size() > kMaxPending) {
      pending_.clear();
      Report({ErrorCode::kInvalidInput, "Parse error: the statement is too long"});
    }
    return true;
  }

  [[nodiscard]] const std::string& pending() const { return pending_; }
  void Cancel() { pending_.clear(); }
  // The text of the last statement that was sent, for the history; empty afterwards.
  std::string TakeSubmitted() { return std::exchange(submitted_, {}); }

 private:
  bool RunCommand(std::string_view text) {
    submitted_ = text;
    const Result<AfterCommand> result = RunMetaCommand(context_, text);
    if (!result.ok()) Report(result.status());
    return !(result.ok() && *result == AfterCommand::kQuit);
  }

  void Submit() {
    submitted_ = std::exchange(pending_, {});
    if (client::EndOf(submitted_).blank || client::SplitStatements(submitted_).empty()) return;
    Report(RunSql(context_, submitted_));
  }

  void Report(const Status& status) const {
    if (status.ok() || status.code() == ErrorCode::kRetry) return;
    const std::string text = fmt::format("✗ {}", status.message());
    std::fputs(fmt::format("{}\n", context_->output.Red(text)).c_str(), stderr);
  }

  Context* context_;
  std::string pending_;
  std::string submitted_;
};

// Secrets stay out of the history.
bool MayBeRemembered(const std::string& text) {
  const std::string lower = client::AsciiLower(text);
  for (const char* word : {"password", "authorization", "bearer ", "refresh_token", "jwt_token",
                           "api_key", "secret", "\\history", "\\quit", "credentials"}) {
    if (lower.find(word) != std::string::npos) return false;
  }
  return true;
}

std::string Prompt(const Context& context) {
  const std::string place = fmt::format("KalamDB[{}] {}@{}", context.options.instance, context.user,
                                        context.endpoint.Authority());
  // \001 and \002 tell readline that what is between takes no room.
  if (context.output.color()) return fmt::format("\001\x1b[32m\002●\001\x1b[0m\002 {} ❯ ", place);
  return fmt::format("* {} > ", place);
}

void RunTyped(Context* context) {
  Shell shell(context);
  LineEditor editor;
  const std::string prompt = Prompt(*context);
  const std::string continuation = context->output.color() ? "  ↳ ❯ " : "  -> ";
  std::string line;
  for (bool go_on = true; go_on;) {
    switch (editor.Read(shell.pending().empty() ? prompt : continuation, &line)) {
      case LineInput::kEnd:
        PrintLine("Goodbye!");
        return;
      case LineInput::kCancelled:
        PrintLine(shell.pending().empty() ? "Use \\quit or \\q to exit" : "Command cancelled");
        shell.Cancel();
        break;
      case LineInput::kLine:
        go_on = shell.Take(line, true);
        if (const std::string sent = shell.TakeSubmitted(); MayBeRemembered(sent))
          editor.Remember(sent);
        break;
    }
  }
}

void RunPiped(Context* context) {
  Shell shell(context);
  std::string line;
  while (std::getline(std::cin, line)) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (!shell.Take(line, false)) return;
  }
  context->output.Say("Goodbye!");
}

}  // namespace

Status RunShell(Context* context) {
  context->output.Say("Connecting and authenticating...");
  KDB_RETURN_IF_ERROR(Probe(context));
  Banner(context);
  if (InputIsTerminal()) {
    RunTyped(context);
  } else {
    RunPiped(context);
  }
  return Status::Ok();
}

}  // namespace kalamdb::cli
