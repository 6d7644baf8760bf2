// One message a line on standard output; what people need to know beside it goes where it does no
// harm (Output::Say).
#include "cli/consume.h"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

#include "cli/connect.h"
#include "cli/terminal.h"
#include "client/json.h"
#include "client/text.h"
#include "client/topic_consumer.h"

namespace kalamdb::cli {
namespace {

using client::OutputFormat;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr uint32_t kBatchMessages = 100;
constexpr seconds kPollWait{30};
constexpr int kMaxErrors = 3;
// Between polls of a server that does not hold them, and after an error.
constexpr milliseconds kPause{1'000};

void Complain(std::string_view line) {
  std::fputs(fmt::format("❌ {}\n", line).c_str(), stderr);
  std::fflush(stderr);
}

std::string CsvCell(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + "\"";
}

bool IsPermanent(ErrorCode code) {
  return code == ErrorCode::kInvalidInput || code == ErrorCode::kUnauthorized ||
         code == ErrorCode::kPermissionDenied || code == ErrorCode::kNotImplemented;
}

class Consumer {
 public:
  Consumer(Context* context, const ConsumeOptions& options, client::TopicStart start)
      : context_(context),
        options_(options),
        start_(start),
        group_(options.group.empty() ? fmt::format("kalam-{}-{}", getpid(), NowNanos())
                                     : options.group),
        consumer_(context->session.get(), options.topic, group_) {}

  Status Run() {
    Announce();
    context_->session->SetInterrupt(interrupt_.fd());
    const Status status = Loop();
    // What follows is waited for, with the request's timeout.
    context_->session->SetInterrupt(-1);
    Finish();
    return status;
  }

 private:
  static int64_t NowNanos() {
    return std::chrono::system_clock::now().time_since_epoch() / std::chrono::nanoseconds(1);
  }

  void Announce() const {
    const Output& output = context_->output;
    output.Say(fmt::format("Consuming from topic: {}", options_.topic));
    if (options_.group.empty()) {
      std::fputs("Warning: no --group: nothing is remembered of what has been read\n", stderr);
    } else {
      output.Say(fmt::format("Consumer group: {}", options_.group));
    }
    output.Say(fmt::format("Starting from: {}", options_.from));
    if (options_.limit) output.Say(fmt::format("Limit: {} messages", *options_.limit));
    if (options_.timeout.count() > 0) {
      output.Say(fmt::format("Timeout: {}s", static_cast<double>(options_.timeout.count()) / 1000));
    }
    output.Say("Press Ctrl+C to stop...");
    if (output.format() == OutputFormat::kCsv) PrintLine("offset,operation,payload");
  }

  Status Loop() {
    const client::Deadline end =
        options_.timeout.count() > 0 ? client::In(options_.timeout) : client::kNoDeadline;
    int errors = 0;
    while (!options_.limit || consumed_ < *options_.limit) {
      const auto left = std::chrono::ceil<seconds>(end - client::Clock::now());
      if (left.count() <= 0) {
        context_->output.Say("⏱️  Timeout reached");
        return Status::Ok();
      }
      const uint64_t wanted = options_.limit ? *options_.limit - consumed_ : kBatchMessages;
      const auto begun = client::Clock::now();
      const Result<client::TopicBatch> batch =
          consumer_.Poll(start_, static_cast<uint32_t>(std::min<uint64_t>(wanted, kBatchMessages)),
                         std::min(kPollWait, left));
      if (interrupt_.Take()) return Status::Ok();
      if (!batch.ok()) {
        if (IsPermanent(batch.code())) return batch.status();
        Complain(batch.status().message());
        if (++errors >= kMaxErrors) {
          Complain("Too many consecutive errors. Exiting.");
          return Output::Reported();
        }
        if (Interrupted(std::min(end, client::In(kPause)))) return Status::Ok();
        continue;
      }
      errors = 0;
      for (const client::TopicMessage& message : batch->messages) Print(message);
      if (!batch->messages.empty()) {
        start_ = {client::TopicStart::Kind::kOffset, batch->next_offset};
      } else if (Interrupted(std::min(end, begun + kPause))) {
        return Status::Ok();
      }
    }
    return Status::Ok();
  }

  // Ctrl+C before `until`.
  bool Interrupted(client::Deadline until) {
    for (;;) {
      const auto left = std::chrono::ceil<milliseconds>(until - client::Clock::now()).count();
      if (left <= 0) return interrupt_.Take();
      pollfd entry{interrupt_.fd(), POLLIN, 0};
      if (poll(&entry, 1, static_cast<int>(left)) > 0 && interrupt_.Take()) return true;
    }
  }

  void Print(const client::TopicMessage& message) {
    ++consumed_;
    last_offset_ = message.offset;
    std::string operation = message.op;
    for (char& c : operation) {
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
    }
    const Result<boost::json::value> document = client::ParseJson(message.payload);
    const std::string payload = document.ok()
                                    ? client::CompactJson(*document)
                                    : client::CompactJson(boost::json::string_view(
                                          message.payload.data(), message.payload.size()));
    switch (context_->output.format()) {
      case OutputFormat::kTable:
        PrintLine(fmt::format("[offset={}] {}: {}", message.offset, operation, payload));
        break;
      case OutputFormat::kJson:
        PrintLine(fmt::format(R"({{"offset":{},"operation":"{}","payload":{}}})", message.offset,
                              operation, payload));
        break;
      case OutputFormat::kCsv:
        PrintLine(fmt::format("{},{},{}", message.offset, CsvCell(operation), CsvCell(payload)));
        break;
    }
  }

  void Finish() const {
    const Output& output = context_->output;
    if (!options_.group.empty()) {
      std::string line = "Committing offsets... ";
      if (!last_offset_) {
        line += "✗ Failed: Configuration error: No processed offsets to commit";
      } else if (const Status status = consumer_.Acknowledge(*last_offset_); status.ok()) {
        line += fmt::format("✓ Committed offset: {}", *last_offset_);
      } else {
        line += fmt::format("✗ Failed: {}", status.message());
      }
      output.Say(line);
    }
    const double took = std::chrono::duration<double>(client::Clock::now() - begun_).count();
    output.Say(fmt::format("Consumed {} message(s). Last offset: {}. Duration: {:.2f}s", consumed_,
                           last_offset_ ? std::to_string(*last_offset_) : "none", took));
  }

  Context* context_;
  const ConsumeOptions& options_;
  client::TopicStart start_;
  std::string group_;
  mutable client::TopicConsumer consumer_;
  InterruptSignal interrupt_;
  client::Clock::time_point begun_ = client::Clock::now();
  uint64_t consumed_ = 0;
  std::optional<int64_t> last_offset_;
};

Status Invalid(std::string message) {
  return {ErrorCode::kInvalidInput, "Parse error: " + std::move(message)};
}

Result<uint64_t> Number(std::string_view option, std::string_view text) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() ||
      value > 1'000'000'000) {
    return Invalid(fmt::format("Invalid {} value: {}. Use a whole number", option, text));
  }
  return value;
}

}  // namespace

Result<ConsumeOptions> ParseConsume(std::string_view arguments) {
  ConsumeOptions options;
  const auto take = [&arguments] {
    arguments = client::Trim(arguments);
    const std::string_view word = arguments.substr(0, arguments.find_first_of(" \t\r\n"));
    arguments.remove_prefix(word.size());
    return word;
  };
  arguments = client::Trim(arguments);
  while (!arguments.empty() && arguments.back() == ';') arguments.remove_suffix(1);
  for (std::string_view word = take(); !word.empty(); word = take()) {
    if (word.substr(0, 2) != "--") {
      if (!options.topic.empty()) {
        return Invalid(fmt::format("\\consume takes one topic, not also {}", word));
      }
      options.topic = word;
      continue;
    }
    if (word != "--group" && word != "--from" && word != "--limit" && word != "--timeout") {
      return Invalid(fmt::format("Unknown option for \\consume: {}", word));
    }
    const std::string_view value = take();
    if (value.empty()) return Invalid(fmt::format("{} requires a value", word));
    if (word == "--group") {
      options.group = value;
    } else if (word == "--from") {
      options.from = value;
    } else if (word == "--limit") {
      KDB_ASSIGN_OR_RETURN(options.limit, Number(word, value));
    } else {
      KDB_ASSIGN_OR_RETURN(const uint64_t wait, Number(word, value));
      options.timeout = seconds(wait);
    }
  }
  if (options.topic.empty()) return Invalid("\\consume requires a topic");
  return options;
}

Status RunConsume(Context* context, const ConsumeOptions& options) {
  if (options.topic.empty()) {
    return {ErrorCode::kInvalidInput, "Configuration error: --topic is required for consume mode"};
  }
  const Result<client::TopicStart> start = client::TopicStart::Parse(options.from);
  if (!start.ok()) {
    return Invalid(
        fmt::format("Invalid --from value: {}. Use earliest, latest or an offset", options.from));
  }
  if (context->session == nullptr) KDB_RETURN_IF_ERROR(Authenticate(context));
  return WithDiagnostics(*context, Consumer(context, options, *start).Run());
}

}  // namespace kalamdb::cli
