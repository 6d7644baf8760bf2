// The canonical bytes of an expression: a preorder walk in which everything of variable length says
// its length, so that no two expressions share them.
#include "base/bytes.h"
#include "expr/node.h"

namespace kalamdb::expr {
namespace {

void AppendType(const DataType& type, std::string* out) {
  out->push_back(static_cast<char>(type.kind));
  out->push_back(static_cast<char>(type.precision));
  out->push_back(static_cast<char>(type.scale));
  AppendFixed<uint16_t>(out, type.dimension);
}

void AppendDatum(const Datum& d, std::string* out) {
  out->push_back(static_cast<char>(d.kind));
  out->push_back(d.null ? '\1' : '\0');
  if (d.null) return;
  if (d.has_bytes()) {
    AppendLengthPrefixed(out, d.text());
  } else if (d.kind == TypeKind::kBoolean) {
    out->push_back(d.b ? '\1' : '\0');
  } else if (d.kind == TypeKind::kDecimal) {
    out->push_back(static_cast<char>(d.scale));
    AppendFixed(out, d.words[0]);
    AppendFixed(out, d.words[1]);
  } else if (IsFloating(d.kind)) {
    AppendFixed(out, d.d);
  } else {
    AppendFixed(out, d.i);
  }
}

}  // namespace

void AppendFingerprint(const Expr& expr, std::string* out) {
  out->push_back(static_cast<char>(expr.node()));
  AppendType(expr.type(), out);
  switch (expr.node()) {
    case Node::kConstant:
      AppendDatum(expr.constant().datum(), out);
      return;
    case Node::kParam:
    case Node::kColumn:
    case Node::kExcluded:
      AppendVarint(out, expr.index());
      return;
    case Node::kCall:
    case Node::kCast:
    case Node::kCase:
      break;
  }
  AppendLengthPrefixed(out, expr.name());
  AppendVarint(out, expr.args().size());
  for (const ExprPtr& arg : expr.args()) AppendFingerprint(*arg, out);
}

}  // namespace kalamdb::expr
