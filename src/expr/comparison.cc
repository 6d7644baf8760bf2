// = <> < <= > >= and IS [NOT] DISTINCT FROM, with fast forms for a column beside a constant.
#include <cstring>

#include "expr/node.h"

namespace kalamdb::expr {
namespace {

enum class Op : uint8_t { kEq, kNe, kLt, kLe, kGt, kGe };

Op OpOf(std::string_view name) {
  if (name == "=") return Op::kEq;
  if (name == "<>") return Op::kNe;
  if (name == "<") return Op::kLt;
  if (name == "<=") return Op::kLe;
  return name == ">" ? Op::kGt : Op::kGe;
}

template <Op op, typename T>
bool Holds(T a, T b) {
  switch (op) {
    case Op::kEq:
      return a == b;
    case Op::kNe:
      return a != b;
    case Op::kLt:
      return a < b;
    case Op::kLe:
      return a <= b;
    case Op::kGt:
      return a > b;
    case Op::kGe:
      return a >= b;
  }
}

// Both members are `i` and mean the same.
bool SameIntegers(TypeKind a, TypeKind b) {
  if (IsInteger(a)) return IsInteger(b);
  if (IsDateTimeKind(a)) return IsDateTimeKind(b);
  return a == b && (a == TypeKind::kDate || a == TypeKind::kTime);
}
// Both are byte strings compared as such.
bool SameBytes(TypeKind a, TypeKind b) {
  if (IsTextual(a)) return IsTextual(b);
  return a == b && (a == TypeKind::kUuid || a == TypeKind::kBytes);
}

enum class Form : uint8_t { kIntegers, kBytes, kAny };

Form FormOf(TypeKind a, TypeKind b) {
  return SameIntegers(a, b) ? Form::kIntegers : SameBytes(a, b) ? Form::kBytes : Form::kAny;
}

ExprPtr MakeCompareNode(std::string_view name, std::vector<ExprPtr> args);

class CompareBase : public Operation {
 public:
  CompareBase(std::string_view name, std::vector<ExprPtr> args)
      : Operation(Node::kCall, name, DataType::Of(TypeKind::kBoolean), std::move(args)) {}
  [[nodiscard]] ExprPtr WithArgs(std::vector<ExprPtr> args) const override {
    return MakeCompareNode(name_, std::move(args));
  }
};

template <Op op>
class IntegerConstCompare final : public CompareBase {
 public:
  IntegerConstCompare(std::string_view name, std::vector<ExprPtr> args)
      : CompareBase(name, std::move(args)), right_(args_[1]->constant().datum().i) {}
  Datum Eval(EvalFrame& frame) const override {
    const Datum d = arg(0).Eval(frame);
    return d.null ? Null() : Datum::Bool(Holds<op>(d.i, right_));
  }

 private:
  int64_t right_;
};

template <Op op>
class BytesConstCompare final : public CompareBase {
 public:
  BytesConstCompare(std::string_view name, std::vector<ExprPtr> args)
      : CompareBase(name, std::move(args)), right_(args_[1]->constant().datum().text()) {}
  Datum Eval(EvalFrame& frame) const override {
    const Datum d = arg(0).Eval(frame);
    if (d.null) return Null();
    const std::string_view left = d.text();
    if constexpr (op == Op::kEq || op == Op::kNe) {
      return Datum::Bool((left == right_) == (op == Op::kEq));
    } else {
      return Datum::Bool(Holds<op>(CompareBytes(left, right_), 0));
    }
  }

 private:
  std::string_view right_;  // into the constant, which lives as long as this
};

template <Op op, Form form>
class Compare final : public CompareBase {
 public:
  using CompareBase::CompareBase;
  Datum Eval(EvalFrame& frame) const override {
    const Datum a = arg(0).Eval(frame);
    if (a.null) return Null();
    const Datum b = arg(1).Eval(frame);
    if (b.null) return Null();
    if constexpr (form == Form::kIntegers) {
      return Datum::Bool(Holds<op>(a.i, b.i));
    } else if constexpr (form == Form::kBytes) {
      return Datum::Bool(Holds<op>(CompareBytes(a.text(), b.text()), 0));
    } else {
      return Datum::Bool(Holds<op>(CompareDatums(a, b), 0));
    }
  }
};

template <Op op>
ExprPtr MakeForOp(std::string_view name, std::vector<ExprPtr> args) {
  const Form form = FormOf(args[0]->type().kind, args[1]->type().kind);
  const bool constant = IsConstant(*args[1]) && !args[1]->constant().null();
  switch (form) {
    case Form::kIntegers:
      if (constant) return std::make_shared<IntegerConstCompare<op>>(name, std::move(args));
      return std::make_shared<Compare<op, Form::kIntegers>>(name, std::move(args));
    case Form::kBytes:
      if (constant) return std::make_shared<BytesConstCompare<op>>(name, std::move(args));
      return std::make_shared<Compare<op, Form::kBytes>>(name, std::move(args));
    case Form::kAny:
      break;
  }
  return std::make_shared<Compare<op, Form::kAny>>(name, std::move(args));
}

// IS [NOT] DISTINCT FROM: NULL equals NULL and nothing else.
class DistinctNode final : public CompareBase {
 public:
  DistinctNode(std::string_view name, bool distinct, std::vector<ExprPtr> args)
      : CompareBase(name, std::move(args)), distinct_(distinct) {}
  Datum Eval(EvalFrame& frame) const override {
    const Datum a = arg(0).Eval(frame);
    const Datum b = arg(1).Eval(frame);
    if (!frame.error.ok()) return Null();
    const bool differ = a.null || b.null ? a.null != b.null : CompareDatums(a, b) != 0;
    return Datum::Bool(differ == distinct_);
  }

 private:
  bool distinct_;
};

ExprPtr MakeCompareNode(std::string_view name, std::vector<ExprPtr> args) {
  if (name.size() > 2) {
    return std::make_shared<DistinctNode>(name, name == "is distinct from", std::move(args));
  }
  switch (OpOf(name)) {
    case Op::kEq:
      return MakeForOp<Op::kEq>(name, std::move(args));
    case Op::kNe:
      return MakeForOp<Op::kNe>(name, std::move(args));
    case Op::kLt:
      return MakeForOp<Op::kLt>(name, std::move(args));
    case Op::kLe:
      return MakeForOp<Op::kLe>(name, std::move(args));
    case Op::kGt:
      return MakeForOp<Op::kGt>(name, std::move(args));
    case Op::kGe:
      return MakeForOp<Op::kGe>(name, std::move(args));
  }
  return nullptr;
}

}  // namespace

Result<ExprPtr> MakeComparison(std::string_view name, std::vector<ExprPtr> args) {
  const bool equality = name == "=" || name == "<>" || name.size() > 2;
  KDB_RETURN_IF_ERROR(UnifyForComparison(name, equality, &args[0], &args[1]));
  const TypeKind a = args[0]->type().kind, b = args[1]->type().kind;
  if (a != TypeKind::kNull && b != TypeKind::kNull && !IsComparable(a, b)) {
    return NoOperator(name, args);
  }
  return MakeCompareNode(name, std::move(args));
}

}  // namespace kalamdb::expr
