// See fan_out_share.h.
#include "server/fan_out_share.h"

namespace kalamdb::server {

bool FanOutShare::Yields(int64_t now) {
  if (burst_since_ == 0) burst_since_ = now;
  if (now - burst_since_ < kBurstMicros) return false;  // soon over, perhaps
  if (now < its_turn_until_) return false;
  if (now - last_request_ > kRequestMicros) {
    yields_until_ = 0;
    return false;
  }
  if (yields_until_ == 0) yields_until_ = now + kRequestShareMicros;
  if (now < yields_until_) return true;
  yields_until_ = 0;
  its_turn_until_ = now + kFanOutShareMicros;
  return false;
}

}  // namespace kalamdb::server
