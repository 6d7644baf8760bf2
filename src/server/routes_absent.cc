// Routes of the protocol that this version does not serve: callers with a right to ask get a clear
// refusal in the shape of that route, everybody else what the route would say to them.
#include "server/bearer.h"
#include "server/router.h"

namespace kalamdb::server {

namespace {

class AbsentRoute final : public Route {
 public:
  enum class Shape : uint8_t { kTopics, kEnvelope };
  AbsentRoute(Shape shape, std::string_view what) : shape_(shape), what_(what) {}

  std::optional<Response> Admit(Exchange* exchange) const override {
    return RequireBearer(exchange);
  }
  [[nodiscard]] size_t body_limit(const RequestHead&) const override { return 2097152; }
  [[nodiscard]] Response RefuseBody(const Exchange&, BodyFault fault) const override {
    return Response::Text(fault == BodyFault::kTooLarge ? 413 : 400, "Payload error");
  }
  void Handle(Exchange* x) const override {
    const std::string message = fmt::format("{} are not supported by this version", what_);
    if (shape_ == Shape::kEnvelope) {
      return x->Answer(EnvelopeError(*x, 501, "NOT_IMPLEMENTED", message));
    }
    if (x->identity.role < Role::kService) {
      return x->Answer(Response::Json(
          403, R"({"error":"Topics need the role service, dba or system","code":"FORBIDDEN"})"));
    }
    x->Answer(
        Response::Json(501, fmt::format(R"({{"error":"{}","code":"NOT_IMPLEMENTED"}})", message)));
  }

 private:
  const Shape shape_;
  const std::string_view what_;  // plural
};

}  // namespace

void AddAbsentRoutes(Router* router) {
  using Shape = AbsentRoute::Shape;
  router->Add(Method::kPost, "/v1/api/topics/consume",
              std::make_unique<AbsentRoute>(Shape::kTopics, "Topics"));
  router->Add(Method::kPost, "/v1/api/topics/ack",
              std::make_unique<AbsentRoute>(Shape::kTopics, "Topics"));
  router->AddPrefix(Method::kGet, "/v1/files/",
                    std::make_unique<AbsentRoute>(Shape::kEnvelope, "File downloads"));
  router->AddPrefix(Method::kGet, "/v1/exports/",
                    std::make_unique<AbsentRoute>(Shape::kEnvelope, "Export downloads"));
}

}  // namespace kalamdb::server
