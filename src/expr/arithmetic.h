// What the files of arithmetic share. Private to src/expr.
#pragma once

#include <string_view>
#include <vector>

#include "expr/node.h"

namespace kalamdb::expr {

enum class ArithmeticOp : uint8_t {
  kAdd,
  kSub,
  kMul,
  kDiv,
  kMod,
  kPow,
  kAnd,
  kOr,
  kXor,
  kShiftLeft,
  kShiftRight,
};

inline constexpr std::string_view kByZero = "division by zero";

// + - * % of a DECIMAL and a DECIMAL or an integer.
Result<ExprPtr> MakeDecimalArithmetic(ArithmeticOp op, std::string_view name,
                                      std::vector<ExprPtr> args);

}  // namespace kalamdb::expr
