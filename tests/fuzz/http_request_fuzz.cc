// Heads, chunked bodies and gzip as clients may send them: no crash, views inside the input, bounds
// kept, and chunked bodies that decode alike however they are cut.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/inflate.h"
#include "server/auth_answers.h"
#include "server/chunked_body.h"
#include "server/client_address.h"
#include "server/cors.h"
#include "server/request_parser.h"

namespace {

using namespace kalamdb;
using namespace kalamdb::server;

constexpr size_t kLimit = 4096;

void Require(bool holds) {
  if (!holds) std::abort();
}

bool Inside(std::string_view part, std::string_view whole) {
  return part.empty() ||
         (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

std::pair<ChunkedBody::Progress, std::string> Decode(std::string_view bytes, size_t step) {
  ChunkedBody chunked(kLimit);
  std::string body;
  for (size_t at = 0; at < bytes.size(); at += step) {
    const std::string_view part = bytes.substr(at, step);
    size_t used = 0;
    const auto progress = chunked.Feed(part, &used, &body);
    Require(used <= part.size() && body.size() <= kLimit);
    if (progress != ChunkedBody::Progress::kNeedMore) return {progress, body};
    Require(used == part.size());
  }
  return {ChunkedBody::Progress::kNeedMore, body};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const size_t end = FindHeadEnd(bytes, 0);
  if (end != std::string_view::npos) {
    const std::string_view head_bytes = bytes.substr(0, end);
    RequestHead head;
    if (ParseHead(head_bytes, &head) == HeadFault::kNone) {
      Require(Inside(head.target, head_bytes));
      for (std::string_view v : head.values) Require(Inside(v, head_bytes));
      static const kalamdb::CorsSection kConfig{.allowed_origins = {"http://a"}};
      static const Cors kCors(kConfig);
      std::string origin(kCors.AllowedOrigin(head));
      (void)kCors.AnswerPreflight(head, &origin);
      static const ProxyRules kRules = *ProxyRules::Parse({"10.0.0.0/8"});
      (void)kRules.Resolve(*IpAddress::Parse("127.0.0.1"), head);
      (void)SchemeIsHttps(head);
      (void)FindCookie(head.value(Header::kCookie), kAccessCookie);
      (void)ListHasToken(head.value(Header::kConnection), "upgrade");
    }
    const std::string_view body = bytes.substr(end);
    Require(Decode(body, body.size() + 1) == Decode(body, 1 + data[0]));
  }
  std::string plain;
  if (InflateGzip(bytes, kLimit, &plain) == InflateOutcome::kOk) Require(plain.size() <= kLimit);
  return 0;
}
