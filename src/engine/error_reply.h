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

// `statement_text` goes into `details` for admins, with passwords blanked. `number` counts from 1.
ErrorReply MakeErrorReply(const Status& status, ErrorPhase phase, size_t number, Role role,
                          std::string_view statement_text);
// {"status":"error","results":[],"took":0.97,"error":{...}}
std::string ErrorBody(const ErrorReply& reply, double took_millis);
// Appends `"error":{...}` without a comma.
void AppendErrorObject(std::string* out, const ErrorReply& reply);
// Milliseconds with at most three decimals.
void AppendTook(std::string* out, double millis);
// Quoted values after PASSWORD, SET PASSWORD and IDENTIFIED BY become '[REDACTED]'.
std::string RedactSecrets(std::string_view sql);

}  // namespace kalamdb::engine
