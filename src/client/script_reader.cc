// A statement is scanned from its beginning whenever more of it has been read: where it ends
// depends on nothing behind its semicolon, so a block that ends anywhere does no harm.
#include "client/script_reader.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "client/sql_scanner.h"
#include "client/text.h"

namespace kalamdb::client {
namespace {

constexpr size_t kBlockBytes = 64u << 10;

Status Unreadable(const std::string& path, int error) {
  return {ErrorCode::kInvalidInput,
          fmt::format("File error: Failed to read {}: {}", path, std::strerror(error))};
}

}  // namespace

Result<ScriptReader> ScriptReader::Open(std::string path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return Unreadable(path, errno);
  ScriptReader reader(fd, std::move(path), 0);
  struct stat about {};
  if (fstat(fd, &about) != 0) return Unreadable(reader.path_, errno);
  if (S_ISDIR(about.st_mode)) return Unreadable(reader.path_, EISDIR);
  if (S_ISREG(about.st_mode)) reader.size_ = static_cast<uint64_t>(about.st_size);
  return reader;
}

ScriptReader::~ScriptReader() {
  if (fd_ >= 0) close(fd_);
}

ScriptReader::ScriptReader(ScriptReader&& other) noexcept : ScriptReader(-1, "", 0) {
  *this = std::move(other);
}

ScriptReader& ScriptReader::operator=(ScriptReader&& other) noexcept {
  std::swap(fd_, other.fd_);
  path_ = std::move(other.path_);
  size_ = other.size_;
  buffer_ = std::move(other.buffer_);
  at_ = other.at_;
  dropped_ = other.dropped_;
  line_ = other.line_;
  number_ = other.number_;
  ended_ = other.ended_;
  return *this;
}

Status ScriptReader::Fill() {
  buffer_.erase(0, at_);
  dropped_ += at_;
  at_ = 0;
  const size_t before = buffer_.size();
  // A long statement is read in ever larger pieces, so that scanning it again stays cheap.
  const size_t wanted = std::max(kBlockBytes, before);
  buffer_.resize(before + wanted);
  ssize_t n = 0;
  do {
    n = read(fd_, buffer_.data() + before, wanted);
  } while (n < 0 && errno == EINTR);
  buffer_.resize(before + static_cast<size_t>(std::max<ssize_t>(n, 0)));
  if (n < 0) return Unreadable(path_, errno);
  ended_ = n == 0;
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (dropped_ == 0 && before == 0 && buffer_.starts_with(kByteOrderMark)) {
    at_ = kByteOrderMark.size();
  }
  return Status::Ok();
}

void ScriptReader::Drop(size_t bytes) {
  const auto from = buffer_.begin() + static_cast<std::ptrdiff_t>(at_);
  line_ += static_cast<uint64_t>(std::count(from, from + static_cast<std::ptrdiff_t>(bytes), '\n'));
  at_ += bytes;
}

Result<std::optional<ScriptStatement>> ScriptReader::Next() {
  for (;;) {
    const std::string_view rest = std::string_view(buffer_).substr(at_);
    SqlScanner scanner(rest);
    size_t first = std::string_view::npos;  // of the statement's own text
    size_t last = 0;                        // its end
    size_t settled = 0;                     // blanks and comments that are over for sure
    bool closed = false;
    while (!scanner.AtEnd() && !closed) {
      const SqlPiece piece = scanner.Next();
      switch (piece.kind) {
        case SqlPieceKind::kSemicolon:
          closed = true;
          last = piece.end;
          break;
        case SqlPieceKind::kBlank:
        case SqlPieceKind::kComment:
          // A piece that reaches the end of the block may go on behind it.
          if (first == std::string_view::npos && !scanner.AtEnd()) settled = piece.end;
          break;
        default:
          if (first == std::string_view::npos) first = piece.begin;
          break;
      }
    }
    if (!closed && !ended_) {
      if (first == std::string_view::npos) Drop(settled);
      if (buffer_.size() - at_ > kMaxStatementBytes) {
        return Status(ErrorCode::kInvalidInput,
                      fmt::format("File error: {}: statement {} at line {} is longer than {} bytes",
                                  path_, number_ + 1, line_, kMaxStatementBytes));
      }
      KDB_RETURN_IF_ERROR(Fill());
      continue;
    }
    if (first == std::string_view::npos) {  // nothing before the semicolon, or at the end
      Drop(closed ? last : rest.size());
      if (!closed) return std::optional<ScriptStatement>();
      continue;
    }
    ScriptStatement statement;
    const size_t end = closed ? last - 1 : rest.size();
    statement.text = Trim(rest.substr(first, end - first));
    statement.number = ++number_;
    Drop(first);
    statement.line = line_;
    Drop((closed ? last : rest.size()) - first);
    return std::optional<ScriptStatement>(std::move(statement));
  }
}

}  // namespace kalamdb::client
