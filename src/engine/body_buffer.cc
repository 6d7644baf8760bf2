#include "engine/body_buffer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace kalamdb::engine {

namespace {
constexpr size_t kChunkBytes = 64 << 10;

// A file without a name, on any file system.
int OpenUnnamed(const std::string& directory) {
  const int fd = open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)) return fd;
  std::string path = directory + "/answer-XXXXXX";
  const int named = mkostemp(path.data(), O_CLOEXEC);
  if (named >= 0) unlink(path.c_str());
  return named;
}

}  // namespace

BodyBuffer::~BodyBuffer() {
  if (fd_ >= 0) close(fd_);
}

Status BodyBuffer::Settle() {
  if (tail_.size() < bound_) return {};
  if (fd_ < 0) {
    fd_ = OpenUnnamed(directory_);
    if (fd_ < 0) {
      return StorageError(fmt::format("cannot create a temporary file in {}: {}", directory_,
                                      std::strerror(errno)));
    }
  }
  if (file_bytes_ + tail_.size() > file_bound_) {
    return ExecutionError(
        fmt::format("the results of one batch exceed {} MiB; send its statements one by one",
                    file_bound_ >> 20));
  }
  file_bytes_ += tail_.size();
  std::string_view rest = tail_;
  while (!rest.empty()) {
    const ssize_t n = write(fd_, rest.data(), rest.size());
    if (n < 0) {
      if (errno == EINTR) continue;
      return StorageError(fmt::format("cannot write a temporary file: {}", std::strerror(errno)));
    }
    rest.remove_prefix(static_cast<size_t>(n));
  }
  tail_.clear();
  // Later results fill the memory again only in pieces of a chunk.
  bound_ = kChunkBytes;
  return {};
}

bool BodyBuffer::SendTo(int http_status, Reply& reply) {
  if (fd_ < 0) {
    reply.Complete(http_status, std::move(tail_));
    return true;
  }
  if (!reply.Begin(http_status)) return false;
  lseek(fd_, 0, SEEK_SET);
  while (true) {
    std::string chunk(kChunkBytes, '\0');
    const ssize_t n = read(fd_, chunk.data(), chunk.size());
    if (n < 0 && errno == EINTR) continue;
    // An answer that breaks off must not look complete.
    if (n < 0) return false;
    if (n == 0) break;
    chunk.resize(static_cast<size_t>(n));
    if (!reply.Write(std::move(chunk))) return false;
  }
  if (!reply.Write(std::move(tail_))) return false;
  reply.End();
  return true;
}

}  // namespace kalamdb::engine
