// Bound scalar expressions and their evaluation: WHERE, SET, VALUES, DEFAULT, live filters.
//
// An Expr is immutable and typed: every name is resolved to a column ordinal, every function and
// operator to one implementation, every implicit cast is a node. Built with the Make* functions,
// shared freely between threads, evaluated with a frame of its own by each. Three-valued logic as
// in PostgreSQL.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/id_source.h"
#include "base/ids.h"
#include "types/datum.h"

namespace kalamdb::expr {

// Where column values come from: an encoded row, a row being inserted, a system table's row.
class ColumnSource {
 public:
  virtual ~ColumnSource() = default;
  // `ordinal` counts in the table's current schema. The Datum is valid until the source moves on.
  [[nodiscard]] virtual Datum Column(size_t ordinal) const = 0;
};

// One evaluation. Not shared between threads.
struct EvalFrame {
  const ColumnSource* row = nullptr;       // null where no column may occur
  const ColumnSource* excluded = nullptr;  // the proposed row of ON CONFLICT DO UPDATE: EXCLUDED.c
  std::span<const Value> params;           // $1 is params[0]
  std::string_view user;                   // CURRENT_USER
  Role role = Role::kAnonymous;            // CURRENT_ROLE
  int64_t now_micros = 0;                  // NOW(): fixed for the statement
  IdSource* ids = nullptr;                 // SNOWFLAKE_ID(), UUID_V7(), ULID(), GEN_RANDOM_UUID()
  Arena* arena = nullptr;                  // computed bytes; required
  Status error;                            // the first failure; evaluation then returns NULL
  void Fail(Status status) {
    if (error.ok()) error = std::move(status);
  }
};

enum class Node : uint8_t {
  kConstant,
  kParam,  // $n whose type was taken from the values of the request
  kColumn,
  kExcluded,  // EXCLUDED.column
  kCall,      // function or operator: name() is "=", "and", "not", "in", "like", "upper", ...
  kCast,
  kCase,
};

class Expr;
using ExprPtr = std::shared_ptr<const Expr>;

class Expr {
 public:
  virtual ~Expr() = default;
  // Returns NULL and sets frame.error on failure (overflow, division by zero, bad cast).
  virtual Datum Eval(EvalFrame& frame) const = 0;

  [[nodiscard]] Node node() const { return node_; }
  [[nodiscard]] const DataType& type() const { return type_; }
  // kCall: canonical lower-case name. Comparison operators are "=", "<>", "<", "<=", ">", ">=".
  [[nodiscard]] std::string_view name() const { return name_; }
  // Operands. kCast: one. kCase: when, then, ..., else (always present).
  [[nodiscard]] const std::vector<ExprPtr>& args() const { return args_; }
  // kColumn, kExcluded: ordinal. kParam: 0-based index.
  [[nodiscard]] size_t index() const { return index_; }
  // kConstant.
  [[nodiscard]] const Value& constant() const { return constant_; }
  // Same inputs, same result; false for NOW(), ids and RANDOM() anywhere below. CURRENT_USER is
  // deterministic for a given frame.
  [[nodiscard]] bool deterministic() const { return deterministic_; }
  // Whether a column occurs below.
  [[nodiscard]] bool uses_columns() const { return uses_columns_; }
  // Whether ids or RANDOM() occur below: each evaluation gives another result, so Fold keeps them.
  [[nodiscard]] bool changes_per_row() const { return changes_per_row_; }
  // Levels of nesting, 1 for a leaf.
  [[nodiscard]] int depth() const { return depth_; }

 protected:
  Node node_ = Node::kConstant;
  DataType type_;
  std::string_view name_;
  std::vector<ExprPtr> args_;
  size_t index_ = 0;
  Value constant_;
  bool deterministic_ = true;
  bool uses_columns_ = false;
  bool changes_per_row_ = false;
  int depth_ = 1;
};

ExprPtr MakeConstant(Value value, DataType type);
ExprPtr MakeColumn(size_t ordinal, DataType type);
ExprPtr MakeExcluded(size_t ordinal, DataType type);
ExprPtr MakeParam(size_t index, DataType type);

// A function or operator call. `name` is lower case: "+", "=", "and", "or", "not", "is null", "is
// not null", "is true", "is not true", "is false", "is not false", "is distinct from", "is not
// distinct from", "in" (needle, items...), "between" (x, lo, hi), "like" / "ilike" (x, pattern [,
// escape]), "similar to", "~", "~*", "!~", "!~*",
// "->", "->>", "?", "@>", "#>", "#>>", "||", "coalesce", "nullif", "greatest", "least", or a
// function's. Negated forms are built with "not". Literals and parameters of text take the type of
// the other side of a comparison. Errors: kInvalidSql `Invalid function 'x'.`, wrong number or
// types of arguments; kNeedsAnalytics when the function exists but only the analytical engine has
// it.
Result<ExprPtr> MakeCall(std::string_view name, std::vector<ExprPtr> args);
Result<ExprPtr> MakeCast(ExprPtr arg, DataType to, bool try_cast = false);
// args as for kCase; the results are brought to one type.
Result<ExprPtr> MakeCase(std::vector<ExprPtr> args);
// An implicit conversion of `arg` to a column's type, with the messages of CoerceForColumn.
ExprPtr MakeColumnCoercion(ExprPtr arg, DataType to, std::string column);

// Folds everything that is constant under `frame` (parameters, CURRENT_USER, and NOW() unless
// `keep_volatile`): what is left depends on columns only. Evaluation errors are returned.
Result<ExprPtr> Fold(const ExprPtr& expr, EvalFrame& frame, bool keep_volatile);
// Canonical bytes: equal for equal meaning as written; used to share live filters.
void AppendFingerprint(const Expr& expr, std::string* out);
// The conjuncts of a chain of "and", left to right.
void SplitConjuncts(const ExprPtr& expr, std::vector<ExprPtr>* out);
// TRUE as a WHERE sees it: not NULL, not FALSE. Check frame.error afterwards.
bool EvalPredicate(const Expr& expr, EvalFrame& frame);
// Deepest nesting that Make* accepts; deeper is kInvalidSql.
inline constexpr int kMaxDepth = 512;

}  // namespace kalamdb::expr
