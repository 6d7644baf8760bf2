// Live queries: one WebSocket that carries subscriptions.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "client/socket.h"
#include "client/timeouts.h"
#include "client/ws_frame.h"

namespace kalamdb::client {

struct LiveEvent {
  enum class Kind {
    kAck,
    kBatch,
    kInsert,
    kUpdate,
    kDelete,
    kError,    // about a subscription: code and message
    kClosed,   // by the server: code and message of its Close frame, or of the broken connection
    kTimeout,  // the deadline of Next() passed
    kInterrupted,  // the descriptor given to Next() became readable
  };
  Kind kind = Kind::kTimeout;
  std::string subscription_id;
  boost::json::array rows;        // of a batch, an insert, an update
  boost::json::array old_values;  // of an update, a delete
  // Of kAck and kBatch.
  int64_t batch_number = 0;
  bool has_more = false;
  std::string batch_status;  // loading, loading_batch, ready
  int64_t total_rows = 0;
  size_t columns = 0;  // of kAck
  std::string code;
  std::string message;
};

struct SubscribeOptions {
  bool snapshot = true;  // false: changes only
  std::optional<int64_t> batch_size;
  std::optional<int64_t> last_rows;
  std::optional<int64_t> from;  // _seq: only rows newer than it
};

// Not for two threads at once. Pings of the server are answered, batches of a snapshot fetched and
// the connection kept alive while the caller is in Next().
class LiveConnection {
 public:
  static constexpr std::chrono::milliseconds kGoodbye{2'000};

  ~LiveConnection();
  LiveConnection(const LiveConnection&) = delete;
  LiveConnection& operator=(const LiveConnection&) = delete;

  // Connects, upgrades with the token and waits until the server has accepted it. kUnauthorized
  // when it refuses.
  static Result<std::unique_ptr<LiveConnection>> Open(const Endpoint& endpoint,
                                                      std::string_view token,
                                                      const Timeouts& timeouts, bool compress);

  Status Subscribe(std::string_view id, std::string_view sql, const SubscribeOptions& options);
  // Waits at most kGoodbye for room in the socket.
  Status Unsubscribe(std::string_view id);
  // The next thing that happens. An error only when the server speaks another protocol.
  Result<LiveEvent> Next(Deadline deadline, int interrupt_fd = -1);
  // Says goodbye, as far as that goes within kGoodbye. The server's answer is not waited for.
  void Close();

  [[nodiscard]] const std::string& user() const { return user_; }

 private:
  LiveConnection(Socket socket, const Timeouts& timeouts);

  Status Upgrade(const Endpoint& endpoint, std::string_view token, bool compress,
                 Deadline deadline);
  Status AwaitAuthentication(Deadline deadline);
  Status SendText(std::string_view text);
  Status SendFrame(WsOpcode opcode, std::string_view payload, std::chrono::milliseconds limit);
  // Waits for bytes at most until `deadline`, pinging when the server has been silent for long.
  Result<Socket::Arrival> Receive(Deadline deadline, int interrupt_fd);
  // *event is set when the message is one for the caller.
  Status OnMessage(WsMessage message, std::optional<LiveEvent>* event);
  Status OnText(std::string_view text, std::optional<LiveEvent>* event);

  Socket socket_;
  Timeouts timeouts_;
  WsReader reader_;
  std::string user_;
  bool closed_ = false;
  Deadline last_heard_;
  Deadline last_ping_;
  bool ping_pending_ = false;
};

}  // namespace kalamdb::client
