// What every connection has: a socket on its loop, a queue of unsent bytes, one deadline for
// reading and one for writing.
//
// A stream lives on its loop's thread only. It is counted by references: the loop holds one until
// the end of the turn in which it was closed, each place in the loop's lists another.
#pragma once

#include "server/client_address.h"
#include "server/deadlines.h"
#include "server/io_loop.h"
#include "server/output_queue.h"
#include "server/poller.h"
#include "server/socket.h"

namespace kalamdb::server {

class Stream : private Deadline, private Pollable {
 public:
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  void Ref() { ++references_; }
  void Unref() {
    if (--references_ == 0) delete this;
  }
  // End of the loop turn in which FlushSoon was called.
  virtual void FlushTurn() {}
  // The server ends: finish soon.
  virtual void OnShutdown() = 0;
  // Ends the connection now. Safe to call again.
  void Close();
  [[nodiscard]] bool closed() const { return closed_; }

 protected:
  Stream(IoLoop* loop, Socket socket, const IpAddress& peer);
  virtual ~Stream();
  // Registers with the loop; false: it cannot be watched, and is closed.
  bool Open(bool handed_over = false);

  // --- events
  virtual void OnReadable() = 0;
  // The queue was blocked and is empty now.
  virtual void OnDrained() = 0;
  virtual void OnReadDeadline(DeadlineClass which) = 0;
  // The socket took nothing for the duration of `send_class_`.
  virtual void OnSendStalled() = 0;
  // The kernel took bytes; the queue holds `queue_.bytes()` now.
  virtual void OnProgress() {}
  // Once, from Close.
  virtual void OnClose() = 0;

  // --- for derived classes
  [[nodiscard]] int fd() const { return socket_.fd(); }
  // Bytes read, 0 when nothing is there now, -1 at the end of the stream, -2 on errors.
  ssize_t Receive(char* buffer, size_t size);
  void WaitReadable();
  // False when the connection broke; it is closed then.
  bool Flush();
  [[nodiscard]] bool blocked() const { return blocked_; }
  void ArmRead(DeadlineClass which) { loop_->Arm(this, which); }
  void DisarmRead() { loop_->Disarm(this); }
  [[nodiscard]] DeadlineClass read_deadline() const { return armed_for(); }
  // Sends FIN and reads until the peer ends too or the time for it is over, so that the peer gets
  // to read the last answer.
  void Linger();
  [[nodiscard]] bool lingering() const { return lingering_; }
  // Takes the socket out; the stream counts as closed and OnClose is not called.
  Socket Release();

  IoLoop* const loop_;
  const IpAddress peer_;
  OutputQueue queue_;
  DeadlineClass send_class_ = DeadlineClass::kSend;

 private:
  friend class IoLoop;
  // Exists only while the socket is full.
  struct SendDeadline;

  void OnDeadline(DeadlineClass which) final { Expired(which); }
  void OnEvents(uint32_t events) final;
  void Expired(DeadlineClass which);
  // Goes on reading if it is wanted and there may be something.
  void ReadOn();
  void OnReadReady();
  void OnWriteReady();

  Socket socket_;
  Stream* prev_ = nullptr;  // of the loop's list
  Stream* next_ = nullptr;
  std::unique_ptr<SendDeadline> send_deadline_;
  uint32_t references_ = 1;
  bool closed_ = false;
  bool wants_read_ = false;
  bool readable_ = false;  // recv has not said yet that nothing is there
  bool peer_ended_ = false;
  bool blocked_ = false;
  bool lingering_ = false;
  bool in_flush_list_ = false;
  bool in_read_list_ = false;
};

}  // namespace kalamdb::server
