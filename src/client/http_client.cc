// Requests with a length, answers by HttpResponseParser.
#include "client/http_client.h"

#include <fmt/format.h>

#include <algorithm>

namespace kalamdb::client {
namespace {

std::string Serialize(const Endpoint& endpoint, const HttpRequest& request) {
  std::string out =
      fmt::format("{} {}{} HTTP/1.1\r\nHost: {}\r\nAccept: application/json\r\n", request.method,
                  endpoint.prefix, request.path, endpoint.Authority());
  if (!request.bearer.empty()) out += "Authorization: Bearer " + request.bearer + "\r\n";
  if (request.method != "GET") {
    if (!request.body.empty()) out += "Content-Type: " + request.content_type + "\r\n";
    out += fmt::format("Content-Length: {}\r\n", request.body.size());
  }
  out += "\r\n";
  if (request.method != "GET") out += request.body;
  return out;
}

}  // namespace

Result<HttpResponse> HttpClient::Send(const HttpRequest& request) {
  // A token or path with a line end would become headers of its own.
  if ((request.bearer + request.path).find_first_of("\r\n") != std::string::npos) {
    return Status(ErrorCode::kInvalidInput,
                  "Configuration error: a token or path holds a line end");
  }
  const std::string bytes = Serialize(endpoint_, request);
  const Deadline deadline = In(timeouts_.request);
  for (int attempt = 0;; ++attempt) {
    if (socket_.IsOpen() && socket_.IsStale()) socket_.Close();
    const bool reused = socket_.IsOpen();
    if (!reused) {
      KDB_ASSIGN_OR_RETURN(
          socket_, Socket::Connect(endpoint_, std::min(timeouts_.connect, timeouts_.request)));
    }
    bool unanswered = false;
    Result<HttpResponse> response = Exchange(bytes, deadline, &unanswered);
    if (response.ok()) {
      if (!response->keep_alive) socket_.Close();
      return response;
    }
    socket_.Close();
    if (!(reused && unanswered && request.idempotent && attempt == 0)) return response;
  }
}

Result<HttpResponse> HttpClient::Exchange(const std::string& bytes, Deadline deadline,
                                          bool* unanswered) {
  *unanswered = true;
  // A server may answer and close before it has read everything (a body over its limit): look for
  // that answer.
  const Status sent = socket_.Write(bytes, deadline);
  if (sent.code() == ErrorCode::kTimeout) {
    *unanswered = false;
    return sent;
  }
  HttpResponseParser parser;
  char buffer[16384];
  while (!parser.done()) {
    Result<Socket::Arrival> arrival = socket_.Read(buffer, sizeof buffer, deadline);
    if (!arrival.ok()) return sent.ok() ? arrival.status() : sent;
    if (arrival->kind == Socket::Arrival::Kind::kTimeout) {
      *unanswered = false;
      return Status(ErrorCode::kTimeout, fmt::format("Request timeout: no answer within {} s",
                                                     timeouts_.request.count() / 1000.0));
    }
    if (arrival->kind != Socket::Arrival::Kind::kData) {
      if (!sent.ok() && parser.untouched()) return sent;
      KDB_RETURN_IF_ERROR(parser.End());
      break;
    }
    *unanswered = false;
    KDB_ASSIGN_OR_RETURN(const size_t used, parser.Feed({buffer, arrival->bytes}));
    if (used < arrival->bytes) {
      return Status(ErrorCode::kUnavailable, "the server sent more than its answer");
    }
  }
  HttpResponse response = parser.Take();
  if (!sent.ok()) response.keep_alive = false;
  return response;
}

}  // namespace kalamdb::client
