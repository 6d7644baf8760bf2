// How scalar functions are written: plain C++ functions over Datums, listed with their signatures.
// The lists of all topics together are what MakeFunction chooses from. Private to src/expr.
#pragma once

#include <span>
#include <string_view>

#include "expr/node.h"

namespace kalamdb::expr {

inline constexpr size_t kMaxTextBytes = 16 << 20;  // of one computed text

// What a function sees besides its arguments.
struct ScalarCall {
  EvalFrame& frame;
  const DataType& type;  // of the result

  [[nodiscard]] Datum Null() const { return Datum::Null(type.kind); }
  Datum Fail(std::string message) const {
    frame.Fail(ExecutionError(std::move(message)));
    return Null();
  }
  // Text or bytes of the result's kind, copied into the arena.
  [[nodiscard]] Datum Copy(std::string_view bytes) const {
    if (bytes.size() > kMaxTextBytes) return Fail("requested length too large");
    return Datum::Bytes(type.kind, frame.arena->Copy(bytes));
  }
  // Bytes of an argument, which live as long as it.
  [[nodiscard]] Datum View(std::string_view bytes) const { return Datum::Bytes(type.kind, bytes); }
  [[nodiscard]] Datum Int(int64_t v) const { return Datum::Int(type.kind, v); }
  [[nodiscard]] Datum Real(double v) const { return Datum::Real(type.kind, v); }
};

using ScalarFn = Datum (*)(const ScalarCall& call, std::span<const Datum> args);

// What an overload asks of the machinery.
enum ScalarTraits : unsigned char {
  kPlain = 0,
  kTakesNull = 1,  // sees NULL arguments; otherwise a NULL argument gives NULL
  kStable = 2,     // NOW(): fixed for the statement, no constant
  kPerRow = 4,     // another result each time
};

// Letters of `params`, one an argument; a '*' at the end repeats the last, also zero times.
//   t text (other values are cast to it)    b bytes    i integer (comes as it is)
//   d any number (comes as it is)           f FLOAT or DOUBLE    m DECIMAL    o boolean
//   s TIMESTAMP or DATETIME (DATE is cast)  D date     T time    u UUID
//   j JSON or other text (comes as it is)   p integer or text, a step of a JSON path
//   e EMBEDDING or text                     a anything
// `result`: t b o D T u as above; i INT, l BIGINT, d DOUBLE, f FLOAT, s TIMESTAMP; a digit: the
// type of that argument; '?': result_type tells.
struct Overload {
  std::string_view name;
  std::string_view params;
  char result;
  unsigned char traits;
  ScalarFn fn;
  DataType (*result_type)(std::span<const ExprPtr> args) = nullptr;
};

std::span<const Overload> TextFunctions();
std::span<const Overload> PaddingFunctions();
std::span<const Overload> EncodingFunctions();
std::span<const Overload> MathFunctions();
std::span<const Overload> TimeFunctions();
std::span<const Overload> JsonFunctions();
std::span<const Overload> JsonBuildFunctions();
std::span<const Overload> ContextFunctions();

// All of them under one name are implemented by constructs of their own or by overloads.
bool HasOverload(std::string_view name);

}  // namespace kalamdb::expr
