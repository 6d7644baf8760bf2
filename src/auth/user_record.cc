#include "auth/user_record.h"

#include <fmt/format.h>

#include "base/bytes.h"

namespace kalamdb::auth {

namespace {
constexpr uint8_t kVersion = 1;
constexpr uint8_t kHasEmail = 1;
}  // namespace

std::string EncodeUser(const User& user) {
  std::string out;
  out.push_back(static_cast<char>(kVersion));
  out.push_back(static_cast<char>(user.role));
  out.push_back(static_cast<char>(user.auth_type));
  out.push_back(static_cast<char>(user.email ? kHasEmail : 0));
  AppendVarint(&out, static_cast<uint32_t>(user.failed_logins));
  for (const int64_t millis : {user.locked_until_millis, user.last_login_millis,
                               user.created_millis, user.updated_millis, user.deleted_millis}) {
    AppendFixed(&out, millis);
  }
  AppendLengthPrefixed(&out, user.password_hash);
  if (user.email) AppendLengthPrefixed(&out, *user.email);
  AppendLengthPrefixed(&out, user.auth_data);
  AppendLengthPrefixed(&out, user.storage_id);
  return out;
}

Result<User> DecodeUser(std::string_view id, std::string_view record) {
  const auto damaged = [&](std::string_view what) {
    return Corruption(fmt::format("account '{}': {}", id, what));
  };
  ByteReader in(record);
  User user;
  user.id = std::string(id);
  if (const uint8_t version = in.Byte(); version != kVersion) {
    return damaged(fmt::format("unknown record version {}", version));
  }
  const uint8_t role = in.Byte();
  const uint8_t type = in.Byte();
  const uint8_t flags = in.Byte();
  if (role > static_cast<uint8_t>(Role::kSystem) || type < 1 || type > 3) {
    return damaged("unknown role or kind");
  }
  user.role = static_cast<Role>(role);
  user.auth_type = static_cast<AuthType>(type);
  user.failed_logins = static_cast<int32_t>(in.Varint());
  user.locked_until_millis = in.Fixed<int64_t>();
  user.last_login_millis = in.Fixed<int64_t>();
  user.created_millis = in.Fixed<int64_t>();
  user.updated_millis = in.Fixed<int64_t>();
  user.deleted_millis = in.Fixed<int64_t>();
  user.password_hash = std::string(in.LengthPrefixed());
  if ((flags & kHasEmail) != 0) user.email = std::string(in.LengthPrefixed());
  user.auth_data = std::string(in.LengthPrefixed());
  user.storage_id = std::string(in.LengthPrefixed());
  if (!in.ok() || !in.empty()) return damaged("record damaged");
  return user;
}

}  // namespace kalamdb::auth
