// HTTP/1.1 over one connection that is kept open between requests.
#pragma once

#include <string>
#include <string_view>

#include "client/http_response.h"
#include "client/socket.h"
#include "client/timeouts.h"

namespace kalamdb::client {

struct HttpRequest {
  std::string method = "GET";
  std::string path;    // from /v1 on; the endpoint's prefix is put before it
  std::string bearer;  // token, empty for none
  std::string content_type = "application/json";
  std::string body;
  // The request may be sent twice: when a kept connection ends without one byte of an answer it is
  // sent again.
  bool idempotent = false;
};

// One request at a time; not for two threads at once.
class HttpClient {
 public:
  HttpClient(Endpoint endpoint, Timeouts timeouts)
      : endpoint_(std::move(endpoint)), timeouts_(timeouts) {}

  // Any complete answer is a value, whatever its status. kUnavailable and kTimeout are the
  // network's errors.
  Result<HttpResponse> Send(const HttpRequest& request);
  [[nodiscard]] const Endpoint& endpoint() const { return endpoint_; }
  [[nodiscard]] const Timeouts& timeouts() const { return timeouts_; }

 private:
  // *unanswered: the connection failed before anything of the answer came.
  Result<HttpResponse> Exchange(const std::string& bytes, Deadline deadline, bool* unanswered);

  Endpoint endpoint_;
  Timeouts timeouts_;
  Socket socket_;
};

}  // namespace kalamdb::client
