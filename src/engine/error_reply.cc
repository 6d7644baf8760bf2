#include "engine/error_reply.h"

#include <fmt/format.h>

#include <array>

#include "base/json_text.h"

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
    case ErrorCode::kInvalidInput: return {400, "INVALID_INPUT", "", true};
    case ErrorCode::kInvalidSql: return {400, "INVALID_SQL", "Invalid SQL: ", true};
    case ErrorCode::kBatchParse: return {400, "BATCH_PARSE_ERROR", "", false};
    case ErrorCode::kEmptySql: return {400, "EMPTY_SQL", "", true};
    case ErrorCode::kInvalidParameter: return {400, "INVALID_PARAMETER", "", true};
    case ErrorCode::kParamsWithBatch: return {400, "PARAMS_WITH_BATCH", "", true};
    case ErrorCode::kParameterBinding: return {400, kExecution, "", true};
    case ErrorCode::kPermissionDenied: return {403, "PERMISSION_DENIED", "Permission denied: ", true};
    case ErrorCode::kUnauthorized: return {403, "PERMISSION_DENIED", "Unauthorized: ", true};
    case ErrorCode::kAlreadyExists: return {400, kExecution, "Already exists: ", true};
    case ErrorCode::kInvalidOperation: return {400, kExecution, "Invalid operation: ", true};
    case ErrorCode::kConstraintViolation: return {400, kExecution, "Constraint violation: ", true};
    case ErrorCode::kConflict: return {400, kExecution, "Conflict: ", true};
    case ErrorCode::kIdempotentConflict: return {400, kExecution, "Idempotent conflict: ", true};
    case ErrorCode::kNotFound: return {400, kExecution, "Not found: ", true};
    case ErrorCode::kTableNotFound: return {400, kExecution, "Table not found: ", false};
    case ErrorCode::kColumnNotFound:
      return {400, kExecution, "Invalid operation: Schema error: ", true};
    case ErrorCode::kSystemColumn: return {400, kExecution, "System column violation: ", true};
    case ErrorCode::kInvalidSchemaEvolution:
      return {400, kExecution, "Invalid schema evolution: ", true};
    case ErrorCode::kExecution: return {400, kExecution, "Execution error: ", false};
    case ErrorCode::kTimeout: return {400, kExecution, "Timeout: ", true};
    case ErrorCode::kNotImplemented: return {400, kExecution, "Not implemented: ", true};
    case ErrorCode::kRetry: return {400, kExecution, "Conflict: ", true};
    case ErrorCode::kUnavailable: return {503, "INTERNAL_ERROR", "Server busy: ", true};
    case ErrorCode::kStorage: return {400, kExecution, "Storage error: ", false};
    default: return {500, "INTERNAL_ERROR", "Internal error: ", false};
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

}  // namespace

ErrorReply MakeErrorReply(const Status& status, ErrorPhase phase, size_t number, Role role,
                          std::string_view statement_text) {
  const ErrorClass c = ClassOf(status.code());
  ErrorReply reply;
  reply.http_status = c.http_status;
  reply.code = c.code;
  const bool running = phase == ErrorPhase::kRunning;
  bool visible = c.visible;
  if (!running && status.code() == ErrorCode::kInvalidSql) {
    visible = status.message().starts_with("SQL query too long");
  }
  if (status.code() == ErrorCode::kNotFound && status.message().starts_with("Table ")) visible = false;
  if (status.code() == ErrorCode::kExecution && IsAboutColumnsOrKeys(status.message())) visible = true;
  if (!visible && !IsAdmin(role)) {
    reply.message = RedactedText(c.code);
    return reply;
  }
  if (running) {
    reply.message = fmt::format("Statement {} failed: ", number);
    if (!status.message().starts_with("Admin privileges")) reply.message += c.prefix;
    if (IsAdmin(role)) reply.details = RedactSecrets(statement_text);
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

std::string RedactSecrets(std::string_view sql) {
  std::string out;
  size_t i = 0;
  while (i < sql.size()) {
    const bool word_start = i == 0 || !(isalnum(static_cast<unsigned char>(sql[i - 1])) || sql[i - 1] == '_');
    size_t skip = 0;
    if (word_start) {
      for (std::string_view key : {std::string_view("password"), std::string_view("identified by"),
                                   std::string_view("oauth")}) {
        if (EqualsIgnoringCase(sql.substr(i, key.size()), key)) skip = key.size();
      }
    }
    if (skip == 0) {
      out.push_back(sql[i++]);
      continue;
    }
    out.append(sql.substr(i, skip));
    i += skip;
    while (i < sql.size() && (isspace(static_cast<unsigned char>(sql[i])) || sql[i] == '=')) out.push_back(sql[i++]);
    if (i < sql.size() && (sql[i] == '\'' || sql[i] == '"')) {
      const char quote = sql[i++];
      while (i < sql.size()) {
        if (sql[i] == quote) {
          if (i + 1 < sql.size() && sql[i + 1] == quote) {
            i += 2;
            continue;
          }
          ++i;
          break;
        }
        ++i;
      }
      out.append("'[REDACTED]'");
    }
  }
  return out;
}

}  // namespace kalamdb::engine
