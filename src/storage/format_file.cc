#include "storage/format_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

namespace kalamdb::storage {
namespace {

namespace fs = std::filesystem;
constexpr size_t kMaxFormatBytes = 4096;

Status SystemError(std::string_view doing, const std::string& path) {
  return StorageError(fmt::format("{} '{}': {}", doing, path, std::strerror(errno)));
}

std::string Expected(int user_shards) {
  return fmt::format("kalamdb-data\nformat {}\nuser_shards {}\nhash {}\n", kFormatVersion,
                     user_shards, kOwnerHashName);
}

Status SyncDirectory(const std::string& directory) {
  const int fd = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return SystemError("open", directory);
  const bool synced = ::fsync(fd) == 0;
  Status status = synced ? Status::Ok() : SystemError("sync", directory);
  ::close(fd);
  return status;
}

// Whole or not at all, also over a power loss: written aside, synced, renamed.
Status WriteDurably(const std::string& directory, const std::string& path, std::string_view text) {
  const std::string aside = path + ".tmp";
  const int fd = ::open(aside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return SystemError("create", aside);
  const ssize_t n = ::write(fd, text.data(), text.size());
  const bool written = n == static_cast<ssize_t>(text.size()) && ::fsync(fd) == 0;
  Status status = written ? Status::Ok() : SystemError("write", aside);
  ::close(fd);
  KDB_RETURN_IF_ERROR(status);
  if (::rename(aside.c_str(), path.c_str()) != 0) return SystemError("rename", aside);
  return SyncDirectory(directory);
}

Result<std::string> ReadSmallFile(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return SystemError("open", path);
  std::string text(kMaxFormatBytes, '\0');
  const ssize_t n = ::read(fd, text.data(), text.size());
  Status status = n < 0 ? SystemError("read", path) : Status::Ok();
  ::close(fd);
  KDB_RETURN_IF_ERROR(status);
  text.resize(static_cast<size_t>(n));
  return text;
}

// On one line, printable, for messages.
std::string Summary(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, 120)) {
    if (c == '\n') {
      out += "; ";
    } else {
      out += c >= ' ' && c < 127 ? c : '?';
    }
  }
  while (!out.empty() && (out.back() == ' ' || out.back() == ';')) out.pop_back();
  return out;
}

}  // namespace

Status CheckOrCreateFormat(const std::string& directory, int user_shards) {
  std::error_code ec;
  fs::create_directories(directory, ec);
  if (ec) return StorageError(fmt::format("create '{}': {}", directory, ec.message()));
  const std::string path = (fs::path(directory) / "FORMAT").string();
  const std::string expected = Expected(user_shards);

  if (!fs::exists(path, ec) && !ec) {
    if (fs::exists(fs::path(directory) / "rocksdb", ec)) {
      return InvalidOperation(fmt::format(
          "data directory '{}' holds a store but no FORMAT file: it was not made by this program",
          directory));
    }
    return WriteDurably(directory, path, expected);
  }
  KDB_ASSIGN_OR_RETURN(const std::string found, ReadSmallFile(path));
  if (found == expected) return Status::Ok();
  return InvalidOperation(
      fmt::format("data directory '{}' has an unknown format: found '{}', this program needs '{}'",
                  directory, Summary(found), Summary(expected)));
}

}  // namespace kalamdb::storage
