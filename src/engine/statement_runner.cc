#include "engine/statement_runner.h"

#include <fmt/format.h>

#include "engine/ddl.h"
#include "engine/show_statements.h"
#include "engine/user_statements.h"
#include "sql/names.h"

namespace kalamdb::engine {

namespace {

// How often a statement selects its rows again because others changed them first.
constexpr int kMaxAttempts = 32;

template <typename... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};
template <typename... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

Result<StatementResult> Message(Result<std::string> text) {
  KDB_RETURN_IF_ERROR(text.status());
  StatementResult r;
  r.kind = StatementResult::Kind::kMessage;
  r.message = std::move(*text);
  return r;
}

Result<StatementResult> Rows(Status status, const RowResultWriter& rows) {
  KDB_RETURN_IF_ERROR(status);
  StatementResult r;
  r.kind = StatementResult::Kind::kRows;
  r.count = rows.rows();
  return r;
}

Status AdminOnly(const Scope& scope, std::string_view what) {
  if (IsAdmin(scope.role)) return {};
  return Unauthorized(fmt::format("{} requires DBA or System role", what));
}

}  // namespace

std::string AffectedMessage(StatementResult::Kind kind, uint64_t count) {
  const std::string_view verb = kind == StatementResult::Kind::kInserted  ? "Inserted"
                                : kind == StatementResult::Kind::kUpdated ? "Updated"
                                                                          : "Deleted";
  return fmt::format("{} {} row(s)", verb, count);
}

StatementResult::Kind AffectedKind(query::DmlKind kind) {
  switch (kind) {
    case query::DmlKind::kInsert:
      return StatementResult::Kind::kInserted;
    case query::DmlKind::kUpdate:
      return StatementResult::Kind::kUpdated;
    default:
      return StatementResult::Kind::kDeleted;
  }
}

query::PlanOptions StatementRunner::OptionsFor(const Scope& scope,
                                               std::span<const Value> params) const {
  query::PlanOptions options;
  options.default_ns = scope.ns;
  options.params = params;
  options.default_limit = deps_.config->limits.default_query_limit;
  options.max_limit = deps_.config->limits.max_query_limit;
  return options;
}

query::RunContext StatementRunner::ContextFor(const Scope& scope,
                                              std::span<const Value> params) const {
  query::RunContext context;
  context.user = scope.user;
  context.role = scope.role;
  context.params = params;
  context.now_micros = deps_.clock->WallMicros();
  return context;
}

Result<query::DmlPlanPtr> StatementRunner::PlanDml(const sql::Statement& statement,
                                                   const Scope& scope,
                                                   std::span<const Value> params,
                                                   bool analytical) const {
  query::PlanOptions options = OptionsFor(scope, params);
  if (analytical) options.engine = query::EngineChoice::kAnalyticsOnly;
  Result<query::DmlPlanPtr> plan = InternalError("not a DML statement");
  if (const auto* insert = std::get_if<sql::Insert>(&statement.body)) {
    plan = query::PlanInsert(*insert, deps_.sources, deps_.analytics, options);
  } else if (const auto* update = std::get_if<sql::Update>(&statement.body)) {
    plan = query::PlanUpdate(*update, deps_.sources, deps_.analytics, options);
  } else if (const auto* del = std::get_if<sql::Delete>(&statement.body)) {
    plan = query::PlanDelete(*del, deps_.sources, deps_.analytics, options);
  }
  return plan;
}

Result<StatementResult> StatementRunner::RunSelect(const sql::Select& select,
                                                   query::SelectPlanPtr plan, const Scope& scope,
                                                   std::span<const Value> params,
                                                   RowResultWriter& rows, bool* truncated,
                                                   const StopToken& stop) {
  query::RunContext context = ContextFor(scope, params);
  context.stop = &stop;
  query::PlanOptions options = OptionsFor(scope, params);
  for (int attempt = 0;; ++attempt) {
    if (plan == nullptr) {
      KDB_ASSIGN_OR_RETURN(plan,
                           query::PlanSelect(select, deps_.sources, deps_.analytics, options));
    }
    context.snapshot = deps_.sources.store->GetSnapshot();
    Status status = plan->Run(context, rows, truncated);
    // A table changed between planning and running. Nothing was sent yet, or there is no second
    // try.
    if (status.code() == ErrorCode::kRetry && !rows.begun() && attempt < kMaxAttempts) {
      plan = nullptr;
      continue;
    }
    // A sort outgrew the row engine: the analytical one spills to disk.
    if (status.code() == ErrorCode::kNeedsAnalytics && !rows.begun() &&
        options.engine == query::EngineChoice::kAuto) {
      options.engine = query::EngineChoice::kAnalyticsOnly;
      plan = nullptr;
      continue;
    }
    return Rows(std::move(status), rows);
  }
}

Result<StatementResult> StatementRunner::RunDml(const sql::Statement& statement, const Scope& scope,
                                                std::span<const Value> params,
                                                RowResultWriter& rows, const StopToken& stop) {
  query::DmlPlanPtr plan;
  query::RunContext context = ContextFor(scope, params);
  context.stop = &stop;
  Status last;
  bool analytical = false;  // the SELECT of an INSERT ... SELECT outgrew the row engine
  for (int attempt = 0; attempt < kMaxAttempts; ++attempt) {
    if (plan == nullptr || plan->stale()) {
      KDB_ASSIGN_OR_RETURN(plan, PlanDml(statement, scope, params, analytical));
      KDB_RETURN_IF_ERROR(CheckImpersonatedWrite(scope, *plan->table()));
    }
    context.snapshot = deps_.sources.store->GetSnapshot();
    Result<query::PreparedDml> prepared = plan->Prepare(context);
    if (prepared.code() == ErrorCode::kRetry) {
      last = prepared.status();
      continue;
    }
    if (prepared.code() == ErrorCode::kNeedsAnalytics && !analytical) {
      analytical = true;
      plan = nullptr;
      continue;
    }
    KDB_RETURN_IF_ERROR(prepared.status());
    context.snapshot = nullptr;
    shard::CommandOutcome outcome;
    if (!prepared->rows.empty()) {
      KDB_RETURN_IF_ERROR(stop.Check());  // the last chance: from here on it is done and answered
      shard::Command command;
      command.rows = std::move(prepared->rows);
      outcome = deps_.executor->Execute(std::move(command));
      if (outcome.status.code() == ErrorCode::kRetry) {
        last = outcome.status;
        continue;
      }
      KDB_RETURN_IF_ERROR(outcome.status);
    }
    StatementResult r;
    if (prepared->returning()) {
      KDB_RETURN_IF_ERROR(prepared->EmitRows(context, outcome.rows, rows));
      r.kind = StatementResult::Kind::kRows;
      r.count = rows.rows();
    } else {
      r.kind = AffectedKind(prepared->kind);
      r.count = prepared->ChangedRows(outcome);
    }
    return r;
  }
  return Status(
      ErrorCode::kConflict,
      fmt::format("rows kept changing while the statement ran ({}); retry", last.message()));
}

Result<StatementResult> StatementRunner::Run(const sql::Statement& statement, Scope* scope,
                                             std::span<const Value> params, RowResultWriter& rows,
                                             bool* truncated, const StopToken& stop) {
  KDB_RETURN_IF_ERROR(stop.Check());
  const EngineDeps& d = deps_;
  return std::visit(
      Overloaded{
          [&](const sql::SelectPtr& s) -> Result<StatementResult> {
            KDB_RETURN_IF_ERROR(CheckParams(*d.config, params));
            return RunSelect(*s, nullptr, *scope, params, rows, truncated, stop);
          },
          [&](const sql::Insert&) -> Result<StatementResult> {
            KDB_RETURN_IF_ERROR(CheckParams(*d.config, params));
            return RunDml(statement, *scope, params, rows, stop);
          },
          [&](const sql::Update&) -> Result<StatementResult> {
            KDB_RETURN_IF_ERROR(CheckParams(*d.config, params));
            return RunDml(statement, *scope, params, rows, stop);
          },
          [&](const sql::Delete&) -> Result<StatementResult> {
            KDB_RETURN_IF_ERROR(CheckParams(*d.config, params));
            return RunDml(statement, *scope, params, rows, stop);
          },
          [&](const sql::CreateNamespace& s) { return Message(CreateNamespace(d, *scope, s)); },
          [&](const sql::DropNamespace& s) { return Message(DropNamespace(d, *scope, s)); },
          [&](const sql::AlterNamespace& s) { return Message(AlterNamespace(d, *scope, s)); },
          [&](const sql::UseNamespace& s) -> Result<StatementResult> {
            KDB_ASSIGN_OR_RETURN(const auto found, d.sources.catalog->FindNamespace(s.name));
            if (!found && !sql::IsSystemNamespace(s.name)) {
              return NotFound(fmt::format("Namespace '{}' does not exist", s.name));
            }
            scope->ns = s.name;
            return Message(fmt::format("Namespace switched to '{}'", s.name));
          },
          [&](const sql::CreateTable& s) { return Message(CreateTable(d, *scope, s)); },
          [&](const sql::DropTable& s) { return Message(DropTable(d, *scope, s)); },
          [&](const sql::AlterTable& s) { return Message(AlterTable(d, *scope, s)); },
          [&](const sql::DescribeTable& s) {
            return Rows(DescribeTable(d, *scope, s, rows), rows);
          },
          [&](const sql::ShowTables& s) { return Rows(ShowTables(d, s, rows), rows); },
          [&](const sql::ShowNamespaces&) { return Rows(ShowNamespaces(d, rows), rows); },
          [&](const sql::ShowStorages&) { return Rows(ShowStorages(d, *scope, rows), rows); },
          [&](const sql::ShowManifest&) { return Rows(ShowManifest(d, *scope, rows), rows); },
          [&](const sql::ShowStats& s) { return Rows(ShowStats(d, *scope, s, rows), rows); },
          [&](const sql::ShowColumns& s) { return Rows(ShowColumns(d, *scope, s, rows), rows); },
          [&](const sql::DescribeQueryEngine& s) {
            return Rows(DescribeQueryEngine(d, *scope, s, rows), rows);
          },
          [&](const sql::ShowAll&) { return Rows(ShowAll(d, rows), rows); },
          [&](const sql::SetOption& s) -> Result<StatementResult> {
            return NotImplemented(fmt::format(
                "SET {}: this server has no settings that a request can change", s.name));
          },
          [&](const sql::Explain&) -> Result<StatementResult> {
            return NotImplemented("EXPLAIN is not supported yet");
          },
          [&](const sql::CreateUser& s) { return Message(CreateUser(d, *scope, s)); },
          [&](const sql::AlterUser& s) { return Message(AlterUser(d, *scope, s)); },
          [&](const sql::DropUser& s) { return Message(DropUser(d, *scope, s)); },
          [&](const sql::Begin&) -> Result<StatementResult> {
            return NotImplemented("explicit transactions are not supported yet");
          },
          [&](const sql::Commit&) -> Result<StatementResult> {
            return NotImplemented("explicit transactions are not supported yet");
          },
          [&](const sql::Rollback&) -> Result<StatementResult> {
            return NotImplemented("explicit transactions are not supported yet");
          },
          [&](const sql::SubscribeTo& s) { return Rows(SubscribeTo(d, *scope, s, rows), rows); },
          [&](const sql::KillLiveQuery& s) -> Result<StatementResult> {
            KDB_RETURN_IF_ERROR(AdminOnly(*scope, "KILL LIVE QUERY"));
            if (!d.kill_live_query) return NotImplemented("this build has no live queries");
            KDB_RETURN_IF_ERROR(d.kill_live_query(s.live_id));
            RecordAudit(d, MakeAuditEntry(*scope, "KILL_LIVE_QUERY", s.live_id), "KILL LIVE QUERY");
            return Message(fmt::format("Live query killed: {}", s.live_id));
          },
          [&](const sql::KillJob& s) -> Result<StatementResult> {
            KDB_RETURN_IF_ERROR(AdminOnly(*scope, "KILL JOB"));
            return NotFound(fmt::format("Job {} not found", s.job_id));
          },
          [&](const sql::Unsupported& s) -> Result<StatementResult> {
            return NotImplemented(fmt::format("{} is not supported yet", s.what));
          },
      },
      statement.body);
}

}  // namespace kalamdb::engine
