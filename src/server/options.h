// The command line of kalamdb-server.
#pragma once

#include <string>

#include "base/status.h"

namespace kalamdb::server {

struct CommandLine {
  std::string
      config_path;  // resolved: the argument, ./server.toml, or server.toml beside the executable
  std::string
      ready_file;  // a line goes here once requests are answered; for scripts that start the server
  bool show_version = false;
  bool show_help = false;
};

// kalamdb-server [--config] [server.toml] [--ready-file FILE] [--version] [--help]
Result<CommandLine> ParseCommandLine(int argc, char** argv);
std::string HelpText();

}  // namespace kalamdb::server
