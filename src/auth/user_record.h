// The stored form of an account.
//
//   1 byte    version: 1
//   1 byte    role, 1 byte auth type
//   1 byte    flags: bit 0 an e-mail address follows
//   varint    consecutive failed logins
//   8 bytes   each: locked until, last login, created, updated, deleted (Unix ms, 0: none)
//   texts     password hash, e-mail (if flagged), auth data, storage id; each a varint length and
//   bytes
//
// The id is the key.
#pragma once

#include <string>
#include <string_view>

#include "auth/users.h"

namespace kalamdb::auth {

std::string EncodeUser(const User& user);
// kCorruption when the bytes are no record.
Result<User> DecodeUser(std::string_view id, std::string_view record);

}  // namespace kalamdb::auth
