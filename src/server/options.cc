#include "server/options.h"

#include <fmt/format.h>
#include <unistd.h>

#include <climits>

namespace kalamdb::server {

namespace {

std::string BesideExecutable(std::string_view name) {
  char path[PATH_MAX];
  const ssize_t n = readlink("/proc/self/exe", path, sizeof path);
  if (n <= 0) return std::string(name);
  const std::string_view exe(path, static_cast<size_t>(n));
  return fmt::format("{}/{}", exe.substr(0, exe.rfind('/')), name);
}

}  // namespace

std::string HelpText() {
  return "kalamdb-server [--config] [server.toml] [--ready-file FILE] [--version] [--help]\n"
         "\n"
         "Without a path the configuration is ./server.toml, else server.toml beside the program.\n"
         "--ready-file: a line is written to FILE (a pipe will do) once requests are answered.\n";
}

Result<CommandLine> ParseCommandLine(int argc, char** argv) {
  CommandLine out;
  for (int i = 1; i < argc; ++i) {
    const std::string_view arg = argv[i];
    const auto value = [&](std::string* to) -> Status {
      if (i + 1 >= argc) return InvalidOperation(fmt::format("{} needs a value", arg));
      *to = argv[++i];
      return {};
    };
    if (arg == "--config") {
      KDB_RETURN_IF_ERROR(value(&out.config_path));
    } else if (arg == "--ready-file") {
      KDB_RETURN_IF_ERROR(value(&out.ready_file));
    } else if (arg == "--version") {
      out.show_version = true;
    } else if (arg == "--help" || arg == "-h") {
      out.show_help = true;
    } else if (arg.starts_with("--config=")) {
      out.config_path = arg.substr(9);
    } else if (arg.starts_with("-")) {
      return InvalidOperation(fmt::format("unknown option {}", arg));
    } else if (out.config_path.empty()) {
      out.config_path = arg;
    } else {
      return InvalidOperation(fmt::format("one configuration file is enough: {}", arg));
    }
  }
  if (out.config_path.empty()) {
    out.config_path =
        access("server.toml", R_OK) == 0 ? "server.toml" : BesideExecutable("server.toml");
  }
  return out;
}

}  // namespace kalamdb::server
