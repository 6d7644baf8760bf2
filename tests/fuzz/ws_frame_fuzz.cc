// Whatever a client sends as frames: no crash, no message beyond the limit, and the same outcome
// however it is cut.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "server/ws_frame.h"

namespace {

using kalamdb::server::MessageReader;

constexpr uint64_t kLimit = 512;

class Events final : public kalamdb::server::MessageSink {
 public:
  bool OnMessage(bool binary, std::string_view message) override {
    if (message.size() > kLimit) std::abort();
    return Add(binary ? 'b' : 't', message);
  }
  bool OnOversized() override { return Add('o', {}); }
  bool OnPing(std::string_view payload) override {
    if (payload.size() > kalamdb::server::kMaxControlPayload) std::abort();
    return Add('p', payload);
  }
  bool OnPong() override { return Add('q', {}); }
  bool OnPeerClose(int code, std::string_view reason) override {
    Add('c', std::to_string(code));
    Add('r', reason);
    ended = true;
    return false;
  }
  bool Add(char kind, std::string_view what) {
    text += kind;
    text += what;
    text += '\n';
    return true;
  }
  std::string text;
  bool ended = false;
};

std::string Run(std::string bytes, size_t step) {
  MessageReader reader(kLimit);
  Events events;
  for (size_t at = 0; at < bytes.size() && !events.ended; at += step) {
    const int code = reader.Feed(bytes.data() + at, std::min(step, bytes.size() - at), &events);
    if (code != 0) {
      events.Add('!', std::to_string(code));
      break;
    }
  }
  return events.text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const std::string bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (Run(bytes, bytes.size()) != Run(bytes, 1 + data[0])) std::abort();
  return 0;
}
