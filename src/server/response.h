// An HTTP answer before it is bytes.
#pragma once

#include <string>
#include <string_view>

namespace kalamdb::server {

inline constexpr std::string_view kJsonType = "application/json";
inline constexpr std::string_view kTextType = "text/plain; charset=utf-8";

struct Response {
  int status = 200;
  std::string_view content_type;  // static text; empty: no such header
  std::string body;
  std::string headers;  // further lines, each with its CRLF

  static Response Json(int status, std::string body) {
    return {status, kJsonType, std::move(body), {}};
  }
  static Response Text(int status, std::string_view text) {
    return {status, kTextType, std::string(text), {}};
  }
  static Response Empty(int status) { return {status, {}, {}, {}}; }
};

// What is remembered of a request until its answer is written.
struct AnswerContext {
  bool keep_alive = true;
  bool http10 = false;
  std::string allowed_origin;  // of Access-Control-Allow-Origin; empty: no such header
};

// "HTTP/1.1 200 OK\r\n"
void AppendStatusLine(std::string* out, int status);
// {"error":"<error>","message":"<message>"}
std::string ErrorAndMessage(std::string_view error, std::string_view message);
// Unix seconds as "Sun, 06 Nov 1994 08:49:37 GMT".
std::string HttpDate(int64_t unix_seconds);
// Unix milliseconds as "2026-05-04T20:27:57.123+00:00"; whole seconds carry no fraction.
std::string Rfc3339(int64_t unix_millis);

}  // namespace kalamdb::server
