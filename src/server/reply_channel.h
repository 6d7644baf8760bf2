// The answer to one request on its way from whatever thread computes it to the connection that
// waits for it.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "engine/sql_service.h"
#include "server/io_loop.h"
#include "server/response.h"

namespace kalamdb::server {

class HttpConnection;

// Shared by the computing side and the connection. One thread at a time computes; the loop's thread
// delivers.
class ReplyChannel final : public std::enable_shared_from_this<ReplyChannel> {
 public:
  ReplyChannel(std::shared_ptr<IoLoop> loop, HttpConnection* connection, AnswerContext answer);

  // --- the computing side
  void Complete(Response response);
  bool Begin(int status);
  // Blocks while more than kStreamBound bytes are unsent, no longer than `stop` allows. Not on an
  // I/O thread.
  bool Write(std::string chunk, StopToken* stop = nullptr);
  void End();
  // Dropped without an answer, or in the middle of one.
  void Abandon();
  // Nobody waits for the answer any more, as far as can be told.
  [[nodiscard]] const std::atomic<bool>& client_gone() const { return client_gone_; }

  // --- the loop's thread
  void Deliver();
  // The connection is gone.
  void Detach();
  // The client ended its side of the connection, which can still be written to.
  void ClientEnded() { client_gone_.store(true, std::memory_order_relaxed); }
  // Bytes of the connection's queue that are unsent now.
  void SetUnsent(size_t bytes);
  [[nodiscard]] const AnswerContext& answer() const { return answer_; }
  AnswerContext& answer() { return answer_; }

  static constexpr size_t kStreamBound = 262144;

 private:
  enum class State : uint8_t { kOpen, kCompleted, kStreaming, kEnded, kAbandoned };
  struct Streaming {
    std::mutex mutex;
    std::condition_variable room;
    std::vector<std::string> chunks;  // framed, not yet handed to the connection
    size_t chunk_bytes = 0;
    size_t unsent = 0;  // in the connection's queue
    bool scheduled = false;
    bool gone = false;
    bool began = false;
    bool ended = false;
    bool broken = false;  // abandoned in the middle
    int status = 200;
  };
  void Schedule();
  void DeliverStream();

  const std::shared_ptr<IoLoop> loop_;
  HttpConnection* connection_;  // the loop's thread; null: gone
  AnswerContext answer_;
  bool delivering_ = false;     // the loop's thread; a part of a stream has come
  State state_ = State::kOpen;  // the computing side
  std::unique_ptr<Response> response_;
  std::unique_ptr<Streaming> streaming_;
  std::atomic<bool> gone_{false};  // detached: nothing can be delivered
  std::atomic<bool> client_gone_{false};
};

// engine::Reply over a channel. Dropping it unanswered answers 500.
class SqlReply final : public engine::Reply {
 public:
  explicit SqlReply(std::shared_ptr<ReplyChannel> channel) : channel_(std::move(channel)) {}
  ~SqlReply() override { channel_->Abandon(); }
  SqlReply(const SqlReply&) = delete;
  SqlReply& operator=(const SqlReply&) = delete;
  void Complete(int http_status, std::string body) override {
    channel_->Complete(Response::Json(http_status, std::move(body)));
  }
  bool Begin(int http_status) override { return channel_->Begin(http_status); }
  bool Write(std::string chunk) override { return channel_->Write(std::move(chunk)); }
  bool WriteUntil(std::string chunk, StopToken* stop) override {
    return channel_->Write(std::move(chunk), stop);
  }
  void End() override { channel_->End(); }
  [[nodiscard]] const std::atomic<bool>* gone() const override { return &channel_->client_gone(); }

 private:
  const std::shared_ptr<ReplyChannel> channel_;
};

}  // namespace kalamdb::server
