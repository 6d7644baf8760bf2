// The pieces that need no socket.
#include <gtest/gtest.h>

#include "server/client_address.h"
#include "server/deadlines.h"
#include "server/json_visit.h"
#include "server/multipart.h"
#include "server/rate_limiter.h"
#include "server/request_parser.h"
#include "server/response.h"
#include "server/ws_frame.h"

namespace kalamdb::server {
namespace {

TEST(TokenBucket, RefillsContinuously) {
  TokenBucket b;
  int64_t now = 1000;
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(b.Take(10, now));
  EXPECT_FALSE(b.Take(10, now));
  EXPECT_FALSE(b.Take(10, now + 99));
  EXPECT_TRUE(b.Take(10, now + 200));
  now += 100'000;
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(b.Take(10, now));
  EXPECT_FALSE(b.Take(10, now));
}

TEST(KeyedLimiter, ForgetsKeysThatAreFullAgain) {
  KeyedLimiter limiter(5);
  for (int i = 0; i < 5000; ++i) EXPECT_TRUE(limiter.Allow(std::to_string(i), 1000 + i * 10));
  EXPECT_LT(limiter.entries(), 300U);
  limiter.Trim(1'000'000);
  EXPECT_EQ(limiter.entries(), 0U);
}

TEST(AddressGuard, BansAfterTenViolationsForLongerAndLonger) {
  RateLimitSection config;
  config.max_requests_per_ip_per_sec = 1;
  config.ban_duration_seconds = 10;
  AddressGuard guard(config);
  const IpAddress a = *IpAddress::Parse("203.0.113.5");
  int64_t now = 1000;
  EXPECT_EQ(guard.OnRequest(a, now), AddressGuard::Verdict::kAllowed);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(guard.OnRequest(a, now), AddressGuard::Verdict::kTooManyRequests) << i;
  }
  EXPECT_EQ(guard.OnRequest(a, now), AddressGuard::Verdict::kBanned);
  EXPECT_TRUE(guard.Banned(a, now + 9'999));
  now += 10'001;
  EXPECT_EQ(guard.OnRequest(a, now), AddressGuard::Verdict::kAllowed);
  // Violation 11 .. 19 ban for the same time, the 20th for twice as long.
  for (int i = 0; i < 9; ++i) {
    EXPECT_EQ(guard.OnRequest(a, now), AddressGuard::Verdict::kTooManyRequests);
    now += 10'001;
    EXPECT_EQ(guard.OnRequest(a, now), AddressGuard::Verdict::kAllowed);
  }
  EXPECT_EQ(guard.OnRequest(a, now), AddressGuard::Verdict::kTooManyRequests);
  EXPECT_TRUE(guard.Banned(a, now + 19'000));
}

TEST(AddressGuard, IsBoundedAndKeepsTheBanned) {
  RateLimitSection config;
  config.max_requests_per_ip_per_sec = 1;
  config.cache_max_entries = 100;
  AddressGuard guard(config);
  const IpAddress bad = *IpAddress::Parse("198.51.100.1");
  for (int i = 0; i < 12; ++i) (void)guard.OnRequest(bad, 1000);
  for (int i = 0; i < 10'000; ++i) {
    IpAddress a;
    a.family = 4;
    a.bytes = {10, static_cast<unsigned char>(i >> 8), static_cast<unsigned char>(i), 1};
    (void)guard.OnRequest(a, 1000 + i * 20);
  }
  EXPECT_LE(guard.entries(), 100U);
  EXPECT_TRUE(guard.Banned(bad, 201'000));
}

RequestHead Parsed(const std::string& text) {
  RequestHead head;
  EXPECT_EQ(ParseHead(text, &head), HeadFault::kNone);
  return head;
}

TEST(ProxyRules, TrustOnlyLoopbackAndTheConfiguredRanges) {
  const auto rules = ProxyRules::Parse({"10.0.0.0/8", "192.0.2.7"});
  ASSERT_TRUE(rules.ok());
  EXPECT_FALSE(ProxyRules::Parse({"10.0.0.0/33"}).ok());
  auto resolve = [&](const char* peer, const std::string& headers) {
    const std::string text = "GET / HTTP/1.1\r\n" + headers + "\r\n";
    return rules->Resolve(*IpAddress::Parse(peer), Parsed(text)).ToString();
  };
  const std::string forwarded = "X-Forwarded-For: 203.0.113.8, 10.0.0.1\r\n";
  EXPECT_EQ(resolve("127.0.0.1", forwarded), "203.0.113.8");
  EXPECT_EQ(resolve("10.9.9.9", forwarded), "203.0.113.8");
  EXPECT_EQ(resolve("::ffff:192.0.2.7", forwarded), "203.0.113.8");
  EXPECT_EQ(resolve("192.0.2.8", forwarded), "192.0.2.8");
  EXPECT_EQ(resolve("10.9.9.9", "X-Forwarded-For: 127.0.0.2\r\nX-Real-IP: 2001:db8::1\r\n"),
            "2001:db8::1");
  EXPECT_EQ(resolve("10.9.9.9", "X-Forwarded-For: 203.0.113.8:80\r\n"), "10.9.9.9");
  EXPECT_EQ(resolve("10.9.9.9", "X-Forwarded-For: localhost\r\nX-Real-IP: ::1\r\n"), "10.9.9.9");
}

struct Recorder final : Deadline {
  void OnDeadline(DeadlineClass which) override { fired.push_back(which); }
  std::vector<DeadlineClass> fired;
};

TEST(Deadlines, ExpireInOrderAndOnlyWhenArmed) {
  Deadlines all;
  all.set_duration(DeadlineClass::kRequest, 100);
  all.set_duration(DeadlineClass::kKeepAlive, 1000);
  Recorder a, b, c;
  EXPECT_EQ(all.Next(), INT64_MAX);
  all.Arm(&a, DeadlineClass::kRequest, 0);
  all.Arm(&b, DeadlineClass::kKeepAlive, 0);
  all.Arm(&c, DeadlineClass::kRequest, 10);
  EXPECT_EQ(all.Next(), 100);
  all.Arm(&a, DeadlineClass::kRequest, 50);  // again, behind c
  EXPECT_EQ(all.Next(), 110);
  all.Expire(120);
  EXPECT_TRUE(a.fired.empty());
  EXPECT_EQ(c.fired, std::vector{DeadlineClass::kRequest});
  all.Disarm(&a);
  all.Expire(1000);
  EXPECT_TRUE(a.fired.empty());
  EXPECT_EQ(b.fired, std::vector{DeadlineClass::kKeepAlive});
  EXPECT_EQ(all.Next(), INT64_MAX);
}

TEST(ParseHead, SplitsTargetsAndKeepsTheFirstOfRepeatedFields) {
  const std::string text =
      "GET /v1/ws?a=1&b HTTP/1.1\r\nAUTHORIZATION:  Bearer x \r\nAuthorization: other\r\n\r\n";
  const RequestHead head = Parsed(text);
  EXPECT_EQ(head.path(), "/v1/ws");
  EXPECT_EQ(head.query(), "a=1&b");
  EXPECT_EQ(head.value(Header::kAuthorization), "Bearer x");
  EXPECT_FALSE(head.has(Header::kOrigin));
}

TEST(Multipart, FindsPartsAndRefusesWhatIsCut) {
  const std::string type = "multipart/form-data; charset=x; boundary=b";
  auto parts = ParseMultipart(type,
                              "preamble\r\n--b\r\ncontent-disposition: form-data; name=\"a "
                              "\\\"q\\\"\"; filename=\"f\"\r\n\r\n"
                              "one\r\n--c\r\n--b \r\nX: y\r\nContent-Disposition: form-data; "
                              "name=e\r\n\r\n\r\n--b--ignored");
  ASSERT_TRUE(parts.ok()) << parts.status().message();
  ASSERT_EQ(parts->size(), 2U) << (*parts)[0].content;
  EXPECT_EQ((*parts)[0].name, "a \"q\"");
  EXPECT_EQ((*parts)[0].content, "one\r\n--c");
  EXPECT_EQ((*parts)[1].content, "");
  for (const char* bad :
       {"", "--b", "--b\r\n", "--b\r\nContent-Disposition: form-data; name=a\r\n\r\nx",
        "--b\r\n\r\nx\r\n--b--", "--b\r\nno colon\r\n\r\n\r\n--b--"}) {
    EXPECT_FALSE(ParseMultipart(type, bad).ok()) << bad;
  }
  EXPECT_FALSE(ParseMultipart("multipart/form-data", "--b--").ok());
}

TEST(Rfc3339, WritesMillisecondsOnlyWhenThereAreSome) {
  EXPECT_EQ(Rfc3339(0), "1970-01-01T00:00:00+00:00");
  EXPECT_EQ(Rfc3339(1'777'926'477'123), "2026-05-04T20:27:57.123+00:00");
  EXPECT_EQ(Rfc3339(-1), "1969-12-31T23:59:59.999+00:00");
  EXPECT_EQ(HttpDate(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST(CloseFrame, IsCutAtACharacter) {
  std::string frame;
  AppendCloseFrame(&frame, 1011, std::string(122, 'a') + "\u00e9");
  EXPECT_EQ(frame.size(), 2 + 2 + 122U);
}

}  // namespace
}  // namespace kalamdb::server
