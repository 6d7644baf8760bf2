// HTTP/1.1 over one connection that is kept open between requests.
#pragma once

#include <functional>
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
  // Told how much of the body has been sent, again and again; may be empty.
  std::function<void(size_t sent)> progress;
  // How much longer than usual the server may take, and keep silent.
  std::chrono::milliseconds extra_wait{0};
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
  // An answer that is given up (SetInterrupt) is kInvalidOperation; its connection is closed.
  Result<HttpResponse> Send(const HttpRequest& request);
  // An answer is no longer waited for once `fd` is readable; -1: nothing interrupts.
  void SetInterrupt(int fd) { interrupt_fd_ = fd; }
  [[nodiscard]] const Endpoint& endpoint() const { return endpoint_; }
  [[nodiscard]] const Timeouts& timeouts() const { return timeouts_; }

 private:
  // *unanswered: the connection failed before anything of the answer came.
  Result<HttpResponse> Exchange(const HttpRequest& request, Deadline deadline, bool* unanswered);
  Status Write(const HttpRequest& request, Deadline deadline);

  Endpoint endpoint_;
  Timeouts timeouts_;
  Socket socket_;
  int interrupt_fd_ = -1;
};

}  // namespace kalamdb::client
