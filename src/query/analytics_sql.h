// Writes the SQL of an analytical statement from our syntax tree. Every relation, column, function
// and operator in the result was looked up in our own tables first; all names are quoted, all
// values are literals written here or bound. Internal to the analytical engine.
//
//   analytics_select.cc   SELECT, VALUES, set operations, WITH, GROUP BY, ORDER BY, LIMIT
//   analytics_from.cc     FROM: tables, joins, derived tables; what is pushed into a scan
//   analytics_expr.cc     columns, literals, operators, CASE, subqueries
//   analytics_cast.cc     types: casts, operands that take the type of what they meet
//   analytics_call.cc     functions, aggregates, windows
#pragma once

#include <deque>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "expr/expr.h"
#include "expr/functions.h"
#include "query/analytics_scope.h"
#include "query/analytics_statement.h"
#include "query/select.h"
#include "sql/ast.h"

namespace kalamdb::query {

// An operand up to this long may be written several times; a longer one goes through a function, so
// that nesting does not multiply.
inline constexpr size_t kMaxRepeatedBytes = 256;
// Of one expression.
inline constexpr size_t kMaxExpressionBytes = 8 << 20;

// A written expression. Always usable as an operand: parenthesised where that could matter.
struct Fragment {
  std::string sql;
  std::optional<DataType> type;  // when known
  bool text_value = false;       // a text literal or parameter: takes the type of what it meets
  bool masked = false;
  std::optional<ScopeColumn> column;  // a plain column

  static Fragment Of(std::string sql, std::optional<DataType> type = std::nullopt) {
    Fragment f;
    f.sql = std::move(sql);
    f.type = type;
    return f;
  }
};

class SqlWriter {
 public:
  // Both outlive it.
  SqlWriter(const Sources& sources, const PlanOptions& options)
      : sources_(sources), options_(options) {}
  SqlWriter(const SqlWriter&) = delete;
  SqlWriter& operator=(const SqlWriter&) = delete;

  // Once. Errors: kTableNotFound, kColumnNotFound, kInvalidSql, kParameterBinding, kNotImplemented.
  Result<AnalyticalStatement> Write(const sql::Select& select);

 private:
  // A query and its outputs; the sql of a column is its quoted name.
  struct Query {
    std::string sql;
    std::vector<ScopeColumn> columns;
  };
  struct FromItem {
    std::string sql;
    std::vector<Relation*> relations;
    std::vector<ScopeColumn> star;
  };
  using Args = std::vector<Fragment>;

  // --- queries
  Result<Query> WriteQuery(const sql::Select& select, const Scope* outer, bool top = false);
  Status WriteCommonTables(const sql::Select& select, Scope* scope, std::string* sql);
  Result<Query> WriteRecursive(const sql::CommonTable& table, const std::string& name,
                               Scope* scope);
  Result<Query> WriteBody(const sql::Select& select, const Scope& outer, bool top);
  Result<Query> WriteSetOperation(const sql::Select& select, const Scope& outer);
  Result<Query> WriteValues(const sql::Select& select, const Scope& outer);
  Result<Query> WriteSelect(const sql::Select& select, const Scope& outer, bool top);
  Status WriteItems(const sql::Select& select, Scope& scope, std::vector<Fragment>* items,
                    std::vector<ScopeColumn>* columns);
  Status ExpandStar(const sql::Expr& star, const Scope& scope, std::vector<Fragment>* items,
                    std::vector<ScopeColumn>* columns);
  Status WriteGroupBy(const sql::Select& select, Scope& scope, const std::vector<Fragment>& items,
                      const std::vector<ScopeColumn>& columns, std::string* sql);
  Status WriteOrderBy(const std::vector<sql::OrderItem>& order, Scope* scope,
                      const std::vector<ScopeColumn>& columns, std::string* sql);
  Status WriteLimit(const sql::Select& select, const Scope& scope, std::string* sql);
  static void AppendDefaultOrder(const std::vector<ScopeColumn>& columns, std::string* sql);
  static Status RenameColumns(const std::vector<std::string>& names, std::string_view relation,
                              std::vector<ScopeColumn>* columns);
  // Gives the outputs of a query distinct names for DuckDB.
  static void NameOutputs(std::vector<ScopeColumn>* columns);

  // --- FROM
  Status WriteFrom(const sql::Select& select, Scope* scope, std::string* sql);
  Result<FromItem> WriteTableRef(const sql::TableRef& table, const Scope& visible);
  Result<FromItem> WriteTable(const sql::TableRef& table, const Scope& visible);
  Result<FromItem> WriteDerived(const sql::TableRef& table, const Scope& visible);
  Result<FromItem> WriteTableFunction(const sql::TableRef& table, const Scope& visible);
  Result<FromItem> WriteJoin(const sql::TableRef& table, const Scope& visible);
  Result<std::string> WriteUsing(const std::vector<std::string>& names, sql::JoinKind kind,
                                 const FromItem& left, const FromItem& right,
                                 std::vector<ScopeColumn>* star);
  Result<FromItem> AddRelation(Relation relation, const sql::TableRef& table, std::string sql);
  Status AddRelations(const FromItem& item, Scope* scope);
  // Moves what one scan can decide by itself out of `condition`, writes the rest; empty when
  // nothing is left. `candidates`: relations whose rows may be dropped early.
  Result<std::string> WriteCondition(const sql::Expr& condition, const Scope& scope,
                                     const std::vector<Relation*>& candidates);
  bool PushDown(const sql::Expr& conjunct, const Scope& scope,
                const std::vector<Relation*>& candidates);
  // The scan whose columns are all that `expr` names; false when there are several, none, or
  // subqueries.
  bool SingleScan(const sql::Expr& expr, const Scope& scope, int* scan);
  std::string UniqueName(std::string_view wanted);

  // --- expressions
  Result<Fragment> WriteExpr(const sql::Expr& e, const Scope& scope);
  Result<Fragment> WriteNode(const sql::Expr& e, const Scope& scope);
  Result<Args> WriteArgs(const std::vector<sql::ExprPtr>& args, const Scope& scope);
  Result<Fragment> WriteLiteral(const sql::Expr& e);
  Result<Fragment> WriteParam(const sql::Expr& e);
  Result<Fragment> WriteColumn(const sql::Expr& e, const Scope& scope);
  Result<Fragment> WriteOperator(const sql::Expr& e, const Scope& scope);
  Result<Fragment> WriteNamedOperator(std::string_view op, const sql::Expr& e, const Scope& scope);
  Result<Fragment> WriteLike(std::string_view op, const sql::Expr& e, const Args& args);
  Result<Fragment> WriteArithmetic(std::string_view op, const sql::Expr& e, Args args);
  // + - * / of floating point numbers: what leaves the range is an error.
  static Fragment WriteFloating(std::string_view op, const Args& args, const DataType& type);
  Result<Fragment> WriteCase(const sql::Expr& e, const Scope& scope);
  Result<Fragment> WriteSubquery(const sql::Expr& e, const Scope& scope);
  Fragment Cast(const Fragment& arg, const DataType& to, bool try_cast);
  // Brings texts, whole numbers and written decimals to the type of what they meet in a comparison.
  void Unify(const std::vector<const sql::Expr*>& asts, Args* args);
  // Brings the results of CASE, COALESCE and the like to the type that they meet in, if all are
  // known; nothing otherwise. Error: there is none.
  Result<std::optional<DataType>> Meet(const std::vector<const sql::Expr*>& asts, Args* args);
  // $k of a value that is known when the statement runs.
  std::string Bind(BoundValue value);

  // --- calls
  Result<Fragment> WriteCall(const sql::Expr& e, const Scope& scope);
  static Status CheckArguments(const sql::Expr& call, const expr::FunctionInfo& function);
  Result<std::optional<Fragment>> WriteContextCall(const sql::Expr& e);
  Result<Fragment> WriteScalarCall(const sql::Expr& e, const expr::FunctionInfo& function,
                                   const Scope& scope);
  // What the row engine's own expression computes. Its type follows from the arguments when all of
  // theirs are known.
  Result<Fragment> WriteEvaluated(std::string_view name, const std::vector<const sql::Expr*>& asts,
                                  const Args& args);
  // The type of expr::MakeCall(name, args), or why there is none; nothing when a type of theirs is
  // not known.
  static std::optional<Result<DataType>> RowEngineType(std::string_view name,
                                                       const std::vector<const sql::Expr*>& asts,
                                                       const Args& args);
  static Fragment WithType(std::string sql, const DataType& type);
  // Whether one of the arguments occurs more than once in the spelling and is too long for that.
  static bool Multiplies(std::string_view spelling, const Args& args);
  // EXTRACT and DATE_PART: of instants ours, of intervals DuckDB's.
  Result<Fragment> WriteDatePart(const std::vector<const sql::Expr*>& asts, const Args& args);
  // Key and value of the JSON aggregates as JSON texts, by our own TO_JSON.
  void WriteJsonArguments(Args* args);
  Result<Fragment> WriteAggregate(const sql::Expr& e, const expr::FunctionInfo& function,
                                  const Scope& scope);
  Result<std::string> WriteOver(const sql::Window& window, const Scope& scope);
  Result<std::string> WriteWindow(const sql::Window& window, const Scope& scope);
  Result<std::string> WriteOrderList(const std::vector<sql::OrderItem>& order, const Scope& scope);
  Result<std::string> WriteBound(const sql::FrameBound& bound, const Scope& scope);

  const Sources& sources_;
  const PlanOptions& options_;
  AnalyticalStatement statement_;
  std::deque<Relation> relations_;    // scopes point at them
  std::set<std::string> used_names_;  // of relations, lower case
  bool ordered_ = false;              // an ORDER BY of a query was seen
  bool tainted_ = false;              // the expression being written uses a masked column
  int depth_ = 0;
};

// "DECIMAL(10,2)", "VARCHAR", "FLOAT[3]": what DuckDB calls a type of ours.
std::string DuckDbTypeName(const DataType& type);
// Fills in the arguments of a spelling of FunctionInfo::duckdb. kInvalidSql when it names one that
// is not there.
Result<std::string> ExpandTemplate(std::string_view function, std::string_view spelling,
                                   const std::vector<std::string>& args);

}  // namespace kalamdb::query
