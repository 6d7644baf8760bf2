// What the nodes of this room share: the base of everything that has operands, and how operands are
// read. Private to src/expr.
#pragma once

#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "expr/expr.h"
#include "types/convert.h"

namespace kalamdb::expr {

// A node with operands: kCall, kCast, kCase. Only this room makes them, and it makes no others.
class Operation : public Expr {
 public:
  // The same operation over other operands of the same types; picks the fast form anew.
  [[nodiscard]] virtual ExprPtr WithArgs(std::vector<ExprPtr> args) const = 0;
  // Whether operands after the first may never be evaluated: what fails among them must not fail
  // early.
  [[nodiscard]] virtual bool lazy() const { return false; }

 protected:
  Operation(Node node, std::string_view name, DataType type, std::vector<ExprPtr> args) {
    node_ = node;
    name_ = name;
    type_ = type;
    args_ = std::move(args);
    int deepest = 0;
    for (const ExprPtr& arg : args_) {
      deterministic_ = deterministic_ && arg->deterministic();
      uses_columns_ = uses_columns_ || arg->uses_columns();
      changes_per_row_ = changes_per_row_ || arg->changes_per_row();
      deepest = std::max(deepest, arg->depth());
    }
    depth_ = deepest + 1;
  }
  [[nodiscard]] const Expr& arg(size_t i) const { return *args_[i]; }
  [[nodiscard]] Datum Null() const { return Datum::Null(type_.kind); }
  Datum Fail(EvalFrame& frame, std::string message) const {
    frame.Fail(ExecutionError(std::move(message)));
    return Null();
  }
};

// A literal or parameter of text: it has no type of its own and takes that of its surroundings.
inline bool IsUntyped(const Expr& e) {
  return (e.node() == Node::kConstant || e.node() == Node::kParam) &&
         e.type().kind == TypeKind::kText;
}
inline bool IsBareNull(const Expr& e) { return e.type().kind == TypeKind::kNull; }
inline bool IsConstant(const Expr& e) { return e.node() == Node::kConstant; }
inline bool IsLiteralOrParam(const Expr& e) {
  return e.node() == Node::kConstant || e.node() == Node::kParam;
}
inline ExprPtr NullOf(const DataType& type) {
  return MakeConstant(Value(Datum::Null(type.kind)), type);
}

// "operator does not exist: TEXT + INT": as PostgreSQL says it.
Status NoOperator(std::string_view name, std::span<const ExprPtr> args);
Status CheckDepth(std::span<const ExprPtr> args);

// 10^n as a 128-bit integer, n in 0..38.
Int128 PowerOfTen(int n);
// The nearest double of any numeric Datum.
double ToDouble(const Datum& d);
// The shortest decimal that reads back as the double; false beyond 38 digits, for NaN and
// infinities.
bool ShortestDecimal(double v, Datum* out);

// --- Constructors of the families, one file each. Operands are complete; names are canonical.
Result<ExprPtr> MakeLogic(std::string_view name, std::vector<ExprPtr> args);  // and, or, not
Result<ExprPtr> MakeIs(std::string_view name, std::vector<ExprPtr> args);     // is null, ...
Result<ExprPtr> MakeComparison(std::string_view name,
                               std::vector<ExprPtr> args);  // =, <, is distinct
Result<ExprPtr> MakeIn(std::vector<ExprPtr> args);
Result<ExprPtr> MakeBetween(std::vector<ExprPtr> args);
Result<ExprPtr> MakeArithmetic(std::string_view name, std::vector<ExprPtr> args);
Result<ExprPtr> MakeConditional(std::string_view name, std::vector<ExprPtr> args);  // coalesce, ...
Result<ExprPtr> MakeLike(std::string_view name, std::vector<ExprPtr> args);
Result<ExprPtr> MakeRegex(std::string_view name,
                          std::vector<ExprPtr> args);  // ~ family, similar to
Result<ExprPtr> MakeCosineDistance(std::string_view name, std::vector<ExprPtr> args);
Result<ExprPtr> MakeFunction(std::string_view name, std::vector<ExprPtr> args);

// Brings two operands of a comparison to comparable types. `equality`: only equality is asked for.
Status UnifyForComparison(std::string_view name, bool equality, ExprPtr* a, ExprPtr* b);
// Brings operands to one type (CASE, COALESCE, GREATEST, IN a VALUES list). `what` names the
// construct.
Result<DataType> UnifyResults(std::string_view what, std::span<ExprPtr*> operands);
// The type that numbers of two types meet in.
DataType PromoteNumeric(const DataType& a, const DataType& b);

}  // namespace kalamdb::expr
