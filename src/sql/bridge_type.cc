// CAST and typed literals.
#include <fmt/format.h>

#include <array>

#include "sql/bridge.h"
#include "sql/lexer.h"
#include "sql/pg_fields.h"
#include "sql/type_name.h"

namespace kalamdb::sql {

namespace {

// PostgreSQL's internal names of the types that its grammar spells itself, as the dialect spells
// them.
std::string_view DialectSpelling(std::string_view pg_name) {
  if (pg_name == "bpchar") return "char";
  if (pg_name == "numeric") return "decimal";
  if (pg_name == "timestamptz") return "timestamp with time zone";
  if (pg_name == "timetz") return "time with time zone";
  return pg_name;
}

// The modifier of an INTERVAL literal's fields: 1 << the field.
std::string_view IntervalUnit(int64_t mask) {
  switch (mask) {
    case 1 << 1:
      return "month";
    case 1 << 2:
      return "year";
    case 1 << 3:
      return "day";
    case 1 << 10:
      return "hour";
    case 1 << 11:
      return "minute";
    case 1 << 12:
      return "second";
    default:
      return {};
  }
}
constexpr int64_t kIntervalFullRange = 0x7fff;

int64_t ConstantInt(PgNode node) {
  if (node.tag != pg::kAConst) return -1;
  return PgMessage(PgMessage(node.bytes).Bytes(pg::AConst::kInt)).Int(pg::kValue);
}

}  // namespace

bool Bridge::ToType(const PgMessage& m, DataType* type, int* array_depth) {
  using T = pg::TypeName;
  std::vector<std::string> names = Names(m.Repeated(T::kNames));
  if (m.Bool(T::kSetOf) || m.Bool(T::kPercentType)) Unsupported("this type");
  if (failed()) return false;
  const bool internal = names.size() == 2 && names[0] == "pg_catalog";
  if (names.empty() || (names.size() > 1 && !internal)) {
    Refuse(fmt::format("Unsupported custom data type '{}'", fmt::join(names, ".")));
    return false;
  }
  std::string spelling(internal ? DialectSpelling(names[1]) : std::string_view(names[0]));
  std::vector<std::string> args;
  for (auto e = m.Repeated(T::kModifiers); e.Next();) {
    const PgNode modifier = e.node();
    const PgMessage value(modifier.bytes);
    if (modifier.tag == pg::kAConst && value.Has(pg::AConst::kInt)) {
      args.push_back(std::to_string(ConstantInt(modifier)));
    } else if (modifier.tag == pg::kAConst) {
      const bool text = value.Has(pg::AConst::kString);
      args.emplace_back(PgMessage(value.Bytes(text ? pg::AConst::kString : pg::AConst::kFloat))
                            .Bytes(pg::kValue));
    } else if (modifier.tag == pg::kColumnRef) {
      args.push_back(
          fmt::format("{}", fmt::join(Names(value.Repeated(pg::ColumnRef::kFields)), ".")));
    } else {
      Unsupported("this type modifier");
    }
  }
  // FLOAT is 8 bytes wide in PostgreSQL and 4 here; its tree does not tell it from DOUBLE
  // PRECISION, its text does.
  if (internal && spelling == "float8") {
    const std::string_view source = text_.original();
    const int at = Location(m, T::kLocation);
    if (at >= 0 && static_cast<size_t>(at) < source.size() &&
        IsWord(source.substr(static_cast<size_t>(at), 5), "FLOAT")) {
      spelling = "float";
    }
  }
  if (failed()) return false;
  Result<DataType> resolved = ResolveTypeSpelling(spelling, args);
  if (!resolved.ok()) {
    error_ = resolved.status();
    return false;
  }
  *type = *resolved;
  *array_depth = static_cast<int>(m.Count(T::kArrayBounds));
  return true;
}

ExprPtr Bridge::IntervalLiteral(const PgMessage& type, PgNode arg, int location) {
  ExprPtr value = ToExpr(arg);
  if (failed()) return nullptr;
  const bool literal = value->kind == ExprKind::kLiteral && !value->value.null() &&
                       value->value.datum().kind == TypeKind::kText;
  if (!literal) {
    Unsupported("a cast to INTERVAL of something that is no string");
    return nullptr;
  }
  ExprPtr e = Make(ExprKind::kInterval, location);
  e->text = value->value.datum().text();
  auto modifiers = type.Repeated(pg::TypeName::kModifiers);
  if (modifiers.Next()) {
    const int64_t mask = ConstantInt(modifiers.node());
    if (mask != kIntervalFullRange) {
      const std::string_view unit = IntervalUnit(mask);
      if (unit.empty()) Unsupported("this range of INTERVAL fields");
      e->text += fmt::format(" {}", unit);
    }
  }
  return e;
}

ExprPtr Bridge::ToCast(const PgMessage& m) {
  const int64_t offset = m.Int(pg::TypeCast::kLocation);
  const int location = text_.OriginalOffset(offset);
  const PgMessage type(m.Bytes(pg::TypeCast::kType));
  const PgNode arg = m.Node(pg::TypeCast::kArg);
  const std::vector<std::string> names = Names(type.Repeated(pg::TypeName::kNames));
  if (!names.empty() && names.back() == "interval" && !type.Has(pg::TypeName::kArrayBounds)) {
    return IntervalLiteral(type, arg, location);
  }
  ExprPtr e = Make(ExprKind::kCast, location);
  if (!ToType(type, &e->type, &e->array_depth)) return nullptr;
  e->is_try = text_.IsTryCast(offset);
  e->args.push_back(ToExpr(arg));
  return e;
}

}  // namespace kalamdb::sql
