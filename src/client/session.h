// One user's way to a server over HTTP: tokens and SQL.
#pragma once

#include <boost/json/array.hpp>
#include <functional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "client/file_calls.h"
#include "client/http_client.h"
#include "client/sql_reply.h"

namespace kalamdb::client {

struct Tokens {
  std::string user;
  std::string role;
  std::string access_token;
  std::string expires_at;  // RFC 3339, as the server wrote it
  std::string refresh_token;
  std::string refresh_expires_at;
};

// Not for two threads at once.
class Session {
 public:
  Session(Endpoint endpoint, Timeouts timeouts) : http_(std::move(endpoint), timeouts) {}

  // kUnauthorized "Login failed: ..." when the server refuses; setup_required() tells 428 apart.
  Status Login(std::string_view user, std::string_view password);
  // Trades the refresh token for new tokens.
  Status Refresh();
  // The first account of a fresh server; log in afterwards.
  Status SetUp(std::string_view user, std::string_view password, std::string_view root_password,
               std::string_view email);
  Result<bool> NeedsSetup();
  // The last Login() was answered with 428: the server has no root password yet.
  [[nodiscard]] bool setup_required() const { return setup_required_; }

  void SetTokens(Tokens tokens) { tokens_ = std::move(tokens); }
  [[nodiscard]] const Tokens& tokens() const { return tokens_; }
  // Called with the new tokens after a refresh that a request needed.
  void OnRefresh(std::function<void(const Tokens&)> listener) { on_refresh_ = std::move(listener); }

  // Runs one or more statements. A refusal of the server is a reply with `error`; only the network
  // and answers that are no SQL reply are errors here. An expired token is renewed once when there
  // is a refresh token. Statements that only read are sent again when a kept connection turns out
  // to be closed.
  Result<SqlReply> Execute(std::string_view sql, const boost::json::array& params = {},
                           std::string_view namespace_id = {});
  // Runs one statement whose FILE("...") placeholders are the parts of `form`. An answer that names
  // another server as the leader is followed once. `progress` as in HttpRequest.
  Result<SqlReply> ExecuteForm(Form form, std::function<void(size_t)> progress = {});
  // Execute, with a refusal of the server as an error too.
  Result<SqlReply> Query(std::string_view sql, const boost::json::array& params = {});

  // POST with the token to another route; the token is renewed once. The server may take `wait`
  // longer than a request otherwise. Any complete answer is a value.
  Result<HttpResponse> Post(std::string_view path, std::string body,
                            std::chrono::milliseconds wait = {});
  // GET without credentials: the health probes.
  Result<HttpResponse> Get(std::string_view path);

  // Requests give up waiting for their answers once `fd` is readable; -1: never.
  void SetInterrupt(int fd) { http_.SetInterrupt(fd); }

  [[nodiscard]] const HttpClient& http() const { return http_; }

 private:
  Result<HttpResponse> PostJson(std::string_view path, std::string body);
  // Sends to /v1/api/sql with the token; renews it once.
  Result<SqlReply> PostSql(HttpRequest request);
  Status ReadTokens(const HttpResponse& response);

  HttpClient http_;
  Tokens tokens_;
  std::function<void(const Tokens&)> on_refresh_;
  bool setup_required_ = false;
};

// True for text that begins with SELECT, SHOW, DESCRIBE or EXPLAIN and holds one statement.
bool IsReadOnlyText(std::string_view sql);

}  // namespace kalamdb::client
