// Crossing from worker threads to the I/O thread, with a bound for streams.
#include "server/reply_channel.h"

#include <chrono>

#include "server/http_connection.h"

namespace kalamdb::server {

namespace {
// How often a worker that waits for a slow reader looks whether its statement has to end.
constexpr std::chrono::milliseconds kStopLook(100);
constexpr int64_t kFairBytesPerSecond = 64 << 10;
}  // namespace

ReplyChannel::ReplyChannel(std::shared_ptr<IoLoop> loop, HttpConnection* connection,
                           AnswerContext answer)
    : loop_(std::move(loop)), connection_(connection), answer_(std::move(answer)) {}

void ReplyChannel::Complete(Response response) {
  if (state_ != State::kOpen) return;
  state_ = State::kCompleted;
  if (loop_->InThread()) {
    if (!connection_) return;
    // Another connection's pass may own the loop's buffer right now.
    if (loop_->driver == nullptr || loop_->driver == connection_) {
      connection_->OnAnswer(std::move(response));
      return;
    }
  }
  response_ = std::make_unique<Response>(std::move(response));
  loop_->PostReply(shared_from_this());
}

bool ReplyChannel::Begin(int status) {
  if (state_ != State::kOpen || gone_.load(std::memory_order_acquire)) return false;
  state_ = State::kStreaming;
  auto streaming = std::make_unique<Streaming>();
  streaming->status = status;
  streaming_ = std::move(streaming);
  Schedule();
  return true;
}

bool ReplyChannel::Write(std::string chunk, StopToken* stop) {
  if (state_ != State::kStreaming) return false;
  if (chunk.empty()) return !gone_.load(std::memory_order_acquire);
  Streaming& s = *streaming_;
  {
    std::unique_lock lock(s.mutex);
    // The loop closes a connection that does not take bytes, which ends this wait.
    const auto may_go_on = [&] {
      return s.gone || gone_.load(std::memory_order_acquire) ||
             s.chunk_bytes + s.unsent <= kStreamBound;
    };
    if (stop == nullptr) s.room.wait(lock, may_go_on);
    if (stop != nullptr && !may_go_on()) {
      // Who takes so many bytes a second uses up none of the statement's time; who takes less uses
      // up what he is slower.
      const int64_t fair = static_cast<int64_t>(chunk.size()) * 1'000'000 / kFairBytesPerSecond;
      const auto begin = std::chrono::steady_clock::now();
      stop->Extend(fair);
      while (!may_go_on() && stop->Check().ok()) s.room.wait_for(lock, kStopLook, may_go_on);
      const auto waited = std::chrono::duration_cast<std::chrono::microseconds>(
          std::chrono::steady_clock::now() - begin);
      stop->Extend(std::min<int64_t>(0, waited.count() - fair));
    }
    if (s.gone || gone_.load(std::memory_order_acquire)) return false;
    if (!answer_.http10) {
      s.chunks.push_back(fmt::format("{:x}\r\n", chunk.size()));
      chunk += "\r\n";
    }
    s.chunk_bytes += chunk.size();
    s.chunks.push_back(std::move(chunk));
  }
  Schedule();
  return true;
}

void ReplyChannel::End() {
  if (state_ != State::kStreaming) return;
  state_ = State::kEnded;
  {
    std::lock_guard lock(streaming_->mutex);
    streaming_->ended = true;
  }
  Schedule();
}

void ReplyChannel::Abandon() {
  if (state_ == State::kOpen) {
    return Complete(Response::Json(
        500,
        "{\"status\":\"error\",\"results\":[],\"took\":0,\"error\":{\"code\":\"INTERNAL_ERROR\","
        "\"message\":\"SQL request failed\"}}"));
  }
  if (state_ != State::kStreaming) return;
  state_ = State::kAbandoned;
  {
    std::lock_guard lock(streaming_->mutex);
    streaming_->broken = true;
  }
  Schedule();
}

void ReplyChannel::Schedule() {
  {
    std::lock_guard lock(streaming_->mutex);
    if (streaming_->scheduled) return;
    streaming_->scheduled = true;
  }
  if (loop_->PostReply(shared_from_this())) return;
  std::lock_guard lock(streaming_->mutex);
  streaming_->gone = true;
}

void ReplyChannel::Deliver() {
  if (response_) {
    if (connection_) connection_->OnAnswer(std::move(*response_));
    response_.reset();
    return;
  }
  if (streaming_) DeliverStream();
}

void ReplyChannel::DeliverStream() {
  Streaming& s = *streaming_;
  delivering_ = true;
  std::vector<std::string> chunks;
  bool begin, end, broken;
  {
    std::lock_guard lock(s.mutex);
    s.scheduled = false;
    if (!connection_) {
      s.gone = true;
      s.room.notify_all();
      return;
    }
    chunks.swap(s.chunks);
    s.unsent += s.chunk_bytes;
    s.chunk_bytes = 0;
    begin = !s.began;
    s.began = true;
    end = s.ended;
    broken = s.broken;
  }
  if (begin) connection_->OnStreamBegin(s.status);
  // May end the connection and with it connection_.
  connection_->OnStreamChunks(std::move(chunks), end, broken);
}

void ReplyChannel::Detach() {
  connection_ = nullptr;
  ClientEnded();
  gone_.store(true, std::memory_order_release);
  // Another thread may be in the middle of Begin unless a delivery has come; then the delivery to
  // come ends the wait.
  if (!delivering_) return;
  std::lock_guard lock(streaming_->mutex);
  streaming_->gone = true;
  streaming_->room.notify_all();
}

void ReplyChannel::SetUnsent(size_t bytes) {
  if (!delivering_) return;
  std::lock_guard lock(streaming_->mutex);
  streaming_->unsent = bytes;
  if (streaming_->chunk_bytes + bytes <= kStreamBound) streaming_->room.notify_all();
}

}  // namespace kalamdb::server
