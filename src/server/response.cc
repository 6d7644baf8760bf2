// Status lines, error bodies and the two date formats of the HTTP surface.
#include "server/response.h"

#include <ctime>

#include "base/json_text.h"

namespace kalamdb::server {

namespace {

std::string_view ReasonPhrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 413:
      return "Payload Too Large";
    case 428:
      return "Precondition Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    default:
      return "Unknown";
  }
}

}  // namespace

void AppendStatusLine(std::string* out, int status) {
  if (status == 200) {
    *out += "HTTP/1.1 200 OK\r\n";
    return;
  }
  fmt::format_to(std::back_inserter(*out), "HTTP/1.1 {} {}\r\n", status, ReasonPhrase(status));
}

std::string ErrorAndMessage(std::string_view error, std::string_view message) {
  std::string body = "{\"error\":";
  AppendJsonString(&body, error);
  body += ",\"message\":";
  AppendJsonString(&body, message);
  body += '}';
  return body;
}

std::string HttpDate(int64_t unix_seconds) {
  static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const time_t t = unix_seconds;
  tm parts{};
  gmtime_r(&t, &parts);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[parts.tm_wday],
                     parts.tm_mday, kMonths[parts.tm_mon], parts.tm_year + 1900, parts.tm_hour,
                     parts.tm_min, parts.tm_sec);
}

std::string Rfc3339(int64_t unix_millis) {
  int64_t millis = unix_millis % 1000;
  if (millis < 0) millis += 1000;
  const time_t t = (unix_millis - millis) / 1000;
  tm parts{};
  gmtime_r(&t, &parts);
  std::string text =
      fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", parts.tm_year + 1900, parts.tm_mon + 1,
                  parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
  if (millis != 0) fmt::format_to(std::back_inserter(text), ".{:03}", millis);
  return text + "+00:00";
}

}  // namespace kalamdb::server
