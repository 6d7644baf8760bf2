#include "sql/table_options.h"

#include <fmt/format.h>

#include <charconv>

namespace kalamdb::sql {

namespace {

constexpr uint64_t kMaxFlushRows = 999999;
constexpr uint64_t kMaxFlushSeconds = 86399;

template <typename T>
bool ParseWhole(std::string_view text, T* out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *out);
  return !text.empty() && error == std::errc() && end == text.data() + text.size();
}

std::string_view Trim(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

// rows:N | interval:S | rows:N,interval:S
Result<FlushPolicy> ParseFlushPolicy(std::string_view text) {
  FlushPolicy policy;
  const std::string_view whole = text;
  for (bool more = true; more;) {
    const size_t comma = text.find(',');
    more = comma != std::string_view::npos;
    const std::string_view part = Trim(text.substr(0, comma));
    if (more) text.remove_prefix(comma + 1);
    const size_t colon = part.find(':');
    if (colon == std::string_view::npos) {
      return InvalidSql(
          fmt::format("Invalid FLUSH_POLICY format '{}'. Expected 'key:value'", whole));
    }
    const std::string key = FoldCase(Trim(part.substr(0, colon)));
    const std::string_view value = Trim(part.substr(colon + 1));
    uint64_t number = 0;
    if (key == "rows") {
      if (!ParseWhole(value, &number)) return InvalidSql("Invalid row limit in FLUSH_POLICY");
      if (number > kMaxFlushRows) return InvalidSql("Row limit must be less than 1,000,000");
      policy.rows = static_cast<uint32_t>(number);
    } else if (key == "interval") {
      if (!ParseWhole(value, &number)) return InvalidSql("Invalid interval in FLUSH_POLICY");
      if (number > kMaxFlushSeconds) {
        return InvalidSql("Interval must be less than 86400 seconds (24 hours)");
      }
      policy.interval_seconds = static_cast<uint32_t>(number);
    } else {
      return InvalidSql(fmt::format("Unknown FLUSH_POLICY key '{}'", key));
    }
  }
  if (policy.rows == 0 && policy.interval_seconds == 0) {
    return InvalidSql("FLUSH_POLICY must specify 'rows' or 'interval' > 0");
  }
  return policy;
}

bool IsStorageId(std::string_view id) {
  return !id.empty() && id.size() <= 128 &&
         id.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") ==
             std::string_view::npos;
}

Result<TableKind> ParseTableType(std::string_view word) {
  if (IsWord(word, "USER")) return TableKind::kUser;
  if (IsWord(word, "SHARED")) return TableKind::kShared;
  if (IsWord(word, "STREAM")) return TableKind::kStream;
  if (IsWord(word, "SYSTEM")) return InvalidSql("Cannot create SYSTEM tables via SQL");
  return InvalidSql(fmt::format("Invalid TYPE option '{}'. Supported: USER, SHARED, STREAM", word));
}

Status TakeOption(std::string_view key, const std::string& value, TableOptions* options) {
  if (IsWord(key, "TYPE")) {
    Result<TableKind> type = ParseTableType(value);
    if (!type.ok()) return type.status();
    options->type = *type;
  } else if (IsWord(key, "STORAGE_ID")) {
    if (!IsStorageId(value)) {
      return InvalidSql(fmt::format(
          "Invalid STORAGE_ID '{}'. Only alphanumeric, underscore, and hyphen allowed.", value));
    }
    options->storage_id = value;
  } else if (IsWord(key, "USE_USER_STORAGE")) {
    options->use_user_storage = IsWord(value, "TRUE");
  } else if (IsWord(key, "FLUSH_POLICY")) {
    Result<FlushPolicy> policy = ParseFlushPolicy(value);
    if (!policy.ok()) return policy.status();
    options->flush_policy = *policy;
  } else if (IsWord(key, "TTL_SECONDS")) {
    uint64_t seconds = 0;
    if (!ParseWhole(value, &seconds)) return InvalidSql("Invalid TTL_SECONDS");
    options->ttl_seconds = seconds;
  } else if (IsWord(key, "ACCESS_LEVEL")) {
    options->access_level = ParseAccessLevel(value);
    if (!options->access_level) {
      return InvalidSql(fmt::format(
          "Invalid ACCESS_LEVEL '{}'. Supported: PUBLIC, PRIVATE, RESTRICTED, DBA", value));
    }
  } else if (IsWord(key, "DELETED_RETENTION_HOURS")) {
    uint32_t hours = 0;
    if (!ParseWhole(value, &hours)) return InvalidSql("Invalid DELETED_RETENTION_HOURS");
    options->deleted_retention = true;
  } else if (IsWord(key, "COMPRESSION")) {
    options->compression = FoldCase(value);
    const std::string& c = *options->compression;
    if (c != "none" && c != "snappy" && c != "zstd") {
      return InvalidSql(
          fmt::format("Invalid COMPRESSION '{}'. Supported: none, snappy, zstd", value));
    }
  } else if (IsWord(key, "EVICTION_STRATEGY")) {
    options->eviction_strategy = FoldCase(value);
    const std::string& e = *options->eviction_strategy;
    if (e != "time_based" && e != "size_based" && e != "hybrid") {
      return InvalidSql(fmt::format(
          "Invalid EVICTION_STRATEGY '{}'. Supported: time_based, size_based, hybrid", value));
    }
  } else if (IsWord(key, "MAX_STREAM_SIZE_BYTES")) {
    uint64_t bytes = 0;
    if (!ParseWhole(value, &bytes)) return InvalidSql("Invalid MAX_STREAM_SIZE_BYTES");
    options->max_stream_size_bytes = bytes;
  } else {
    return InvalidSql(fmt::format("Unknown table option '{}'", key));
  }
  return Status::Ok();
}

// The value of an option: one string, or the text up to the next comma or the end of the list.
Result<std::string> ParseOptionValue(TokenCursor* cursor) {
  const bool alone = cursor->IsSymbol(',', 1) || cursor->IsSymbol(')', 1);
  if (cursor->Peek().kind == TokenKind::kString && alone) {
    if (std::optional<std::string> text = cursor->String()) return std::move(*text);
    return cursor->Expected("a string");
  }
  if (cursor->Peek().kind == TokenKind::kQuotedName && alone) {
    std::string text = NameValue(cursor->Text(cursor->Peek()));
    cursor->Skip();
    return text;
  }
  const size_t from = cursor->position();
  while (!cursor->AtEnd() && !cursor->IsSymbol(',') && !cursor->IsSymbol(')')) cursor->Skip();
  const std::string_view text = cursor->Between(from, cursor->position());
  if (text.empty()) return cursor->Expected("an option value");
  return std::string(text);
}

}  // namespace

std::optional<AccessLevel> ParseAccessLevel(std::string_view word) {
  if (IsWord(word, "PUBLIC")) return AccessLevel::kPublic;
  if (IsWord(word, "PRIVATE")) return AccessLevel::kPrivate;
  if (IsWord(word, "RESTRICTED")) return AccessLevel::kRestricted;
  if (IsWord(word, "DBA")) return AccessLevel::kDba;
  return std::nullopt;
}

Result<TableOptions> ParseTableOptions(TokenCursor* cursor) {
  TableOptions options;
  if (Status bad = cursor->ExpectSymbol('('); !bad.ok()) return bad;
  while (!cursor->IsSymbol(')')) {
    const Token& token = cursor->Peek();
    if (token.kind != TokenKind::kWord && token.kind != TokenKind::kQuotedName) {
      return cursor->Expected("a table option");
    }
    const std::string key = NameValue(cursor->Text(token));
    cursor->Skip();
    if (Status bad = cursor->ExpectSymbol('='); !bad.ok()) return bad;
    Result<std::string> value = ParseOptionValue(cursor);
    if (!value.ok()) return value.status();
    if (Status bad = TakeOption(key, *value, &options); !bad.ok()) return bad;
    if (!cursor->AcceptSymbol(',')) break;
  }
  if (Status bad = cursor->ExpectSymbol(')'); !bad.ok()) return bad;
  return options;
}

Status ApplyTableOptions(TableOptions options, CreateTable* table) {
  if (options.deleted_retention) table->without_effect.emplace_back("DELETED_RETENTION_HOURS");
  const TableKind kind = table->kind;
  if (options.storage_id) table->storage_id = std::move(*options.storage_id);
  if (options.use_user_storage) {
    if (kind != TableKind::kUser) {
      return InvalidSql("USE_USER_STORAGE is only supported for USER tables");
    }
    table->use_user_storage = *options.use_user_storage;
  }
  // STREAM rows are never flushed: their policy is accepted and has no meaning.
  if (options.flush_policy && kind != TableKind::kStream)
    table->flush_policy = *options.flush_policy;
  if (kind == TableKind::kStream && !options.ttl_seconds) {
    return InvalidSql("STREAM tables must specify 'TTL_SECONDS'");
  }
  if (kind != TableKind::kStream && options.ttl_seconds) {
    return InvalidSql("TTL_SECONDS is only supported for STREAM tables");
  }
  table->ttl_seconds = options.ttl_seconds;
  if (options.access_level && kind != TableKind::kShared) {
    return InvalidSql("ACCESS_LEVEL is only supported for SHARED tables");
  }
  table->access_level = options.access_level;
  if (options.compression) {
    if (kind == TableKind::kStream) {
      return InvalidSql("COMPRESSION is only supported for USER and SHARED tables");
    }
    table->compression = std::move(*options.compression);
  }
  if (kind != TableKind::kStream && (options.eviction_strategy || options.max_stream_size_bytes)) {
    return InvalidSql(
        fmt::format("{} is only supported for STREAM tables",
                    options.eviction_strategy ? "EVICTION_STRATEGY" : "MAX_STREAM_SIZE_BYTES"));
  }
  if (options.eviction_strategy) table->eviction_strategy = std::move(*options.eviction_strategy);
  if (options.max_stream_size_bytes) table->max_stream_size_bytes = *options.max_stream_size_bytes;
  return Status::Ok();
}

}  // namespace kalamdb::sql
