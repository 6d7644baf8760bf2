// Passwords: bcrypt by libcrypt, and the policy of what may be one.
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"

namespace kalamdb::auth {

// bcrypt reads no further; longer passwords are cut here, so that no caller depends on libcrypt for
// it.
inline constexpr size_t kBcryptBytes = 72;

// "$2b$<cost>$...". kInvalidOperation for a password with a NUL in it (bcrypt would stop there) and
// for a cost outside 4..31. 2^cost rounds: some 200 ms at 12.
Result<std::string> HashBcrypt(std::string_view password, int cost);
// False for an empty or damaged hash.
bool MatchesBcrypt(std::string_view password, const std::string& hash);
// A hash of nothing in particular: checking against it costs what a real check costs.
std::string DecoyHash(int cost);

Status CheckPassword(std::string_view password, bool complexity);

}  // namespace kalamdb::auth
