#include "live/frame_writer.h"

#include "live/gzip.h"

namespace kalamdb::live {

void FrameWriter::Message(std::string message) {
  if (gzip_) {
    std::string packed;
    if (GzipIfSmaller(message, &packed)) {
      outbox_->Send(true, std::move(packed));
      return;
    }
  }
  outbox_->Send(serialization_ == Serialization::kMsgpack, std::move(message));
}

void FrameWriter::Change(std::string_view subscription_id, const SharedBytes& body) {
  std::string head = ChangeHead(serialization_, subscription_id);
  std::string tail = ChangeTail(serialization_, subscription_id);
  if (gzip_ && head.size() + body->size() + tail.size() >= kGzipThreshold) {
    Message(head + *body + tail);
  } else if (serialization_ == Serialization::kMsgpack) {
    outbox_->SendSharedBinary(std::move(head), body, std::move(tail));
  } else {
    outbox_->SendShared(std::move(head), body, std::move(tail));
  }
}

void FrameWriter::Error(std::string_view subscription_id, std::string_view code,
                        std::string_view message) {
  Text(ErrorMessage(subscription_id, code, message));
}

}  // namespace kalamdb::live
