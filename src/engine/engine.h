// The SqlService of the server.
#pragma once

#include <memory>

#include "engine/scope.h"
#include "engine/sql_service.h"
#include "engine/statement_cache.h"
#include "sql/statement.h"

namespace kalamdb::engine {

class Engine final : public SqlService {
 public:
  explicit Engine(const EngineDeps& deps);
  ~Engine() override;
  void Execute(SqlRequest request, ReplyPtr reply) override;

  [[nodiscard]] StatementCache& cache() { return cache_; }

 private:
  struct Call;
  using CallPtr = std::shared_ptr<Call>;

  // Runs one step of a call. What throws in it (memory that is not to be had, a library) ends this
  // call with an error and nothing else.
  template <typename Step>
  void Guard(const CallPtr& call, const Step& step);
  // Returns false when the request has to move to a worker thread. I/O threads.
  bool TryInline(const CallPtr& call);
  bool RunInlineSelect(const CallPtr& call, const CachedStatement& statement, const Scope& scope);
  bool RunInlineDml(const CallPtr& call, const CachedStatementPtr& statement, const Scope& scope);
  void AnswerDml(const CallPtr& call, const query::PreparedDml& prepared,
                 const shard::CommandOutcome& outcome, const std::string& user, Role role);
  Result<CachedStatementPtr> PlanInline(const Call& call, const Scope& scope);

  void MoveToWorker(const CallPtr& call);
  void RunOnWorker(const CallPtr& call);
  void RunOne(const CallPtr& call, sql::Statement statement);
  void RunBatch(const CallPtr& call, std::vector<sql::Statement> statements);
  Status Parse(const Call& call, std::vector<sql::Statement>* statements) const;

  void Fail(const CallPtr& call, const Status& status, bool running, size_t number,
            std::string_view text);
  [[nodiscard]] double Took(const Call& call) const;
  // For a statement that begins now. `for_client`: pointless once the client has gone.
  void Limit(const Call& call, bool for_client, StopToken* stop) const;
  void Finish(const CallPtr& call, std::string body);

  const EngineDeps deps_;
  StatementCache cache_;
};

}  // namespace kalamdb::engine
