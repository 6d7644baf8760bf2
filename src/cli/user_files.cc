// Paths, and files that only their owner may read.
#include "cli/user_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace kalamdb::cli {

std::string HomeDirectory() {
  for (const char* name : {"HOME", "USERPROFILE"}) {
    const char* value = std::getenv(name);
    if (value != nullptr && *value != '\0' && std::string_view(value) != "/") return value;
  }
  if (const passwd* account = getpwuid(getuid()); account != nullptr && *account->pw_dir != '\0') {
    return account->pw_dir;
  }
  return ".";
}

std::string DefaultConfigPath() { return HomeDirectory() + "/.kalam/config.toml"; }

std::string CredentialsPath() {
  const char* path = std::getenv("KALAMDB_CREDENTIALS_PATH");
  if (path != nullptr && *path != '\0') return path;
  return HomeDirectory() + "/.kalam/credentials.toml";
}

bool FileExists(const std::string& path) {
  std::error_code error;
  return std::filesystem::exists(path, error);
}

Result<std::string> ReadFile(const std::string& path) {
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  if (in) text << in.rdbuf();
  // An empty file sets failbit on `text`, which is no error; a directory fails to be read.
  if (!in || in.bad() || std::filesystem::is_directory(path)) {
    return Status(ErrorCode::kInvalidInput,
                  fmt::format("File error: Failed to read {}: {}", path,
                              errno != 0 ? std::strerror(errno) : "it cannot be read"));
  }
  return text.str();
}

Status WriteFilePrivately(const std::string& path, std::string_view text) {
  const auto failed = [&path] {
    return Status(ErrorCode::kInvalidInput,
                  fmt::format("File error: Failed to write {}: {}", path, std::strerror(errno)));
  };
  std::error_code error;
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  if (!parent.empty()) std::filesystem::create_directories(parent, error);
  // Renamed into place: whoever reads sees the old text or the new one.
  const std::string draft = fmt::format("{}.{}.tmp", path, getpid());
  const int fd = open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return failed();
  fchmod(fd, 0600);
  bool good = true;
  while (good && !text.empty()) {
    const ssize_t n = write(fd, text.data(), text.size());
    good = n > 0;
    if (good) text.remove_prefix(static_cast<size_t>(n));
  }
  good = close(fd) == 0 && good;
  if (good && rename(draft.c_str(), path.c_str()) == 0) return Status::Ok();
  const Status status = failed();
  unlink(draft.c_str());
  return status;
}

std::string TomlString(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      out += fmt::format("\\u{:04x}", byte);
    } else {
      out += c;
    }
  }
  return out + "\"";
}

}  // namespace kalamdb::cli
