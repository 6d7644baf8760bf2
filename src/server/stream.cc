// Waiting, reading, writing and ending of one socket.
#include "server/stream.h"

#include <sys/epoll.h>
#include <sys/socket.h>

namespace kalamdb::server {

struct Stream::SendDeadline final : Deadline {
  explicit SendDeadline(Stream* s) : stream(s) {}
  void OnDeadline(DeadlineClass) override {
    Stream* s = stream;
    s->Ref();
    s->OnSendStalled();
    s->Unref();
  }
  Stream* const stream;
};

Stream::Stream(IoLoop* loop, Socket socket, const IpAddress& peer)
    : loop_(loop), peer_(peer), socket_(std::move(socket)) {
  loop_->Add(this);
}

Stream::~Stream() = default;

bool Stream::Open(bool handed_over) {
  Poller& poller = loop_->poller();
  if (handed_over ? poller.Hand(fd(), this) : poller.Add(fd(), this)) return true;
  Close();
  return false;
}

void Stream::Close() {
  if (closed_) return;
  closed_ = true;
  DisarmRead();
  if (send_deadline_) loop_->Disarm(send_deadline_.get());
  send_deadline_.reset();
  queue_.Clear();
  OnClose();
  socket_.Close();
  loop_->Remove(this);
}

Socket Stream::Release() {
  closed_ = true;
  DisarmRead();
  Socket socket = std::move(socket_);
  loop_->Remove(this);
  return socket;
}

ssize_t Stream::Receive(char* buffer, size_t size) {
  for (;;) {
    const ssize_t n = ::recv(fd(), buffer, size, MSG_DONTWAIT);
    if (n > 0) {
      // A short read has emptied the socket, and what comes later is a new edge; but the end of the
      // stream may have come with these bytes.
      if (static_cast<size_t>(n) < size && !peer_ended_) readable_ = false;
      return n;
    }
    if (n == 0) return -1;
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK) return -2;
    readable_ = false;
    return 0;
  }
}

void Stream::WaitReadable() {
  if (wants_read_ || closed_) return;
  wants_read_ = true;
  if (readable_ && !in_read_list_) {
    in_read_list_ = true;
    loop_->ReadSoon(this);
  }
}

void Stream::OnEvents(uint32_t events) {
  if (closed_) return;
  constexpr uint32_t kEnded = EPOLLRDHUP | EPOLLHUP | EPOLLERR;
  if (events & kEnded) peer_ended_ = true;
  if (events & (EPOLLIN | kEnded)) readable_ = true;
  if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) OnWriteReady();
  ReadOn();
}

void Stream::ReadOn() {
  if (closed_ || !wants_read_ || !readable_) return;
  wants_read_ = false;
  OnReadReady();
}

void Stream::OnReadReady() {
  if (!lingering_) return OnReadable();
  // Whatever still comes is dropped, a bounded amount per turn.
  const ssize_t n = Receive(loop_->scratch(), IoLoop::kScratchBytes);
  if (n < 0) return Close();
  WaitReadable();
}

bool Stream::Flush() {
  if (closed_) return false;
  size_t sent = 0;
  const OutputQueue::Outcome outcome = queue_.Flush(fd(), &sent);
  if (outcome == OutputQueue::Outcome::kFailed) {
    Close();
    return false;
  }
  if (outcome == OutputQueue::Outcome::kBlocked) {
    if (!send_deadline_) send_deadline_ = std::make_unique<SendDeadline>(this);
    if (!blocked_ || sent > 0) loop_->Arm(send_deadline_.get(), send_class_);
    blocked_ = true;  // an edge tells when the socket takes more
  } else if (blocked_) {
    blocked_ = false;
    if (send_deadline_) loop_->Disarm(send_deadline_.get());
    send_deadline_.reset();
  }
  if (sent > 0) OnProgress();
  return !closed_;
}

void Stream::OnWriteReady() {
  if (!blocked_) return;
  if (Flush() && !blocked_) OnDrained();
}

void Stream::Expired(DeadlineClass which) {
  if (which == DeadlineClass::kLinger) return Close();
  Ref();
  OnReadDeadline(which);
  Unref();
}

void Stream::Linger() {
  if (lingering_ || closed_) return;
  lingering_ = true;
  ::shutdown(fd(), SHUT_WR);
  ArmRead(DeadlineClass::kLinger);
  WaitReadable();
}

}  // namespace kalamdb::server
