// A WebSocket connection: frames, heartbeats and the closing handshake around one live::Session.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "live/session.h"
#include "server/route.h"
#include "server/stream.h"
#include "server/ws_frame.h"

namespace kalamdb::server {

class WsConnection final : public Stream, public live::Outbox, private MessageSink {
 public:
  // Takes over `socket`, sends `handshake`, and reads `rest` as the first frames.
  static void Begin(IoLoop* loop, Socket socket, const IpAddress& peer, const IpAddress& client,
                    live::SessionRequest request, std::string_view handshake, std::string rest);

  // --- live::Outbox
  void Send(bool binary, std::string payload) override;
  void SendShared(std::string head, std::shared_ptr<const std::string> body,
                  std::string tail) override;
  void SendSharedBinary(std::string head, std::shared_ptr<const std::string> body,
                        std::string tail) override;
  void NoteCommit(int64_t committed_micros) override;
  void Close(int code, std::string_view reason) override;
  bool AllowAuthAttempt() override;
  [[nodiscard]] size_t queued_bytes() const override { return queue_.bytes(); }
  void NotifyWhenDrained() override;

  void FlushTurn() override;

 private:
  // kOpen -> kClosing (our Close frame is queued) -> kEnded (both sent, or the frames cannot be
  // trusted any more).
  enum class Phase : uint8_t { kOpen, kClosing, kEnded };

  WsConnection(IoLoop* loop, Socket socket, const IpAddress& peer, const IpAddress& client);
  ~WsConnection() override;

  // --- Stream
  void OnReadable() override;
  void OnDrained() override;
  void OnReadDeadline(DeadlineClass which) override;
  void OnSendStalled() override;
  void OnClose() override;
  void OnShutdown() override;

  // --- MessageSink
  bool OnMessage(bool binary, std::string_view message) override;
  bool OnOversized() override;
  bool OnPing(std::string_view payload) override;
  bool OnPong() override { return phase_ != Phase::kEnded; }
  bool OnPeerClose(int code, std::string_view reason) override;

  void Receive(char* bytes, size_t size);
  void SendParts(Opcode opcode, std::string head, std::shared_ptr<const std::string> body,
                 std::string tail);
  void EndIfOverfull();
  void QueueClose(int code, std::string_view reason);
  void EndSession();
  void ArmForActivity();
  void WaitForInput();

  const IpAddress client_;
  MessageReader reader_;
  std::unique_ptr<live::Session> session_;
  int64_t oldest_commit_ = 0;  // of the changes in the queue; 0: none, or the socket was full
  Phase phase_ = Phase::kOpen;
  bool drain_wanted_ = false;  // the session asked to be told when the queue is empty
  bool drained_ = false;       // it is, and the session is told in the next turn
};

}  // namespace kalamdb::server
