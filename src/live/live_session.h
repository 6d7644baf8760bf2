// One connection's live protocol.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "live/delivery.h"
#include "live/frame_writer.h"
#include "live/loop_hub.h"

namespace kalamdb::live {

class LiveSession final : public Session {
 public:
  LiveSession(LoopHub* loop, Outbox* outbox, SessionRequest request);
  ~LiveSession() override;

  void OnOpen() override;
  void OnText(std::string_view message) override;
  void OnBinary(std::string_view message) override;
  void OnTooLarge() override;
  void OnActivity() override;
  [[nodiscard]] bool auth_started() const override { return auth_started_; }
  void OnAuthTimeout() override;
  void OnDrained() override;
  void OnClosed() override;

  // --- With the loop's mutex held.
  [[nodiscard]] Delivery& delivery() { return delivery_; }
  // The subscription exists from here on, in place of the one that had its id.
  void Accept(const std::shared_ptr<Subscription>& s);
  // Ends a subscription, and tells the client unless a successor under its id is on its way.
  void RemoveWithError(Subscription& s, std::string_view code, std::string_view message);
  bool Remove(std::string_view id);
  // Those that lag.
  void CatchUp();
  // Once nothing is queued.
  void CatchUpSoon();
  [[nodiscard]] bool closing() const { return closing_; }
  void EndForRights();
  [[nodiscard]] const std::string& user() const { return identity_.user; }
  [[nodiscard]] Role role() const { return identity_.role; }
  [[nodiscard]] std::string_view connection_id() const {
    return {connection_id_.data(), connection_id_.size()};
  }
  [[nodiscard]] LiveInfo Info(const Subscription& s) const;
  [[nodiscard]] const std::vector<std::shared_ptr<Subscription>>& subscriptions() const {
    return subscriptions_;
  }

 private:
  using SubscriptionPtr = std::shared_ptr<Subscription>;
  using Subscriptions = std::vector<SubscriptionPtr>;  // a hundred at most: found one by one
  using Place = Subscriptions::iterator;

  bool TakeMessageToken();
  void SayTooLarge();
  void Authenticate(std::string_view token, Serialization serialization, bool gzip);
  void Handle(ClientMessage message);
  void Subscribe(ClientMessage message);
  void NextBatch(const ClientMessage& message);

  // Of all subscriptions but those of this id.
  [[nodiscard]] size_t TextBytesBeside(std::string_view id) const;
  Place PlaceOf(std::string_view id);
  Place SuccessorOf(std::string_view id);
  void DropSuccessor(std::string_view id);
  void Detach(Subscription* s);
  [[nodiscard]] const HubDeps& deps() const;

  LoopHub* const loop_;
  Outbox* const outbox_;
  FrameWriter frames_;
  Delivery delivery_;
  auth::Identity identity_;
  std::array<char, 32> connection_id_;
  std::unique_ptr<SessionRequest> request_;  // until authenticated
  bool authenticated_ = false;
  bool auth_started_ = false;
  bool compress_ = true;  // false: ?compress=false
  bool gzip_ = false;     // negotiated, whatever compress_ says
  bool closing_ = false;
  double tokens_;
  int64_t tokens_micros_ = 0;
  std::atomic<int64_t> last_activity_millis_{0};  // read by threads that list
  friend class LoopHub;
  size_t place_ = 0;  // among the loop's sessions
  Subscriptions subscriptions_;
  // Read their first page while the subscription whose id they carry still stands; one an id.
  Subscriptions successors_;
};

}  // namespace kalamdb::live
