// kalamdb-server: configuration, signals, and the wait in between.
#include <fmt/format.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cstdio>
#include <map>
#include <string>

#include "base/process_memory.h"
#include "server/assembly.h"
#include "server/options.h"
#include "server/version.h"

extern char** environ;

namespace {

using namespace kalamdb;          // NOLINT(google-build-using-namespace): the program's own
using namespace kalamdb::server;  // NOLINT(google-build-using-namespace)

// The server counts as quiet after one to two of these without a request.
constexpr int kWatchMillis = 4000;

std::map<std::string, std::string> Environment() {
  std::map<std::string, std::string> out;
  for (char** e = environ; *e != nullptr; ++e) {
    const std::string_view entry = *e;
    const size_t eq = entry.find('=');
    if (eq != std::string_view::npos) out.emplace(entry.substr(0, eq), entry.substr(eq + 1));
  }
  return out;
}

int Fatal(std::string_view what, std::string_view after = {}) {
  fmt::print(stderr, "FATAL: {}\n", what);
  if (!after.empty()) fmt::print(stderr, "{}\n", after);
  return 1;
}

LogOptions LogOptionsOf(const ServerConfig& config) {
  LogOptions o;
  const std::string& level = config.logging.level;
  o.level = level == "error"   ? LogLevel::kError
            : level == "warn"  ? LogLevel::kWarn
            : level == "debug" ? LogLevel::kDebug
            : level == "trace" ? LogLevel::kTrace
                               : LogLevel::kInfo;
  o.directory = config.logging.logs_path;
  o.console = config.logging.log_to_console;
  o.json = config.logging.format == "json";
  return o;
}

void TellReady(const std::string& path) {
  if (path.empty()) return;
  if (FILE* f = std::fopen(path.c_str(), "we"); f != nullptr) {
    std::fputs("ready\n", f);
    std::fclose(f);
  }
}

// Waits for SIGTERM or SIGINT. While the server works, looks every few seconds whether it still
// does; when it does not, makes it quiet and sleeps without a timer.
void WaitForSignal(Assembly& server, int signals) {
  bool asleep = false;
  while (true) {
    pollfd fds[2] = {{signals, POLLIN, 0}, {server.activity().event_fd(), POLLIN, 0}};
    int timeout = asleep ? -1 : kWatchMillis;
    const int n = poll(fds, 2, timeout);
    if (n < 0) continue;
    if ((fds[0].revents & POLLIN) != 0) return;
    if ((fds[1].revents & POLLIN) != 0) {
      server.activity().Drain();
      asleep = false;
      continue;
    }
    if (n > 0) continue;
    const int64_t again = server.Tick();
    if (again == 0 && server.activity().FallAsleepIfQuiet()) {
      server.BecomeQuiet();
      asleep = true;
    }
  }
}

int Run(int argc, char** argv) {
  auto options = ParseCommandLine(argc, argv);
  if (!options.ok()) return Fatal(options.status().message());
  if (options->show_help) {
    fmt::print("{}", HelpText());
    return 0;
  }
  if (options->show_version) {
    fmt::print("kalamdb-server {} (built {})\n", kVersion, BuildDate());
    return 0;
  }
  auto config = LoadConfig(options->config_path, Environment());
  if (!config.ok()) {
    return Fatal(config.status().message(), "Server cannot start without valid configuration");
  }
  fmt::print(stderr, "Loaded config from: {}\n", options->config_path);
  RaiseOpenFileLimit();

  // Every thread inherits the mask: signals come through the descriptor alone.
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigprocmask(SIG_BLOCK, &set, nullptr);
  signal(SIGPIPE, SIG_IGN);
  const int signals = signalfd(-1, &set, SFD_CLOEXEC);
  if (signals < 0) return Fatal("cannot wait for signals");

  auto log = Logger::Open(LogOptionsOf(*config));
  if (!log.ok()) return Fatal(log.status().message());
  for (const std::string& warning : config->warnings) {
    fmt::print(stderr, "WARNING: {}\n", warning);
    (*log)->Warn("config", "{}", warning);
  }
  auto server = Assembly::Open(std::move(*config), std::move(*log));
  if (!server.ok()) return Fatal(server.status().message());
  (*server)->log().Info("server", "KalamDB {} answers on port {}", kVersion, (*server)->port());
  TellReady(options->ready_file);
  WaitForSignal(**server, signals);
  (*server)->log().Info("server", "shutting down");
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  // One heap for all threads: freed memory of one serves the others, and goes back to the kernel as
  // a whole.
  mallopt(M_ARENA_MAX, 1);
  return Run(argc, argv);
}
