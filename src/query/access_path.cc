// Which part of a table a predicate needs: one key, some keys, a range of keys or of _seq, or all
// of it.
#include "query/scan.h"

namespace kalamdb::query {
namespace {

using expr::Expr;
using expr::ExprPtr;
using expr::Node;

// More keys than this in one IN list are a scan with a predicate.
constexpr size_t kMaxKeys = 4096;

// A column under casts that lose nothing.
const Expr* PlainColumn(const Expr& e) {
  const Expr* at = &e;
  while (at->node() == Node::kCast && !at->args().empty()) {
    const Expr* inner = at->args()[0].get();
    bool lossless = (IsInteger(at->type().kind) && IsInteger(inner->type().kind) &&
                     at->type().kind >= inner->type().kind) ||
                            at->type().kind == TypeKind::kBigInt
                        ? IsInteger(inner->type().kind)
                        : at->type() == inner->type();
    if (!lossless) return nullptr;
    at = inner;
  }
  return at->node() == Node::kColumn ? at : nullptr;
}

// Whether values of kind `value` have keys that order like the column's own.
bool SameKeyForm(const DataType& column, const DataType& value) {
  if (IsInteger(column.kind)) return IsInteger(value.kind);
  if (IsTextual(column.kind)) return IsTextual(value.kind);
  if (IsDateTimeKind(column.kind)) return IsDateTimeKind(value.kind);
  if (IsFloating(column.kind)) return IsFloating(value.kind);
  if (column.kind == TypeKind::kDecimal) {
    return value.kind == TypeKind::kDecimal && value.scale == column.scale;
  }
  return column.kind == value.kind;
}

// A bound or key: constant for a run, in the key's form. Anything that differs per evaluation is
// not.
bool UsableKey(const DataType& column, const Expr& e) {
  return !e.uses_columns() && e.deterministic() && SameKeyForm(column, e.type());
}

struct Comparison {
  std::string_view op;  // with the column on the left
  const Expr* column = nullptr;
  ExprPtr value;
};

std::string_view Mirrored(std::string_view op) {
  if (op == "<") return ">";
  if (op == "<=") return ">=";
  if (op == ">") return "<";
  if (op == ">=") return "<=";
  return op;
}

std::optional<Comparison> AsComparison(const Expr& e) {
  if (e.node() != Node::kCall || e.args().size() != 2) return std::nullopt;
  std::string_view op = e.name();
  if (op != "=" && op != "<" && op != "<=" && op != ">" && op != ">=") return std::nullopt;
  if (const Expr* column = PlainColumn(*e.args()[0])) return Comparison{op, column, e.args()[1]};
  if (const Expr* column = PlainColumn(*e.args()[1])) {
    return Comparison{Mirrored(op), column, e.args()[0]};
  }
  return std::nullopt;
}

struct Range {
  ExprPtr lower, upper;
  bool lower_inclusive = true, upper_inclusive = true;
  void Lower(const ExprPtr& bound, bool inclusive) {
    if (lower != nullptr) return;
    lower = bound;
    lower_inclusive = inclusive;
  }
  void Upper(const ExprPtr& bound, bool inclusive) {
    if (upper != nullptr) return;
    upper = bound;
    upper_inclusive = inclusive;
  }
  void Add(const Comparison& c) {
    if (c.op == "=" || c.op == ">" || c.op == ">=") Lower(c.value, c.op != ">");
    if (c.op == "=" || c.op == "<" || c.op == "<=") Upper(c.value, c.op != "<");
  }
  [[nodiscard]] bool bounded() const { return lower != nullptr || upper != nullptr; }
};

}  // namespace

AccessPath ChooseAccessPath(const catalog::TableInfo& table, const ExprPtr& predicate) {
  AccessPath path;
  if (predicate == nullptr) return path;
  const Schema& schema = *table.schema;
  const bool stream = table.kind == TableKind::kStream;
  const std::optional<size_t> pk = stream ? std::nullopt : schema.primary_key();
  const size_t seq = schema.seq_ordinal();
  const DataType bigint = DataType::Of(TypeKind::kBigInt);

  std::vector<ExprPtr> conjuncts;
  expr::SplitConjuncts(predicate, &conjuncts);
  Range keys, seqs;
  for (const ExprPtr& conjunct : conjuncts) {
    const Expr& e = *conjunct;
    if (std::optional<Comparison> c = AsComparison(e)) {
      if (pk && c->column->index() == *pk && UsableKey(schema.column(*pk).type, *c->value)) {
        if (c->op == "=") {
          path = AccessPath();
          path.kind = AccessPath::Kind::kPoint;
          path.keys.push_back(c->value);
          path.exact = conjuncts.size() == 1;
          return path;
        }
        keys.Add(*c);
      } else if (c->column->index() == seq && UsableKey(bigint, *c->value)) {
        seqs.Add(*c);
      }
      continue;
    }
    if (e.node() != Node::kCall || e.args().size() < 2) continue;
    const Expr* column = PlainColumn(*e.args()[0]);
    if (column == nullptr) continue;
    const bool on_pk = pk && column->index() == *pk;
    if (!on_pk && column->index() != seq) continue;
    const DataType& type = on_pk ? schema.column(*pk).type : bigint;
    bool usable = true;
    for (size_t i = 1; i < e.args().size(); ++i) usable = usable && UsableKey(type, *e.args()[i]);
    if (!usable) continue;
    if (e.name() == "between" && e.args().size() == 3) {
      (on_pk ? keys : seqs).Lower(e.args()[1], true);
      (on_pk ? keys : seqs).Upper(e.args()[2], true);
    } else if (e.name() == "in" && on_pk && e.args().size() <= kMaxKeys &&
               path.kind != AccessPath::Kind::kKeys) {
      path.kind = AccessPath::Kind::kKeys;
      path.keys.assign(e.args().begin() + 1, e.args().end());
      path.exact = conjuncts.size() == 1;
    }
  }
  if (path.kind == AccessPath::Kind::kKeys) return path;
  const Range* range = keys.bounded() ? &keys : seqs.bounded() ? &seqs : nullptr;
  if (range == nullptr) return path;
  path.kind = range == &keys ? AccessPath::Kind::kKeyRange : AccessPath::Kind::kSeqRange;
  path.lower = range->lower;
  path.upper = range->upper;
  path.lower_inclusive = range->lower_inclusive;
  path.upper_inclusive = range->upper_inclusive;
  return path;
}

}  // namespace kalamdb::query
