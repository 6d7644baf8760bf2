// USE in the SQL of a client: the server forgets it with the request, a session must not.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kalamdb::client {

// The namespace of the last USE [NAMESPACE] x or SET NAMESPACE x in `sql`, folded as the server
// folds names.
std::optional<std::string> NamespaceSwitchIn(std::string_view sql);

}  // namespace kalamdb::client
