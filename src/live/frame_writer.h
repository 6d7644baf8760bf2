// Turns messages of the protocol into frames of the form that a connection negotiated.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "live/server_messages.h"
#include "live/session.h"

namespace kalamdb::live {

using SharedBytes = std::shared_ptr<const std::string>;

class FrameWriter {
 public:
  explicit FrameWriter(Outbox* outbox) : outbox_(outbox) {}

  // Holds for every message from here on.
  void Negotiate(Serialization serialization, bool gzip) {
    serialization_ = serialization;
    gzip_ = gzip;
  }
  [[nodiscard]] Serialization serialization() const { return serialization_; }

  // A message of this connection's serialization.
  void Message(std::string message);
  // `body` as ChangeSink gets it.
  void Change(std::string_view subscription_id, const SharedBytes& body);
  // Plain JSON text, whatever was negotiated: answers to authentication, and errors.
  void Text(std::string json) { outbox_->Send(false, std::move(json)); }
  void Error(std::string_view subscription_id, std::string_view code, std::string_view message);

 private:
  Outbox* const outbox_;
  Serialization serialization_ = Serialization::kJson;
  bool gzip_ = false;
};

}  // namespace kalamdb::live
