#include "base/logging.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <ctime>

#include "base/json_text.h"

namespace kalamdb {

namespace {

constexpr std::array<std::string_view, 5> kLevelNames = {"ERROR", "WARN", "INFO", "DEBUG", "TRACE"};

std::string Timestamp() {
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  tm parts;
  gmtime_r(&now.tv_sec, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", parts.tm_year + 1900,
                     parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                     now.tv_nsec / 1'000'000);
}

void WriteAll(int fd, std::string_view text) {
  while (!text.empty()) {
    ssize_t n = ::write(fd, text.data(), text.size());
    if (n <= 0) return;  // a log that cannot be written must not stop the server
    text.remove_prefix(static_cast<size_t>(n));
  }
}

}  // namespace

Result<std::unique_ptr<Logger>> Logger::Open(const LogOptions& options) {
  std::unique_ptr<Logger> log(new Logger());
  log->level_ = options.level;
  log->console_ = options.console;
  log->json_ = options.json;
  if (!options.directory.empty()) {
    std::string path;
    for (size_t at = 0; at != std::string::npos;) {
      at = options.directory.find('/', at + 1);
      path = options.directory.substr(0, at);
      if (mkdir(path.c_str(), 0755) != 0 && errno != EEXIST) {
        return StorageError(fmt::format("cannot create log directory {}: {}", path, strerror(errno)));
      }
    }
    path = options.directory + (options.json ? "/server.jsonl" : "/server.log");
    log->fd_ = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
    if (log->fd_ < 0) {
      return StorageError(fmt::format("cannot open log file {}: {}", path, strerror(errno)));
    }
  }
  return log;
}

std::unique_ptr<Logger> Logger::Null() {
  std::unique_ptr<Logger> log(new Logger());
  log->level_ = LogLevel::kError;
  return log;
}

Logger::~Logger() {
  if (fd_ >= 0) close(fd_);
}

void Logger::Write(LogLevel level, std::string_view target, std::string_view message) {
  const std::string_view name = kLevelNames[static_cast<size_t>(level)];
  std::string line;
  if (json_) {
    line = fmt::format(R"({{"timestamp":"{}","level":"{}","target":)", Timestamp(), name);
    AppendJsonString(&line, target);
    line += ",\"message\":";
    AppendJsonString(&line, message);
    line += "}\n";
  } else {
    line = fmt::format("{} {:5} {}: ", Timestamp(), name, target);
    // One entry stays one line, whatever a client put into it.
    for (unsigned char c : message) line.push_back(c < 0x20 ? ' ' : static_cast<char>(c));
    line.push_back('\n');
  }
  std::lock_guard lock(mutex_);
  if (fd_ >= 0) WriteAll(fd_, line);
  if (console_) WriteAll(STDERR_FILENO, line);
}

}  // namespace kalamdb
