#include "engine/error_reply.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/json_text.h"
#include "sql/lexer.h"

namespace kalamdb::engine {

namespace {

struct ErrorClass {
  int http_status;
  std::string_view code;
  std::string_view prefix;
  bool visible;  // whether ordinary users may read the message of a running statement
};

ErrorClass ClassOf(ErrorCode code) {
  constexpr std::string_view kExecution = "SQL_EXECUTION_ERROR";
  switch (code) {
    case ErrorCode::kInvalidInput:
      return {400, "INVALID_INPUT", "", true};
    case ErrorCode::kInvalidSql:
      return {400, "INVALID_SQL", "Invalid SQL: ", true};
    case ErrorCode::kBatchParse:
      return {400, "BATCH_PARSE_ERROR", "", false};
    case ErrorCode::kEmptySql:
      return {400, "EMPTY_SQL", "", true};
    case ErrorCode::kInvalidParameter:
      return {400, "INVALID_PARAMETER", "", true};
    case ErrorCode::kParamsWithBatch:
      return {400, "PARAMS_WITH_BATCH", "", true};
    case ErrorCode::kParameterBinding:
      return {400, kExecution, "", true};
    case ErrorCode::kPermissionDenied:
      return {403, "PERMISSION_DENIED", "Permission denied: ", true};
    case ErrorCode::kUnauthorized:
      return {403, "PERMISSION_DENIED", "Unauthorized: ", true};
    case ErrorCode::kAlreadyExists:
      return {400, kExecution, "Already exists: ", true};
    case ErrorCode::kInvalidOperation:
      return {400, kExecution, "Invalid operation: ", true};
    case ErrorCode::kConstraintViolation:
      return {400, kExecution, "Constraint violation: ", true};
    case ErrorCode::kConflict:
      return {400, kExecution, "Conflict: ", true};
    case ErrorCode::kIdempotentConflict:
      return {400, kExecution, "Idempotent conflict: ", true};
    case ErrorCode::kNotFound:
      return {400, kExecution, "Not found: ", true};
    case ErrorCode::kTableNotFound:
      return {400, kExecution, "Table not found: ", false};
    case ErrorCode::kColumnNotFound:
      return {400, kExecution, "Invalid operation: Schema error: ", true};
    case ErrorCode::kSystemColumn:
      return {400, kExecution, "System column violation: ", true};
    case ErrorCode::kInvalidSchemaEvolution:
      return {400, kExecution, "Invalid schema evolution: ", true};
    case ErrorCode::kExecution:
      return {400, kExecution, "Execution error: ", false};
    case ErrorCode::kTimeout:
      return {400, kExecution, "Timeout: ", true};
    case ErrorCode::kNotImplemented:
      return {400, kExecution, "Not implemented: ", true};
    case ErrorCode::kRetry:
      return {400, kExecution, "Conflict: ", true};
    case ErrorCode::kUnavailable:
      return {503, "INTERNAL_ERROR", "Server busy: ", true};
    case ErrorCode::kStorage:
      return {400, kExecution, "Storage error: ", false};
    default:
      return {500, "INTERNAL_ERROR", "Internal error: ", false};
  }
}

// What a caller without admin rights reads instead of the message.
std::string_view RedactedText(std::string_view code) {
  if (code == "BATCH_PARSE_ERROR") return "Failed to parse SQL batch";
  if (code == "INVALID_SQL") return "SQL statement is invalid or not allowed";
  if (code == "INTERNAL_ERROR") return "SQL request failed";
  return "SQL statement failed";
}

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if ((a[i] | 0x20) != (b[i] | 0x20)) return false;
  }
  return true;
}

// Messages that help to repair a statement and tell nothing about data of others.
bool IsAboutColumnsOrKeys(std::string_view message) {
  static constexpr std::array<std::string_view, 7> kTopics = {
      "column", "field", "primary key", "duplicate", "unique", "constraint", "not null"};
  for (std::string_view topic : kTopics) {
    for (size_t i = 0; i + topic.size() <= message.size(); ++i) {
      if (EqualsIgnoringCase(message.substr(i, topic.size()), topic)) return true;
    }
  }
  return false;
}

// "line 2, column 8", or nothing.
std::string Place(const Status& status, std::string_view request_text) {
  const int64_t position = status.position();
  if (position < 0 || position > static_cast<int64_t>(request_text.size())) return {};
  const sql::TextPosition at = sql::PositionOf(request_text, static_cast<size_t>(position));
  return fmt::format("line {}, column {}", at.line, at.column);
}

}  // namespace

ErrorReply MakeErrorReply(const Status& status, ErrorPhase phase, size_t number, Role role,
                          std::string_view statement_text, std::string_view request_text) {
  const ErrorClass c = ClassOf(status.code());
  ErrorReply reply;
  reply.http_status = c.http_status;
  reply.code = c.code;
  const bool running = phase == ErrorPhase::kRunning;
  bool visible = c.visible;
  if (!running && status.code() == ErrorCode::kInvalidSql) {
    visible = status.message().starts_with("SQL query too long");
  }
  if (status.code() == ErrorCode::kNotFound && status.message().starts_with("Table "))
    visible = false;
  if (status.code() == ErrorCode::kExecution && IsAboutColumnsOrKeys(status.message()))
    visible = true;
  if (!visible && !IsAdmin(role)) {
    reply.message = RedactedText(c.code);
    // Syntax is the caller's own text. Of the rest a position would tell which name is unknown.
    if (!running) reply.details = Place(status, request_text);
    return reply;
  }
  reply.details = Place(status, request_text);
  if (running) {
    reply.message = fmt::format("Statement {} failed: ", number);
    if (!status.message().starts_with("Admin privileges")) reply.message += c.prefix;
    if (IsAdmin(role)) {
      if (!reply.details.empty()) reply.details += ": ";
      reply.details += RedactSecrets(statement_text);
    }
  } else if (status.code() == ErrorCode::kUnauthorized) {
    reply.message = c.prefix;
  }
  if (status.code() == ErrorCode::kParameterBinding && !status.message().starts_with("Parameter")) {
    reply.message += "Parameter binding error: ";
  }
  reply.message += status.message();
  return reply;
}

void AppendTook(std::string* out, double millis) {
  if (millis < 0) millis = 0;
  const auto micros = static_cast<int64_t>(millis * 1000 + 0.5);
  fmt::format_to(std::back_inserter(*out), "{}.{:03}", micros / 1000, micros % 1000);
}

void AppendErrorObject(std::string* out, const ErrorReply& reply) {
  out->append("\"error\":{\"code\":\"");
  out->append(reply.code);
  out->append("\",\"message\":");
  AppendJsonString(out, reply.message);
  if (!reply.details.empty()) {
    out->append(",\"details\":");
    AppendJsonString(out, reply.details);
  }
  out->push_back('}');
}

std::string ErrorBody(const ErrorReply& reply, double took_millis) {
  std::string body = "{\"status\":\"error\",\"results\":[],\"took\":";
  AppendTook(&body, took_millis);
  body.push_back(',');
  AppendErrorObject(&body, reply);
  body.push_back('}');
  return body;
}

namespace {

bool IsWordByte(char c) { return isalnum(static_cast<unsigned char>(c)) || c == '_'; }

// The end of the comment that begins at `i`, `i` when none does.
size_t SkipComment(std::string_view sql, size_t i) {
  const std::string_view rest = sql.substr(i);
  if (rest.starts_with("--")) return std::min(sql.find('\n', i), sql.size());
  if (!rest.starts_with("/*")) return i;
  const size_t end = sql.find("*/", i + 2);
  return end == std::string_view::npos ? sql.size() : end + 2;
}

// What may stand between the key word and its value: blanks, '=', BY, comments, and the letters of
// E'' and U&''.
size_t SkipToValue(std::string_view sql, size_t i) {
  while (i < sql.size()) {
    const std::string_view rest = sql.substr(i);
    if (isspace(static_cast<unsigned char>(rest[0])) || rest[0] == '=') {
      ++i;
    } else if (const size_t end = SkipComment(sql, i); end != i) {
      i = end;
    } else if (EqualsIgnoringCase(rest.substr(0, 2), "by") &&
               (rest.size() == 2 || !IsWordByte(rest[2]))) {
      i += 2;
    } else if (EqualsIgnoringCase(rest.substr(0, 2), "e'")) {
      ++i;
    } else if (EqualsIgnoringCase(rest.substr(0, 3), "u&'")) {
      i += 2;
    } else {
      break;
    }
  }
  return i;
}

bool BeginsQuoted(std::string_view sql) {
  if (sql.starts_with('\'') || sql.starts_with('"')) return true;
  // $$ or $tag$, but not a placeholder.
  return sql.size() > 1 && sql[0] == '$' && !isdigit(static_cast<unsigned char>(sql[1]));
}

// The end of the quoted text that begins at `i`; a text that does not end ends with the statement.
size_t SkipQuoted(std::string_view sql, size_t i) {
  if (sql[i] == '$') {
    const size_t tag_end = sql.find('$', i + 1);
    if (tag_end == std::string_view::npos) return sql.size();
    const std::string_view tag = sql.substr(i, tag_end + 1 - i);
    const size_t end = sql.find(tag, tag_end + 1);
    return end == std::string_view::npos ? sql.size() : end + tag.size();
  }
  const bool escapes =
      i > 0 && (sql[i - 1] == 'e' || sql[i - 1] == 'E') && (i == 1 || !IsWordByte(sql[i - 2]));
  const char quote = sql[i++];
  for (; i < sql.size(); ++i) {
    if (escapes && sql[i] == '\\') {
      ++i;
    } else if (sql[i] == quote) {
      if (i + 1 >= sql.size() || sql[i + 1] != quote) return i + 1;
      ++i;
    }
  }
  return sql.size();
}

}  // namespace

std::string RedactSecrets(std::string_view sql) {
  std::string out;
  size_t i = 0;
  while (i < sql.size()) {
    // Texts and comments go over whole: an apostrophe or a key word in them means nothing.
    const bool word_begins = i == 0 || !IsWordByte(sql[i - 1]);
    size_t end = SkipComment(sql, i);
    if (end == i && BeginsQuoted(sql.substr(i)) && (sql[i] != '$' || word_begins))
      end = SkipQuoted(sql, i);
    if (end != i) {
      out.append(sql.substr(i, end - i));
      i = end;
      continue;
    }
    size_t skip = 0;
    if (word_begins) {
      for (const std::string_view key : {"password", "identified", "oauth"}) {
        if (EqualsIgnoringCase(sql.substr(i, key.size()), key)) skip = key.size();
      }
    }
    if (skip == 0) {
      out.push_back(sql[i++]);
      continue;
    }
    const size_t value = SkipToValue(sql, i + skip);
    out.append(sql.substr(i, value - i));
    i = value;
    if (BeginsQuoted(sql.substr(i))) {
      i = SkipQuoted(sql, i);
      out.append("'[REDACTED]'");
    }
  }
  return out;
}

}  // namespace kalamdb::engine
