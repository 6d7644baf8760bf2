// Everything that changes the file happens under a lock on it; rewriting puts a new file in its
// place, so whoever waited for the lock looks whether the file is still the one at the path.
#include "cli/history.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/bytes.h"
#include "cli/user_files.h"
#include "client/display_width.h"
#include "client/text.h"

namespace kalamdb::cli {
namespace {

constexpr std::string_view kSeparator = "---ENTRY---";
constexpr size_t kMaxEntryBytes = 64u << 10;
// Of a file that is longer the end is read.
constexpr size_t kMaxFileBytes = 64u << 20;
// The file is rewritten when it holds this many records more than are kept.
constexpr size_t kSlack = 200;
constexpr int kMaxReopens = 16;

constexpr std::array<std::string_view, 8> kSecrets = {"password",      "authorization", "bearer ",
                                                      "refresh_token", "jwt_token",     "api_key",
                                                      "secret",        "credentials"};
constexpr std::array<std::string_view, 4> kNotKept = {"\\history", "\\h", "\\quit", "\\q"};

Status Failed(const std::string& path) {
  return {ErrorCode::kInvalidInput,
          fmt::format("File error: Failed to write {}: {}", path, std::strerror(errno))};
}

// The file, locked until the end of the object's life. Not open when that failed.
class LockedFile {
 public:
  explicit LockedFile(const std::string& path) {
    for (int i = 0; i < kMaxReopens; ++i) {
      fd_ = open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
      if (fd_ < 0) return;
      int rc = 0;
      while ((rc = flock(fd_, LOCK_EX)) != 0 && errno == EINTR) {
      }
      struct stat mine {};
      struct stat there {};
      fstat(fd_, &mine);
      // File systems without locks (rc != 0) are used without.
      if (rc != 0 || (stat(path.c_str(), &there) == 0 && there.st_ino == mine.st_ino &&
                      there.st_dev == mine.st_dev)) {
        if ((mine.st_mode & 077) != 0) fchmod(fd_, 0600);
        return;
      }
      close(fd_);
      fd_ = -1;
    }
  }
  ~LockedFile() {
    if (fd_ >= 0) close(fd_);
  }
  LockedFile(const LockedFile&) = delete;
  LockedFile& operator=(const LockedFile&) = delete;
  [[nodiscard]] bool is_open() const { return fd_ >= 0; }

  std::string Read() const {
    struct stat info {};
    if (fstat(fd_, &info) != 0 || !S_ISREG(info.st_mode)) return {};
    const auto size = static_cast<size_t>(std::max<off_t>(info.st_size, 0));
    std::string text(std::min(size, kMaxFileBytes), '\0');
    size_t done = 0;
    while (done < text.size()) {
      const ssize_t n = pread(fd_, text.data() + done, text.size() - done,
                              static_cast<off_t>(size - text.size() + done));
      if (n <= 0) break;
      done += static_cast<size_t>(n);
    }
    text.resize(done);
    return text;
  }

  // A torn record at the end of the file is closed first.
  bool AppendRecord(std::string_view text) const {
    const std::string end = fmt::format("\n{}\n", kSeparator);
    std::string tail(end.size(), '\0');
    struct stat info {};
    if (fstat(fd_, &info) == 0 && info.st_size > 0 &&
        (pread(fd_, tail.data(), tail.size(),
               std::max<off_t>(0, info.st_size - static_cast<off_t>(tail.size()))) < 0 ||
         tail != end)) {
      if (!Append(end)) return false;
    }
    return Append(HistoryRecord(text));
  }

 private:
  bool Append(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t n = write(fd_, bytes.data(), bytes.size());
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(n));
    }
    return true;
  }

  int fd_ = -1;
};

size_t CountRecords(std::string_view file) {
  size_t n = 0;
  for (size_t at = 0; (at = file.find(kSeparator, at)) != std::string_view::npos;
       at += kSeparator.size()) {
    ++n;
  }
  return n;
}

std::string FileText(const std::vector<std::string>& entries) {
  std::string text;
  for (const std::string& entry : entries) text += HistoryRecord(entry);
  return text;
}

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    const client::Character c = client::FirstCharacter(text);
    if (c.bytes == 1 && static_cast<unsigned char>(text[0]) >= 0x80) return false;
    text.remove_prefix(c.bytes);
  }
  return true;
}

// Empty for what is none.
std::string DecodeEntry(std::string base64) {
  if (base64.find_first_of("-_") != std::string::npos) return {};
  while (!base64.empty() && base64.back() == '=') base64.pop_back();
  std::replace(base64.begin(), base64.end(), '+', '-');
  std::replace(base64.begin(), base64.end(), '/', '_');
  std::string text;
  if (!Base64UrlDecode(base64, &text) || !IsUtf8(text)) return {};
  return text;
}

}  // namespace

bool MayBeRemembered(std::string_view text) {
  text = client::Trim(text);
  if (text.empty() || text.size() > kMaxEntryBytes) return false;
  if (text.find('\0') != std::string_view::npos) return false;
  const std::string lower = client::AsciiLower(text);
  for (const std::string_view word : kSecrets) {
    if (lower.find(word) != std::string::npos) return false;
  }
  const std::string_view first = std::string_view(lower).substr(0, lower.find_first_of(" \t\r\n;"));
  return std::find(kNotKept.begin(), kNotKept.end(), first) == kNotKept.end();
}

std::vector<std::string> ReadHistory(std::string_view file, size_t limit) {
  std::vector<std::string> entries;
  std::string base64;
  const auto take = [&] {
    std::string text = base64.size() > 2 * kMaxEntryBytes ? std::string() : DecodeEntry(base64);
    base64.clear();
    if (!MayBeRemembered(text) || (!entries.empty() && entries.back() == text)) return;
    entries.push_back(std::move(text));
  };
  while (!file.empty()) {
    const size_t end = file.find('\n');
    const std::string_view line = client::Trim(file.substr(0, end));
    file.remove_prefix(end == std::string_view::npos ? file.size() : end + 1);
    if (line == kSeparator) {
      take();
    } else {
      base64 += line;
    }
  }
  take();
  if (entries.size() > limit) {
    entries.erase(entries.begin(), entries.end() - static_cast<ptrdiff_t>(limit));
  }
  return entries;
}

std::string HistoryRecord(std::string_view text) {
  std::string base64 = Base64UrlEncode(text);
  std::replace(base64.begin(), base64.end(), '-', '+');
  std::replace(base64.begin(), base64.end(), '_', '/');
  while (base64.size() % 4 != 0) base64 += '=';
  return fmt::format("{}\n{}\n", base64, kSeparator);
}

History::History(std::string path, size_t limit) : path_(std::move(path)), limit_(limit) {
  // A link is followed, so that rewriting does not replace it.
  std::error_code error;
  if (const auto target = std::filesystem::canonical(path_, error); !error) path_ = target;
  if (limit_ == 0 || !FileExists(path_)) return;
  const LockedFile file(path_);
  if (!file.is_open()) return;
  const std::string text = file.Read();
  entries_ = ReadHistory(text, limit_);
  records_ = CountRecords(text);
}

Status History::Add(std::string_view text) {
  text = client::Trim(text);
  if (limit_ == 0 || !MayBeRemembered(text)) return Status::Ok();
  if (!entries_.empty() && entries_.back() == text) return Status::Ok();
  entries_.emplace_back(text);
  if (entries_.size() > limit_) entries_.erase(entries_.begin());
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(path_).parent_path(), error);
  const LockedFile file(path_);
  if (!file.is_open()) return Failed(path_);
  if (records_ + 1 > limit_ + kSlack) {
    // With what other shells have added.
    std::vector<std::string> all = ReadHistory(file.Read(), limit_);
    all.emplace_back(text);
    if (all.size() > limit_) all.erase(all.begin());
    records_ = all.size();
    return WriteFilePrivately(path_, FileText(all));
  }
  ++records_;
  return file.AppendRecord(text) ? Status::Ok() : Failed(path_);
}

Status History::MoveToEnd(size_t index) {
  if (index >= entries_.size()) return Status::Ok();
  const std::string text = entries_[index];
  const auto move = [&text](std::vector<std::string>* entries) {
    entries->erase(std::remove(entries->begin(), entries->end(), text), entries->end());
    entries->push_back(text);
  };
  move(&entries_);
  const LockedFile file(path_);
  if (!file.is_open()) return Failed(path_);
  std::vector<std::string> all = ReadHistory(file.Read(), limit_);
  move(&all);
  if (all.size() > limit_) all.erase(all.begin());
  records_ = all.size();
  return WriteFilePrivately(path_, FileText(all));
}

}  // namespace kalamdb::cli
