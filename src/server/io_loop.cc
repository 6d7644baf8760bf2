// The loop of an I/O thread.
#include "server/io_loop.h"

#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>

#include "server/http_connection.h"
#include "server/reply_channel.h"
#include "server/response.h"
#include "server/server_context.h"
#include "server/stream.h"

namespace kalamdb::server {

namespace {

// Deadlines are met late by up to this, so that one wake-up serves many.
constexpr int64_t kTimerGridMillis = 32;
// Lists go back for the next turn unless a burst has blown them up.
constexpr size_t kKeptEntries = 256;
// WebSockets are written for so long before the loop looks at its other work.
constexpr int64_t kFlushSliceMicros = 200;
constexpr size_t kFlushesBetweenLooks = 8;

template <typename T>
void GiveBack(std::vector<T>* used, std::vector<T>* list) {
  used->clear();
  if (list->empty() && used->capacity() <= kKeptEntries) list->swap(*used);
}

}  // namespace

IoLoop::IoLoop(int index, ServerContext* context) : index_(index), context_(context) {
  const ServerConfig& c = context->config;
  auto seconds = [&](DeadlineClass which, uint64_t n) {
    deadlines_.set_duration(which, static_cast<int64_t>(std::min<uint64_t>(n, 1U << 30)) * 1000);
  };
  seconds(DeadlineClass::kRequest, c.performance.client_request_timeout);
  seconds(DeadlineClass::kKeepAlive, c.performance.keepalive_timeout);
  seconds(DeadlineClass::kSend, 10);
  seconds(DeadlineClass::kLinger, c.performance.client_disconnect_timeout);
  seconds(DeadlineClass::kSocketAuth, c.websocket.auth_timeout_secs);
  seconds(DeadlineClass::kSocketIdle, c.websocket.client_timeout_secs);
  seconds(DeadlineClass::kSocketPong, c.websocket.heartbeat_interval_secs);
  seconds(DeadlineClass::kSocketSlow, c.websocket.slow_client_secs);
  seconds(DeadlineClass::kSocketClose, 5);
  deadlines_.set_duration(DeadlineClass::kAcceptPause, 50);
  void* pages =
      mmap(nullptr, kScratchBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  scratch_ = pages == MAP_FAILED ? nullptr : static_cast<char*>(pages);
}

IoLoop::~IoLoop() {
  if (scratch_) munmap(scratch_, kScratchBytes);
}

void IoLoop::Start() {
  // The id is known before the thread runs anything, so that InThread needs no lock.
  std::lock_guard lock(mutex_);
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), fmt::format("io-{}", index_).c_str());
    { std::lock_guard started(mutex_); }
    Run();
  });
  thread_id_ = thread_.get_id();
}

void IoLoop::StopAndJoin() {
  if (!thread_.joinable()) return;
  Post([this] {
    while (first_stream_) first_stream_->Close();
    std::lock_guard lock(mutex_);
    stopped_ = true;
    running_ = false;
  });
  thread_.join();
  // Destroyed outside the lock: what they own may post.
  std::vector<std::function<void()>> posted, later;
  std::vector<std::shared_ptr<ReplyChannel>> replies;
  {
    std::lock_guard lock(mutex_);
    posted.swap(posted_);
    later.swap(later_);
    replies.swap(replies_);
  }
  // Their connections are gone. Whoever waits for room in one has to hear it.
  for (const auto& reply : replies) reply->Deliver();
}

void IoLoop::Run() {
  while (running_) {
    poller_.AnnounceWait();
    poller_.Wait(MillisToWait());
    ReadOn();
    if (woken_.load()) Drain();
    if (const int64_t now = NowMillis(); deadlines_.Next() <= now) deadlines_.Expire(now);
    if (!FanOutWaits()) {
      share_.Idle();
    } else if (!share_.Yields(context_->deps.clock->MonotonicMicros())) {
      RunLater();
      FlushDirty();
    }
    LetGo();
  }
  // What is left in the lists is closed.
  ReadOn();
  while (!dirty_.empty() || !flushing_.empty()) FlushDirty();
  after_dirty_.clear();
  LetGo();
}

int IoLoop::MillisToWait() const {
  if (woken_.load() || !unread_.empty()) return 0;
  // While requests go first the core is theirs too: who computes the answers may need it.
  if (FanOutWaits()) return share_.yielding() ? 1 : 0;
  const int64_t next = deadlines_.Next();
  if (next == INT64_MAX) return -1;
  const int64_t at = (next / kTimerGridMillis + 1) * kTimerGridMillis;
  return static_cast<int>(std::clamp<int64_t>(at - NowMillis(), 1, INT32_MAX));
}

void IoLoop::Wake() {
  if (!woken_.exchange(true)) poller_.Wake();
}

bool IoLoop::FanOutWaits() const {
  return has_later_.load() || !dirty_.empty() || !flushing_.empty() || !after_dirty_.empty();
}

void IoLoop::NoteRequest() {
  if (share_.bursting()) share_.NoteRequest(context_->deps.clock->MonotonicMicros());
}

void IoLoop::PostLater(std::function<void()> f) {
  std::lock_guard lock(mutex_);
  if (stopped_) return;
  later_.push_back(std::move(f));
  if (!has_later_.exchange(true)) poller_.Wake();
}

void IoLoop::RunLater() {
  if (!has_later_.load()) return;
  std::vector<std::function<void()>> later;
  {
    std::lock_guard lock(mutex_);
    later.swap(later_);
    has_later_.store(false);
  }
  for (const auto& f : later) f();
  later.clear();
  std::lock_guard lock(mutex_);
  GiveBack(&later, &later_);
}

void IoLoop::Post(std::function<void()> f) {
  std::lock_guard lock(mutex_);
  if (stopped_) return;
  posted_.push_back(std::move(f));
  Wake();
}

bool IoLoop::PostReply(std::shared_ptr<ReplyChannel> channel) {
  std::lock_guard lock(mutex_);
  if (stopped_) return false;
  replies_.push_back(std::move(channel));
  Wake();
  return true;
}

void IoLoop::Drain() {
  std::vector<std::function<void()>> posted;
  std::vector<std::shared_ptr<ReplyChannel>> replies;
  {
    std::lock_guard lock(mutex_);
    posted.swap(posted_);
    replies.swap(replies_);
    woken_.store(false);
  }
  if (!replies.empty()) NoteRequest();
  for (const auto& reply : replies) reply->Deliver();
  for (const auto& f : posted) f();
  // Destroyed outside the lock: what they own may post.
  posted.clear();
  replies.clear();
  std::lock_guard lock(mutex_);
  GiveBack(&posted, &posted_);
  GiveBack(&replies, &replies_);
}

bool IoLoop::WaitUntilEmpty(int64_t millis) {
  std::unique_lock lock(mutex_);
  return emptied_.wait_for(lock, std::chrono::milliseconds(millis),
                           [this] { return connections_.load() == 0; });
}

void IoLoop::CountRequest() {
  requests_.store(requests_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  NoteRequest();
  if (context_->deps.activity) context_->deps.activity->Touch();
}

void IoLoop::Adopt(int fd, const IpAddress& peer) {
  Socket socket(fd);
  if (context_->shutting_down.load(std::memory_order_relaxed)) return;
  HttpConnection::Begin(this, std::move(socket), peer);
}

void IoLoop::Add(Stream* stream) {
  stream->next_ = first_stream_;
  if (first_stream_) first_stream_->prev_ = stream;
  first_stream_ = stream;
  connections_.fetch_add(1, std::memory_order_relaxed);
}

void IoLoop::Remove(Stream* stream) {
  (stream->prev_ ? stream->prev_->next_ : first_stream_) = stream->next_;
  if (stream->next_) stream->next_->prev_ = stream->prev_;
  stream->prev_ = stream->next_ = nullptr;
  closed_.push_back(stream);
  if (connections_.fetch_sub(1) == 1 && context_->shutting_down.load(std::memory_order_relaxed)) {
    std::lock_guard lock(mutex_);
    emptied_.notify_all();
  }
}

void IoLoop::BeginShutdown() {
  std::vector<Stream*> all;
  for (Stream* s = first_stream_; s; s = s->next_) {
    s->Ref();
    all.push_back(s);
  }
  for (Stream* s : all) {
    if (!s->closed()) s->OnShutdown();
    s->Unref();
  }
}

int64_t IoLoop::NowMillis() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return static_cast<int64_t>(now.tv_sec) * 1000 + now.tv_nsec / 1'000'000;
}

void IoLoop::Arm(Deadline* d, DeadlineClass which) { deadlines_.Arm(d, which, NowMillis()); }

void IoLoop::FlushSoon(Stream* stream) {
  if (stream->in_flush_list_) return;
  stream->in_flush_list_ = true;
  stream->Ref();
  dirty_.push_back(stream);
}

void IoLoop::ReadSoon(Stream* stream) {
  stream->Ref();
  unread_.push_back(stream);
}

void IoLoop::ReadOn() {
  if (unread_.empty()) return;
  std::vector<Stream*> unread;
  unread.swap(unread_);
  for (Stream* s : unread) {
    s->in_read_list_ = false;
    s->ReadOn();
    s->Unref();
  }
  GiveBack(&unread, &unread_);
}

void IoLoop::FlushDirty() {
  if (flushing_.empty()) {
    flushing_.swap(dirty_);
    after_flushing_.swap(after_dirty_);
  }
  if (!flushing_.empty()) {
    const int64_t until = context_->deps.clock->MonotonicMicros() + kFlushSliceMicros;
    while (next_to_flush_ < flushing_.size()) {
      Stream* s = flushing_[next_to_flush_++];
      s->in_flush_list_ = false;
      if (!s->closed()) s->FlushTurn();
      s->Unref();
      if (next_to_flush_ % kFlushesBetweenLooks == 0 && next_to_flush_ < flushing_.size() &&
          context_->deps.clock->MonotonicMicros() >= until) {
        return;
      }
    }
    next_to_flush_ = 0;
    flushing_.clear();
    if (flushing_.capacity() > kKeptEntries) std::vector<Stream*>().swap(flushing_);
  }
  std::vector<std::function<void()>> flushed;
  flushed.swap(after_flushing_);
  for (auto& f : flushed) PostLater(std::move(f));
}

void IoLoop::LetGo() {
  if (closed_.empty()) return;
  std::vector<Stream*> closed;
  closed.swap(closed_);
  for (Stream* s : closed) s->Unref();
  GiveBack(&closed, &closed_);
}

const std::string& IoLoop::date_header() {
  timespec now;
  clock_gettime(CLOCK_REALTIME_COARSE, &now);
  if (now.tv_sec != date_second_) {
    date_second_ = now.tv_sec;
    date_header_ = "date: " + HttpDate(now.tv_sec) + "\r\n";
  }
  return date_header_;
}

void IoLoop::ReleaseMemory() {
  std::string().swap(answers_);
  if (scratch_) madvise(scratch_, kScratchBytes, MADV_DONTNEED);
}

}  // namespace kalamdb::server
