#include "auth/password.h"

#include <crypt.h>
#include <fmt/format.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <memory>

#include "auth/sha256.h"
#include "base/id_source.h"

namespace kalamdb::auth {

namespace {

// The 25 most common of published lists that are 8 bytes or longer, and the short ones that people
// try first: those fail by length already, and stay here for a better message should the length
// ever change.
constexpr std::string_view kCommon[] = {
    "password",   "password1", "password12", "password123",   "password1234", "passw0rd",
    "p@ssw0rd",   "p@ssword",  "123456",     "1234567",       "12345678",     "123456789",
    "1234567890", "87654321",  "11111111",   "00000000",      "12341234",     "abc123",
    "abcd1234",   "abc12345",  "qwerty",     "qwerty123",     "qwertyuiop",   "1q2w3e4r",
    "1qaz2wsx",   "asdfghjkl", "letmein",    "letmein1",      "iloveyou",     "sunshine",
    "princess",   "football",  "baseball",   "superman",      "trustno1",     "welcome",
    "welcome1",   "admin",     "admin123",   "administrator", "changeme",     "monkey",
    "dragon",     "starwars",  "whatever",   "computer",      "michelle",     "internet"};

// Runs bcrypt; nothing when libcrypt refuses the setting.
std::string Crypt(std::string_view password, const char* setting) {
  std::string phrase(password.substr(0, kBcryptBytes));
  // 32 KiB: too much for the stack of a small worker thread.
  auto data = std::make_unique<struct crypt_data>();
  const char* hash = crypt_rn(phrase.c_str(), setting, data.get(), sizeof(*data));
  std::string out = hash == nullptr ? std::string() : std::string(hash);
  OPENSSL_cleanse(data.get(), sizeof(*data));
  OPENSSL_cleanse(phrase.data(), phrase.size());
  return out;
}

Status Weak(std::string_view why) {
  return InvalidOperation(fmt::format("Weak password: Password {}", why));
}

}  // namespace

Result<std::string> HashBcrypt(std::string_view password, int cost) {
  if (password.find('\0') != std::string_view::npos) {
    return InvalidOperation("Password must not contain NUL");
  }
  if (cost < 4 || cost > 31) return InvalidOperation("bcrypt cost must be between 4 and 31");
  char salt[16];
  RandomBytes(salt, sizeof(salt));
  char setting[CRYPT_GENSALT_OUTPUT_SIZE];
  if (crypt_gensalt_rn("$2b$", static_cast<unsigned long>(cost), salt, sizeof(salt), setting,
                       sizeof(setting)) == nullptr) {
    return InternalError("cannot make a bcrypt salt");
  }
  std::string hash = Crypt(password, setting);
  if (hash.empty()) return InternalError("cannot hash the password");
  return hash;
}

bool MatchesBcrypt(std::string_view password, const std::string& hash) {
  if (!hash.starts_with("$2") || password.find('\0') != std::string_view::npos) return false;
  const std::string computed = Crypt(password, hash.c_str());
  return !computed.empty() && SameBytes(computed, hash);
}

std::string DecoyHash(int cost) { return fmt::format("$2b${:02}${:.>53}", cost, ""); }

Status CheckPassword(std::string_view password, bool complexity) {
  if (password.size() < 8) return Weak("must be at least 8 characters (weak)");
  if (password.size() > kBcryptBytes) {
    return Weak("must be at most 72 characters (bcrypt limit, weak)");
  }
  if (password.find('\0') != std::string_view::npos) return Weak("must not contain NUL");
  if (std::find(std::begin(kCommon), std::end(kCommon), password) != std::end(kCommon)) {
    return Weak("is too common");
  }
  if (!complexity) return {};
  bool upper = false;
  bool lower = false;
  bool digit = false;
  bool special = false;
  for (const char c : password) {
    const bool is_upper = c >= 'A' && c <= 'Z';
    const bool is_lower = c >= 'a' && c <= 'z';
    const bool is_digit = c >= '0' && c <= '9';
    upper = upper || is_upper;
    lower = lower || is_lower;
    digit = digit || is_digit;
    special = special || !(is_upper || is_lower || is_digit);
  }
  if (!upper) return Weak("must contain at least one uppercase letter");
  if (!lower) return Weak("must contain at least one lowercase letter");
  if (!digit) return Weak("must contain at least one digit");
  if (!special) return Weak("must contain at least one special character");
  return {};
}

}  // namespace kalamdb::auth
