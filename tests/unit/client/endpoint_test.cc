// Which server a URL names.
#include "client/endpoint.h"

#include <gtest/gtest.h>

namespace kalamdb::client {
namespace {

std::string UrlOf(std::string_view text) {
  const Result<Endpoint> endpoint = ParseServerUrl(text);
  return endpoint.ok() ? endpoint->Url() : "error";
}

TEST(Endpoint, AddsTheSchemeThatFitsTheHost) {
  EXPECT_EQ(UrlOf("localhost"), "http://localhost:8080");
  EXPECT_EQ(UrlOf("127.0.0.1:9000"), "http://127.0.0.1:9000");
  EXPECT_EQ(UrlOf("127.1.2.3"), "http://127.1.2.3:8080");
  EXPECT_EQ(UrlOf("[::1]:81"), "http://[::1]:81");
  EXPECT_EQ(UrlOf("db.example.com"), "https://db.example.com:443");
  EXPECT_EQ(UrlOf("10.0.0.1:8080"), "https://10.0.0.1:8080");
}

TEST(Endpoint, TakesAGivenSchemeAtItsWord) {
  EXPECT_EQ(UrlOf("http://db.example.com"), "http://db.example.com:80");
  EXPECT_EQ(UrlOf("HTTPS://localhost:8443/"), "https://localhost:8443");
  EXPECT_EQ(UrlOf("  http://h:1// "), "http://h:1");
  EXPECT_EQ(UrlOf("http://h:1/base/path/"), "http://h:1/base/path");
}

TEST(Endpoint, RefusesWhatIsNoAddressOfAServer) {
  for (const char* text :
       {"", "   ", "ftp://h", "http://", "http://u:p@h", "http://h?x=1", "http://h#f", "http://h:0",
        "http://h:65536", "http://h:8x", "http://h:", "http://[::1", "http://[zz]:1", "http://a b",
        "http://h/a\r\nX: y", "ws://h"}) {
    const Result<Endpoint> endpoint = ParseServerUrl(text);
    EXPECT_FALSE(endpoint.ok()) << text;
    EXPECT_EQ(endpoint.status().message().rfind("Configuration error: ", 0), 0u) << text;
  }
}

TEST(Endpoint, NamesTheAuthorityOfIpv6InBrackets) {
  const Result<Endpoint> endpoint = ParseServerUrl("http://[2001:db8::1]:8080");
  ASSERT_TRUE(endpoint.ok());
  EXPECT_EQ(endpoint->host, "2001:db8::1");
  EXPECT_EQ(endpoint->Authority(), "[2001:db8::1]:8080");
  EXPECT_FALSE(endpoint->IsLoopback());
}

}  // namespace
}  // namespace kalamdb::client
