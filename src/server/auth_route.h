// Base of the /v1/api/auth routes: body rules, the shared rate limit, and work that moves to a
// worker thread.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "server/auth_answers.h"
#include "server/reply_channel.h"
#include "server/route.h"
#include "server/server_context.h"

namespace kalamdb::server {

class AuthRoute : public Route {
 public:
  [[nodiscard]] size_t body_limit(const RequestHead&) const override { return 2097152; }
  [[nodiscard]] Response RefuseBody(const Exchange&, BodyFault fault) const override {
    return fault == BodyFault::kTooLarge ? Response::Text(413, "JSON payload is too large")
                                         : Response::Text(400, "Content encoding error");
  }

 protected:
  static Response BadBody(const Status& status) { return Response::Text(400, status.message()); }
  // The bucket that login, refresh and setup share, by client address; loopback is not exempt.
  static bool WithinRate(const Exchange& exchange) {
    return exchange.context->auth_limiter.Allow(exchange.client.ToString(), IoLoop::NowMillis());
  }
  static Response RateLimited(std::string_view what) {
    return AuthError(429, "rate_limited",
                     fmt::format("Too many {} attempts. Please retry shortly.", what));
  }
  // `work` runs on a worker thread and makes the answer.
  static void AnswerFromWorker(Exchange* exchange, std::function<Response()> work) {
    engine::WorkerPool* workers = exchange->context->deps.workers;
    std::shared_ptr<ReplyChannel> channel = exchange->Defer();
    if (!workers->Submit([channel, work = std::move(work)] { channel->Complete(work()); })) {
      channel->Complete(AuthError(503, "internal_error", "The server is busy"));
    }
  }
};

}  // namespace kalamdb::server
