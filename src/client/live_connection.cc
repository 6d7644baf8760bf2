// GET /v1/ws with a bearer token, then JSON messages; MessagePack is never asked for.
#include "client/live_connection.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <sys/random.h>

#include <algorithm>

#include "base/inflate.h"
#include "base/json_text.h"
#include "client/http_response.h"
#include "client/json.h"
#include "client/sql_reply.h"

namespace kalamdb::client {
namespace json = boost::json;
namespace {

// From RFC 6455, 1.3.
constexpr std::string_view kWebSocketGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

template <typename T>
T RandomBytes() {
  T value{};
  // A short read is impossible for so few bytes; without entropy the value is merely predictable.
  if (getrandom(&value, sizeof value, 0) != static_cast<ssize_t>(sizeof value)) value = T{};
  return value;
}

std::string Base64(const unsigned char* bytes, size_t size) {
  std::string out(4 * ((size + 2) / 3) + 1, '\0');
  const int n =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes, static_cast<int>(size));
  out.resize(static_cast<size_t>(n));
  return out;
}

std::string AcceptOf(const std::string& key) {
  const std::string text = key + std::string(kWebSocketGuid);
  unsigned char digest[SHA_DIGEST_LENGTH];
  SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
  return Base64(digest, sizeof digest);
}

std::string Quoted(std::string_view text) {
  std::string out;
  AppendJsonString(&out, text);
  return out;
}

LiveEvent Closed(std::string_view payload) {
  LiveEvent event;
  event.kind = LiveEvent::Kind::kClosed;
  if (payload.size() >= 2) {
    event.code =
        std::to_string(static_cast<uint8_t>(payload[0]) << 8 | static_cast<uint8_t>(payload[1]));
    event.message = payload.substr(2);
  }
  return event;
}

LiveEvent Broken(std::string message) {
  LiveEvent event;
  event.kind = LiveEvent::Kind::kClosed;
  event.message = std::move(message);
  return event;
}

json::array TakeArray(json::object* object, const char* name) {
  json::value* member = object->if_contains(name);
  if (member == nullptr || !member->is_array()) return {};
  return std::move(member->get_array());
}

void ReadBatchControl(const json::object& root, LiveEvent* event) {
  const json::object* control = ObjectMember(root, "batch_control");
  if (control == nullptr) return;
  event->batch_number = IntMember(*control, "batch_num");
  event->has_more = BoolMember(*control, "has_more");
  event->batch_status = StringMember(*control, "status");
}

}  // namespace

LiveConnection::LiveConnection(Socket socket, const Timeouts& timeouts)
    : socket_(std::move(socket)),
      timeouts_(timeouts),
      last_heard_(Clock::now()),
      last_ping_(last_heard_) {}

LiveConnection::~LiveConnection() { Close(); }

Result<std::unique_ptr<LiveConnection>> LiveConnection::Open(const Endpoint& endpoint,
                                                             std::string_view token,
                                                             const Timeouts& timeouts,
                                                             bool compress) {
  KDB_ASSIGN_OR_RETURN(Socket socket, Socket::Connect(endpoint, timeouts.connect));
  std::unique_ptr<LiveConnection> live(new LiveConnection(std::move(socket), timeouts));
  const Deadline deadline = In(timeouts.auth);
  KDB_RETURN_IF_ERROR(live->Upgrade(endpoint, token, compress, deadline));
  KDB_RETURN_IF_ERROR(live->AwaitAuthentication(deadline));
  return live;
}

Status LiveConnection::Upgrade(const Endpoint& endpoint, std::string_view token, bool compress,
                               Deadline deadline) {
  if (token.find_first_of("\r\n") != std::string_view::npos) {
    return {ErrorCode::kInvalidInput, "Configuration error: the token holds a line end"};
  }
  const auto nonce = RandomBytes<std::array<unsigned char, 16>>();
  const std::string key = Base64(nonce.data(), nonce.size());
  KDB_RETURN_IF_ERROR(socket_.Write(
      fmt::format(
          "GET {}/v1/ws{} HTTP/1.1\r\nHost: {}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {}\r\nAuthorization: Bearer {}\r\n\r\n",
          endpoint.prefix, compress ? "" : "?compress=false", endpoint.Authority(), key, token),
      deadline));
  HttpResponseParser parser;
  char buffer[4096];
  while (!parser.done()) {
    KDB_ASSIGN_OR_RETURN(const Socket::Arrival arrival,
                         socket_.Read(buffer, sizeof buffer, deadline));
    if (arrival.kind == Socket::Arrival::Kind::kTimeout) {
      return {ErrorCode::kTimeout, "the server did not answer the WebSocket upgrade in time"};
    }
    if (arrival.kind == Socket::Arrival::Kind::kEnd) {
      KDB_RETURN_IF_ERROR(parser.End());
      break;
    }
    KDB_ASSIGN_OR_RETURN(const size_t used, parser.Feed({buffer, arrival.bytes}));
    if (used < arrival.bytes)
      KDB_RETURN_IF_ERROR(reader_.Feed({buffer + used, arrival.bytes - used}));
  }
  const HttpResponse response = parser.Take();
  if (response.status != 101) {
    const bool refused = response.status == 401 || response.status == 403;
    return {refused ? ErrorCode::kUnauthorized : ErrorCode::kUnavailable,
            fmt::format("Server error ({}): {}", response.status, ErrorText(response.body))};
  }
  const std::string* accept = response.Header("sec-websocket-accept");
  if (accept == nullptr || *accept != AcceptOf(key)) {
    return {ErrorCode::kUnavailable, "the server's answer to the WebSocket upgrade is not its own"};
  }
  return Status::Ok();
}

Status LiveConnection::AwaitAuthentication(Deadline deadline) {
  char buffer[4096];
  for (;;) {
    WsMessage message;
    while (reader_.Next(&message)) {
      if (message.opcode == WsOpcode::kClose) {
        const LiveEvent event = Closed(message.payload);
        return {ErrorCode::kUnauthorized,
                fmt::format("the server closed the connection: {} {}", event.code, event.message)};
      }
      if (message.opcode != WsOpcode::kText) continue;
      KDB_ASSIGN_OR_RETURN(const json::value document, ParseJson(message.payload));
      if (!document.is_object()) continue;
      const json::object& root = document.get_object();
      if (StringMember(root, "type") == "auth_success") {
        user_ = StringMember(root, "user");
        return Status::Ok();
      }
      if (StringMember(root, "type") == "auth_error") {
        return {ErrorCode::kUnauthorized,
                fmt::format("Unauthorized: {}", StringMember(root, "message"))};
      }
    }
    KDB_ASSIGN_OR_RETURN(const Socket::Arrival arrival,
                         socket_.Read(buffer, sizeof buffer, deadline));
    if (arrival.kind == Socket::Arrival::Kind::kTimeout) {
      return {ErrorCode::kTimeout, "the server did not accept the token in time"};
    }
    if (arrival.kind == Socket::Arrival::Kind::kEnd) {
      return {ErrorCode::kUnavailable, "the server closed the connection"};
    }
    last_heard_ = Clock::now();
    KDB_RETURN_IF_ERROR(reader_.Feed({buffer, arrival.bytes}));
  }
}

Status LiveConnection::Subscribe(std::string_view id, std::string_view sql,
                                 const SubscribeOptions& options) {
  std::string text =
      fmt::format(R"({{"type":"subscribe","subscription":{{"id":{},"sql":{},"options":)",
                  Quoted(id), Quoted(sql));
  if (!options.snapshot) {
    text += "null";
  } else {
    std::string members;
    const auto add = [&members](const char* name, const std::optional<int64_t>& value) {
      if (value) members += fmt::format("{}\"{}\":{}", members.empty() ? "" : ",", name, *value);
    };
    add("batch_size", options.batch_size);
    add("last_rows", options.last_rows);
    add("from", options.from);
    text += "{" + members + "}";
  }
  return SendText(text + "}}");
}

Status LiveConnection::Unsubscribe(std::string_view id) {
  return SendFrame(WsOpcode::kText,
                   fmt::format(R"({{"type":"unsubscribe","subscription_id":{}}})", Quoted(id)),
                   std::min(kGoodbye, timeouts_.send));
}

Status LiveConnection::SendText(std::string_view text) {
  return SendFrame(WsOpcode::kText, text, timeouts_.send);
}

Status LiveConnection::SendFrame(WsOpcode opcode, std::string_view payload,
                                 std::chrono::milliseconds limit) {
  std::string frame;
  AppendClientFrame(&frame, opcode, payload, RandomBytes<uint32_t>());
  return socket_.Write(frame, In(limit));
}

Result<Socket::Arrival> LiveConnection::Receive(Deadline deadline, int interrupt_fd) {
  using Kind = Socket::Arrival::Kind;
  char buffer[16384];
  for (;;) {
    // The connection proves itself: a ping after a silence, the end after a longer one.
    const Deadline check =
        ping_pending_ ? last_ping_ + timeouts_.pong : last_heard_ + timeouts_.keepalive;
    KDB_ASSIGN_OR_RETURN(
        const Socket::Arrival arrival,
        socket_.Read(buffer, sizeof buffer, std::min(deadline, check), interrupt_fd));
    if (arrival.kind == Kind::kData) {
      last_heard_ = Clock::now();
      ping_pending_ = false;
      KDB_RETURN_IF_ERROR(reader_.Feed({buffer, arrival.bytes}));
      return arrival;
    }
    if (arrival.kind != Kind::kTimeout || Clock::now() >= deadline) return arrival;
    if (ping_pending_) return Socket::Arrival{Kind::kEnd};
    KDB_RETURN_IF_ERROR(SendFrame(WsOpcode::kPing, {}, timeouts_.send));
    last_ping_ = Clock::now();
    ping_pending_ = true;
  }
}

Result<LiveEvent> LiveConnection::Next(Deadline deadline, int interrupt_fd) {
  if (closed_) return Broken("the connection is closed");
  for (;;) {
    WsMessage message;
    while (reader_.Next(&message)) {
      std::optional<LiveEvent> event;
      KDB_RETURN_IF_ERROR(OnMessage(std::move(message), &event));
      if (event) return std::move(*event);
    }
    Result<Socket::Arrival> arrival = Receive(deadline, interrupt_fd);
    LiveEvent event;
    if (!arrival.ok() || arrival->kind == Socket::Arrival::Kind::kEnd) {
      closed_ = true;
      return Broken(arrival.ok() ? "the connection ended"
                                 : std::string(arrival.status().message()));
    }
    if (arrival->kind == Socket::Arrival::Kind::kTimeout) return event;
    if (arrival->kind == Socket::Arrival::Kind::kInterrupted) {
      event.kind = LiveEvent::Kind::kInterrupted;
      return event;
    }
  }
}

Status LiveConnection::OnMessage(WsMessage message, std::optional<LiveEvent>* event) {
  switch (message.opcode) {
    case WsOpcode::kPing:
      return SendFrame(WsOpcode::kPong, message.payload, timeouts_.send);
    case WsOpcode::kClose:
      closed_ = true;
      *event = Closed(message.payload);
      // The close is over whether or not the echo arrives.
      if (!SendFrame(WsOpcode::kClose, message.payload.substr(0, 2), kGoodbye).ok())
        socket_.Close();
      return Status::Ok();
    case WsOpcode::kBinary: {
      std::string text;
      switch (
          InflateGzip(message.payload, static_cast<size_t>(WsReader::kMaxMessageBytes), &text)) {
        case InflateOutcome::kOk:
          return OnText(text, event);
        case InflateOutcome::kMalformed:
          return Status(ErrorCode::kUnavailable, "a compressed message is damaged");
        case InflateOutcome::kTooLarge:
          return Status(ErrorCode::kUnavailable, "a compressed message is too large");
      }
      return Status::Ok();
    }
    case WsOpcode::kText:
      return OnText(message.payload, event);
    default:
      return Status::Ok();
  }
}

Status LiveConnection::OnText(std::string_view text, std::optional<LiveEvent>* event) {
  KDB_ASSIGN_OR_RETURN(json::value document, ParseJson(text));
  if (!document.is_object()) return Status::Ok();
  json::object& root = document.get_object();
  const std::string_view type = StringMember(root, "type");
  LiveEvent next;
  next.subscription_id = StringMember(root, "subscription_id");
  if (type == "subscription_ack") {
    next.kind = LiveEvent::Kind::kAck;
    next.total_rows = IntMember(root, "total_rows");
    const json::array* schema = ArrayMember(root, "schema");
    next.columns = schema == nullptr ? 0 : schema->size();
    ReadBatchControl(root, &next);
  } else if (type == "initial_data_batch") {
    next.kind = LiveEvent::Kind::kBatch;
    ReadBatchControl(root, &next);
    if (next.has_more) {
      const json::object* control = ObjectMember(root, "batch_control");
      KDB_RETURN_IF_ERROR(
          SendText(fmt::format(R"({{"type":"next_batch","subscription_id":{},"last_seq_id":{}}})",
                               Quoted(next.subscription_id), IntMember(*control, "last_seq_id"))));
    }
    next.rows = TakeArray(&root, "rows");
  } else if (type == "change") {
    const std::string_view change = StringMember(root, "change_type");
    next.kind = change == "insert"   ? LiveEvent::Kind::kInsert
                : change == "update" ? LiveEvent::Kind::kUpdate
                                     : LiveEvent::Kind::kDelete;
    next.rows = TakeArray(&root, "rows");
    next.old_values = TakeArray(&root, "old_values");
  } else if (type == "error") {
    next.kind = LiveEvent::Kind::kError;
    next.code = StringMember(root, "code");
    next.message = StringMember(root, "message");
  } else {
    return Status::Ok();  // types of later versions
  }
  *event = std::move(next);
  return Status::Ok();
}

void LiveConnection::Close() {
  if (!closed_ && socket_.IsOpen()) {
    closed_ = true;
    constexpr std::string_view kNormalClosure("\x03\xe8", 2);
    // Nobody waits for an answer, so a failure changes nothing.
    static_cast<void>(SendFrame(WsOpcode::kClose, kNormalClosure, kGoodbye).ok());
  }
  socket_.Close();
}

}  // namespace kalamdb::client
