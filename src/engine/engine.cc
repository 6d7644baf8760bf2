#include "engine/engine.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/body_buffer.h"
#include "engine/error_reply.h"
#include "engine/result_json.h"
#include "engine/statement_runner.h"
#include "sql/parser.h"

namespace kalamdb::engine {

namespace {

// Rows that a statement may look at, and bytes that it may answer, on an I/O thread. Beyond either
// it starts again on a worker thread, where it holds nobody up.
constexpr size_t kInlineScanBudget = 512;
constexpr size_t kInlineReplyBytes = 128 << 10;
// Rows of RETURNING that the commit thread may write into an answer.
constexpr size_t kInlineReturningRows = 64;
// Longer texts are parsed on a worker.
constexpr size_t kInlineSqlBytes = 16 << 10;
// A streamed answer leaves in pieces of this size.
constexpr size_t kStreamChunkBytes = 64 << 10;
constexpr size_t kBatchMemoryBytes = 8 << 20;

constexpr std::string_view kBodyStart = "{\"results\":[";

// Not errors: the statement starts again where it may take longer.
bool BelongsOnWorker(ErrorCode code) {
  return code == ErrorCode::kNeedsPool || code == ErrorCode::kRetry ||
         code == ErrorCode::kNeedsAnalytics;
}

// Its only effect is its answer.
bool OnlyReads(const sql::Statement& statement) {
  return std::holds_alternative<sql::SelectPtr>(statement.body);
}

bool ReturningIsLong(const std::vector<shard::RowCommand>& rows) {
  size_t count = 0, bytes = 0;
  for (const shard::RowCommand& part : rows) {
    count += part.writes.size();
    for (const shard::RowWrite& w : part.writes) bytes += w.row.size();
  }
  return count > kInlineReturningRows || bytes > kInlineReplyBytes;
}

void AppendSuccessTail(std::string* body, double took) {
  body->append("],\"status\":\"success\",\"took\":");
  AppendTook(body, took);
  body->push_back('}');
}

}  // namespace

// One request from arrival to answer. Shared by whoever works on it.
struct Engine::Call {
  SqlRequest request;
  ReplyPtr reply;
  int64_t started_micros = 0;
  // EXECUTE AS USER that was allowed, and recorded, before the call moved to a worker.
  std::optional<Scope> impersonated;

  [[nodiscard]] Scope MakeScope() const {
    Scope scope;
    scope.user = scope.actor = request.user;
    scope.role = scope.actor_role = request.role;
    scope.ns = request.ns.empty() ? "default" : request.ns;
    scope.client_ip = request.client_ip;
    return scope;
  }
};

Engine::Engine(const EngineDeps& deps)
    : deps_(deps),
      cache_(deps.config->execution.sql_plan_cache_max_entries,
             deps.config->execution.sql_plan_cache_max_bytes,
             static_cast<int64_t>(deps.config->execution.sql_plan_cache_ttl_seconds) * 1'000'000) {}

Engine::~Engine() = default;

double Engine::Took(const Call& call) const {
  return static_cast<double>(deps_.clock->MonotonicMicros() - call.started_micros) / 1000.0;
}

void Engine::Limit(const Call& call, bool for_client, StopToken* stop) const {
  stop->LimitTime(deps_.clock, deps_.config->execution.handler_timeout_seconds);
  stop->WatchServer(deps_.stopping);
  if (for_client) stop->WatchClient(call.reply->gone());
}

void Engine::Finish(const CallPtr& call, std::string body) {
  const double took = Took(*call);
  if (took >= static_cast<double>(deps_.config->logging.slow_query_threshold_ms)) {
    deps_.log->Warn("sql", "slow statement, {:.0f} ms, user {}: {}", took, call->request.user,
                    RedactSecrets(std::string_view(call->request.sql).substr(0, 1000)));
  }
  AppendSuccessTail(&body, took);
  call->reply->Complete(200, std::move(body));
}

void Engine::Fail(const CallPtr& call, const Status& status, bool running, size_t number,
                  std::string_view text) {
  const ErrorReply reply =
      MakeErrorReply(status, running ? ErrorPhase::kRunning : ErrorPhase::kPreflight, number,
                     call->request.role, text, call->request.sql);
  if (status.code() == ErrorCode::kUnavailable) {
    deps_.log->Warn("sql", "statement of user {} not done: {}", call->request.user,
                    status.message());
  } else if (reply.http_status >= 500) {
    deps_.log->Error("sql", "statement of user {} failed: {}", call->request.user,
                     status.message());
  }
  call->reply->Complete(reply.http_status, ErrorBody(reply, Took(*call)));
}

void Engine::Execute(SqlRequest request, ReplyPtr reply) {
  auto call = std::make_shared<Call>();
  call->request = std::move(request);
  call->reply = std::move(reply);
  call->started_micros = deps_.clock->MonotonicMicros();
  if (deps_.activity != nullptr) deps_.activity->Touch();
  if (call->request.sql.size() > sql::kMaxSqlBytes) {
    Fail(call,
         InvalidSql(fmt::format("SQL query too long: {} bytes (maximum {} bytes)",
                                call->request.sql.size(), sql::kMaxSqlBytes)),
         false, 1, "");
    return;
  }
  Guard(call, [&] {
    if (!TryInline(call)) MoveToWorker(call);
  });
}

template <typename Step>
void Engine::Guard(const CallPtr& call, const Step& step) {
  try {
    step();
  } catch (const std::exception& e) {
    // A reply that was given already ignores this one; a stream that began is cut off when the call
    // goes.
    Fail(call, InternalError(e.what()), true, 1, "");
  }
}

bool Engine::TryInline(const CallPtr& call) {
  const SqlRequest& request = call->request;
  if (request.sql.size() > kInlineSqlBytes) return false;
  const int64_t now = call->started_micros;
  std::string key;
  StatementCache::AppendKey(&key, request.sql, request.ns, request.params);
  CachedStatementPtr cached = cache_.Find(key, now);
  Scope scope = call->MakeScope();
  if (cached == nullptr) {
    auto planned = PlanInline(*call, scope);
    if (!planned.ok()) return false;  // a worker finds the same error again, and reports it
    cached = *planned;
    // Texts with their values spelled out seldom come twice.
    const bool one_off_insert =
        cached->dml && cached->dml->kind() == query::DmlKind::kInsert && !request.has_params;
    if (!one_off_insert) cache_.Insert(std::move(key), cached, now);
  }
  if (cached->select ? cached->select->analytical() : cached->dml->analytical()) return false;
  if (Status bad = CheckParams(*deps_.config, request.params); !bad.ok()) {
    Fail(call, bad, true, 1, request.sql);
    return true;
  }
  if (cached->execute_as) {
    auto impersonated = ImpersonatedScope(deps_, scope, *cached->execute_as);
    if (!impersonated.ok()) {
      Fail(call, impersonated.status(), false, 1, request.sql);
      return true;
    }
    scope = std::move(*impersonated);
    call->impersonated = scope;
  }
  return cached->select ? RunInlineSelect(call, *cached, scope) : RunInlineDml(call, cached, scope);
}

Result<CachedStatementPtr> Engine::PlanInline(const Call& call, const Scope& scope) {
  const Status to_worker(ErrorCode::kNeedsPool, "");
  KDB_ASSIGN_OR_RETURN(const std::vector<std::string_view> texts,
                       sql::SplitBatch(call.request.sql));
  if (texts.size() != 1) return to_worker;
  KDB_ASSIGN_OR_RETURN(const sql::Statement statement,
                       sql::ParseStatement(texts[0], call.request.role));
  auto cached = std::make_shared<CachedStatement>();
  cached->execute_as = statement.execute_as;
  const StatementRunner runner(deps_);
  if (const auto* select = std::get_if<sql::SelectPtr>(&statement.body)) {
    KDB_ASSIGN_OR_RETURN(cached->select,
                         query::PlanSelect(**select, deps_.sources, deps_.analytics,
                                           runner.OptionsFor(scope, call.request.params)));
  } else {
    auto plan = runner.PlanDml(statement, scope, call.request.params);
    KDB_RETURN_IF_ERROR(plan.status());
    cached->dml = std::move(*plan);
  }
  return CachedStatementPtr(cached);
}

bool Engine::RunInlineSelect(const CallPtr& call, const CachedStatement& statement,
                             const Scope& scope) {
  std::string body(kBodyStart);
  RowResultWriter rows(&body, !IsAdmin(scope.role), [](std::string* b) {
    return b->size() > kInlineReplyBytes ? Status(ErrorCode::kNeedsPool, "") : Status();
  });
  const StatementRunner runner(deps_);
  query::RunContext context = runner.ContextFor(scope, call->request.params);
  context.scan_budget = kInlineScanBudget;
  if (statement.select->needs_snapshot()) context.snapshot = deps_.sources.store->GetSnapshot();
  bool truncated = false;
  const Status status = statement.select->Run(context, rows, &truncated);
  if (BelongsOnWorker(status.code())) return false;
  if (!status.ok()) {
    Fail(call, status, true, 1, call->request.sql);
    return true;
  }
  rows.End(scope.user, truncated);
  Finish(call, std::move(body));
  return true;
}

bool Engine::RunInlineDml(const CallPtr& call, const CachedStatementPtr& statement,
                          const Scope& scope) {
  if (Status bad = CheckImpersonatedWrite(scope, *statement->dml->table()); !bad.ok()) {
    Fail(call, bad, true, 1, call->request.sql);
    return true;
  }
  const StatementRunner runner(deps_);
  query::RunContext context = runner.ContextFor(scope, call->request.params);
  context.scan_budget = kInlineScanBudget;
  if (statement->dml->needs_snapshot()) context.snapshot = deps_.sources.store->GetSnapshot();
  Result<query::PreparedDml> prepared = statement->dml->Prepare(context);
  if (BelongsOnWorker(prepared.code())) return false;
  if (!prepared.ok()) {
    Fail(call, prepared.status(), true, 1, call->request.sql);
    return true;
  }
  // The answer is written on the commit thread, where every other write waits for it.
  if (prepared->returning() && ReturningIsLong(prepared->rows)) return false;
  shard::Command command;
  command.rows = std::move(prepared->rows);
  command.done = [this, call, prepared = std::move(*prepared), user = scope.user,
                  role = scope.role](const shard::CommandOutcome& outcome) {
    Guard(call, [&] { AnswerDml(call, prepared, outcome, user, role); });
  };
  if (command.rows.empty()) {
    command.done({});
  } else {
    deps_.executor->Submit(std::move(command));
  }
  return true;
}

void Engine::AnswerDml(const CallPtr& call, const query::PreparedDml& prepared,
                       const shard::CommandOutcome& outcome, const std::string& user, Role role) {
  if (outcome.status.code() == ErrorCode::kRetry) {
    MoveToWorker(call);  // selects its rows again, where it may wait
    return;
  }
  if (!outcome.status.ok()) {
    Fail(call, outcome.status, true, 1, call->request.sql);
    return;
  }
  std::string body(kBodyStart);
  if (prepared.returning()) {
    RowResultWriter rows(&body, !IsAdmin(role), nullptr);
    query::RunContext context;
    context.user = user;
    context.role = role;
    context.params = call->request.params;
    context.now_micros = deps_.clock->WallMicros();
    if (Status bad = prepared.EmitRows(context, outcome.rows, rows); !bad.ok()) {
      Fail(call, bad, true, 1, call->request.sql);
      return;
    }
    rows.End(user, false);
  } else {
    const uint64_t count = prepared.ChangedRows(outcome);
    AppendMessageResult(&body, count, AffectedMessage(AffectedKind(prepared.kind), count), user);
  }
  Finish(call, std::move(body));
}

void Engine::MoveToWorker(const CallPtr& call) {
  if (!deps_.pool->Submit([this, call] { Guard(call, [&] { RunOnWorker(call); }); })) {
    Fail(call, Status(ErrorCode::kUnavailable, "too many statements are waiting; retry"), false, 1,
         "");
  }
}

Status Engine::Parse(const Call& call, std::vector<sql::Statement>* statements) const {
  KDB_ASSIGN_OR_RETURN(const std::vector<std::string_view> texts,
                       sql::SplitBatch(call.request.sql));
  if (texts.size() > 1 && call.request.has_params) {
    return {ErrorCode::kParamsWithBatch, "Parameters not supported with multi-statement batches"};
  }
  for (const std::string_view text : texts) {
    const auto offset = static_cast<size_t>(text.data() - call.request.sql.data());
    Result<sql::Statement> statement = sql::ParseStatement(text, call.request.role);
    if (!statement.ok()) return Status(statement.status()).Shifted(offset);
    statement->offset = offset;
    statements->push_back(std::move(*statement));
  }
  return {};
}

void Engine::RunOnWorker(const CallPtr& call) {
  std::vector<sql::Statement> statements;
  if (Status bad = Parse(*call, &statements); !bad.ok()) {
    Fail(call, bad, false, 1, call->request.sql);
    return;
  }
  // What is not supported yet is refused before anything of its batch runs.
  for (size_t i = 0; i < statements.size(); ++i) {
    const auto& body = statements[i].body;
    std::string_view what;
    if (const auto* unsupported = std::get_if<sql::Unsupported>(&body)) what = unsupported->what;
    if (std::holds_alternative<sql::Begin>(body) || std::holds_alternative<sql::Commit>(body) ||
        std::holds_alternative<sql::Rollback>(body)) {
      what = "an explicit transaction";
    }
    if (!what.empty()) {
      Fail(call, NotImplemented(fmt::format("{} is not supported yet", what)), true, i + 1,
           statements[i].text);
      return;
    }
  }
  if (statements.size() == 1) {
    RunOne(call, std::move(statements[0]));
  } else {
    RunBatch(call, std::move(statements));
  }
}

void Engine::RunOne(const CallPtr& call, sql::Statement statement) {
  Scope scope = call->MakeScope();
  if (call->impersonated) {
    scope = *call->impersonated;
  } else if (statement.execute_as) {
    auto impersonated = ImpersonatedScope(deps_, scope, *statement.execute_as);
    if (!impersonated.ok()) {
      Fail(call, impersonated.status(), false, 1, statement.text);
      return;
    }
    scope = std::move(*impersonated);
  }
  // What RETURNING tells of was done: its time is no reason to keep it back.
  const bool reads = OnlyReads(statement);
  StopToken stop;
  Limit(*call, reads, &stop);
  std::string body(kBodyStart);
  bool streaming = false;
  RowResultWriter rows(&body, !IsAdmin(scope.role), [&](std::string* b) {
    if (b->size() < kStreamChunkBytes) return Status();
    if (!streaming) {
      streaming = true;
      if (!call->reply->Begin(200)) return Status(ErrorCode::kUnavailable, "client gone");
    }
    std::string chunk;
    chunk.swap(*b);
    b->reserve(kStreamChunkBytes + 4096);
    const bool taken = reads ? call->reply->WriteUntil(std::move(chunk), &stop)
                             : call->reply->Write(std::move(chunk));
    if (!taken) return Status(ErrorCode::kUnavailable, "client gone");
    return reads ? stop.Check() : Status();
  });
  bool truncated = false;
  StatementRunner runner(deps_);
  Result<StatementResult> result =
      runner.Run(statement, &scope, call->request.params, rows, &truncated, stop);
  if (!result.ok() && !streaming) {
    Fail(call, Status(result.status()).Shifted(statement.offset), true, 1, statement.text);
    return;
  }
  if (result.ok() && result->kind != StatementResult::Kind::kRows) {
    const bool message = result->kind == StatementResult::Kind::kMessage;
    AppendMessageResult(&body, message ? 0 : result->count,
                        message ? result->message : AffectedMessage(result->kind, result->count),
                        scope.user);
    Finish(call, std::move(body));
    return;
  }
  rows.End(scope.user, truncated);
  if (!streaming) {
    Finish(call, std::move(body));
    return;
  }
  if (result.ok()) {
    AppendSuccessTail(&body, Took(*call));
  } else {
    // The status line is long gone: the error stands in the body, behind the rows that were sent.
    const ErrorReply error =
        MakeErrorReply(Status(result.status()).Shifted(statement.offset), ErrorPhase::kRunning, 1,
                       call->request.role, statement.text, call->request.sql);
    body += "],\"status\":\"error\",\"took\":";
    AppendTook(&body, Took(*call));
    body += ',';
    AppendErrorObject(&body, error);
    body += '}';
  }
  if (call->reply->WriteUntil(std::move(body), &stop)) call->reply->End();
}

void Engine::RunBatch(const CallPtr& call, std::vector<sql::Statement> statements) {
  const Scope actor = call->MakeScope();
  Scope scope = actor;
  BodyBuffer body(deps_.config->storage.data_path + "/tmp", kBatchMemoryBytes);
  body.tail()->append(kBodyStart);
  bool first = true;
  uint64_t affected[3] = {0, 0, 0};
  StatementRunner runner(deps_);
  const bool reads = std::all_of(statements.begin(), statements.end(), OnlyReads);
  for (size_t i = 0; i < statements.size(); ++i) {
    const sql::Statement& statement = statements[i];
    Scope run_as = scope;
    if (statement.execute_as) {
      auto impersonated = ImpersonatedScope(deps_, scope, *statement.execute_as);
      if (!impersonated.ok()) {
        Fail(call, impersonated.status(), false, i + 1, statement.text);
        return;
      }
      run_as = std::move(*impersonated);
    }
    // Taken back below when the statement adds no result of its own.
    const size_t comma = first ? 0 : 1;
    body.tail()->append(comma, ',');
    RowResultWriter rows(body.tail(), !IsAdmin(run_as.role),
                         [&](std::string*) { return body.Settle(); });
    bool truncated = false;
    StopToken stop;
    Limit(*call, reads, &stop);
    Result<StatementResult> result = runner.Run(statement, &run_as, {}, rows, &truncated, stop);
    if (!result.ok()) {
      Fail(call, Status(result.status()).Shifted(statement.offset), true, i + 1, statement.text);
      return;
    }
    if (std::holds_alternative<sql::UseNamespace>(statement.body)) scope.ns = run_as.ns;
    switch (result->kind) {
      case StatementResult::Kind::kRows:
        rows.End(run_as.user, truncated);
        first = false;
        break;
      case StatementResult::Kind::kMessage:
        AppendMessageResult(body.tail(), 0, result->message, run_as.user);
        first = false;
        break;
      default:
        body.tail()->resize(body.tail()->size() - comma);
        affected[static_cast<size_t>(result->kind) -
                 static_cast<size_t>(StatementResult::Kind::kInserted)] += result->count;
    }
    if (Status bad = body.Settle(); !bad.ok()) {
      Fail(call, bad, true, i + 1, statement.text);
      return;
    }
  }
  for (size_t k = 0; k < 3; ++k) {
    if (affected[k] == 0) continue;
    const auto kind = static_cast<StatementResult::Kind>(
        static_cast<size_t>(StatementResult::Kind::kInserted) + k);
    if (!first) body.tail()->push_back(',');
    first = false;
    AppendMessageResult(body.tail(), affected[k], AffectedMessage(kind, affected[k]), actor.user);
  }
  AppendSuccessTail(body.tail(), Took(*call));
  body.SendTo(200, *call->reply);
}

}  // namespace kalamdb::engine
