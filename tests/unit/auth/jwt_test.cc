// Tokens: what we sign verifies, what anybody else made does not.
#include "auth/jwt.h"

#include <gtest/gtest.h>

#include "auth/sha256.h"
#include "base/bytes.h"

namespace kalamdb::auth {
namespace {

constexpr std::string_view kSecret = "0123456789abcdef0123456789abcdef";

Claims Usual() {
  Claims claims;
  claims.issuer = "kalamdb";
  claims.subject = "o'brien \"x\"\n";
  claims.expires = 2000000000;
  claims.issued_at = 1900000000;
  claims.role = "dba";
  claims.token_type = "access";
  return claims;
}

std::string Token(std::string_view header, std::string_view payload, std::string_view secret) {
  const std::string signed_part = Base64UrlEncode(header) + "." + Base64UrlEncode(payload);
  return signed_part + "." + Base64UrlEncode(AsBytes(HmacSha256(secret, signed_part)));
}

TEST(Hmac, AgreesWithThePublishedVectors) {  // RFC 4231, cases 1, 2, 4 and 6
  EXPECT_EQ(HexEncode(AsBytes(HmacSha256(std::string(20, '\x0b'), "Hi There"))),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(HexEncode(AsBytes(HmacSha256("Jefe", "what do ya want for nothing?"))),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  std::string key;
  for (char c = 1; c <= 25; ++c) key.push_back(c);
  EXPECT_EQ(HexEncode(AsBytes(HmacSha256(key, std::string(50, '\xcd')))),
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b");
  EXPECT_EQ(
      HexEncode(AsBytes(HmacSha256(std::string(131, '\xaa'),
                                   "Test Using Larger Than Block-Size Key - Hash Key First"))),
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  EXPECT_EQ(HexEncode(AsBytes(Sha256("abc"))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Jwt, ReadsTheExampleThatEverybodyKnows) {  // of jwt.io
  const std::string_view token =
      "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
      "eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0"
      "IjoxNTE2MjM5MDIyfQ.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c";
  const auto jwt = ReadJwt(token);
  ASSERT_TRUE(jwt.has_value());
  EXPECT_TRUE(VerifyHs256(*jwt, "your-256-bit-secret"));
  EXPECT_FALSE(VerifyHs256(*jwt, "your-256-bit-secreT"));
  EXPECT_FALSE(ReadClaims(*jwt).has_value()) << "it has neither exp nor iss";
}

TEST(Jwt, ReadsBackWhatItSigned) {
  const std::string token = SignHs256(Usual(), kSecret);
  EXPECT_TRUE(token.starts_with("eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9."));
  const auto jwt = ReadJwt(token);
  ASSERT_TRUE(jwt.has_value());
  EXPECT_EQ(jwt->algorithm, "HS256");
  EXPECT_EQ(jwt->issuer, "kalamdb");
  EXPECT_TRUE(VerifyHs256(*jwt, kSecret));
  const auto claims = ReadClaims(*jwt);
  ASSERT_TRUE(claims.has_value());
  EXPECT_EQ(claims->subject, "o'brien \"x\"\n");
  EXPECT_EQ(claims->expires, 2000000000);
  EXPECT_EQ(claims->role, "dba");
  EXPECT_FALSE(claims->email.has_value());
  EXPECT_FALSE(claims->not_before.has_value());
}

TEST(Jwt, NoChangedByteVerifies) {
  const std::string token = SignHs256(Usual(), kSecret);
  for (size_t i = 0; i < token.size(); ++i) {
    std::string forged = token;
    forged[i] = forged[i] == 'A' ? 'B' : 'A';
    const auto jwt = ReadJwt(forged);
    EXPECT_FALSE(jwt && VerifyHs256(*jwt, kSecret)) << "byte " << i;
  }
}

TEST(Jwt, OnlyHs256Verifies) {
  const std::string payload = R"({"iss":"kalamdb","sub":"root","exp":2000000000,"iat":1})";
  for (const char* algorithm : {"none", "None", "", "HS384", "HS512", "RS256", "hs256"}) {
    const std::string header = std::string(R"({"alg":")") + algorithm + "\"}";
    const auto jwt = ReadJwt(Token(header, payload, kSecret));
    EXPECT_FALSE(jwt && VerifyHs256(*jwt, kSecret)) << algorithm;
  }
  const auto good = ReadJwt(Token(R"({"alg":"HS256"})", payload, kSecret));
  EXPECT_TRUE(good && VerifyHs256(*good, kSecret));
  const auto no_signature =
      ReadJwt(Base64UrlEncode(R"({"alg":"HS256"})") + "." + Base64UrlEncode(payload) + ".");
  EXPECT_FALSE(no_signature && VerifyHs256(*no_signature, kSecret));
}

TEST(Jwt, MalformedTokensAreNone) {
  const std::string good = Base64UrlEncode(R"({"alg":"HS256"})");
  for (const std::string& token :
       {std::string(), std::string("."), std::string(".."), std::string("a.b"), good + ".e30",
        good + ".e30.AAAA.AAAA", good + ".e30.A", good + ".e30.!!!!", good + ".bnVsbA.AAAA",
        good + ".W10.AAAA", std::string("e30.e30.AAAA"), good + ".e30=.AAAA",
        Base64UrlEncode(R"({"alg":5})") + ".e30.AAAA",
        Base64UrlEncode(R"({"alg":"HS256","crit":["exp"]})") + ".e30.AAAA",
        good + "." + Base64UrlEncode(std::string(200, '[')) + ".AAAA",
        good + "." + std::string(kMaxTokenBytes, 'A') + ".AAAA"}) {
    EXPECT_FALSE(ReadJwt(token).has_value()) << token.substr(0, 80);
  }
}

TEST(Jwt, ClaimsOfTheWrongKindAreNone) {
  const auto claims = [](const std::string& payload) {
    const auto jwt = ReadJwt(Token(R"({"alg":"HS256"})", payload, kSecret));
    return jwt ? ReadClaims(*jwt) : std::nullopt;
  };
  EXPECT_TRUE(
      claims(R"({"iss":"i","sub":"s","exp":2,"iat":1,"extra":[{}],"email":null,"role":null})"));
  for (const char* payload :
       {R"({"sub":"s","exp":2,"iat":1})", R"({"iss":"i","exp":2,"iat":1})",
        R"({"iss":"i","sub":"s","iat":1})", R"({"iss":"i","sub":"s","exp":2})",
        R"({"iss":"i","sub":7,"exp":2,"iat":1})", R"({"iss":"i","sub":"s","exp":"2","iat":1})",
        R"({"iss":"i","sub":"s","exp":2.5,"iat":1})", R"({"iss":["i"],"sub":"s","exp":2,"iat":1})",
        R"({"iss":"i","sub":"s","exp":9223372036854775807,"iat":1})",
        R"({"iss":"i","sub":"s","exp":18446744073709551615,"iat":1})",
        R"({"iss":"i","sub":"s","exp":2,"iat":1,"nbf":"x"})",
        R"({"iss":"i","sub":"s","exp":2,"iat":1,"role":5})"}) {
    EXPECT_FALSE(claims(payload).has_value()) << payload;
  }
}

}  // namespace
}  // namespace kalamdb::auth
