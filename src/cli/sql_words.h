// The words that the shell knows: for completion and colours. The server decides what they mean.
#pragma once

#include <span>
#include <string_view>

namespace kalamdb::cli {

// Upper case, in the order in which they are offered.
std::span<const std::string_view> SqlKeywords();
// Those that begin a statement.
std::span<const std::string_view> StatementKeywords();
std::span<const std::string_view> SqlTypes();
// With their backslash.
std::span<const std::string_view> ShellCommands();
// Tables that every server has, as namespace and table.
struct KnownTable {
  std::string_view space;
  std::string_view table;
};
std::span<const KnownTable> SystemTables();

// Any case.
bool IsSqlKeyword(std::string_view word);
bool IsSqlType(std::string_view word);

}  // namespace kalamdb::cli
