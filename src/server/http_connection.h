// An HTTP/1.1 connection: heads, bodies and answers in order, one request at a time.
//
//   recv -> scratch -> Drive: [head] -> Admit -> [body] -> Handle -> answers -> send
//
// A request that arrives whole is handled where it lies in the loop's scratch buffer; `pending_`
// exists only while bytes must wait: an incomplete head or body, or pipelined requests behind one
// that is being computed.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/chunked_body.h"
#include "server/request_parser.h"
#include "server/response.h"
#include "server/route.h"
#include "server/stream.h"

namespace kalamdb::server {

class HttpConnection final : public Stream {
 public:
  static void Begin(IoLoop* loop, Socket socket, const IpAddress& peer);

  // --- the answer to the request at hand; the loop's thread
  void OnAnswer(Response response);
  void OnStreamBegin(int status);
  void OnStreamChunks(std::vector<std::string> chunks, bool end, bool broken);
  std::shared_ptr<ReplyChannel> Defer();

 private:
  struct Pending {
    std::string bytes;   // not parsed yet
    size_t scanned = 0;  // of them looked at for the end of a head
    // A request whose head is complete and whose body is not.
    std::string head_bytes;  // behind exchange.head
    Exchange exchange;
    const Route* route = nullptr;
    AnswerContext answer;
    std::string body;
    uint64_t body_missing = 0;
    size_t body_limit = 0;
    std::optional<ChunkedBody> chunked;
    [[nodiscard]] bool reading_body() const { return route != nullptr; }
  };

  HttpConnection(IoLoop* loop, Socket socket, const IpAddress& peer);
  ~HttpConnection() override;

  void OnReadable() override;
  void OnDrained() override;
  void OnProgress() override;
  void OnReadDeadline(DeadlineClass which) override;
  void OnSendStalled() override { Close(); }
  void OnClose() override;
  void OnShutdown() override;

  // One pass: parses and handles what can be, sends the answers, keeps the rest.
  void Drive(std::string_view in);
  void DrivePending();
  // The part of `in` that has to wait.
  std::string_view Consume(std::string_view in);
  // One request whose head ends at `head_size`; the bytes of `in` that it used.
  size_t BeginRequest(std::string_view in, size_t head_size);
  void KeepForBody(Exchange exchange, const Route* route, std::string_view head_bytes,
                   size_t body_limit);
  size_t ContinueBody(std::string_view in);
  void HandleWithBody(Exchange* exchange, const Route* route, std::string_view body);
  void Upgrade(const Exchange& exchange, std::string_view rest);
  void Fail(int status);
  void WriteHead(std::string* out, int status, std::string_view content_type,
                 std::string_view headers, size_t content_length, bool streaming);
  void Write(Response response);
  bool FlushAnswers();
  void Settle();

  std::unique_ptr<Pending> pending_;
  std::shared_ptr<ReplyChannel> channel_;  // of the request being computed
  AnswerContext answer_;                   // of the request at hand, while it is not deferred
  bool answered_ = true;                   // no request is at hand
  bool ending_ = false;                    // nothing more is read; closed once the queue is empty
  bool unread_ = false;                    // ... and bytes of the client may lie unread: linger
  bool moved_ = false;                     // became a WebSocket
};

}  // namespace kalamdb::server
