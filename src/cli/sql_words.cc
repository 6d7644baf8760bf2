// Sorted copies for looking words up are made by the compiler.
#include "cli/sql_words.h"

#include <algorithm>
#include <array>

namespace kalamdb::cli {
namespace {

constexpr auto kStatements = std::to_array<std::string_view>(
    {"SELECT",    "INSERT",   "UPDATE",  "DELETE",  "CREATE", "ALTER",  "DROP",
     "SHOW",      "DESCRIBE", "EXPLAIN", "WITH",    "USE",    "SET",    "EXECUTE",
     "SUBSCRIBE", "KILL",     "STORAGE", "CLUSTER", "BEGIN",  "COMMIT", "ROLLBACK",
     "TRUNCATE",  "CLEAR",    "CONSUME", "ACK",     "DESC",   "VALUES"});

constexpr auto kKeywords = std::to_array<std::string_view>({"SELECT",       "FROM",
                                                            "WHERE",        "AND",
                                                            "AS",           "ASC",
                                                            "ORDER",        "BY",
                                                            "GROUP",        "HAVING",
                                                            "LIMIT",        "OFFSET",
                                                            "JOIN",         "LEFT",
                                                            "RIGHT",        "INNER",
                                                            "OUTER",        "FULL",
                                                            "CROSS",        "NATURAL",
                                                            "ON",           "USING",
                                                            "OR",           "NOT",
                                                            "NULL",         "IS",
                                                            "IN",           "LIKE",
                                                            "ILIKE",        "BETWEEN",
                                                            "EXISTS",       "CASE",
                                                            "WHEN",         "THEN",
                                                            "ELSE",         "END",
                                                            "DISTINCT",     "ALL",
                                                            "ANY",          "UNION",
                                                            "INTERSECT",    "EXCEPT",
                                                            "WITH",         "RECURSIVE",
                                                            "DESC",         "NULLS",
                                                            "FIRST",        "LAST",
                                                            "TRUE",         "FALSE",
                                                            "CAST",         "TRY_CAST",
                                                            "COUNT",        "SUM",
                                                            "AVG",          "MIN",
                                                            "MAX",          "COALESCE",
                                                            "NOW",          "INTO",
                                                            "VALUES",       "SET",
                                                            "INSERT",       "UPDATE",
                                                            "DELETE",       "CREATE",
                                                            "TABLE",        "NAMESPACE",
                                                            "ALTER",        "DROP",
                                                            "DEFAULT",      "PRIMARY",
                                                            "KEY",          "UNIQUE",
                                                            "CHECK",        "REFERENCES",
                                                            "FOREIGN",      "CONSTRAINT",
                                                            "COLUMN",       "ADD",
                                                            "RENAME",       "TO",
                                                            "IF",           "CASCADE",
                                                            "USER",         "USERS",
                                                            "SHARED",       "STREAM",
                                                            "ROLE",         "TYPE",
                                                            "SHOW",         "TABLES",
                                                            "NAMESPACES",   "DESCRIBE",
                                                            "EXPLAIN",      "ANALYZE",
                                                            "USE",          "EXECUTE",
                                                            "SUBSCRIBE",    "KILL",
                                                            "LIVE",         "QUERY",
                                                            "STORAGE",      "FLUSH",
                                                            "COMPACT",      "CLUSTER",
                                                            "TOPIC",        "SOURCE",
                                                            "CONSUME",      "ACK",
                                                            "CLEAR",        "TRUNCATE",
                                                            "INDEX",        "VIEW",
                                                            "OVER",         "PARTITION",
                                                            "WINDOW",       "ROWS",
                                                            "RETURNING",    "CONFLICT",
                                                            "DO",           "NOTHING",
                                                            "INTERVAL",     "EXTRACT",
                                                            "FILTER",       "LATERAL",
                                                            "OPTIONS",      "ACCESS_LEVEL",
                                                            "TTL_SECONDS",  "SNOWFLAKE_ID",
                                                            "UUID_V7",      "ULID",
                                                            "CURRENT_USER", "CURRENT_TIMESTAMP",
                                                            "FILE",         "SCHEMA",
                                                            "JOB",          "STATUS",
                                                            "BEGIN",        "COMMIT",
                                                            "ROLLBACK",     "TRANSACTION"});

constexpr auto kTypes = std::to_array<std::string_view>(
    {"INT",       "INTEGER",   "BIGINT",  "SMALLINT",  "TINYINT", "TEXT",      "VARCHAR",
     "STRING",    "CHAR",      "BOOLEAN", "BOOL",      "FLOAT",   "REAL",      "DOUBLE",
     "PRECISION", "DECIMAL",   "NUMERIC", "JSON",      "JSONB",   "BYTES",     "BYTEA",
     "BLOB",      "BINARY",    "UUID",    "DATE",      "TIME",    "TIMESTAMP", "TIMESTAMPTZ",
     "DATETIME",  "EMBEDDING", "SERIAL",  "BIGSERIAL", "INT2",    "INT4",      "INT8",
     "FLOAT4",    "FLOAT8"});

constexpr auto kCommands = std::to_array<std::string_view>({"\\help",
                                                            "\\quit",
                                                            "\\history",
                                                            "\\dt",
                                                            "\\tables",
                                                            "\\describe",
                                                            "\\format",
                                                            "\\info",
                                                            "\\session",
                                                            "\\sessions",
                                                            "\\stats",
                                                            "\\metrics",
                                                            "\\health",
                                                            "\\flush",
                                                            "\\as",
                                                            "\\refresh-tables",
                                                            "\\refresh",
                                                            "\\live",
                                                            "\\subscribe",
                                                            "\\watch",
                                                            "\\unsubscribe",
                                                            "\\unwatch",
                                                            "\\consume",
                                                            "\\cluster",
                                                            "\\show-credentials",
                                                            "\\credentials",
                                                            "\\update-credentials",
                                                            "\\delete-credentials",
                                                            "\\d",
                                                            "\\q",
                                                            "\\h",
                                                            "\\?"});

constexpr auto kSystemTables = std::to_array<KnownTable>({
    {"system", "audit_log"},
    {"system", "cluster"},
    {"system", "cluster_groups"},
    {"system", "jobs"},
    {"system", "live"},
    {"system", "manifest"},
    {"system", "namespaces"},
    {"system", "schemas"},
    {"system", "server_logs"},
    {"system", "sessions"},
    {"system", "settings"},
    {"system", "stats"},
    {"system", "storages"},
    {"system", "tables"},
    {"system", "topic_offsets"},
    {"system", "topics"},
    {"system", "users"},
    {"information_schema", "columns"},
    {"information_schema", "routines"},
    {"information_schema", "schemata"},
    {"information_schema", "tables"},
    {"information_schema", "views"},
});

template <size_t N>
constexpr std::array<std::string_view, N> Sorted(std::array<std::string_view, N> words) {
  std::sort(words.begin(), words.end());
  return words;
}
constexpr auto kSortedStatements = Sorted(kStatements);
constexpr auto kSortedKeywords = Sorted(kKeywords);
constexpr auto kSortedTypes = Sorted(kTypes);

// No word is longer than this; `upper` holds one in upper case.
constexpr size_t kLongestWord = 24;

class Upper {
 public:
  explicit Upper(std::string_view word) : size_(std::min(word.size(), kLongestWord)) {
    for (size_t i = 0; i < size_; ++i) {
      const char c = word[i];
      bytes_[i] = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    }
    if (word.size() > kLongestWord) size_ = 0;
  }
  [[nodiscard]] std::string_view text() const { return {bytes_.data(), size_}; }

 private:
  std::array<char, kLongestWord> bytes_{};
  size_t size_;
};

template <size_t N>
bool Contains(const std::array<std::string_view, N>& sorted, std::string_view word) {
  return std::binary_search(sorted.begin(), sorted.end(), word);
}

}  // namespace

std::span<const std::string_view> SqlKeywords() { return kKeywords; }
std::span<const std::string_view> StatementKeywords() { return kStatements; }
std::span<const std::string_view> SqlTypes() { return kTypes; }
std::span<const std::string_view> ShellCommands() { return kCommands; }
std::span<const KnownTable> SystemTables() { return kSystemTables; }

bool IsSqlKeyword(std::string_view word) {
  const Upper upper(word);
  return Contains(kSortedKeywords, upper.text()) || Contains(kSortedStatements, upper.text());
}

bool IsSqlType(std::string_view word) { return Contains(kSortedTypes, Upper(word).text()); }

}  // namespace kalamdb::cli
