#include "sql/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "sql/lexer.h"

namespace kalamdb::sql {

namespace {

using std::string_view_literals::operator""sv;

constexpr std::array kReservedNamespaces = {"system"sv,
                                            "sys"sv,
                                            "root"sv,
                                            "kalamdb"sv,
                                            "kalam"sv,
                                            "main"sv,
                                            "default"sv,
                                            "sql"sv,
                                            "admin"sv,
                                            "internal"sv,
                                            "information_schema"sv,
                                            "pg_catalog"sv,
                                            "datafusion"sv};
constexpr std::array kSystemNamespaces = {"system"sv, "information_schema"sv, "pg_catalog"sv,
                                          "datafusion"sv};
constexpr std::array kReservedColumns = {
    "_seq"sv,     "_deleted"sv, "_id"sv,        "_row_id"sv,  "_rowid"sv, "_key"sv,
    "_updated"sv, "_created"sv, "_timestamp"sv, "_version"sv, "_hash"sv,  "_commit_seq"sv};
// Sorted.
constexpr std::array kReservedWords = {
    "alter"sv,     "analyze"sv,   "anti"sv,        "cluster"sv,    "create"sv,    "cross"sv,
    "database"sv,  "delete"sv,    "distribute"sv,  "drop"sv,       "end"sv,       "except"sv,
    "exists"sv,    "explain"sv,   "fetch"sv,       "for"sv,        "from"sv,      "full"sv,
    "global"sv,    "group"sv,     "having"sv,      "index"sv,      "inner"sv,     "insert"sv,
    "intersect"sv, "interval"sv,  "into"sv,        "join"sv,       "lateral"sv,   "left"sv,
    "limit"sv,     "minus"sv,     "natural"sv,     "offset"sv,     "on"sv,        "order"sv,
    "outer"sv,     "partition"sv, "pivot"sv,       "qualify"sv,    "returning"sv, "right"sv,
    "schema"sv,    "select"sv,    "semi"sv,        "set"sv,        "sort"sv,      "struct"sv,
    "table"sv,     "tables"sv,    "tablesample"sv, "tablespace"sv, "top"sv,       "trim"sv,
    "union"sv,     "unpivot"sv,   "update"sv,      "using"sv,      "values"sv,    "view"sv,
    "where"sv,     "window"sv,    "with"sv};

template <size_t N>
bool Contains(const std::array<std::string_view, N>& list, std::string_view folded) {
  return std::find(list.begin(), list.end(), folded) != list.end();
}

// The rules that namespaces, tables and columns share.
std::string CommonReason(std::string_view name) {
  if (name.empty()) return "Name cannot be empty";
  size_t characters = 0;
  for (char c : name) characters += (c & 0xc0) != 0x80;
  if (characters > kMaxNameLength) {
    return fmt::format("Name is too long ({} characters, max {})", characters, kMaxNameLength);
  }
  if (name.find(' ') != std::string_view::npos) return "Name cannot contain spaces";
  if (name[0] == '_') return "Name cannot start with underscore (reserved for system columns)";
  if (name[0] >= '0' && name[0] <= '9') return "Name cannot start with a number";
  for (char c : name) {
    const bool fine =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    if (!fine) {
      return fmt::format(
          "Name '{}' contains invalid characters (only alphanumeric and underscore allowed)", name);
    }
  }
  if (IsReservedWord(name)) {
    return fmt::format("Name '{}' is a reserved SQL keyword and cannot be used", name);
  }
  return {};
}

}  // namespace

std::string BadNamespaceNameReason(std::string_view name) {
  if (Contains(kReservedNamespaces, FoldCase(name))) {
    return fmt::format("Namespace '{}' is reserved and cannot be used", name);
  }
  return CommonReason(name);
}

std::string BadTableNameReason(std::string_view name) { return CommonReason(name); }

std::string BadColumnNameReason(std::string_view name) {
  std::string reason = IsReservedColumn(name)
                           ? fmt::format("Column name '{}' is reserved and cannot be used", name)
                           : CommonReason(name);
  if (reason.empty()) return reason;
  return fmt::format("Invalid column name '{}': {}", name, reason);
}

bool IsSystemNamespace(std::string_view name) {
  return Contains(kSystemNamespaces, FoldCase(name));
}

bool IsReservedColumn(std::string_view name) { return Contains(kReservedColumns, FoldCase(name)); }

bool IsReservedWord(std::string_view word) {
  return std::binary_search(kReservedWords.begin(), kReservedWords.end(), FoldCase(word));
}

}  // namespace kalamdb::sql
