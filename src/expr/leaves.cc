// The nodes without operands: constants, columns, EXCLUDED columns, parameters.
#include "expr/node.h"

namespace kalamdb::expr {
namespace {

class ConstantNode final : public Expr {
 public:
  ConstantNode(Value value, DataType type) {
    node_ = Node::kConstant;
    type_ = type;
    constant_ = std::move(value);
    // A NULL carries the kind of its expression.
    if (constant_.null()) constant_ = Value(Datum::Null(type.kind));
  }
  Datum Eval(EvalFrame&) const override { return constant_.datum(); }
};

class ColumnNode final : public Expr {
 public:
  ColumnNode(Node node, size_t ordinal, DataType type) {
    node_ = node;
    type_ = type;
    index_ = ordinal;
    uses_columns_ = true;
  }
  Datum Eval(EvalFrame& frame) const override {
    const ColumnSource* source = node_ == Node::kColumn ? frame.row : frame.excluded;
    if (source == nullptr) {
      frame.Fail(InternalError("a column was evaluated without a row"));
      return Datum::Null(type_.kind);
    }
    return source->Column(index_);
  }
};

class ParamNode final : public Expr {
 public:
  ParamNode(size_t index, DataType type) {
    node_ = Node::kParam;
    type_ = type;
    index_ = index;
  }
  Datum Eval(EvalFrame& frame) const override {
    if (index_ >= frame.params.size()) {
      frame.Fail({ErrorCode::kParameterBinding,
                  fmt::format("Parameter binding error: No value found for placeholder with id ${}",
                              index_ + 1)});
      return Datum::Null(type_.kind);
    }
    const Datum d = frame.params[index_].datum();
    if (d.null || d.kind == type_.kind || type_.kind == TypeKind::kNull) {
      return d.null ? Datum::Null(type_.kind) : d;
    }
    // A cached plan was made for values of other kinds than these.
    if (frame.arena == nullptr) {
      frame.Fail(InternalError("an evaluation without an arena"));
      return Datum::Null(type_.kind);
    }
    Result<Datum> cast = CastDatum(d, type_, frame.arena);
    if (!cast.ok()) {
      frame.Fail(cast.status());
      return Datum::Null(type_.kind);
    }
    return *cast;
  }
};

}  // namespace

ExprPtr MakeConstant(Value value, DataType type) {
  return std::make_shared<ConstantNode>(std::move(value), type);
}
ExprPtr MakeColumn(size_t ordinal, DataType type) {
  return std::make_shared<ColumnNode>(Node::kColumn, ordinal, type);
}
ExprPtr MakeExcluded(size_t ordinal, DataType type) {
  return std::make_shared<ColumnNode>(Node::kExcluded, ordinal, type);
}
ExprPtr MakeParam(size_t index, DataType type) { return std::make_shared<ParamNode>(index, type); }

}  // namespace kalamdb::expr
