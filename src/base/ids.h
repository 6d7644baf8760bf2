// Identities that every room shares.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace kalamdb {

// Immutable and never used twice: a dropped and re-created table has another one. 0 is no table.
using TableId = uint32_t;

enum class TableKind : uint8_t { kUser = 1, kShared = 2, kStream = 3, kSystem = 4 };

enum class AccessLevel : uint8_t { kPublic = 1, kPrivate = 2, kRestricted = 3, kDba = 4 };

// Rising power, so that roles compare.
enum class Role : uint8_t { kAnonymous = 0, kUser = 1, kService = 2, kDba = 3, kSystem = 4 };
inline bool IsAdmin(Role role) { return role >= Role::kDba; }

std::string_view RoleName(Role role);         // "user", as on the wire
std::string_view RoleTitle(Role role);        // "User", as in messages
std::string_view TableKindName(TableKind kind);  // "user", "shared", "stream", "system"
std::string_view AccessLevelName(AccessLevel level);   // "public"
std::string_view AccessLevelTitle(AccessLevel level);  // "Public"

// User, namespace, table and storage ids from outside: not empty, none of `..`, `/`, `\`, NUL, at most
// 512 bytes. The reason, or an empty view when the id is fine.
std::string_view BadIdReason(std::string_view id);

}  // namespace kalamdb
