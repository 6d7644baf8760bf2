// Segments and writev.
#include "server/output_queue.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <cerrno>
#include <vector>

namespace kalamdb::server {

namespace {

constexpr size_t kJoinBelow = 2048;      // pieces smaller than this are copied behind the last one
constexpr size_t kSegmentBytes = 65536;  // and begin a new segment beyond this
constexpr size_t kMaxVectors = 64;

}  // namespace

struct OutputQueue::State {
  struct Segment {
    std::string own;
    std::shared_ptr<const std::string> shared;
    [[nodiscard]] std::string_view view() const { return shared ? *shared : own; }
  };
  std::vector<Segment> segments;
  size_t first = 0;      // those before it are sent and empty
  size_t head_sent = 0;  // of the first segment
  size_t bytes = 0;
};

OutputQueue::OutputQueue() = default;
OutputQueue::~OutputQueue() = default;
OutputQueue::OutputQueue(OutputQueue&& other) noexcept = default;
OutputQueue& OutputQueue::operator=(OutputQueue&& other) noexcept = default;

size_t OutputQueue::bytes() const { return state_ ? state_->bytes : 0; }

void OutputQueue::Clear() { state_.reset(); }

void OutputQueue::Append(std::string_view bytes) {
  if (bytes.empty()) return;
  if (!state_) state_ = std::make_unique<State>();
  auto& segments = state_->segments;
  if (segments.empty() || segments.back().shared ||
      segments.back().own.size() + bytes.size() > kSegmentBytes) {
    segments.emplace_back();
  }
  segments.back().own.append(bytes);
  state_->bytes += bytes.size();
}

void OutputQueue::AppendOwned(std::string bytes) {
  if (bytes.size() < kJoinBelow) return Append(bytes);
  if (!state_) state_ = std::make_unique<State>();
  state_->bytes += bytes.size();
  state_->segments.push_back({std::move(bytes), nullptr});
}

void OutputQueue::AppendShared(std::shared_ptr<const std::string> bytes) {
  if (bytes->size() < kJoinBelow) return Append(*bytes);
  if (!state_) state_ = std::make_unique<State>();
  state_->bytes += bytes->size();
  state_->segments.push_back({{}, std::move(bytes)});
}

OutputQueue::Outcome OutputQueue::Flush(int fd, size_t* sent) {
  *sent = 0;
  while (state_) {
    State& s = *state_;
    iovec vectors[kMaxVectors];
    size_t count = 0, offered = 0;
    for (size_t i = s.first; i < s.segments.size() && count < kMaxVectors; ++i) {
      std::string_view v = s.segments[i].view();
      if (count == 0) v.remove_prefix(s.head_sent);
      vectors[count++] = {const_cast<char*>(v.data()), v.size()};
      offered += v.size();
    }
    msghdr message{};
    message.msg_iov = vectors;
    message.msg_iovlen = count;
    const ssize_t n = ::sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0) {
      if (errno == EINTR) continue;
      return errno == EAGAIN || errno == EWOULDBLOCK ? Outcome::kBlocked : Outcome::kFailed;
    }
    auto taken = static_cast<size_t>(n);
    *sent += taken;
    s.bytes -= taken;
    const bool all = taken == offered;
    taken += s.head_sent;
    while (s.first < s.segments.size() && taken >= s.segments[s.first].view().size()) {
      taken -= s.segments[s.first].view().size();
      s.segments[s.first++] = {};
    }
    s.head_sent = taken;
    if (s.first == s.segments.size()) {
      state_.reset();
    } else if (s.first >= kMaxVectors) {
      s.segments.erase(s.segments.begin(), s.segments.begin() + static_cast<ptrdiff_t>(s.first));
      s.first = 0;
    }
    if (!all) return Outcome::kBlocked;
  }
  return Outcome::kDrained;
}

}  // namespace kalamdb::server
