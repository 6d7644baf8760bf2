// CASE, COALESCE, NULLIF, GREATEST, LEAST: what chooses among operands instead of computing.
#include "expr/node.h"

namespace kalamdb::expr {
namespace {

// when, then, ..., else.
class CaseNode final : public Operation {
 public:
  CaseNode(std::vector<ExprPtr> args, DataType type)
      : Operation(Node::kCase, "case", type, std::move(args)) {}
  Datum Eval(EvalFrame& frame) const override {
    size_t i = 0;
    for (; i + 1 < args_.size(); i += 2) {
      const Datum when = arg(i).Eval(frame);
      if (!frame.error.ok()) return Null();
      if (!when.null && when.b) return arg(i + 1).Eval(frame);
    }
    return arg(i).Eval(frame);
  }
  [[nodiscard]] bool lazy() const override { return true; }
  [[nodiscard]] ExprPtr WithArgs(std::vector<ExprPtr> args) const override {
    // Branches that are settled need not be kept.
    std::vector<ExprPtr> kept;
    size_t i = 0;
    for (; i + 1 < args.size(); i += 2) {
      if (IsConstant(*args[i])) {
        const Datum& when = args[i]->constant().datum();
        if (when.null || !when.b) continue;
        kept.push_back(args[i + 1]);
        break;
      }
      kept.push_back(args[i]);
      kept.push_back(args[i + 1]);
    }
    if (kept.size() % 2 == 0) kept.push_back(args.back());
    if (kept.size() == 1 && kept[0]->type() == type_) return kept[0];
    return std::make_shared<CaseNode>(std::move(kept), type_);
  }
};

class CoalesceNode final : public Operation {
 public:
  CoalesceNode(std::string_view name, std::vector<ExprPtr> args, DataType type)
      : Operation(Node::kCall, name, type, std::move(args)) {}
  Datum Eval(EvalFrame& frame) const override {
    for (const ExprPtr& a : args_) {
      const Datum d = a->Eval(frame);
      if (!d.null || !frame.error.ok()) return d;
    }
    return Null();
  }
  [[nodiscard]] bool lazy() const override { return true; }
  [[nodiscard]] ExprPtr WithArgs(std::vector<ExprPtr> args) const override {
    return std::make_shared<CoalesceNode>(name_, std::move(args), type_);
  }
};

class NullIfNode final : public Operation {
 public:
  NullIfNode(std::vector<ExprPtr> args, DataType type)
      : Operation(Node::kCall, "nullif", type, std::move(args)) {}
  Datum Eval(EvalFrame& frame) const override {
    const Datum a = arg(0).Eval(frame);
    if (a.null) return Null();
    const Datum b = arg(1).Eval(frame);
    if (!frame.error.ok()) return Null();
    return !b.null && CompareDatums(a, b) == 0 ? Null() : a;
  }
  [[nodiscard]] ExprPtr WithArgs(std::vector<ExprPtr> args) const override {
    return std::make_shared<NullIfNode>(std::move(args), type_);
  }
};

// GREATEST and LEAST; NULLs are ignored, as PostgreSQL does.
class ExtremeNode final : public Operation {
 public:
  ExtremeNode(std::string_view name, int sign, std::vector<ExprPtr> args, DataType type)
      : Operation(Node::kCall, name, type, std::move(args)), sign_(sign) {}
  Datum Eval(EvalFrame& frame) const override {
    Datum best = Null();
    for (const ExprPtr& a : args_) {
      const Datum d = a->Eval(frame);
      if (d.null) {
        if (!frame.error.ok()) return Null();
        continue;
      }
      if (best.null || CompareDatums(d, best) * sign_ > 0) best = d;
    }
    return best;
  }
  [[nodiscard]] ExprPtr WithArgs(std::vector<ExprPtr> args) const override {
    return std::make_shared<ExtremeNode>(name_, sign_, std::move(args), type_);
  }

 private:
  int sign_;
};

std::vector<ExprPtr*> Pointers(std::vector<ExprPtr>* args) {
  std::vector<ExprPtr*> out;
  for (ExprPtr& a : *args) out.push_back(&a);
  return out;
}

}  // namespace

Result<ExprPtr> MakeCase(std::vector<ExprPtr> args) {
  KDB_RETURN_IF_ERROR(CheckDepth(args));
  if (args.size() < 3 || args.size() % 2 == 0) {
    return InvalidSql("CASE needs at least one WHEN and its THEN");
  }
  std::vector<ExprPtr*> results;
  for (size_t i = 0; i + 1 < args.size(); i += 2) {
    if (args[i]->type().kind != TypeKind::kBoolean) {
      if (!IsBareNull(*args[i]) && !IsUntyped(*args[i])) {
        return InvalidSql(fmt::format("argument of CASE/WHEN must be type BOOLEAN, not type {}",
                                      SqlTypeName(args[i]->type())));
      }
      KDB_ASSIGN_OR_RETURN(args[i], MakeCast(args[i], DataType::Of(TypeKind::kBoolean)));
    }
    results.push_back(&args[i + 1]);
  }
  results.push_back(&args.back());
  KDB_ASSIGN_OR_RETURN(DataType type, UnifyResults("CASE", results));
  return ExprPtr(std::make_shared<CaseNode>(std::move(args), type));
}

Result<ExprPtr> MakeConditional(std::string_view name, std::vector<ExprPtr> args) {
  if (name == "nullif") {
    // The result is the first operand as it is; only the comparison may need another form of it.
    ExprPtr a = args[0], b = args[1];
    if (IsUntyped(*a) && !IsBareNull(*b)) {
      KDB_ASSIGN_OR_RETURN(a, MakeCast(a, b->type()));
    }
    ExprPtr compared = a;
    KDB_RETURN_IF_ERROR(UnifyForComparison("=", true, &compared, &b));
    const TypeKind ka = a->type().kind, kb = b->type().kind;
    const ExprPtr both[] = {a, b};
    if (ka != TypeKind::kNull && kb != TypeKind::kNull && !IsComparable(ka, kb)) {
      return NoOperator("=", both);
    }
    const DataType type = a->type();
    return ExprPtr(
        std::make_shared<NullIfNode>(std::vector<ExprPtr>{std::move(a), std::move(b)}, type));
  }
  const bool coalesce = name == "coalesce" || name == "nvl";
  std::vector<ExprPtr*> operands = Pointers(&args);
  const std::string_view what = coalesce ? "COALESCE" : name == "greatest" ? "GREATEST" : "LEAST";
  KDB_ASSIGN_OR_RETURN(DataType type, UnifyResults(what, operands));
  if (coalesce) return ExprPtr(std::make_shared<CoalesceNode>(name, std::move(args), type));
  if (type.kind != TypeKind::kNull && !IsComparable(type.kind, type.kind)) {
    return InvalidSql(fmt::format("values of type {} have no order", SqlTypeName(type)));
  }
  return ExprPtr(
      std::make_shared<ExtremeNode>(name, name == "greatest" ? 1 : -1, std::move(args), type));
}

}  // namespace kalamdb::expr
