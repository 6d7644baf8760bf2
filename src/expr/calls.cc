// MakeCall: from the name of an operator or function to the file that builds it; and what callers
// do with a finished predicate.
#include <algorithm>

#include "expr/node.h"

namespace kalamdb::expr {
namespace {

using Maker = Result<ExprPtr> (*)(std::string_view name, std::vector<ExprPtr> args);

Result<ExprPtr> In(std::string_view, std::vector<ExprPtr> args) { return MakeIn(std::move(args)); }
Result<ExprPtr> Between(std::string_view, std::vector<ExprPtr> args) {
  return MakeBetween(std::move(args));
}

struct Construct {
  std::string_view name;
  int min_args;
  int max_args;  // -1: any number
  Maker make;
};
// Sorted by name. What is not here is a plain function or one of the JSON and text operators that
// the overloads of MakeFunction know.
constexpr Construct kConstructs[] = {
    {"!~", 2, 2, MakeRegex},
    {"!~*", 2, 2, MakeRegex},
    {"#", 2, 2, MakeArithmetic},
    {"%", 2, 2, MakeArithmetic},
    {"&", 2, 2, MakeArithmetic},
    {"*", 2, 2, MakeArithmetic},
    {"+", 1, 2, MakeArithmetic},
    {"-", 1, 2, MakeArithmetic},
    {"/", 2, 2, MakeArithmetic},
    {"<", 2, 2, MakeComparison},
    {"<<", 2, 2, MakeArithmetic},
    {"<=", 2, 2, MakeComparison},
    {"<>", 2, 2, MakeComparison},
    {"=", 2, 2, MakeComparison},
    {">", 2, 2, MakeComparison},
    {">=", 2, 2, MakeComparison},
    {">>", 2, 2, MakeArithmetic},
    {"^", 2, 2, MakeArithmetic},
    {"and", 1, -1, MakeLogic},
    {"between", 3, 3, Between},
    {"coalesce", 1, -1, MakeConditional},
    {"cosine_distance", 2, 2, MakeCosineDistance},
    {"greatest", 1, -1, MakeConditional},
    {"ilike", 2, 3, MakeLike},
    {"in", 2, -1, In},
    {"is distinct from", 2, 2, MakeComparison},
    {"is false", 1, 1, MakeIs},
    {"is not distinct from", 2, 2, MakeComparison},
    {"is not false", 1, 1, MakeIs},
    {"is not null", 1, 1, MakeIs},
    {"is not true", 1, 1, MakeIs},
    {"is not unknown", 1, 1, MakeIs},
    {"is null", 1, 1, MakeIs},
    {"is true", 1, 1, MakeIs},
    {"is unknown", 1, 1, MakeIs},
    {"least", 1, -1, MakeConditional},
    {"like", 2, 3, MakeLike},
    {"mod", 2, 2, MakeArithmetic},
    {"not", 1, 1, MakeLogic},
    {"nullif", 2, 2, MakeConditional},
    {"nvl", 2, 2, MakeConditional},
    {"or", 1, -1, MakeLogic},
    {"similar to", 2, 3, MakeRegex},
    {"|", 2, 2, MakeArithmetic},
    {"~", 1, 2, MakeRegex},
    {"~*", 2, 2, MakeRegex},
};
static_assert(std::is_sorted(std::begin(kConstructs), std::end(kConstructs),
                             [](const Construct& a, const Construct& b) {
                               return a.name < b.name;
                             }));

}  // namespace

Status CheckDepth(std::span<const ExprPtr> args) {
  for (const ExprPtr& arg : args) {
    if (arg == nullptr) return InternalError("an expression without an operand");
    if (arg->depth() >= kMaxDepth) {
      return InvalidSql(fmt::format("Expression is nested more than {} levels deep", kMaxDepth));
    }
  }
  return Status::Ok();
}

Status NoOperator(std::string_view name, std::span<const ExprPtr> args) {
  auto type = [](const Expr& e) {
    return IsBareNull(e) ? std::string("NULL") : SqlTypeName(e.type());
  };
  if (args.size() == 1) {
    return InvalidSql(fmt::format("operator does not exist: {} {}", name, type(*args[0])));
  }
  return InvalidSql(
      fmt::format("operator does not exist: {} {} {}", type(*args[0]), name, type(*args[1])));
}

Result<ExprPtr> MakeCall(std::string_view name, std::vector<ExprPtr> args) {
  KDB_RETURN_IF_ERROR(CheckDepth(args));
  if (name == "!=") name = "<>";
  // A prefix ~ is the complement of bits, an infix one a regular expression.
  if (name == "~" && args.size() == 1) return MakeArithmetic("~", std::move(args));
  const Construct* end = std::end(kConstructs);
  const Construct* found =
      std::lower_bound(std::begin(kConstructs), end, name,
                       [](const Construct& c, std::string_view n) { return c.name < n; });
  if (found != end && found->name == name) {
    const int n = static_cast<int>(args.size());
    if (n < found->min_args || (found->max_args >= 0 && n > found->max_args)) {
      if (name == "cosine_distance") {
        return InvalidSql("COSINE_DISTANCE() requires exactly two arguments");
      }
      return InvalidSql(fmt::format("wrong number of arguments for '{}': {}", name, n));
    }
    // The name of the table lives as long as the program; the caller's may not.
    return found->make(found->name, std::move(args));
  }
  return MakeFunction(name, std::move(args));
}

void SplitConjuncts(const ExprPtr& expr, std::vector<ExprPtr>* out) {
  if (expr->node() == Node::kCall && expr->name() == "and") {
    for (const ExprPtr& arg : expr->args()) SplitConjuncts(arg, out);
    return;
  }
  out->push_back(expr);
}

bool EvalPredicate(const Expr& expr, EvalFrame& frame) {
  const Datum d = expr.Eval(frame);
  return !d.null && d.b && frame.error.ok();
}

}  // namespace kalamdb::expr
