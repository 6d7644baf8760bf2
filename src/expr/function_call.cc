// Choosing the overload of a function, casting its arguments, calling it.
#include <array>

#include "expr/functions.h"
#include "expr/scalar.h"

namespace kalamdb::expr {
namespace {

constexpr size_t kInlineArgs = 6;

class FunctionNode final : public Operation {
 public:
  FunctionNode(const Overload& overload, DataType type, std::vector<ExprPtr> args)
      : Operation(Node::kCall, overload.name, type, std::move(args)), overload_(&overload) {
    if ((overload.traits & (kStable | kPerRow)) != 0) deterministic_ = false;
    if ((overload.traits & kPerRow) != 0) changes_per_row_ = true;
  }
  Datum Eval(EvalFrame& frame) const override {
    std::array<Datum, kInlineArgs> few;
    std::vector<Datum> many;
    Datum* values = few.data();
    const size_t n = args_.size();
    if (n > kInlineArgs) {
      many.resize(n);
      values = many.data();
    }
    const bool takes_null = (overload_->traits & kTakesNull) != 0;
    for (size_t i = 0; i < n; ++i) {
      values[i] = args_[i]->Eval(frame);
      if (values[i].null && (!takes_null || !frame.error.ok())) return Null();
    }
    return overload_->fn(ScalarCall{frame, type_}, {values, n});
  }
  [[nodiscard]] ExprPtr WithArgs(std::vector<ExprPtr> args) const override {
    return std::make_shared<FunctionNode>(*overload_, type_, std::move(args));
  }

 private:
  const Overload* overload_;  // in a table that lives as long as the program
};

// How far an argument is from what a letter asks for: 0 exact, -1 impossible.
int Distance(char letter, const Expr& arg) {
  const TypeKind k = arg.type().kind;
  if (IsBareNull(arg)) return 0;
  const bool untyped = IsUntyped(arg);
  switch (letter) {
    case 't':
      if (IsTextual(k)) return 0;
      return k == TypeKind::kBytes || k == TypeKind::kEmbedding ? -1 : 4;
    case 'b':
      return k == TypeKind::kBytes ? 0 : untyped ? 1 : -1;
    case 'i':
      return IsInteger(k) ? 0 : untyped ? 2 : -1;
    case 'd':
      return IsNumeric(k) ? 1 : untyped ? 3 : -1;
    case 'f':
      return IsFloating(k) ? 0 : -1;
    case 'm':
      return k == TypeKind::kDecimal ? 0 : -1;
    case 'o':
      return k == TypeKind::kBoolean ? 0 : untyped ? 2 : -1;
    case 's':
      return IsDateTimeKind(k) ? 0 : k == TypeKind::kDate ? 1 : untyped ? 2 : -1;
    case 'D':
      return k == TypeKind::kDate ? 0 : -1;
    case 'T':
      return k == TypeKind::kTime ? 0 : -1;
    case 'u':
      return k == TypeKind::kUuid ? 0 : untyped ? 2 : -1;
    case 'j':
      return IsTextual(k) ? 0 : -1;
    case 'p':
      return IsTextual(k) || IsInteger(k) ? 0 : -1;
    case 'e':
      return k == TypeKind::kEmbedding || IsTextual(k) ? 0 : -1;
    default:
      return 5;
  }
}

// The letter of argument `i` of `n`, 0 when the overload does not take so many.
char Letter(std::string_view params, size_t i) {
  const bool repeats = !params.empty() && params.back() == '*';
  const size_t fixed = params.size() - (repeats ? 1 : 0);
  if (i < fixed) return params[i];
  return repeats ? params[fixed - 1] : '\0';
}
bool TakesCount(std::string_view params, size_t n) {
  const bool repeats = !params.empty() && params.back() == '*';
  return repeats ? n + 1 >= params.size() - 1 : n == params.size();
}

int TotalDistance(const Overload& overload, std::span<const ExprPtr> args) {
  if (!TakesCount(overload.params, args.size())) return -1;
  int total = 0;
  for (size_t i = 0; i < args.size(); ++i) {
    const int d = Distance(Letter(overload.params, i), *args[i]);
    if (d < 0) return -1;
    total += d;
  }
  return total;
}

// Casts an argument to what the function reads; most come as they are.
Status Fit(char letter, ExprPtr* arg) {
  const TypeKind k = (*arg)->type().kind;
  const bool loose = IsUntyped(**arg) || k == TypeKind::kNull;
  TypeKind to = k;
  switch (letter) {
    case 't':
      if (!IsTextual(k)) to = TypeKind::kText;
      break;
    case 'j':
    case 'p':
    case 'e':
      if (k == TypeKind::kNull) to = TypeKind::kText;
      break;
    case 'b':
      to = TypeKind::kBytes;
      break;
    case 'i':
      if (loose) to = TypeKind::kBigInt;
      break;
    case 'd':
    case 'f':
      if (loose) to = TypeKind::kDouble;
      break;
    case 'm':
      if (loose) to = TypeKind::kDouble;
      break;
    case 'o':
      to = TypeKind::kBoolean;
      break;
    case 's':
      if (!IsDateTimeKind(k)) to = TypeKind::kTimestamp;
      break;
    case 'D':
      to = TypeKind::kDate;
      break;
    case 'T':
      to = TypeKind::kTime;
      break;
    case 'u':
      to = TypeKind::kUuid;
      break;
    default:
      break;
  }
  if (to == k) return Status::Ok();
  KDB_ASSIGN_OR_RETURN(*arg, MakeCast(*arg, DataType::Of(to)));
  return Status::Ok();
}

DataType ResultType(const Overload& overload, std::span<const ExprPtr> args) {
  switch (overload.result) {
    case 't':
      return DataType::Of(TypeKind::kText);
    case 'b':
      return DataType::Of(TypeKind::kBytes);
    case 'o':
      return DataType::Of(TypeKind::kBoolean);
    case 'D':
      return DataType::Of(TypeKind::kDate);
    case 'T':
      return DataType::Of(TypeKind::kTime);
    case 'u':
      return DataType::Of(TypeKind::kUuid);
    case 'i':
      return DataType::Of(TypeKind::kInt);
    case 'l':
      return DataType::Of(TypeKind::kBigInt);
    case 'd':
      return DataType::Of(TypeKind::kDouble);
    case 'f':
      return DataType::Of(TypeKind::kFloat);
    case 's':
      return DataType::Of(TypeKind::kTimestamp);
    case '?':
      return overload.result_type(args);
    default:
      return args[static_cast<size_t>(overload.result - '0')]->type();
  }
}

template <typename Visit>
void ForEachList(Visit visit) {
  for (const auto list :
       {TextFunctions(), PaddingFunctions(), EncodingFunctions(), MathFunctions(), TimeFunctions(),
        JsonFunctions(), JsonBuildFunctions(), ContextFunctions()}) {
    visit(list);
  }
}

std::string SignatureText(std::string_view name, std::span<const ExprPtr> args) {
  std::string out = fmt::format("{}(", name);
  for (size_t i = 0; i < args.size(); ++i) {
    if (i > 0) out += ", ";
    out += IsBareNull(*args[i]) ? "NULL" : SqlTypeName(args[i]->type());
  }
  return out + ")";
}

bool IsOperatorName(std::string_view name) {
  return !name.empty() && !(name[0] >= 'a' && name[0] <= 'z') && name[0] != '_';
}

}  // namespace

bool HasOverload(std::string_view name) {
  bool found = false;
  ForEachList([&](std::span<const Overload> list) {
    for (const Overload& o : list) found = found || o.name == name;
  });
  return found;
}

Result<ExprPtr> MakeFunction(std::string_view name, std::vector<ExprPtr> args) {
  if (!IsOperatorName(name)) {
    const FunctionInfo* info = FindFunction(name);
    if (info == nullptr) return InvalidSql(fmt::format("Invalid function '{}'.", name));
    if (info->kind != FunctionKind::kScalar) {
      return NeedsAnalytics(fmt::format("{} is no function of one row", name));
    }
    const int n = static_cast<int>(args.size());
    if (n < info->min_args || (info->max_args >= 0 && n > info->max_args)) {
      return InvalidSql(fmt::format("function {} does not exist", SignatureText(name, args)));
    }
    if (!info->row_engine) return NeedsAnalytics(fmt::format("function {}", name));
  }
  const Overload* best = nullptr;
  int best_distance = 0;
  ForEachList([&](std::span<const Overload> list) {
    for (const Overload& o : list) {
      if (o.name != name) continue;
      const int d = TotalDistance(o, args);
      if (d >= 0 && (best == nullptr || d < best_distance)) {
        best = &o;
        best_distance = d;
      }
    }
  });
  if (best == nullptr) {
    if (IsOperatorName(name) && args.size() == 2) return NoOperator(name, args);
    return InvalidSql(fmt::format("function {} does not exist", SignatureText(name, args)));
  }
  for (size_t i = 0; i < args.size(); ++i) {
    KDB_RETURN_IF_ERROR(Fit(Letter(best->params, i), &args[i]));
  }
  const DataType type = ResultType(*best, args);
  return ExprPtr(std::make_shared<FunctionNode>(*best, type, std::move(args)));
}

}  // namespace kalamdb::expr
