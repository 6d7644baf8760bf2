// Fold: evaluates once what depends on no row.
#include "expr/node.h"

namespace kalamdb::expr {
namespace {

class Folding {
 public:
  Folding(EvalFrame& frame, bool keep_volatile) : frame_(frame), keep_volatile_(keep_volatile) {}

  Result<ExprPtr> Fold(const ExprPtr& e) {
    if (e->node() == Node::kConstant) return e;
    if (IsSettled(*e)) return Evaluate(*e);
    if (e->args().empty()) return e;
    const auto& operation = static_cast<const Operation&>(*e);
    std::vector<ExprPtr> args;
    args.reserve(e->args().size());
    // Constants among the operands of AND, OR and CASE settle some of the others.
    bool changed = false, simplifies = false;
    for (size_t i = 0; i < e->args().size(); ++i) {
      const ExprPtr& arg = e->args()[i];
      Result<ExprPtr> folded = Fold(arg);
      if (!folded.ok()) {
        // A branch that no row may take is no reason to fail: CASE WHEN n = 0 THEN 0 ELSE 1 / 0
        // END.
        if (i == 0 || !operation.lazy()) return folded.status();
        folded = arg;
      }
      changed = changed || *folded != arg;
      simplifies = simplifies || (operation.lazy() && (*folded)->node() == Node::kConstant);
      args.push_back(std::move(*folded));
    }
    if (!changed && !simplifies) return e;
    ExprPtr made = operation.WithArgs(std::move(args));
    // A simplified AND or CASE may have become independent of the row.
    if (made->node() != Node::kConstant && IsSettled(*made)) return Evaluate(*made);
    return made;
  }

 private:
  [[nodiscard]] bool IsSettled(const Expr& e) const {
    if (e.uses_columns() || e.changes_per_row()) return false;
    return e.deterministic() || !keep_volatile_;
  }
  Result<ExprPtr> Evaluate(const Expr& e) {
    Arena arena;
    Arena* const callers = frame_.arena;
    Status before = std::exchange(frame_.error, Status::Ok());
    frame_.arena = &arena;
    const Datum d = e.Eval(frame_);
    Value value(d);
    frame_.arena = callers;
    Status error = std::exchange(frame_.error, std::move(before));
    if (!error.ok()) return error;
    return MakeConstant(std::move(value), e.type());
  }

  EvalFrame& frame_;
  bool keep_volatile_;
};

}  // namespace

Result<ExprPtr> Fold(const ExprPtr& expr, EvalFrame& frame, bool keep_volatile) {
  return Folding(frame, keep_volatile).Fold(expr);
}

}  // namespace kalamdb::expr
