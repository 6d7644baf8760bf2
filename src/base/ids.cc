#include "base/ids.h"

#include <array>

namespace kalamdb {

std::string_view RoleName(Role role) {
  static constexpr std::array<std::string_view, 5> kNames = {"anonymous", "user", "service", "dba",
                                                             "system"};
  return kNames[static_cast<size_t>(role)];
}

std::string_view RoleTitle(Role role) {
  static constexpr std::array<std::string_view, 5> kNames = {"Anonymous", "User", "Service", "Dba",
                                                             "System"};
  return kNames[static_cast<size_t>(role)];
}

std::string_view TableKindName(TableKind kind) {
  static constexpr std::array<std::string_view, 5> kNames = {"", "user", "shared", "stream",
                                                             "system"};
  return kNames[static_cast<size_t>(kind)];
}

std::string_view AccessLevelName(AccessLevel level) {
  static constexpr std::array<std::string_view, 5> kNames = {"", "public", "private", "restricted",
                                                             "dba"};
  return kNames[static_cast<size_t>(level)];
}

std::string_view AccessLevelTitle(AccessLevel level) {
  static constexpr std::array<std::string_view, 5> kNames = {"", "Public", "Private", "Restricted",
                                                             "Dba"};
  return kNames[static_cast<size_t>(level)];
}

std::string_view BadIdReason(std::string_view id) {
  if (id.empty()) return "must not be empty";
  if (id.size() > 512) return "is too long (max 512 bytes)";
  if (id.find("..") != std::string_view::npos) return "must not contain '..'";
  for (char c : id) {
    if (c == '/' || c == '\\') return "must not contain a slash or backslash";
    if (c == '\0') return "must not contain NUL";
  }
  return {};
}

}  // namespace kalamdb
