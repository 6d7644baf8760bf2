// WITH (TYPE = ..., STORAGE_ID = ..., ...) of CREATE TABLE.
#pragma once

#include <optional>
#include <string>

#include "base/status.h"
#include "sql/statement.h"
#include "sql/token_cursor.h"

namespace kalamdb::sql {

struct TableOptions {
  std::optional<TableKind> type;
  std::optional<std::string> storage_id;
  std::optional<bool> use_user_storage;
  std::optional<FlushPolicy> flush_policy;
  std::optional<uint64_t> ttl_seconds;
  std::optional<AccessLevel> access_level;
  std::optional<std::string> compression;
  std::optional<std::string> eviction_strategy;
  std::optional<uint64_t> max_stream_size_bytes;
  bool deleted_retention = false;  // given; without effect
};

// The cursor stands on the opening parenthesis.
Result<TableOptions> ParseTableOptions(TokenCursor* cursor);
// Puts the options into the statement, whose kind is settled; refuses those that its kind does not
// have.
Status ApplyTableOptions(TableOptions options, CreateTable* table);

// PUBLIC, PRIVATE, RESTRICTED, DBA, any case.
std::optional<AccessLevel> ParseAccessLevel(std::string_view word);

}  // namespace kalamdb::sql
