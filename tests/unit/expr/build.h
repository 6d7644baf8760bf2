// Short names for the Make* calls, and evaluation against one row, for the tests of this room.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "expr/expr.h"
#include "types/convert.h"

namespace kalamdb::expr::test {

inline DataType Of(TypeKind k) { return DataType::Of(k); }

inline ExprPtr Int(int64_t v) {
  return MakeConstant(Value(Datum::Int(TypeKind::kInt, v)), Of(TypeKind::kInt));
}
inline ExprPtr Big(int64_t v) {
  return MakeConstant(Value(Datum::BigInt(v)), Of(TypeKind::kBigInt));
}
inline ExprPtr Real(double v) {
  return MakeConstant(Value(Datum::Real(TypeKind::kDouble, v)), Of(TypeKind::kDouble));
}
inline ExprPtr Text(std::string_view v) {
  return MakeConstant(Value(Datum::Text(v)), Of(TypeKind::kText));
}
inline ExprPtr Bool(bool v) { return MakeConstant(Value(Datum::Bool(v)), Of(TypeKind::kBoolean)); }
inline ExprPtr Null() { return MakeConstant(Value(), Of(TypeKind::kNull)); }
inline ExprPtr Typed(std::string_view text, DataType type) {
  Result<ExprPtr> cast = MakeCast(Text(text), type);
  EXPECT_TRUE(cast.ok()) << cast.status().message();
  return cast.ok() ? *cast : Null();
}
inline ExprPtr Typed(std::string_view text, TypeKind kind) { return Typed(text, Of(kind)); }
inline ExprPtr Dec(std::string_view text, uint8_t scale) {
  return Typed(text, DataType::Decimal(20, scale));
}
inline ExprPtr Column(size_t ordinal, DataType type) { return MakeColumn(ordinal, type); }
inline ExprPtr Column(size_t ordinal, TypeKind kind) { return MakeColumn(ordinal, Of(kind)); }

// A call that has to be accepted.
template <typename... Args>
ExprPtr Call(std::string_view name, Args... args) {
  Result<ExprPtr> made = MakeCall(name, std::vector<ExprPtr>{std::move(args)...});
  EXPECT_TRUE(made.ok()) << name << ": " << made.status().message();
  return made.ok() ? *made : Null();
}
// A call that has to be refused, as "code: message".
template <typename... Args>
Status Refused(std::string_view name, Args... args) {
  Result<ExprPtr> made = MakeCall(name, std::vector<ExprPtr>{std::move(args)...});
  EXPECT_FALSE(made.ok()) << name << " was accepted";
  return made.ok() ? Status() : made.status();
}

// One row of values.
class Row final : public ColumnSource {
 public:
  explicit Row(std::vector<Value> values = {}) : values_(std::move(values)) {}
  [[nodiscard]] Datum Column(size_t ordinal) const override { return values_.at(ordinal).datum(); }

 private:
  std::vector<Value> values_;
};

struct Evaluation {
  Arena arena;
  EvalFrame frame;
  Datum result;
  Evaluation() { frame.arena = &arena; }
  // Text of the result, "NULL", or "error: <message>".
  std::string Run(const Expr& expr) {
    result = expr.Eval(frame);
    if (!frame.error.ok()) return "error: " + std::string(frame.error.message());
    if (result.null) return "NULL";
    EXPECT_EQ(result.kind, expr.type().kind);
    std::string out;
    AppendText(&out, result);
    return out;
  }
};
inline std::string Eval(const ExprPtr& expr, const Row& row = Row()) {
  Evaluation e;
  e.frame.row = &row;
  return e.Run(*expr);
}
// Of a call of constants; the same whether it is evaluated as built or folded first.
template <typename... Args>
std::string ValueOf(std::string_view name, Args... args) {
  const ExprPtr call = Call(name, std::move(args)...);
  const std::string direct = Eval(call);
  Evaluation e;
  Result<ExprPtr> folded = Fold(call, e.frame, false);
  if (folded.ok()) {
    EXPECT_EQ(Eval(*folded), direct) << name;
  } else {
    EXPECT_EQ("error: " + std::string(folded.status().message()), direct) << name;
  }
  return direct;
}

}  // namespace kalamdb::expr::test
