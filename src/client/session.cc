// The auth routes and POST /v1/api/sql.
#include "client/session.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json_text.h"
#include "client/json.h"
#include "client/statement_split.h"
#include "client/text.h"

namespace kalamdb::client {
namespace {

std::string Member(std::string_view name, std::string_view value) {
  std::string out;
  AppendJsonString(&out, name);
  out += ':';
  AppendJsonString(&out, value);
  return out;
}

// The URL behind "Leader:", also in the form Some("http://..."); empty when there is none.
std::string LeaderUrl(std::string_view text) {
  const size_t at = text.find("Leader:");
  if (at == std::string_view::npos) return {};
  text.remove_prefix(at);
  const size_t url = std::min(text.find("http://"), text.find("https://"));
  if (url == std::string_view::npos) return {};
  text.remove_prefix(url);
  return std::string(text.substr(0, text.find_first_of(" \t\r\n\"'),;")));
}

}  // namespace

bool IsReadOnlyText(std::string_view sql) {
  if (SplitStatements(sql).size() != 1) return false;
  const std::string_view text = Trim(sql);
  const std::string word = AsciiLower(text.substr(0, text.find_first_of(" \t\r\n(*")));
  return word == "select" || word == "show" || word == "describe" || word == "desc" ||
         word == "explain";
}

Result<HttpResponse> Session::PostJson(std::string_view path, std::string body) {
  HttpRequest request;
  request.method = "POST";
  request.path = path;
  request.body = std::move(body);
  return http_.Send(request);
}

Status Session::ReadTokens(const HttpResponse& response) {
  const Result<boost::json::value> document = ParseJson(response.body);
  if (!document.ok() || !document->is_object()) {
    return {ErrorCode::kUnavailable, "the server's answer to the login is no JSON object"};
  }
  const boost::json::object& root = document->get_object();
  Tokens tokens;
  tokens.access_token = StringMember(root, "access_token");
  tokens.expires_at = StringMember(root, "expires_at");
  tokens.refresh_token = StringMember(root, "refresh_token");
  tokens.refresh_expires_at = StringMember(root, "refresh_expires_at");
  if (const boost::json::object* user = ObjectMember(root, "user")) {
    tokens.user = StringMember(*user, "id");
    tokens.role = StringMember(*user, "role");
  }
  if (tokens.access_token.empty()) {
    return {ErrorCode::kUnavailable, "the server's answer to the login holds no token"};
  }
  tokens_ = std::move(tokens);
  return Status::Ok();
}

Status Session::Login(std::string_view user, std::string_view password) {
  setup_required_ = false;
  KDB_ASSIGN_OR_RETURN(const HttpResponse response,
                       PostJson("/v1/api/auth/login", "{" + Member("user", user) + "," +
                                                          Member("password", password) + "}"));
  if (response.status == 200) return ReadTokens(response);
  setup_required_ = response.status == 428;
  const std::string text = ErrorText(response.body);
  const bool invalid = text.find("Invalid credentials") != std::string::npos;
  return {ErrorCode::kUnauthorized,
          fmt::format("Login failed: {}", invalid ? "invalid credentials" : text)};
}

Status Session::Refresh() {
  if (tokens_.refresh_token.empty()) {
    return {ErrorCode::kUnauthorized, "there is no refresh token"};
  }
  HttpRequest request;
  request.method = "POST";
  request.path = "/v1/api/auth/refresh";
  request.bearer = tokens_.refresh_token;
  KDB_ASSIGN_OR_RETURN(const HttpResponse response, http_.Send(request));
  if (response.status == 200) return ReadTokens(response);
  return {ErrorCode::kUnauthorized, fmt::format("Refresh failed: {}", ErrorText(response.body))};
}

Status Session::SetUp(std::string_view user, std::string_view password,
                      std::string_view root_password, std::string_view email) {
  std::string body = "{" + Member("user", user) + "," + Member("password", password) + "," +
                     Member("root_password", root_password);
  if (!email.empty()) body += "," + Member("email", email);
  KDB_ASSIGN_OR_RETURN(const HttpResponse response, PostJson("/v1/api/auth/setup", body + "}"));
  if (response.status == 200) return Status::Ok();
  if (response.status == 409)
    return {ErrorCode::kAlreadyExists, "the server is already configured"};
  return {ErrorCode::kInvalidInput,
          fmt::format("Server error ({}): {}", response.status, ErrorText(response.body))};
}

Result<bool> Session::NeedsSetup() {
  KDB_ASSIGN_OR_RETURN(const HttpResponse response, Get("/v1/api/auth/status"));
  const Result<boost::json::value> document = ParseJson(response.body);
  if (response.status != 200 || !document.ok() || !document->is_object()) {
    return Status(ErrorCode::kUnavailable,
                  fmt::format("Server error ({}): {}", response.status, ErrorText(response.body)));
  }
  return BoolMember(document->get_object(), "needs_setup");
}

Result<SqlReply> Session::Execute(std::string_view sql, const boost::json::array& params,
                                  std::string_view namespace_id) {
  HttpRequest request;
  request.body = "{" + Member("sql", sql);
  if (!params.empty()) {
    request.body += ",\"params\":";
    AppendCompactJson(&request.body, params);
  }
  if (!namespace_id.empty()) request.body += "," + Member("namespace_id", namespace_id);
  request.body += '}';
  request.idempotent = IsReadOnlyText(sql);
  return PostSql(std::move(request));
}

Result<SqlReply> Session::PostSql(HttpRequest request) {
  request.method = "POST";
  request.path = "/v1/api/sql";
  for (int attempt = 0;; ++attempt) {
    request.bearer = tokens_.access_token;
    KDB_ASSIGN_OR_RETURN(const HttpResponse response, http_.Send(request));
    Result<SqlReply> reply = ParseSqlReply(response.status, response.body);
    if (!reply.ok() || reply->ok() || reply->error->code != "TOKEN_EXPIRED" || attempt > 0 ||
        tokens_.refresh_token.empty()) {
      return reply;
    }
    if (!Refresh().ok()) return reply;
    if (on_refresh_) on_refresh_(tokens_);
  }
}

Result<SqlReply> Session::ExecuteForm(Form form, std::function<void(size_t)> progress) {
  HttpRequest request;
  request.content_type = std::move(form.content_type);
  request.body = std::move(form.body);
  request.progress = std::move(progress);
  Result<SqlReply> reply = PostSql(request);
  if (!reply.ok() || reply->ok()) return reply;
  std::string leader = LeaderUrl(reply->error->message);
  if (leader.empty()) leader = LeaderUrl(reply->error->details);
  if (leader.empty()) return reply;
  Result<Endpoint> endpoint = ParseServerUrl(leader);
  // A token that travels under TLS goes nowhere without it.
  if (!endpoint.ok() || (http_.endpoint().tls && !endpoint->tls)) return reply;
  HttpClient elsewhere(endpoint.Take(), http_.timeouts());
  request.method = "POST";
  request.path = "/v1/api/sql";
  request.bearer = tokens_.access_token;
  KDB_ASSIGN_OR_RETURN(const HttpResponse response, elsewhere.Send(request));
  return ParseSqlReply(response.status, response.body);
}

Result<SqlReply> Session::Query(std::string_view sql, const boost::json::array& params) {
  Result<SqlReply> reply = Execute(sql, params);
  if (reply.ok() && !reply->ok()) return reply->ToStatus();
  return reply;
}

Result<HttpResponse> Session::Post(std::string_view path, std::string body,
                                   std::chrono::milliseconds wait) {
  HttpRequest request;
  request.method = "POST";
  request.path = path;
  request.body = std::move(body);
  request.extra_wait = wait;
  request.bearer = tokens_.access_token;
  Result<HttpResponse> response = http_.Send(request);
  if (!response.ok() || response->status != 401 || !Refresh().ok()) return response;
  if (on_refresh_) on_refresh_(tokens_);
  request.bearer = tokens_.access_token;
  return http_.Send(request);
}

Result<HttpResponse> Session::Get(std::string_view path) {
  HttpRequest request;
  request.path = path;
  request.idempotent = true;
  return http_.Send(request);
}

}  // namespace kalamdb::client
