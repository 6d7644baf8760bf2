// Files of the person at the command line, under ~/.kalam.
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"

namespace kalamdb::cli {

// HOME, then USERPROFILE (each ignored when empty or "/"), then the account's home, then the
// current directory.
std::string HomeDirectory();
std::string DefaultConfigPath();
// KALAMDB_CREDENTIALS_PATH, else ~/.kalam/credentials.toml.
std::string CredentialsPath();

bool FileExists(const std::string& path);
// "File error: Failed to read <path>: ..."
Result<std::string> ReadFile(const std::string& path);
// Replaces the file as a whole, mode 0600; makes missing directories.
Status WriteFilePrivately(const std::string& path, std::string_view text);
// A TOML string.
std::string TomlString(std::string_view text);

}  // namespace kalamdb::cli
