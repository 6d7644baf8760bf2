// COSINE_DISTANCE(a, b): 1 - cos of the angle, a FLOAT from 0 to 2; 1 when either vector has no
// length. A constant text is parsed once, so that ordering a table by its distance to a literal
// only multiplies.
#include <cmath>
#include <string>

#include "base/bytes.h"
#include "expr/node.h"

namespace kalamdb::expr {
namespace {

constexpr std::string_view kNullQuery = "COSINE_DISTANCE() query vector cannot be NULL";

// The vector that a JSON text spells, as an EMBEDDING's bytes.
Status ParseVector(std::string_view text, std::string* out) {
  if (!ParseEmbedding(text, out)) {
    return ExecutionError("COSINE_DISTANCE() failed to parse JSON query vector");
  }
  if (out->empty()) return ExecutionError("COSINE_DISTANCE() query vector cannot be empty");
  return Status::Ok();
}

float Distance(std::string_view a, std::string_view b) {
  double dot = 0, norm_a = 0, norm_b = 0;
  for (size_t i = 0; i + 4 <= a.size(); i += 4) {
    const double x = LoadFixed<float>(a.data() + i), y = LoadFixed<float>(b.data() + i);
    dot += x * y;
    norm_a += x * x;
    norm_b += y * y;
  }
  if (norm_a == 0 || norm_b == 0) return 1.0F;
  const double cosine = dot / (std::sqrt(norm_a) * std::sqrt(norm_b));
  return static_cast<float>(1 - std::clamp(cosine, -1.0, 1.0));
}

class CosineDistanceNode final : public Operation {
 public:
  explicit CosineDistanceNode(std::vector<ExprPtr> args)
      : Operation(Node::kCall, "cosine_distance", DataType::Of(TypeKind::kFloat), std::move(args)) {
  }
  Datum Eval(EvalFrame& frame) const override {
    std::string parsed[2];
    std::string_view vector[2];
    for (size_t i = 0; i < 2; ++i) {
      const Datum d = arg(i).Eval(frame);
      if (d.null) {
        // A row without a vector has no distance; a query without one is a mistake.
        if (frame.error.ok() && IsTextual(arg(i).type().kind))
          return Fail(frame, std::string(kNullQuery));
        return Null();
      }
      vector[i] = d.text();
      if (d.kind == TypeKind::kEmbedding) continue;
      Status status = ParseVector(d.text(), &parsed[i]);
      if (!status.ok()) {
        frame.Fail(std::move(status));
        return Null();
      }
      vector[i] = parsed[i];
    }
    if (vector[0].size() != vector[1].size()) {
      return Fail(frame,
                  fmt::format("COSINE_DISTANCE() dimension mismatch: row has {}, query has {}",
                              vector[0].size() / 4, vector[1].size() / 4));
    }
    return Datum::Real(TypeKind::kFloat, Distance(vector[0], vector[1]));
  }
  [[nodiscard]] ExprPtr WithArgs(std::vector<ExprPtr> args) const override {
    for (ExprPtr& a : args) (void)Prepare(&a);  // what fails is reported when it is evaluated
    return std::make_shared<CosineDistanceNode>(std::move(args));
  }

  // Turns a constant text into the vector that it spells.
  static Status Prepare(ExprPtr* arg) {
    if (!IsConstant(**arg) || !IsTextual((*arg)->type().kind)) return Status::Ok();
    const Datum& d = (*arg)->constant().datum();
    if (d.null) return ExecutionError(std::string(kNullQuery));
    std::string bytes;
    KDB_RETURN_IF_ERROR(ParseVector(d.text(), &bytes));
    if (bytes.size() / 4 > kMaxEmbeddingDimension) {
      return ExecutionError("COSINE_DISTANCE() query vector is too long");
    }
    *arg = MakeConstant(Value(Datum::Bytes(TypeKind::kEmbedding, bytes)),
                        DataType::Embedding(static_cast<uint16_t>(bytes.size() / 4)));
    return Status::Ok();
  }
};

}  // namespace

Result<ExprPtr> MakeCosineDistance(std::string_view, std::vector<ExprPtr> args) {
  for (ExprPtr& arg : args) {
    const TypeKind k = arg->type().kind;
    if (k == TypeKind::kNull) {
      if (IsConstant(*arg)) return ExecutionError(std::string(kNullQuery));
      KDB_ASSIGN_OR_RETURN(arg, MakeCast(arg, DataType::Of(TypeKind::kText)));
    } else if (k != TypeKind::kEmbedding && !IsTextual(k)) {
      return ExecutionError(
          fmt::format("COSINE_DISTANCE() unsupported scalar type for vector argument: {}",
                      SqlTypeName(arg->type())));
    }
    KDB_RETURN_IF_ERROR(CosineDistanceNode::Prepare(&arg));
  }
  return ExprPtr(std::make_shared<CosineDistanceNode>(std::move(args)));
}

}  // namespace kalamdb::expr
