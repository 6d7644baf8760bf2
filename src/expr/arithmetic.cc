// + - * / % ^ and the operators on bits. Integers overflow with an error, never wrap; integer
// division truncates; a division by zero is an error for every type. A quotient of decimals is
// DOUBLE, as is every power: the analytical engine has no exact one, and both engines answer alike.
#include <cmath>

#include "expr/arithmetic.h"

namespace kalamdb::expr {
namespace {

using Op = ArithmeticOp;

struct OpName {
  std::string_view name;
  Op op;
};
constexpr OpName kOps[] = {{"+", Op::kAdd}, {"-", Op::kSub},        {"*", Op::kMul},
                           {"/", Op::kDiv}, {"%", Op::kMod},        {"mod", Op::kMod},
                           {"^", Op::kPow}, {"&", Op::kAnd},        {"|", Op::kOr},
                           {"#", Op::kXor}, {"<<", Op::kShiftLeft}, {">>", Op::kShiftRight}};

// Lower bound of the integer type; the upper one is its complement.
int64_t Lowest(TypeKind k) {
  return k == TypeKind::kSmallInt ? INT16_MIN : k == TypeKind::kInt ? INT32_MIN : INT64_MIN;
}
std::string OutOfRange(TypeKind k) {
  return k == TypeKind::kSmallInt ? "smallint out of range"
         : k == TypeKind::kInt    ? "integer out of range"
                                  : "bigint out of range";
}

template <Op op>
class IntegerNode final : public Operation {
 public:
  IntegerNode(std::string_view name, DataType type, std::vector<ExprPtr> args)
      : Operation(Node::kCall, name, type, std::move(args)), lowest_(Lowest(type.kind)) {}
  Datum Eval(EvalFrame& frame) const override {
    const Datum a = arg(0).Eval(frame);
    if (a.null) return Null();
    const Datum b = arg(1).Eval(frame);
    if (b.null) return Null();
    int64_t r = 0;
    bool overflow = false;
    if constexpr (op == Op::kAdd) {
      overflow = __builtin_add_overflow(a.i, b.i, &r);
    } else if constexpr (op == Op::kSub) {
      overflow = __builtin_sub_overflow(a.i, b.i, &r);
    } else if constexpr (op == Op::kMul) {
      overflow = __builtin_mul_overflow(a.i, b.i, &r);
    } else if constexpr (op == Op::kDiv || op == Op::kMod) {
      if (b.i == 0) return Fail(frame, std::string(kByZero));
      if (b.i == -1) {  // the one quotient that does not fit
        if constexpr (op == Op::kDiv) overflow = __builtin_sub_overflow(int64_t{0}, a.i, &r);
      } else {
        r = op == Op::kDiv ? a.i / b.i : a.i % b.i;
      }
    } else if constexpr (op == Op::kAnd) {
      r = a.i & b.i;
    } else if constexpr (op == Op::kOr) {
      r = a.i | b.i;
    } else if constexpr (op == Op::kXor) {
      r = a.i ^ b.i;
    } else {
      r = Shift(a.i, b.i);
    }
    if (overflow || r < lowest_ || r > ~lowest_) return Fail(frame, OutOfRange(type_.kind));
    return Datum::Int(type_.kind, r);
  }
  [[nodiscard]] ExprPtr WithArgs(std::vector<ExprPtr> args) const override {
    return std::make_shared<IntegerNode>(name_, type_, std::move(args));
  }

 private:
  // Within the width of the type, by a count taken modulo it, as C on the usual machines.
  [[nodiscard]] int64_t Shift(int64_t v, int64_t by) const {
    if (type_.kind == TypeKind::kBigInt) {
      const int n = static_cast<int>(by & 63);
      return op == Op::kShiftLeft ? static_cast<int64_t>(static_cast<uint64_t>(v) << n) : v >> n;
    }
    const int n = static_cast<int>(by & 31);
    int64_t r = op == Op::kShiftLeft ? static_cast<int64_t>(static_cast<uint64_t>(v) << n) : v >> n;
    if (type_.kind == TypeKind::kSmallInt) return static_cast<int16_t>(r);
    return static_cast<int32_t>(r);
  }
  int64_t lowest_;
};

// DOUBLE, and FLOAT when both operands are.
template <Op op>
class FloatingNode final : public Operation {
 public:
  FloatingNode(std::string_view name, DataType type, std::vector<ExprPtr> args)
      : Operation(Node::kCall, name, type, std::move(args)) {}
  Datum Eval(EvalFrame& frame) const override {
    const Datum da = arg(0).Eval(frame);
    if (da.null) return Null();
    const Datum db = arg(1).Eval(frame);
    if (db.null) return Null();
    const double a = ToDouble(da), b = ToDouble(db);
    double r = 0;
    if constexpr (op == Op::kAdd) {
      r = a + b;
    } else if constexpr (op == Op::kSub) {
      r = a - b;
    } else if constexpr (op == Op::kMul) {
      r = a * b;
    } else if constexpr (op == Op::kDiv) {
      if (b == 0 && !std::isnan(a)) return Fail(frame, std::string(kByZero));
      r = a / b;
    } else if constexpr (op == Op::kMod) {
      if (b == 0 && !std::isnan(a)) return Fail(frame, std::string(kByZero));
      r = std::fmod(a, b);
    } else {
      if (a == 0 && b < 0) {
        return Fail(frame, "zero raised to a negative power is undefined");
      }
      if (a < 0 && std::isfinite(a) && std::isfinite(b) && b != std::floor(b)) {
        return Fail(frame,
                    "a negative number raised to a non-integer power yields a complex result");
      }
      r = std::pow(a, b);
    }
    if (type_.kind == TypeKind::kFloat) r = static_cast<float>(r);
    if (std::isinf(r) && std::isfinite(a) && std::isfinite(b)) {
      return Fail(frame, "value out of range: overflow");
    }
    if constexpr (op == Op::kMul || op == Op::kDiv || op == Op::kPow) {
      if (r == 0 && a != 0 && std::isfinite(a) && std::isfinite(b) && (op != Op::kMul || b != 0)) {
        return Fail(frame, "value out of range: underflow");
      }
    }
    return Datum::Real(type_.kind, r);
  }
  [[nodiscard]] ExprPtr WithArgs(std::vector<ExprPtr> args) const override {
    return std::make_shared<FloatingNode>(name_, type_, std::move(args));
  }
};

// DATE + n and DATE - n; n may stand first for +.
class DateShiftNode final : public Operation {
 public:
  DateShiftNode(std::string_view name, std::vector<ExprPtr> args)
      : Operation(Node::kCall, name, DataType::Of(TypeKind::kDate), std::move(args)) {}
  Datum Eval(EvalFrame& frame) const override {
    const Datum a = arg(0).Eval(frame);
    if (a.null) return Null();
    const Datum b = arg(1).Eval(frame);
    if (b.null) return Null();
    int64_t r = 0;
    const bool overflow =
        name_ == "+" ? __builtin_add_overflow(a.i, b.i, &r) : __builtin_sub_overflow(a.i, b.i, &r);
    if (overflow || r < INT32_MIN || r > INT32_MAX) return Fail(frame, "date out of range");
    return Datum::Int(TypeKind::kDate, r);
  }
  [[nodiscard]] ExprPtr WithArgs(std::vector<ExprPtr> args) const override {
    return std::make_shared<DateShiftNode>(name_, std::move(args));
  }
};

// Prefix - and ~.
class UnaryNode final : public Operation {
 public:
  UnaryNode(std::string_view name, DataType type, std::vector<ExprPtr> args)
      : Operation(Node::kCall, name, type, std::move(args)) {}
  Datum Eval(EvalFrame& frame) const override {
    const Datum d = arg(0).Eval(frame);
    if (d.null) return Null();
    if (name_ == "~") return Datum::Int(type_.kind, ~d.i);
    if (IsFloating(type_.kind)) return Datum::Real(type_.kind, -d.d);
    if (type_.kind == TypeKind::kDecimal) return Datum::Decimal(-d.decimal(), d.scale);
    if (d.i == Lowest(type_.kind)) return Fail(frame, OutOfRange(type_.kind));
    return Datum::Int(type_.kind, -d.i);
  }
  [[nodiscard]] ExprPtr WithArgs(std::vector<ExprPtr> args) const override {
    return std::make_shared<UnaryNode>(name_, type_, std::move(args));
  }
};

Result<ExprPtr> MakeUnary(std::string_view name, std::vector<ExprPtr> args) {
  // A literal of text under a sign is a DOUBLE.
  if (IsUntyped(*args[0]) || IsBareNull(*args[0])) {
    const TypeKind kind = name == "~" ? TypeKind::kBigInt : TypeKind::kDouble;
    KDB_ASSIGN_OR_RETURN(args[0], MakeCast(args[0], DataType::Of(kind)));
  }
  const DataType type = args[0]->type();
  if (name == "~" ? !IsInteger(type.kind) : !IsNumeric(type.kind)) return NoOperator(name, args);
  if (name == "+") return std::move(args[0]);
  if (name == "-" && IsConstant(*args[0]) && !args[0]->constant().null()) {
    const Datum& d = args[0]->constant().datum();
    if (IsFloating(type.kind)) {
      return MakeConstant(Value(Datum::Real(type.kind, -d.d)), type);
    }
    if (IsInteger(type.kind) && d.i != Lowest(type.kind)) {
      return MakeConstant(Value(Datum::Int(type.kind, -d.i)), type);
    }
  }
  return ExprPtr(std::make_shared<UnaryNode>(name, type, std::move(args)));
}

template <Op op>
ExprPtr MakeInteger(std::string_view name, const DataType& type, std::vector<ExprPtr> args) {
  return std::make_shared<IntegerNode<op>>(name, type, std::move(args));
}

ExprPtr MakeIntegerNode(Op op, std::string_view name, const DataType& type,
                        std::vector<ExprPtr> args) {
  switch (op) {
    case Op::kAdd:
      return MakeInteger<Op::kAdd>(name, type, std::move(args));
    case Op::kSub:
      return MakeInteger<Op::kSub>(name, type, std::move(args));
    case Op::kMul:
      return MakeInteger<Op::kMul>(name, type, std::move(args));
    case Op::kDiv:
      return MakeInteger<Op::kDiv>(name, type, std::move(args));
    case Op::kMod:
      return MakeInteger<Op::kMod>(name, type, std::move(args));
    case Op::kAnd:
      return MakeInteger<Op::kAnd>(name, type, std::move(args));
    case Op::kOr:
      return MakeInteger<Op::kOr>(name, type, std::move(args));
    case Op::kXor:
      return MakeInteger<Op::kXor>(name, type, std::move(args));
    case Op::kShiftLeft:
      return MakeInteger<Op::kShiftLeft>(name, type, std::move(args));
    case Op::kShiftRight:
      return MakeInteger<Op::kShiftRight>(name, type, std::move(args));
    case Op::kPow:
      break;
  }
  return nullptr;
}

ExprPtr MakeFloatingNode(Op op, std::string_view name, TypeKind kind, std::vector<ExprPtr> args) {
  const DataType type = DataType::Of(kind);
  switch (op) {
    case Op::kAdd:
      return std::make_shared<FloatingNode<Op::kAdd>>(name, type, std::move(args));
    case Op::kSub:
      return std::make_shared<FloatingNode<Op::kSub>>(name, type, std::move(args));
    case Op::kMul:
      return std::make_shared<FloatingNode<Op::kMul>>(name, type, std::move(args));
    case Op::kDiv:
      return std::make_shared<FloatingNode<Op::kDiv>>(name, type, std::move(args));
    case Op::kMod:
      return std::make_shared<FloatingNode<Op::kMod>>(name, type, std::move(args));
    default:
      return std::make_shared<FloatingNode<Op::kPow>>(name, type, std::move(args));
  }
}

bool IsBitOp(Op op) { return op >= Op::kAnd; }

// Date arithmetic without intervals; everything that yields or takes one is for the other engine.
Result<ExprPtr> MakeDateArithmetic(Op op, std::string_view name, std::vector<ExprPtr> args) {
  const TypeKind a = args[0]->type().kind, b = args[1]->type().kind;
  if (a == TypeKind::kDate && IsInteger(b) && (op == Op::kAdd || op == Op::kSub)) {
    return ExprPtr(std::make_shared<DateShiftNode>(name, std::move(args)));
  }
  if (b == TypeKind::kDate && IsInteger(a) && op == Op::kAdd) {
    std::swap(args[0], args[1]);
    return ExprPtr(std::make_shared<DateShiftNode>(name, std::move(args)));
  }
  if (a == TypeKind::kDate && b == TypeKind::kDate && op == Op::kSub) {
    return MakeInteger<Op::kSub>(name, DataType::Of(TypeKind::kInt), std::move(args));
  }
  auto temporal = [](TypeKind k) {
    return IsDateTimeKind(k) || k == TypeKind::kDate || k == TypeKind::kTime;
  };
  auto operand = [&](const Expr& e) { return temporal(e.type().kind) || IsUntyped(e); };
  if ((op == Op::kAdd || op == Op::kSub) && operand(*args[0]) && operand(*args[1])) {
    return NeedsAnalytics("arithmetic with intervals");
  }
  return NoOperator(name, args);
}

}  // namespace

Result<ExprPtr> MakeArithmetic(std::string_view name, std::vector<ExprPtr> args) {
  if (args.size() == 1) return MakeUnary(name, std::move(args));
  if (args.size() != 2) {
    return InvalidSql(fmt::format("wrong number of arguments for '{}': {}", name, args.size()));
  }
  Op op = Op::kAdd;
  for (const OpName& known : kOps) {
    if (known.name == name) op = known.op;
  }
  // mod(a, b) is a % b under another name; one name serves both.
  if (name == "mod") name = "%";
  for (int side = 0; side < 2; ++side) {
    const Expr& other = *args[1 - side];
    if ((IsUntyped(*args[side]) || IsBareNull(*args[side])) && IsNumeric(other.type().kind)) {
      KDB_ASSIGN_OR_RETURN(args[side], MakeCast(args[side], other.type()));
    }
  }
  // NULL op NULL is NULL of a number.
  if (IsBareNull(*args[0]) && IsBareNull(*args[1])) return NullOf(DataType::Of(TypeKind::kInt));
  for (int side = 0; side < 2; ++side) {
    const TypeKind other = args[1 - side]->type().kind;
    if (IsBareNull(*args[side]) && other == TypeKind::kDate) {
      KDB_ASSIGN_OR_RETURN(args[side], MakeCast(args[side], DataType::Of(TypeKind::kInt)));
    }
  }
  const TypeKind a = args[0]->type().kind, b = args[1]->type().kind;
  if (!IsNumeric(a) || !IsNumeric(b)) return MakeDateArithmetic(op, name, std::move(args));
  if (IsBitOp(op)) {
    if (!IsInteger(a) || !IsInteger(b)) return NoOperator(name, args);
    const bool shift = op == Op::kShiftLeft || op == Op::kShiftRight;
    const DataType type =
        shift ? args[0]->type() : PromoteNumeric(args[0]->type(), args[1]->type());
    return MakeIntegerNode(op, name, type, std::move(args));
  }
  if (op == Op::kPow) return MakeFloatingNode(op, name, TypeKind::kDouble, std::move(args));
  if (IsInteger(a) && IsInteger(b)) {
    const DataType type = PromoteNumeric(args[0]->type(), args[1]->type());
    return MakeIntegerNode(op, name, type, std::move(args));
  }
  const TypeKind meet = PromoteNumeric(args[0]->type(), args[1]->type()).kind;
  if (meet == TypeKind::kDecimal) {
    if (op != Op::kDiv) return MakeDecimalArithmetic(op, name, std::move(args));
    return MakeFloatingNode(op, name, TypeKind::kDouble, std::move(args));
  }
  return MakeFloatingNode(op, name, meet, std::move(args));
}

}  // namespace kalamdb::expr
