#include "engine/body_buffer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace kalamdb::engine {

namespace {
constexpr size_t kChunkBytes = 64 << 10;
}

BodyBuffer::~BodyBuffer() {
  if (fd_ >= 0) close(fd_);
}

Status BodyBuffer::Settle() {
  if (tail_.size() < bound_) return {};
  if (fd_ < 0) {
    fd_ = open(directory_.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd_ < 0) {
      return StorageError(fmt::format("cannot create a temporary file in {}: {}", directory_,
                                      std::strerror(errno)));
    }
  }
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
    if (n <= 0) break;
    chunk.resize(static_cast<size_t>(n));
    if (!reply.Write(std::move(chunk))) return false;
  }
  if (!reply.Write(std::move(tail_))) return false;
  reply.End();
  return true;
}

}  // namespace kalamdb::engine
