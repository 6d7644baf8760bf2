// From an error to what the client is told: HTTP status, wire code, text, and whether a caller
// without admin rights may read that text (docs/http.md, "Errors").
#pragma once

#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/status.h"

namespace kalamdb::engine {

// When the error arose; it decides prefixes and redaction.
enum class ErrorPhase : unsigned char {
  kPreflight,  // before any statement ran: parsing, classification, EXECUTE AS USER
  kRunning,    // while statement `number` ran
};

struct ErrorReply {
  int http_status = 400;
  std::string_view code;  // SCREAMING_SNAKE_CASE
  std::string message;
  std::string details;  // empty: not sent
};

// `details` is where the error lies, `line L, column C` in `request_text` when status.position(),
// an offset in it, is known; then, of running statements and for admins, `statement_text` with
// passwords blanked: `line 2, column 8: SELECT ...`. `number` counts from 1.
ErrorReply MakeErrorReply(const Status& status, ErrorPhase phase, size_t number, Role role,
                          std::string_view statement_text, std::string_view request_text);
// {"status":"error","results":[],"took":0.97,"error":{...}}
std::string ErrorBody(const ErrorReply& reply, double took_millis);
// Appends `"error":{...}` without a comma.
void AppendErrorObject(std::string* out, const ErrorReply& reply);
// Milliseconds with at most three decimals.
void AppendTook(std::string* out, double millis);
// Quoted values after PASSWORD, SET PASSWORD and IDENTIFIED BY become '[REDACTED]'.
std::string RedactSecrets(std::string_view sql);

}  // namespace kalamdb::engine
