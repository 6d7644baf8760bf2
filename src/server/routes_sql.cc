// POST /v1/api/sql: token, rate, body; the statement itself is the engine's.
#include "server/bearer.h"
#include "server/reply_channel.h"
#include "server/router.h"
#include "server/server_context.h"
#include "server/sql_body.h"

namespace kalamdb::server {

namespace {

constexpr size_t kMaxJsonBody = 2097152;

std::string_view MediaType(const RequestHead& head) {
  const std::string_view type = head.value(Header::kContentType);
  return TrimBlanks(type.substr(0, type.find(';')));
}

bool IsJson(std::string_view media_type) {
  return EqualsIgnoreCase(media_type, "application/json") ||
         (media_type.size() > 5 &&
          EqualsIgnoreCase(media_type.substr(media_type.size() - 5), "+json"));
}

bool IsForm(const RequestHead& head) {
  return StartsWithIgnoreCase(head.value(Header::kContentType), "multipart/form-data");
}

class SqlRoute final : public Route {
 public:
  std::optional<Response> Admit(Exchange* x) const override {
    if (auto refusal = RequireBearer(x)) return refusal;
    if (!x->context->sql_limiter.Allow(x->identity.user, IoLoop::NowMillis())) {
      return EnvelopeError(*x, 429, "RATE_LIMIT_EXCEEDED",
                           "Too many queries per second. Please slow down.");
    }
    return std::nullopt;
  }

  [[nodiscard]] size_t body_limit(const RequestHead& head) const override {
    // The protection layer has its own, configured bound for bodies with a length.
    return IsForm(head) ? kMaxFormBody : kMaxJsonBody;
  }

  [[nodiscard]] Response RefuseBody(const Exchange& x, BodyFault fault) const override {
    return EnvelopeError(x, 400, "INVALID_INPUT",
                         fault == BodyFault::kTooLarge
                             ? fmt::format("Request body exceeds {} bytes", body_limit(x.head))
                             : std::string("Content-Encoding is not understood"));
  }

  void Handle(Exchange* x) const override {
    SqlBody body;
    Status status;
    if (IsForm(x->head)) {
      status = ParseSqlForm(x->head.value(Header::kContentType), x->body, &body);
    } else if (IsJson(MediaType(x->head))) {
      status = ParseSqlJson(x->body, &body);
    } else {
      status = Status(ErrorCode::kInvalidInput, "Content-Type must be application/json");
    }
    if (!status.ok()) {
      return x->Answer(EnvelopeError(*x, 400, WireCode(status.code()), status.message()));
    }
    engine::SqlRequest request;
    request.sql = std::move(body.sql);
    request.params = std::move(body.params);
    request.has_params = body.has_params;
    request.ns = std::move(body.ns);
    request.user = std::move(x->identity.user);
    request.role = x->identity.role;
    request.client_ip = x->client.ToString();
    request.request_id = x->head.value(Header::kRequestId);
    x->context->deps.sql->Execute(std::move(request), std::make_shared<SqlReply>(x->Defer()));
  }

 private:
  static constexpr size_t kMaxFormBody = 10485760;

  static std::string_view WireCode(ErrorCode code) {
    switch (code) {
      case ErrorCode::kInvalidParameter:
        return "INVALID_PARAMETER";
      case ErrorCode::kParameterBinding:
        return "SQL_EXECUTION_ERROR";
      case ErrorCode::kInvalidSql:
        return "INVALID_SQL";
      case ErrorCode::kEmptySql:
        return "EMPTY_SQL";
      default:
        return "INVALID_INPUT";
    }
  }
};

}  // namespace

void AddSqlRoute(Router* router) {
  router->Add(Method::kPost, "/v1/api/sql", std::make_unique<SqlRoute>());
}

}  // namespace kalamdb::server
