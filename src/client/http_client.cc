// Requests with a length, answers by HttpResponseParser.
#include "client/http_client.h"

#include <fmt/format.h>

#include <algorithm>

namespace kalamdb::client {
namespace {

// A shorter body leaves together with the head.
constexpr size_t kSmallBodyBytes = 16u << 10;
constexpr size_t kPieceBytes = 64u << 10;

std::string Head(const Endpoint& endpoint, const HttpRequest& request) {
  std::string out =
      fmt::format("{} {}{} HTTP/1.1\r\nHost: {}\r\nAccept: application/json\r\n", request.method,
                  endpoint.prefix, request.path, endpoint.Authority());
  if (!request.bearer.empty()) out += "Authorization: Bearer " + request.bearer + "\r\n";
  if (request.method != "GET") {
    if (!request.body.empty()) out += "Content-Type: " + request.content_type + "\r\n";
    out += fmt::format("Content-Length: {}\r\n", request.body.size());
  }
  out += "\r\n";
  return out;
}

}  // namespace

Result<HttpResponse> HttpClient::Send(const HttpRequest& request) {
  // A token or path with a line end would become headers of its own.
  if ((request.bearer + request.path).find_first_of("\r\n") != std::string::npos) {
    return Status(ErrorCode::kInvalidInput,
                  "Configuration error: a token or path holds a line end");
  }
  const Deadline deadline = In(timeouts_.request + request.extra_wait);
  for (int attempt = 0;; ++attempt) {
    if (socket_.IsOpen() && socket_.IsStale()) socket_.Close();
    const bool reused = socket_.IsOpen();
    if (!reused) {
      KDB_ASSIGN_OR_RETURN(
          socket_, Socket::Connect(endpoint_, std::min(timeouts_.connect, timeouts_.request)));
    }
    bool unanswered = false;
    Result<HttpResponse> response = Exchange(request, deadline, &unanswered);
    if (response.ok()) {
      if (!response->keep_alive) socket_.Close();
      return response;
    }
    socket_.Close();
    if (!(reused && unanswered && request.idempotent && attempt == 0)) return response;
  }
}

Status HttpClient::Write(const HttpRequest& request, Deadline deadline) {
  std::string head = Head(endpoint_, request);
  std::string_view body;
  if (request.method != "GET") body = request.body;
  if (body.size() <= kSmallBodyBytes) {
    head += body;
    return socket_.Write(head, deadline);
  }
  KDB_RETURN_IF_ERROR(socket_.Write(head, deadline));
  for (size_t sent = 0; sent < body.size();) {
    const std::string_view piece = body.substr(sent, kPieceBytes);
    KDB_RETURN_IF_ERROR(socket_.Write(piece, deadline));
    sent += piece.size();
    if (request.progress) request.progress(sent);
  }
  return Status::Ok();
}

Result<HttpResponse> HttpClient::Exchange(const HttpRequest& request, Deadline deadline,
                                          bool* unanswered) {
  *unanswered = true;
  // A server may answer and close before it has read everything (a body over its limit): look for
  // that answer.
  const Status sent = Write(request, std::min(deadline, In(timeouts_.send)));
  if (sent.code() == ErrorCode::kTimeout) {
    *unanswered = false;
    return sent;
  }
  HttpResponseParser parser;
  char buffer[16384];
  while (!parser.done()) {
    const Deadline silence = In(timeouts_.receive + request.extra_wait);
    Result<Socket::Arrival> arrival =
        socket_.Read(buffer, sizeof buffer, std::min(deadline, silence), interrupt_fd_);
    if (!arrival.ok()) return sent.ok() ? arrival.status() : sent;
    if (arrival->kind == Socket::Arrival::Kind::kInterrupted) {
      *unanswered = false;
      return Status(ErrorCode::kInvalidOperation,
                    "Command cancelled; the server may have carried it out");
    }
    if (arrival->kind == Socket::Arrival::Kind::kTimeout) {
      *unanswered = false;
      const auto& waited = silence < deadline ? timeouts_.receive : timeouts_.request;
      return Status(ErrorCode::kTimeout,
                    fmt::format("Request timeout: no answer within {} s", waited.count() / 1000.0));
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
