// One subscription on one connection; events on standard output, everything about them on standard
// error.
#include "cli/subscribe.h"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <charconv>
#include <ctime>

#include "cli/terminal.h"
#include "client/json.h"
#include "client/live_connection.h"
#include "client/statement_split.h"
#include "client/text.h"

namespace kalamdb::cli {
namespace {

using client::LiveConnection;
using client::LiveEvent;
using Kind = client::LiveEvent::Kind;
using std::chrono::milliseconds;

std::string Now() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  std::tm local{};
  localtime_r(&now.tv_sec, &local);
  return fmt::format("[{:02}:{:02}:{:02}.{:03}]", local.tm_hour, local.tm_min, local.tm_sec,
                     now.tv_nsec / 1'000'000);
}

void Note(std::string_view line) {
  std::fputs(fmt::format("{}\n", line).c_str(), stderr);
  std::fflush(stderr);
}

// Takes a trailing OPTIONS (...) and a leading SUBSCRIBE TO off the text.
Result<client::SubscribeOptions> TakeOptions(std::string* sql) {
  client::SubscribeOptions options;
  const std::vector<std::string> statements = client::SplitStatements(*sql);
  if (statements.size() != 1) {
    return Status(ErrorCode::kInvalidInput, "Parse error: a live query is one SELECT statement");
  }
  *sql = statements[0];
  if (client::AsciiLower(*sql).rfind("subscribe to ", 0) == 0) *sql = client::Trim(sql->substr(13));
  const std::string lower = client::AsciiLower(*sql);
  const size_t at = lower.rfind("options");
  if (at == std::string::npos || at == 0 || lower.back() != ')' ||
      std::isspace(static_cast<unsigned char>(lower[at - 1])) == 0) {
    return options;
  }
  std::string_view list = client::Trim(std::string_view(lower).substr(at + 7));
  if (list.size() < 2 || list.front() != '(' || list.find('(', 1) != std::string_view::npos)
    return options;
  list = list.substr(1, list.size() - 2);
  while (!client::Trim(list).empty()) {
    const std::string_view entry = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), entry.size() + 1));
    const size_t equals = entry.find('=');
    const std::string_view name = client::Trim(entry.substr(0, equals));
    std::string_view text =
        equals == std::string_view::npos ? "" : client::Trim(entry.substr(equals + 1));
    if (text.size() >= 2 && text.front() == '\'' && text.back() == '\'')
      text = text.substr(1, text.size() - 2);
    int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < 0) {
      return Status(ErrorCode::kInvalidInput,
                    fmt::format("Parse error: no number in OPTIONS: {}", entry));
    }
    if (name == "last_rows") {
      options.last_rows = value;
    } else if (name == "batch_size") {
      options.batch_size = value;
    } else if (name == "from") {
      options.from = value;
    } else {
      return Status(ErrorCode::kInvalidInput,
                    fmt::format("Parse error: unknown option of a live query: {}", name));
    }
  }
  *sql = client::Trim(sql->substr(0, at));
  return options;
}

// Readable when Ctrl+C or a key is waiting.
class Interruption {
 public:
  Interruption() : fd_(epoll_create1(EPOLL_CLOEXEC)) {
    Watch(signal_.fd());
    if (keys_.active()) Watch(STDIN_FILENO);
  }
  ~Interruption() { close(fd_); }
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;
  [[nodiscard]] int fd() const { return fd_; }

  // Takes what is waiting: true for Ctrl+C and 'q'.
  bool Take() {
    if (signal_.Take()) return true;
    epoll_event event{};
    char key = 0;
    if (!keys_.active() || epoll_wait(fd_, &event, 1, 0) != 1) return false;
    return read(STDIN_FILENO, &key, 1) != 1 || key == 'q' || key == 'Q';
  }

 private:
  void Watch(int fd) const {
    epoll_event event{};
    event.events = EPOLLIN;
    epoll_ctl(fd_, EPOLL_CTL_ADD, fd, &event);
  }

  InterruptSignal signal_;
  KeyInput keys_;
  int fd_;
};

class Follower {
 public:
  Follower(Context* context, std::string sql, client::SubscribeOptions options,
           SubscriptionLimits limits)
      : context_(context),
        sql_(std::move(sql)),
        options_(std::move(options)),
        limits_(limits),
        id_(fmt::format("sub_{}", std::chrono::system_clock::now().time_since_epoch() /
                                      std::chrono::nanoseconds(1))),
        banner_(!context->options.no_spinner) {}

  Status Run() {
    if (banner_) {
      Note(fmt::format("Starting subscription for query: {}", sql_));
      Note(fmt::format("Subscription ID: {}", id_));
      if (limits_.timeout.count() > 0) {
        Note(fmt::format("Timeout: {}s", static_cast<double>(limits_.timeout.count()) / 1000));
      }
      Note("Press Ctrl+C (or 'q') to unsubscribe...");
      Note("");
    }
    const client::Deadline end =
        limits_.timeout.count() > 0 ? client::In(limits_.timeout) : client::kNoDeadline;
    Interruption interruption;
    if (Status status = Connect(); !status.ok()) return WithDiagnostics(*context_, status);
    for (;;) {
      const client::Timeouts& timeouts = context_->options.timeouts;
      const client::Deadline wait =
          complete_ ? end
                    : progress_ + (acknowledged_ ? timeouts.initial_data : timeouts.subscribe);
      KDB_ASSIGN_OR_RETURN(const LiveEvent event, live_->Next(wait, interruption.fd()));
      switch (event.kind) {
        case Kind::kInterrupted:
          if (!interruption.Take()) break;
          return Unsubscribe();
        case Kind::kTimeout:
          if (!complete_) {
            return {ErrorCode::kTimeout,
                    acknowledged_ ? "Subscription error: no initial data in time"
                                  : "Subscription error: the server did not answer in time"};
          }
          Note("⏱ Subscription timeout reached");
          return Status::Ok();
        case Kind::kClosed: {
          bool stopped = false;
          if (Status status = Reconnect(event, &interruption, &stopped); !status.ok() || stopped)
            return status;
          break;
        }
        default:
          KDB_RETURN_IF_ERROR(OnEvent(event));
      }
    }
  }

 private:
  Status Connect() {
    const client::Endpoint& endpoint = context_->endpoint;
    KDB_ASSIGN_OR_RETURN(live_,
                         LiveConnection::Open(endpoint, context_->session->tokens().access_token,
                                              context_->options.timeouts, !endpoint.IsLoopback()));
    if (last_seq_) {
      options_.from = last_seq_;
      options_.last_rows.reset();
    }
    progress_ = client::Clock::now();
    complete_ = false;
    acknowledged_ = false;
    return live_->Subscribe(id_, sql_, options_);
  }

  Status Unsubscribe() {
    Note("⚠ Unsubscribing...");
    // A dead connection needs no goodbye.
    static_cast<void>(live_->Unsubscribe(id_).ok());
    live_->Close();
    Note("✓ Unsubscribed - Back to CLI prompt");
    return Status::Ok();
  }

  Status Reconnect(const LiveEvent& closed, Interruption* interruption, bool* stopped) {
    const ShellConfig& config = context_->config;
    const std::string why =
        fmt::format("{}{}{}", closed.code, closed.code.empty() ? "" : " ", closed.message);
    milliseconds delay(config.reconnect_delay_ms);
    Status last;
    for (int64_t attempt = 1; config.auto_reconnect && established_ && closed.code != "1008";
         ++attempt) {
      if (config.max_reconnect_attempts > 0 && attempt > config.max_reconnect_attempts) break;
      context_->Verbose(fmt::format("Connection lost ({}), attempt {} to reconnect", why, attempt));
      // The pause ends early when somebody wants to leave.
      if (WaitFor(interruption, delay)) {
        *stopped = true;
        Note("✓ Unsubscribed - Back to CLI prompt");
        return Status::Ok();
      }
      delay = std::min(delay * 2, milliseconds(config.max_reconnect_delay_ms));
      last = Connect();
      if (last.ok()) return last;
      if (last.code() == ErrorCode::kUnauthorized && !context_->session->Refresh().ok()) break;
    }
    Note("Subscription ended by server");
    *stopped = true;
    if (closed.code == "1000" || closed.code == "1001") return Status::Ok();
    return {ErrorCode::kUnavailable, fmt::format("Subscription error: the connection ended ({})",
                                                 last.ok() ? why : last.message())};
  }

  static bool WaitFor(Interruption* interruption, milliseconds delay) {
    const client::Deadline until = client::In(delay);
    for (auto left = delay; left.count() > 0;
         left = std::chrono::duration_cast<milliseconds>(until - client::Clock::now())) {
      epoll_event event{};
      if (epoll_wait(interruption->fd(), &event, 1, static_cast<int>(left.count())) > 0 &&
          interruption->Take()) {
        return true;
      }
    }
    return false;
  }

  Status OnEvent(const LiveEvent& event) {
    if (event.subscription_id != id_) return Status::Ok();
    progress_ = client::Clock::now();
    const char* arrow = context_->output.color() ? "⇒" : "=>";
    switch (event.kind) {
      case Kind::kAck:
        OnAck(event);
        break;
      case Kind::kBatch:
        PrintLine(fmt::format("{} BATCH {} [{}] {} rows ({})", Now(), event.batch_number + 1, id_,
                              event.rows.size(), event.has_more ? "more pending" : "complete"));
        for (const boost::json::value& row : event.rows) PrintRow(row);
        if (!event.has_more) complete_ = true;
        break;
      case Kind::kInsert:
        PrintLine(fmt::format("{} INSERT [{}] {}", Now(), id_, First(event.rows)));
        break;
      case Kind::kUpdate:
        PrintLine(fmt::format("{} UPDATE [{}] {} {} {}", Now(), id_, First(event.old_values), arrow,
                              First(event.rows)));
        break;
      case Kind::kDelete:
        PrintLine(fmt::format("{} DELETE [{}] {}", Now(), id_, First(event.old_values)));
        break;
      case Kind::kError:
        if (!established_) {
          return {ErrorCode::kExecution,
                  fmt::format("Subscription failed ({}): {}", event.code, event.message)};
        }
        Note(fmt::format("{} ERROR [{}] {}: {}", Now(), id_, event.code, event.message));
        // Rows may have gone meanwhile that nobody was told of; what comes from now on is whole.
        if (event.code == "RESUME_TOO_OLD") break;
        Note("Subscription failed - returning to CLI prompt");
        return Output::Reported();
      default:
        break;
    }
    Remember(event.rows);
    Remember(event.old_values);
    return Status::Ok();
  }

  void OnAck(const LiveEvent& event) {
    if (!established_ && banner_) Note(fmt::format("Subscription established (ID: {})", id_));
    established_ = true;
    acknowledged_ = true;
    PrintLine(fmt::format("{} ✓ SUBSCRIBED [{}] {} total rows, batch {} ({}), {} columns", Now(),
                          id_, event.total_rows, event.batch_number + 1,
                          event.has_more ? "loading..." : "ready", event.columns));
  }

  static void PrintRow(const boost::json::value& row) {
    std::string text = "  " + client::PrettyJson(row);
    for (size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at += 3)
      text.insert(at + 1, "  ");
    PrintLine(text);
  }

  static std::string First(const boost::json::array& rows) {
    return rows.empty() ? "(no row payload)" : client::CompactJson(rows[0]);
  }

  void Remember(const boost::json::array& rows) {
    for (const boost::json::value& row : rows) {
      if (!row.is_object()) continue;
      const std::string_view text = client::StringMember(row.get_object(), "_seq");
      int64_t seq = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seq);
      if (text.empty() || error != std::errc() || end != text.data() + text.size()) continue;
      last_seq_ = std::max(last_seq_.value_or(seq), seq);
    }
  }

  Context* context_;
  std::string sql_;
  client::SubscribeOptions options_;
  SubscriptionLimits limits_;
  std::string id_;
  bool banner_;
  std::unique_ptr<LiveConnection> live_;
  bool established_ = false;   // the server has acknowledged it at least once
  bool acknowledged_ = false;  // on this connection
  bool complete_ = false;      // the snapshot has arrived as a whole
  client::Clock::time_point progress_;
  std::optional<int64_t> last_seq_;
};

}  // namespace

Status RunSubscription(Context* context, std::string_view sql, const SubscriptionLimits& limits) {
  std::string text(client::Trim(sql));
  KDB_ASSIGN_OR_RETURN(const client::SubscribeOptions options, TakeOptions(&text));
  return RunSubscription(context, text, options, limits);
}

Status RunSubscription(Context* context, std::string_view sql,
                       const client::SubscribeOptions& options, const SubscriptionLimits& limits) {
  return Follower(context, std::string(sql), options, limits).Run();
}

}  // namespace kalamdb::cli
