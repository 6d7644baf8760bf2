// Waiting, reading, writing and ending of one socket.
#include "server/stream.h"

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

void Stream::Close() {
  if (closed_) return;
  closed_ = true;
  DisarmRead();
  if (send_deadline_) loop_->Disarm(send_deadline_.get());
  send_deadline_.reset();
  queue_.Clear();
  OnClose();
  boost::system::error_code ignored;
  socket_.close(ignored);  // pending waits end with operation_aborted
  loop_->Remove(this);
  Unref();
}

Socket Stream::Release() {
  closed_ = true;
  DisarmRead();
  loop_->Remove(this);
  Socket socket = std::move(socket_);
  Unref();
  return socket;
}

ssize_t Stream::Receive(char* buffer, size_t size) {
  for (;;) {
    const ssize_t n = ::recv(fd(), buffer, size, MSG_DONTWAIT);
    if (n > 0) return n;
    if (n == 0) return -1;
    if (errno == EINTR) continue;
    return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -2;
  }
}

void Stream::WaitReadable() {
  if (reading_ || closed_) return;
  reading_ = true;
  Ref();
  socket_.async_wait(Socket::wait_read, [this](const boost::system::error_code&) {
    reading_ = false;
    if (!closed_) OnReadReady();
    Unref();
  });
}

void Stream::WaitWritable() {
  if (writing_ || closed_) return;
  writing_ = true;
  Ref();
  socket_.async_wait(Socket::wait_write, [this](const boost::system::error_code&) {
    writing_ = false;
    if (!closed_) OnWriteReady();
    Unref();
  });
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
    blocked_ = true;
    WaitWritable();
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
