// One I/O thread: the connections that live on it, their deadlines, and the way in for other
// threads.
//
// A turn: wait -> events -> streams that had more to read -> what other threads posted -> deadlines
//         -> unless requests go first: what was posted for later, flush what was queued, for a
//            slice of time -> let go of what was closed
//
// HTTP answers are written where they arise; what waits for the slices are WebSocket messages, so
// that a burst of them to thousands of subscribers keeps nobody else waiting (fan_out_share.h).
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/latency_histogram.h"
#include "live/session.h"
#include "server/client_address.h"
#include "server/deadlines.h"
#include "server/fan_out_share.h"
#include "server/poller.h"

namespace kalamdb::server {

struct ServerContext;
class ReplyChannel;
class Stream;

class IoLoop final : public live::Loop, public std::enable_shared_from_this<IoLoop> {
 public:
  IoLoop(int index, ServerContext* context);
  ~IoLoop() override;
  IoLoop(const IoLoop&) = delete;
  IoLoop& operator=(const IoLoop&) = delete;

  void Start();
  // Ends the thread; connections still there are dropped. Not from the loop's own thread.
  void StopAndJoin();

  // --- any thread
  [[nodiscard]] int index() const override { return index_; }
  void Post(std::function<void()> f) override;
  void PostLater(std::function<void()> f) override;
  void PostFlushed(std::function<void()> f) override { after_dirty_.push_back(std::move(f)); }
  // The channel has something to deliver on this loop.
  bool PostReply(std::shared_ptr<ReplyChannel> channel);  // false: the loop has stopped
  [[nodiscard]] bool InThread() const { return std::this_thread::get_id() == thread_id_; }
  [[nodiscard]] size_t connections() const { return connections_.load(std::memory_order_relaxed); }
  [[nodiscard]] uint64_t requests() const { return requests_.load(std::memory_order_relaxed); }
  // Returns once no connection is left or `millis` passed.
  bool WaitUntilEmpty(int64_t millis);

  // --- the loop's thread
  [[nodiscard]] ServerContext* context() const { return context_; }
  [[nodiscard]] Poller& poller() { return poller_; }
  void CountRequest();
  // From commits to the return of the write() that took their changes; recorded by the loop's
  // thread.
  LatencyHistogram& live_delays() { return live_delays_; }
  void Adopt(int fd, const IpAddress& peer);
  void Add(Stream* stream);
  // Its reference ends with the turn: events of this turn may still name it.
  void Remove(Stream* stream);
  // Tells every connection that the server ends.
  void BeginShutdown();
  void Arm(Deadline* d, DeadlineClass which);
  void Disarm(Deadline* d) { deadlines_.Disarm(d); }
  Deadlines& deadlines() { return deadlines_; }
  // Calls stream->FlushTurn() at the end of the turn, or of one of the next when many wait.
  void FlushSoon(Stream* stream);
  // Goes on with reading in the next turn. The stream puts itself here once at a time.
  void ReadSoon(Stream* stream);
  [[nodiscard]] static int64_t NowMillis();
  // The read buffer that all connections of the loop share. Only its pages that were used take
  // memory.
  static constexpr size_t kScratchBytes = 65536;
  [[nodiscard]] char* scratch() const { return scratch_; }
  // Answers on their way out of one pass over a connection's requests. `driver` is the stream that
  // uses it.
  std::string& answers() { return answers_; }
  Stream* driver = nullptr;
  // "date: ...\r\n", of this second.
  const std::string& date_header();
  // Gives pages back that idle connections do not need.
  void ReleaseMemory();

 private:
  void Run();
  [[nodiscard]] int MillisToWait() const;
  void Wake();  // the caller holds mutex_
  void Drain();
  void RunLater();
  // Whether something of WebSockets waits for its time.
  [[nodiscard]] bool FanOutWaits() const;
  void NoteRequest();
  void ReadOn();
  void FlushDirty();
  void LetGo();

  const int index_;
  ServerContext* const context_;
  Poller poller_;
  std::thread thread_;
  std::thread::id thread_id_;

  std::mutex mutex_;
  std::condition_variable emptied_;
  std::vector<std::function<void()>> posted_;           // under mutex_
  std::vector<std::function<void()>> later_;            // under mutex_
  std::vector<std::shared_ptr<ReplyChannel>> replies_;  // under mutex_
  bool stopped_ = false;                                // under mutex_
  std::atomic<bool> woken_{false};                      // set under mutex_
  std::atomic<bool> has_later_{false};                  // set under mutex_

  Deadlines deadlines_;
  Stream* first_stream_ = nullptr;
  std::atomic<size_t> connections_{0};
  std::atomic<uint64_t> requests_{0};
  // Each place holds a reference.
  std::vector<Stream*> unread_, closed_;
  // To be flushed: those whose round goes on, from `next_to_flush_` on, and those of the next one.
  std::vector<Stream*> flushing_, dirty_;
  size_t next_to_flush_ = 0;
  std::vector<std::function<void()>> after_flushing_, after_dirty_;
  FanOutShare share_;
  bool running_ = true;
  LatencyHistogram live_delays_;
  char* scratch_ = nullptr;
  std::string answers_;
  std::string date_header_;
  int64_t date_second_ = -1;
};

}  // namespace kalamdb::server
