// One connection's live protocol.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <unordered_map>

#include "live/loop_hub.h"
#include "live/page_reader.h"

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

  // --- Of LoopHub, with its mutex held.
  void Deliver(Subscription& subscription, int64_t seq, const SharedBytes& body);
  // Ends a subscription with an error message; of another table version the query is bound anew.
  void RemoveWithError(const std::string& id, std::string_view code, std::string_view message);
  bool Remove(const std::string& id);
  // Changes of the subscription were lost on the way here: it catches up from storage.
  void FallBehind(Subscription& s);
  void EndForRights();
  [[nodiscard]] const std::string& user() const { return identity_.user; }
  [[nodiscard]] Role role() const { return identity_.role; }
  [[nodiscard]] const std::string& connection_id() const { return connection_id_; }
  [[nodiscard]] LiveInfo Info(const Subscription& s) const;
  [[nodiscard]] const std::unordered_map<std::string, std::shared_ptr<Subscription>>&
  subscriptions() const {
    return subscriptions_;
  }

 private:
  using SubscriptionPtr = std::shared_ptr<Subscription>;
  enum class Purpose : uint8_t { kFirst, kNext, kCatchUp };

  bool TakeMessageToken();
  void Authenticate(std::string_view token, bool gzip);
  void Subscribe(ClientMessage message);
  void NextBatch(const ClientMessage& message);

  // Reads a page here when it is short, on a worker otherwise, and goes on with FinishPage.
  void StartPage(const SubscriptionPtr& s, PageRequest request, Purpose purpose);
  void FinishPage(const SubscriptionPtr& s, Result<Page> page, Purpose purpose);
  void SendAck(const Subscription& s, const BatchControl& control);
  void SendPage(Subscription& s, const Page& page, Purpose purpose);
  void GoLive(const SubscriptionPtr& s);
  void CatchUp(const SubscriptionPtr& s);
  void FailPage(const SubscriptionPtr& s, const Status& status, Purpose purpose);

  void SendChange(Subscription& s, const SharedBytes& body);
  void SendText(std::string text);
  void SendError(std::string_view id, std::string_view code, std::string_view message);
  [[nodiscard]] const HubDeps& deps() const;

  LoopHub* const loop_;
  Outbox* const outbox_;
  auth::Identity identity_;
  std::string connection_id_;
  std::unique_ptr<SessionRequest> request_;  // until authenticated
  // Whether this object is still there, for what was posted or runs on a worker.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  bool authenticated_ = false;
  bool auth_started_ = false;
  bool compress_ = true;  // false: ?compress=false
  bool gzip_ = false;     // negotiated
  bool closing_ = false;
  double tokens_;
  int64_t tokens_micros_ = 0;
  std::atomic<int64_t> last_activity_millis_{0};  // read by threads that list
  std::unordered_map<std::string, SubscriptionPtr> subscriptions_;
};

}  // namespace kalamdb::live
