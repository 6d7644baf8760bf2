// Three ways to read statements: the editor at a terminal, lines at a terminal that cannot move its
// cursor, and lines of a pipe. What is done with them is the same.
#include "cli/shell.h"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <iostream>

#include "cli/connect.h"
#include "cli/health.h"
#include "cli/line_editor.h"
#include "cli/load_names.h"
#include "cli/meta_commands.h"
#include "cli/terminal.h"
#include "cli/user_files.h"
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

void Report(const Context& context, const Status& status) {
  if (status.ok() || status.code() == ErrorCode::kRetry) return;
  const std::string text = fmt::format("✗ {}", status.message());
  std::fputs(fmt::format("{}\n", context.output.Red(text)).c_str(), stderr);
}

// Runs a finished text; false when the shell is to end. *status tells how it went.
bool Run(Context* context, std::string_view text, Status* status) {
  const std::string_view trimmed = client::Trim(text);
  if (!trimmed.empty() && trimmed.front() == '\\') {
    const Result<AfterCommand> result = RunMetaCommand(context, trimmed);
    *status = result.status();
    Report(*context, *status);
    return !(result.ok() && *result == AfterCommand::kQuit);
  }
  *status = Status::Ok();
  if (client::EndOf(text).blank || client::SplitStatements(text).empty()) return true;
  *status = RunSql(context, text);
  Report(*context, *status);
  return true;
}

// Statements out of lines.
class Lines {
 public:
  explicit Lines(Context* context) : context_(context) {}

  // Takes one line; false when the shell is to end.
  bool Take(const std::string& line, bool empty_line_submits) {
    const std::string_view text = client::Trim(line);
    Status status;
    if (pending_.empty() && text.empty()) return true;
    if (pending_.empty() && text.front() == '\\') return Run(context_, text, &status);
    if (text.empty() && empty_line_submits) {
      return Run(context_, std::exchange(pending_, {}), &status);
    }
    if (!pending_.empty()) pending_ += '\n';
    pending_ += line;
    const client::TextEnd end = client::EndOf(pending_);
    if (end.terminated) return Run(context_, std::exchange(pending_, {}), &status);
    if (end.blank) {
      pending_.clear();
    } else if (pending_.size() > kMaxPending) {
      pending_.clear();
      Report(*context_, {ErrorCode::kInvalidInput, "Parse error: the statement is too long"});
    }
    return true;
  }

  [[nodiscard]] bool pending() const { return !pending_.empty(); }
  void Cancel() { pending_.clear(); }

 private:
  Context* context_;
  std::string pending_;
};

std::string Place(const Context& context, std::string_view name) {
  return fmt::format("KalamDB[{}] {}@{}", name, context.user, context.endpoint.Authority());
}

void SayCancelled(bool pending) {
  PrintLine(pending ? "Command cancelled" : "Use \\quit or \\q to exit");
}

bool IsNetworkError(const Status& status) {
  return status.code() == ErrorCode::kUnavailable || status.code() == ErrorCode::kTimeout;
}

// The shell at a terminal with a cursor.
class TypedShell {
 public:
  explicit TypedShell(Context* context)
      : context_(context),
        history_(HomeDirectory() + "/.kalam/history",
                 static_cast<size_t>(context->config.history_size)),
        editor_(&history_, &names_, &interrupt_, context->output.color()) {
    context_->session->SetInterrupt(interrupt_.fd());
    context_->spins = !context_->options.no_spinner && ErrorIsTerminal();
    name_ = ClusterName(context_);
    if (name_.empty()) name_ = context_->options.instance;
    Refresh();
  }
  ~TypedShell() {
    context_->session->SetInterrupt(-1);
    context_->spins = false;
  }
  TypedShell(const TypedShell&) = delete;
  TypedShell& operator=(const TypedShell&) = delete;

  void Loop() {
    std::string text;
    for (;;) {
      switch (editor_.Read(MakePrompt(), &text)) {
        case LineInput::kEnd:
          context_->output.Say("Goodbye!");
          return;
        case LineInput::kCancelled:
          SayCancelled(!client::Trim(text).empty());
          break;
        case LineInput::kLine:
          if (!Take(text)) return;
          break;
      }
    }
  }

 private:
  bool Take(std::string_view text) {
    if (const Status kept = history_.Add(text); !kept.ok() && !history_failed_) {
      // Once is enough: the statements run all the same.
      history_failed_ = true;
      std::fputs(fmt::format("Warning: {}\n", kept.message()).c_str(), stderr);
    }
    const std::string_view command = CommandIn(text);
    if (command == "\\history" || command == "\\h") {
      if (history_.entries().empty()) PrintLine("The history is empty");
      editor_.OpenMenu();
      return true;
    }
    // A Ctrl+C that came too late for the statement before is not meant for this one.
    interrupt_.Take();
    Status status;
    const bool go_on = Run(context_, text, &status);
    if (IsNetworkError(status)) connected_ = false;
    // A refusal is an answer too. Shell commands may have asked nobody.
    if (!IsNetworkError(status) && command.empty()) connected_ = true;
    const bool refresh = command == "\\refresh-tables" || command == "\\refresh";
    if (go_on && (refresh || (status.ok() && ChangesNames(text)))) Refresh();
    names_.SetCurrent(Current());
    return go_on;
  }

  static std::string_view CommandIn(std::string_view text) {
    text = client::Trim(text);
    if (text.empty() || text.front() != '\\') return {};
    return text.substr(0, text.find_first_of(" \t\r\n;"));
  }

  static bool ChangesNames(std::string_view text) {
    const std::vector<std::string> statements = client::SplitStatements(text);
    return std::any_of(statements.begin(), statements.end(), [](const std::string& statement) {
      const std::string word = client::AsciiLower(
          std::string_view(statement).substr(0, statement.find_first_of(" \t\r\n")));
      return word == "create" || word == "drop" || word == "alter";
    });
  }

  [[nodiscard]] std::string_view Current() const {
    return context_->namespace_id.empty() ? "default" : std::string_view(context_->namespace_id);
  }

  void Refresh() {
    LoadNames(context_, &names_);
    names_.SetCurrent(Current());
    // Ctrl+C while names were read is not meant for the prompt.
    interrupt_.Take();
  }

  [[nodiscard]] Prompt MakePrompt() const {
    const std::string place = Place(*context_, name_);
    if (!context_->output.color()) {
      return {fmt::format("{} {} > ", connected_ ? "*" : "o", place), "> ", "  -> "};
    }
    return {fmt::format("{} {} ❯ ", connected_ ? "●" : "○", place), "❯ ", "  ↳ ❯ ",
            connected_ ? TextStyle::kGood : TextStyle::kBad};
  }

  Context* context_;
  // Ctrl+C is an event for as long as the shell lives.
  InterruptSignal interrupt_;
  History history_;
  NameCatalog names_;
  LineEditor editor_;
  std::string name_;
  bool connected_ = true;
  bool history_failed_ = false;
};

// One line as the terminal itself edits it. False at the end of input; *cancelled after Ctrl+C.
bool ReadPlainLine(std::string_view prompt, InterruptSignal* interrupt, std::string* line,
                   bool* cancelled) {
  line->clear();
  *cancelled = false;
  std::fputs(std::string(prompt).c_str(), stdout);
  std::fflush(stdout);
  for (;;) {
    pollfd entries[2] = {{STDIN_FILENO, POLLIN, 0}, {interrupt->fd(), POLLIN, 0}};
    if (poll(entries, 2, -1) < 0) continue;
    if (entries[1].revents != 0 && interrupt->Take()) {
      std::fputc('\n', stdout);
      *cancelled = true;
      return true;
    }
    if (entries[0].revents == 0) continue;
    char byte = 0;
    const ssize_t n = read(STDIN_FILENO, &byte, 1);
    if (n <= 0) return !line->empty();
    if (byte == '\n') return true;
    if (line->size() < kMaxPending) *line += byte;
  }
}

void RunPlainTerminal(Context* context) {
  InterruptSignal interrupt;
  context->session->SetInterrupt(interrupt.fd());
  Lines lines(context);
  const std::string prompt = fmt::format("* {} > ", Place(*context, context->options.instance));
  std::string line;
  bool cancelled = false;
  while (ReadPlainLine(lines.pending() ? "  -> " : prompt, &interrupt, &line, &cancelled)) {
    if (cancelled) {
      SayCancelled(lines.pending());
      lines.Cancel();
    } else if (!lines.Take(line, true)) {
      context->session->SetInterrupt(-1);
      return;
    }
  }
  context->session->SetInterrupt(-1);
  context->output.Say("Goodbye!");
}

void RunPiped(Context* context) {
  Lines lines(context);
  std::string line;
  while (std::getline(std::cin, line)) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (!lines.Take(line, false)) return;
  }
  context->output.Say("Goodbye!");
}

}  // namespace

Status RunShell(Context* context) {
  context->output.Say("Connecting and authenticating...");
  KDB_RETURN_IF_ERROR(Probe(context));
  Banner(context);
  if (!InputIsTerminal() || !OutputIsTerminal()) {
    RunPiped(context);
  } else if (TerminalHasCursor()) {
    TypedShell(context).Loop();
  } else {
    RunPlainTerminal(context);
  }
  return Status::Ok();
}

}  // namespace kalamdb::cli
