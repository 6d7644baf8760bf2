// IN lists and BETWEEN.
#include <unordered_set>

#include "expr/node.h"

namespace kalamdb::expr {
namespace {

// Fewer constants than this are compared one by one.
constexpr size_t kHashFrom = 9;

struct DatumHash {
  size_t operator()(const Datum& d) const { return HashDatum(d); }
};
struct DatumEqual {
  bool operator()(const Datum& a, const Datum& b) const { return CompareDatums(a, b) == 0; }
};
using DatumSet = std::unordered_set<Datum, DatumHash, DatumEqual>;

class InNode final : public Operation {
 public:
  explicit InNode(std::vector<ExprPtr> args)
      : Operation(Node::kCall, "in", DataType::Of(TypeKind::kBoolean), std::move(args)) {
    if (args_.size() <= kHashFrom) return;
    for (size_t i = 1; i < args_.size(); ++i) {
      if (!IsConstant(*args_[i])) return;
    }
    set_ = std::make_unique<DatumSet>(args_.size());
    for (size_t i = 1; i < args_.size(); ++i) {
      const Datum& d = args_[i]->constant().datum();
      if (d.null) {
        null_item_ = true;
      } else {
        set_->insert(d);
      }
    }
  }
  Datum Eval(EvalFrame& frame) const override {
    const Datum x = arg(0).Eval(frame);
    if (x.null) return Null();
    if (set_ != nullptr) {
      if (set_->contains(x)) return Datum::Bool(true);
      return null_item_ ? Null() : Datum::Bool(false);
    }
    bool unknown = false;
    for (size_t i = 1; i < args_.size(); ++i) {
      const Datum item = arg(i).Eval(frame);
      if (item.null) {
        if (!frame.error.ok()) return Null();
        unknown = true;
      } else if (CompareDatums(x, item) == 0) {
        return Datum::Bool(true);
      }
    }
    return unknown ? Null() : Datum::Bool(false);
  }
  [[nodiscard]] bool lazy() const override { return true; }
  [[nodiscard]] ExprPtr WithArgs(std::vector<ExprPtr> args) const override {
    return std::make_shared<InNode>(std::move(args));
  }

 private:
  std::unique_ptr<DatumSet> set_;  // of the constants in args_, which outlive it
  bool null_item_ = false;
};

class BetweenNode final : public Operation {
 public:
  explicit BetweenNode(std::vector<ExprPtr> args)
      : Operation(Node::kCall, "between", DataType::Of(TypeKind::kBoolean), std::move(args)) {}
  Datum Eval(EvalFrame& frame) const override {
    const Datum x = arg(0).Eval(frame);
    if (x.null) return Null();
    const Datum low = arg(1).Eval(frame);
    if (!low.null && CompareDatums(x, low) < 0) return Datum::Bool(false);
    const Datum high = arg(2).Eval(frame);
    if (!high.null && CompareDatums(x, high) > 0) return Datum::Bool(false);
    return low.null || high.null ? Null() : Datum::Bool(true);
  }
  [[nodiscard]] ExprPtr WithArgs(std::vector<ExprPtr> args) const override {
    return std::make_shared<BetweenNode>(std::move(args));
  }
};

Status CheckComparable(std::string_view name, const ExprPtr& a, const ExprPtr& b) {
  const TypeKind ka = a->type().kind, kb = b->type().kind;
  if (ka == TypeKind::kNull || kb == TypeKind::kNull || IsComparable(ka, kb)) return Status::Ok();
  const ExprPtr both[] = {a, b};
  return NoOperator(name, both);
}

// A needle without a type of its own takes that of the first operand that has one.
Status TypeNeedle(std::vector<ExprPtr>* args) {
  if (!IsUntyped(*(*args)[0]) && !IsBareNull(*(*args)[0])) return Status::Ok();
  for (size_t i = 1; i < args->size(); ++i) {
    const Expr& item = *(*args)[i];
    if (IsUntyped(item) || IsBareNull(item)) continue;
    KDB_ASSIGN_OR_RETURN((*args)[0], MakeCast((*args)[0], item.type()));
    return Status::Ok();
  }
  return Status::Ok();
}

}  // namespace

Result<ExprPtr> MakeIn(std::vector<ExprPtr> args) {
  if (args.size() == 2) return MakeComparison("=", std::move(args));
  KDB_RETURN_IF_ERROR(TypeNeedle(&args));
  std::vector<ExprPtr> unified = args;
  bool one_needle = true;
  for (size_t i = 1; i < args.size(); ++i) {
    ExprPtr needle = args[0];
    KDB_RETURN_IF_ERROR(UnifyForComparison("=", true, &needle, &unified[i]));
    one_needle = one_needle && needle == args[0];
    if (one_needle) KDB_RETURN_IF_ERROR(CheckComparable("=", needle, unified[i]));
  }
  if (one_needle) return ExprPtr(std::make_shared<InNode>(std::move(unified)));
  // The items ask for different forms of what is looked for: a comparison for each says the same.
  std::vector<ExprPtr> equal;
  for (size_t i = 1; i < args.size(); ++i) {
    KDB_ASSIGN_OR_RETURN(ExprPtr one, MakeComparison("=", {args[0], args[i]}));
    equal.push_back(std::move(one));
  }
  return MakeLogic("or", std::move(equal));
}

Result<ExprPtr> MakeBetween(std::vector<ExprPtr> args) {
  KDB_RETURN_IF_ERROR(TypeNeedle(&args));
  ExprPtr needle = args[0];
  KDB_RETURN_IF_ERROR(UnifyForComparison(">=", false, &needle, &args[1]));
  ExprPtr again = args[0];
  KDB_RETURN_IF_ERROR(UnifyForComparison("<=", false, &again, &args[2]));
  if (needle != args[0] || again != args[0]) {
    // The bounds ask for different forms of what is tested: two comparisons say the same.
    KDB_ASSIGN_OR_RETURN(ExprPtr low, MakeComparison(">=", {args[0], args[1]}));
    KDB_ASSIGN_OR_RETURN(ExprPtr high, MakeComparison("<=", {args[0], args[2]}));
    return MakeLogic("and", {std::move(low), std::move(high)});
  }
  KDB_RETURN_IF_ERROR(CheckComparable(">=", args[0], args[1]));
  KDB_RETURN_IF_ERROR(CheckComparable("<=", args[0], args[2]));
  return ExprPtr(std::make_shared<BetweenNode>(std::move(args)));
}

}  // namespace kalamdb::expr
