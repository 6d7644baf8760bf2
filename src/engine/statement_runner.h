// Runs one parsed statement to its end, waiting where it must. Worker threads only.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "engine/result_json.h"
#include "engine/scope.h"
#include "query/dml.h"
#include "query/select.h"
#include "sql/statement.h"

namespace kalamdb::engine {

struct StatementResult {
  enum class Kind : uint8_t {
    kRows,
    kMessage,
    kInserted,
    kUpdated,
    kDeleted
  } kind = Kind::kMessage;
  uint64_t count = 0;
  std::string message;  // kMessage
};

// "Inserted 2 row(s)"
std::string AffectedMessage(StatementResult::Kind kind, uint64_t count);
StatementResult::Kind AffectedKind(query::DmlKind kind);

class StatementRunner {
 public:
  explicit StatementRunner(const EngineDeps& deps) : deps_(deps) {}

  // Rows go through `rows` (Begin and Row, not End). `scope.ns` changes with USE. `stop` ends what
  // reads; a command that was submitted is waited for.
  Result<StatementResult> Run(const sql::Statement& statement, Scope* scope,
                              std::span<const Value> params, RowResultWriter& rows, bool* truncated,
                              const StopToken& stop);
  // A planned statement with what changes between runs settled; plans again when a table changed
  // meanwhile.
  Result<StatementResult> RunSelect(const sql::Select& select, query::SelectPlanPtr plan,
                                    const Scope& scope, std::span<const Value> params,
                                    RowResultWriter& rows, bool* truncated, const StopToken& stop);

  [[nodiscard]] query::PlanOptions OptionsFor(const Scope& scope,
                                              std::span<const Value> params) const;
  [[nodiscard]] query::RunContext ContextFor(const Scope& scope,
                                             std::span<const Value> params) const;
  Result<query::DmlPlanPtr> PlanDml(const sql::Statement& statement, const Scope& scope,
                                    std::span<const Value> params, bool analytical = false) const;

 private:
  Result<StatementResult> RunDml(const sql::Statement& statement, const Scope& scope,
                                 std::span<const Value> params, RowResultWriter& rows,
                                 const StopToken& stop);
  const EngineDeps& deps_;
};

// EXECUTE AS USER: the scope of the inner statement, or why the actor may not. Both outcomes are
// audited.
Result<Scope> ImpersonatedScope(const EngineDeps& deps, const Scope& actor,
                                const std::string& target);
// Writes to SHARED tables are on nobody's behalf.
Status CheckImpersonatedWrite(const Scope& scope, const catalog::TableInfo& table);
// Number and size of parameters (execution.max_parameters and max_parameter_size_bytes).
Status CheckParams(const ServerConfig& config, std::span<const Value> params);

}  // namespace kalamdb::engine
