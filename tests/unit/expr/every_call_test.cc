#include <limits>

#include "build.h"
#include "expr/functions.h"

namespace kalamdb::expr::test {
namespace {

constexpr std::string_view kOperators[] = {
    "+",   "-",       "*",    "/",     "%",          "^",       "&",           "|",
    "#",   "<<",      ">>",   "~",     "=",          "<>",      "<",           "<=",
    ">",   ">=",      "and",  "or",    "not",        "is null", "is not true", "is distinct from",
    "in",  "between", "like", "ilike", "similar to", "~*",      "!~",          "->",
    "->>", "?",       "@>",   "#>",    "#>>",        "||"};

// Values at the ends of their types, and none.
std::vector<Value> Extremes() {
  std::vector<Value> values;
  for (int64_t v : {INT64_MIN, int64_t{-1}, int64_t{0}, int64_t{3}, INT64_MAX}) {
    values.emplace_back(Datum::BigInt(v));
  }
  values.emplace_back(Datum::Int(TypeKind::kInt, INT32_MIN));
  values.emplace_back(Datum::Int(TypeKind::kSmallInt, INT16_MIN));
  const double inf = std::numeric_limits<double>::infinity();
  for (double v : {0.5, -0.0, 1e308, -inf, std::numeric_limits<double>::quiet_NaN(), 5e-324}) {
    values.emplace_back(Datum::Real(TypeKind::kDouble, v));
  }
  values.emplace_back(Datum::Real(TypeKind::kFloat, 1.5));
  values.emplace_back(Datum::Bool(true));
  for (const char* text : {"", "é\xff%_\\", "{\"a\":[1]}", "month", "12", "{a,0}", "[1,2,3]"}) {
    values.emplace_back(Datum::Text(text));
  }
  values.emplace_back(Datum::Bytes(TypeKind::kJson, "{\"k\":null}"));
  values.emplace_back(Datum::Bytes(TypeKind::kBytes, std::string_view("\0\xff", 2)));
  values.emplace_back(Datum::Bytes(TypeKind::kUuid, "0123456789abcdef"));
  for (int64_t v : {INT64_MIN, int64_t{0}, INT64_MAX}) {
    values.emplace_back(Datum::Int(TypeKind::kTimestamp, v));
  }
  values.emplace_back(Datum::Int(TypeKind::kDate, INT32_MIN));
  values.emplace_back(Datum::Int(TypeKind::kDate, INT32_MAX));
  values.emplace_back(Datum::Int(TypeKind::kTime, 86'399'999'999));
  Int128 most = 0;
  EXPECT_TRUE(ParseDecimal("99999999999999999999999999999999999999", 0, &most));
  values.emplace_back(Datum::Decimal(most, 0));
  values.emplace_back(Datum::Decimal(-most, 38));
  values.emplace_back(Datum::Null(TypeKind::kText));
  values.emplace_back(Datum());
  return values;
}

DataType TypeOf(const Datum& d) {
  if (d.kind == TypeKind::kDecimal) return DataType::Decimal(38, d.scale);
  return DataType::Of(d.kind);
}

class EveryCall : public testing::Test {
 protected:
  // Builds, evaluates and folds; whatever comes out is a value of the announced kind, NULL, or an
  // error.
  void Try(std::string_view name, const std::vector<size_t>& picks) {
    std::vector<ExprPtr> constants, columns;
    for (size_t i : picks) {
      const DataType type = TypeOf(values_[i].datum());
      constants.push_back(MakeConstant(values_[i], type));
      columns.push_back(MakeColumn(i, type));
    }
    for (std::vector<ExprPtr>* args : {&constants, &columns}) {
      const Result<ExprPtr> made = MakeCall(name, *args);
      if (!made.ok()) {
        EXPECT_FALSE(made.status().message().empty()) << name;
        continue;
      }
      ++built_;
      Arena arena;
      EvalFrame frame;
      frame.row = &row_;
      frame.arena = &arena;
      const Datum d = (*made)->Eval(frame);
      if (!d.null && frame.error.ok()) {
        EXPECT_EQ(d.kind, (*made)->type().kind) << name;
        std::string text;
        AppendText(&text, d);
      }
      frame.error = {};
      (void)Fold(*made, frame, false).ok();
      std::string print;
      AppendFingerprint(**made, &print);
      EXPECT_FALSE(print.empty());
    }
  }
  void TryAll(std::string_view name, int min, int max) {
    const size_t n = values_.size();
    if (min <= 0) Try(name, {});
    for (size_t a = 0; a < n && max >= 1; ++a) {
      Try(name, {a});
      for (size_t b = 0; b < n && max >= 2; ++b) {
        Try(name, {a, b});
        // A third operand is taken from one in seven, so that this ends soon.
        for (size_t c = (a + b) % 7; c < n && max >= 3; c += 7) Try(name, {a, b, c});
      }
    }
  }

  const std::vector<Value> values_ = Extremes();
  const Row row_{values_};
  size_t built_ = 0;
};

TEST_F(EveryCall, OfAFunctionGivesAValueOrAnErrorWhateverItIsGiven) {
  for (const FunctionInfo& f : AllFunctions()) {
    if (f.row_engine) TryAll(f.name, f.min_args, f.max_args < 0 ? 3 : std::min(f.max_args, 3));
  }
  EXPECT_GT(built_, 10'000U);
}

TEST_F(EveryCall, OfAnOperatorGivesAValueOrAnErrorWhateverItIsGiven) {
  for (std::string_view op : kOperators) TryAll(op, 1, 3);
  EXPECT_GT(built_, 10'000U);
}

TEST_F(EveryCall, OfACastGivesAValueOrAnError) {
  for (size_t i = 0; i < values_.size(); ++i) {
    for (int kind = 1; kind <= static_cast<int>(TypeKind::kFile); ++kind) {
      DataType to = DataType::Of(static_cast<TypeKind>(kind));
      if (to.kind == TypeKind::kDecimal) to = DataType::Decimal(10, 2);
      if (to.kind == TypeKind::kEmbedding) to = DataType::Embedding(3);
      const ExprPtr column = MakeColumn(i, TypeOf(values_[i].datum()));
      const ExprPtr expressions[] = {*MakeCast(column, to), *MakeCast(column, to, true),
                                     MakeColumnCoercion(column, to, "c")};
      for (const ExprPtr& e : expressions) {
        Arena arena;
        EvalFrame frame;
        frame.row = &row_;
        frame.arena = &arena;
        const Datum d = e->Eval(frame);
        if (!d.null && frame.error.ok()) {
          EXPECT_EQ(d.kind, to.kind);
        }
      }
    }
  }
}

}  // namespace
}  // namespace kalamdb::expr::test
