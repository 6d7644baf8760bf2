// Whatever a client sends as a token: reading it never fails otherwise than by saying so, and
// nothing verifies that we did not sign.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "auth/jwt.h"
#include "base/bytes.h"

using kalamdb::auth::Jwt;

static void Check(std::string_view token) {
  const std::optional<Jwt> jwt = kalamdb::auth::ReadJwt(token);
  if (!jwt) return;
  if (kalamdb::auth::VerifyHs256(*jwt, "0123456789abcdef0123456789abcdef")) std::abort();
  const auto claims = kalamdb::auth::ReadClaims(*jwt);
  if (!claims) return;
  // What can be read can be written and read again as the same.
  const std::string again = kalamdb::auth::SignHs256(*claims, "k");
  const auto second = kalamdb::auth::ReadJwt(again);
  if (again.size() <= kalamdb::auth::kMaxTokenBytes &&
      (!second || !kalamdb::auth::VerifyHs256(*second, "k"))) {
    std::abort();
  }
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  Check(input);
  // The input as a payload: the fuzzer need not learn base64 to reach the claims.
  Check("eyJhbGciOiJIUzI1NiJ9." + kalamdb::Base64UrlEncode(input) + ".AAAA");
  Check(kalamdb::Base64UrlEncode(input) + ".e30.AAAA");
  return 0;
}
