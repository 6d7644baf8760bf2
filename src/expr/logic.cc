// AND, OR, NOT and the IS tests: three-valued logic, in which NULL means unknown.
#include "expr/node.h"

namespace kalamdb::expr {
namespace {

// Longer chains are nested instead of merged, so that building one stays linear enough.
constexpr size_t kMaxMerged = 1024;

// AND and OR over any number of operands. `decides` is the value that settles the result at once.
class Junction final : public Operation {
 public:
  Junction(std::string_view name, bool decides, std::vector<ExprPtr> args)
      : Operation(Node::kCall, name, DataType::Of(TypeKind::kBoolean), std::move(args)),
        decides_(decides) {}
  Datum Eval(EvalFrame& frame) const override {
    bool unknown = false;
    for (const ExprPtr& arg : args_) {
      const Datum d = arg->Eval(frame);
      if (d.null) {
        if (!frame.error.ok()) return Null();
        unknown = true;
      } else if (d.b == decides_) {
        return Datum::Bool(decides_);
      }
    }
    return unknown ? Null() : Datum::Bool(!decides_);
  }
  [[nodiscard]] bool lazy() const override { return true; }
  [[nodiscard]] ExprPtr WithArgs(std::vector<ExprPtr> args) const override {
    std::vector<ExprPtr> kept;
    kept.reserve(args.size());
    for (ExprPtr& arg : args) {
      if (IsConstant(*arg) && !arg->constant().null()) {
        // What stands before a deciding constant may still fail when evaluated; it is not needed.
        if (arg->constant().datum().b == decides_) return arg;
        continue;
      }
      kept.push_back(std::move(arg));
    }
    if (kept.empty()) return MakeConstant(Value(Datum::Bool(!decides_)), type_);
    if (kept.size() == 1) return kept[0];
    return std::make_shared<Junction>(name_, decides_, std::move(kept));
  }

 private:
  bool decides_;
};

class NotNode final : public Operation {
 public:
  explicit NotNode(std::vector<ExprPtr> args)
      : Operation(Node::kCall, "not", DataType::Of(TypeKind::kBoolean), std::move(args)) {}
  Datum Eval(EvalFrame& frame) const override {
    Datum d = arg(0).Eval(frame);
    if (!d.null) d.b = !d.b;
    return d;
  }
  [[nodiscard]] ExprPtr WithArgs(std::vector<ExprPtr> args) const override {
    return std::make_shared<NotNode>(std::move(args));
  }
};

class IsNullNode final : public Operation {
 public:
  IsNullNode(std::string_view name, bool wanted, std::vector<ExprPtr> args)
      : Operation(Node::kCall, name, DataType::Of(TypeKind::kBoolean), std::move(args)),
        wanted_(wanted) {}
  Datum Eval(EvalFrame& frame) const override {
    const bool null = arg(0).Eval(frame).null;
    return frame.error.ok() ? Datum::Bool(null == wanted_) : Null();
  }
  [[nodiscard]] ExprPtr WithArgs(std::vector<ExprPtr> args) const override {
    return std::make_shared<IsNullNode>(name_, wanted_, std::move(args));
  }

 private:
  bool wanted_;
};

// IS [NOT] TRUE / FALSE.
class IsTruthNode final : public Operation {
 public:
  IsTruthNode(std::string_view name, bool value, bool negated, std::vector<ExprPtr> args)
      : Operation(Node::kCall, name, DataType::Of(TypeKind::kBoolean), std::move(args)),
        value_(value),
        negated_(negated) {}
  Datum Eval(EvalFrame& frame) const override {
    const Datum d = arg(0).Eval(frame);
    if (!frame.error.ok()) return Null();
    return Datum::Bool((!d.null && d.b == value_) != negated_);
  }
  [[nodiscard]] ExprPtr WithArgs(std::vector<ExprPtr> args) const override {
    return std::make_shared<IsTruthNode>(name_, value_, negated_, std::move(args));
  }

 private:
  bool value_;
  bool negated_;
};

// An operand that has to be BOOLEAN; a text literal is read as one.
Status RequireBoolean(std::string_view what, ExprPtr* arg) {
  const TypeKind kind = (*arg)->type().kind;
  if (kind == TypeKind::kBoolean) return Status::Ok();
  if (IsBareNull(**arg) || IsUntyped(**arg)) {
    KDB_ASSIGN_OR_RETURN(*arg, MakeCast(*arg, DataType::Of(TypeKind::kBoolean)));
    return Status::Ok();
  }
  return InvalidSql(fmt::format("argument of {} must be type BOOLEAN, not type {}", what,
                                SqlTypeName((*arg)->type())));
}

}  // namespace

Result<ExprPtr> MakeLogic(std::string_view name, std::vector<ExprPtr> args) {
  const std::string_view what = name == "and" ? "AND" : name == "or" ? "OR" : "NOT";
  for (ExprPtr& arg : args) KDB_RETURN_IF_ERROR(RequireBoolean(what, &arg));
  if (name == "not") return ExprPtr(std::make_shared<NotNode>(std::move(args)));
  std::vector<ExprPtr> merged;
  for (ExprPtr& arg : args) {
    const bool same = arg->node() == Node::kCall && arg->name() == name;
    if (same && merged.size() + arg->args().size() <= kMaxMerged) {
      merged.insert(merged.end(), arg->args().begin(), arg->args().end());
    } else {
      merged.push_back(std::move(arg));
    }
  }
  if (merged.size() == 1) return std::move(merged[0]);
  return ExprPtr(std::make_shared<Junction>(name, name == "or", std::move(merged)));
}

Result<ExprPtr> MakeIs(std::string_view name, std::vector<ExprPtr> args) {
  if (name == "is null" || name == "is not null") {
    return ExprPtr(std::make_shared<IsNullNode>(name, name == "is null", std::move(args)));
  }
  const bool negated = name.substr(0, 7) == "is not ";
  const std::string_view truth = name.substr(negated ? 7 : 3);
  KDB_RETURN_IF_ERROR(RequireBoolean("IS", &args[0]));
  if (truth == "unknown") {
    return ExprPtr(std::make_shared<IsNullNode>(name, !negated, std::move(args)));
  }
  return ExprPtr(std::make_shared<IsTruthNode>(name, truth == "true", negated, std::move(args)));
}

}  // namespace kalamdb::expr
